"""From findings to the sentence a person reads first. Critical > unknown > warning > ok."""

from __future__ import annotations

from collections.abc import Iterable

from harbortui.diagnose.judged import Judged
from harbortui.model.finding import Finding, InstanceVerdict, State, Verdict
from harbortui.model.snapshot import Snapshot

NAMED_AT_MOST = 3
WAITING = "collecting the first data"


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """A fixed order, whatever order the rules ran in."""
    return tuple(sorted(findings, key=lambda each: (-each.state, each.instance, each.rule, each.subject, each.title)))


def instance_verdict(
    name: str, findings: tuple[Finding, ...], hidden: tuple[str, ...], *, waiting: bool
) -> InstanceVerdict:
    """The state of one instance; with anything hidden it is never ok."""
    worst = findings[0].state if findings else State.OK
    state = max(worst, State.UNKNOWN) if hidden else worst
    troubles = [each for each in findings if each.state > State.OK]
    if troubles:
        sentence = troubles[0].title + _more(len(troubles) - 1)
    elif waiting:
        sentence = WAITING
    elif hidden:
        sentence = f"no fault seen; not visible: {_list(hidden)}"
    else:
        sentence = "well"
    return InstanceVerdict(name=name, state=state, sentence=sentence, not_visible=hidden)


def fleet_verdict(snapshot: Snapshot, judged: tuple[Judged, ...], fleet_findings: tuple[Finding, ...]) -> Verdict:
    """The fleet's verdict from its instances' and the fleet-wide findings."""
    instances = tuple(each.verdict for each in judged)
    findings = worst_first([*fleet_findings, *(finding for each in judged for finding in each.findings)])
    states = [*(each.state for each in instances), *(each.state for each in fleet_findings)]
    state = max(states, default=State.UNKNOWN)
    sentence = _sentence(instances, [each for each in findings if each.state > State.OK])
    return Verdict(state=state, sentence=sentence, instances=instances, findings=findings)


def _sentence(instances: tuple[InstanceVerdict, ...], troubles: list[Finding]) -> str:
    if not instances:
        return "no instance is configured"
    hidden = [each for each in instances if each.not_visible]
    if troubles:
        lead = troubles[0]
        alike = {each.instance for each in troubles if (each.rule, each.title) == (lead.rule, lead.title)}
        named = [each.name for each in instances if each.name in alike]
        everywhere = len(named) == len(instances) > 1
        where = f"{f'all {len(named)} instances' if everywhere else _list(named)}: " if named else ""
        blind = "any instance" if len(hidden) == len(instances) > 1 else _list([each.name for each in hidden])
        unseen = f"; not everything is visible on {blind}" if hidden else ""
        return f"{where}{lead.title}{_more(len(troubles) - len(alike))}{unseen}"
    if hidden:
        if all(each.sentence == WAITING for each in hidden):
            return WAITING
        same = {each.not_visible for each in hidden}
        if len(same) == 1 and len(hidden) == len(instances):
            return f"no fault seen; not visible: {_list(hidden[0].not_visible)}"
        parts = [f"{each.name}: {_list(each.not_visible)}" for each in hidden]
        return f"no fault seen; not visible: {_list(parts)}"
    count = len(instances)
    return "the instance is well" if count == 1 else f"all {count} instances are well"


def _more(count: int) -> str:
    return f" (and {count} more)" if count > 0 else ""


def _list(items: Iterable[str]) -> str:
    names = list(items)
    rest = len(names) - NAMED_AT_MOST
    return ", ".join(names[:NAMED_AT_MOST]) + (f" and {rest} more" if rest > 0 else "")
