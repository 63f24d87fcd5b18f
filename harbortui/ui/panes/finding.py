"""A finding in full: what was observed, the evidence, what it means for users, and where to look."""

from __future__ import annotations

from harbortui.model.finding import Finding, State
from harbortui.ui.cell import Block, Cell, Pane, Row
from harbortui.ui.panes.leads import leads
from harbortui.ui.panes.lore import AFFECTS, WITHOUT
from harbortui.ui.panes.parts import FACTS, badge, facts, moment_ago, said
from harbortui.ui.symbols import UNICODE, state_glyph, state_name
from harbortui.ui.things import Thing
from harbortui.ui.view import View

LOOK = tuple(each._replace(title="Look at") if each.title == "What" else each for each in FACTS)


def page(view: View, thing: Thing, width: int) -> Pane:
    """The finding of that rule about that subject, as long as it is seen."""
    found = findings_at(view, thing)
    if not found:
        return _over(view, thing, width)
    worst = max(found, key=lambda each: each.state)
    rows: list[Row] = []
    for number, each in enumerate(found):
        text = f"{state_glyph(each.state)} {each.title}"
        rows += said(f"title/{number}", text, width, state_name(each.state) if each.state else "text")
        for at, line in enumerate(each.evidence):
            rows += said(f"evidence/{number}/{at}", line, width, indent=2)
    means = affects(worst)
    rows += said("means", f"For users: {means}", width) if means else ()
    about = facts(
        ("instance", "Instance", worst.instance or "the whole fleet"),
        ("subject", "About", worst.subject),
        ("since", "Since", moment_ago(worst.since, view.now)),
        ("rule", "Rule", worst.rule),
    )
    blocks = (Block(LOOK, (*rows, *leads(view, worst))), Block(FACTS, about, "About it"))
    return Pane("Finding", blocks, badge(worst.state, worst.state.word))


def crumb(thing: Thing) -> str:
    """What the header calls it."""
    return thing.id


def findings_at(view: View, thing: Thing) -> list[Finding]:
    """The findings a row stands for; several where one rule found more about the same."""
    known = view.verdict.findings if view.verdict is not None else ()
    return [each for each in known if (each.instance, each.rule, each.subject) == (thing.instance, thing.id, thing.sub)]


def affects(finding: Finding) -> str:
    """What users notice; empty where nothing certain can be said."""
    if finding.rule in AFFECTS:
        return AFFECTS[finding.rule]
    if finding.rule in ("task-memory", "task-oom", "task-restarting"):
        consequence = WITHOUT.get(finding.subject, "")
        return f"while it is down: {consequence}" if consequence else ""
    return WITHOUT.get(finding.subject, "")


def _over(view: View, thing: Thing, width: int) -> Pane:
    """It was there when the page was opened, and is seen no more; where to look stays the same."""
    past = Finding(rule=thing.id, state=State.OK, instance=thing.instance, subject=thing.sub, title="")
    about = f"{thing.id} of {thing.sub}" if thing.sub else thing.id
    if view.verdict is None:
        rows = said("none", f"{UNICODE.unknown} loading: nothing has been judged yet", width, "muted")
        return Pane("Finding", (Block(FACTS, rows),), Cell(UNICODE.unknown, "unknown"))
    text = f"{UNICODE.ok} {about} is not found any more"
    rows = (*said("over", text, width), *leads(view, past))
    return Pane("Finding", (Block(LOOK, rows),), badge(State.OK, "over"))
