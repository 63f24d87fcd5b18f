"""Findings that belong to a thing, as rows that lead to them."""

from __future__ import annotations

from harbortui.model.finding import Finding
from harbortui.ui import words
from harbortui.ui.cell import Block, Row
from harbortui.ui.panes.parts import FACTS, link
from harbortui.ui.things import Thing
from harbortui.ui.view import View


def findings_of(view: View, instance: str, *subjects: str, rules: tuple[str, ...] = ()) -> list[Finding]:
    """The findings of an instance about any of these; by rules whose names begin so, where names alone may mislead:
    job and bucket are often called alike."""
    known = view.verdict.findings if view.verdict is not None else ()
    wanted = {each for each in subjects if each}
    found = (each for each in known if each.instance == instance and each.subject in wanted)
    return [each for each in found if not rules or each.rule.startswith(rules)]


def finding_row(each: Finding, now: float) -> Row:
    """One finding in a line."""
    style = "text" if not each.state else each.state.word
    name = f"since {words.since(each.since, now)}" if each.since is not None else each.rule
    return link(
        Thing("finding", each.instance, each.rule, each.subject), name, each.title, style, each.state, each.title
    )


def findings_block(view: View, instance: str, *subjects: str, rules: tuple[str, ...] = ()) -> tuple[Block, ...]:
    """A block of them; nothing where there is none."""
    found = findings_of(view, instance, *subjects, rules=rules)
    rows = tuple(finding_row(each, view.now) for each in dict.fromkeys(found))
    return (Block(FACTS, rows, "Findings"),) if rows else ()
