"""For a person at a shell."""

from __future__ import annotations

from harbortui.model.finding import Finding, Verdict
from harbortui.model.snapshot import Origin, Snapshot


def as_text(snapshot: Snapshot, verdict: Verdict) -> str:
    """The verdict, one line per instance, then the findings with their evidence."""
    mark = "" if snapshot.origin is Origin.LIVE else f" [{snapshot.origin.value.upper()}]"
    lines = [f"{verdict.state.word.upper()}: {verdict.sentence}{mark}"]
    width = max((len(each.name) for each in verdict.instances), default=0)
    lines += [f"  {each.name:<{width}}  {each.state.word:<8}  {each.sentence}" for each in verdict.instances]
    hidden = [(each.name, words) for each in verdict.instances for words in each.not_visible]
    if verdict.findings:
        lines += ["", "findings:"]
        for finding in verdict.findings:
            lines += _finding(finding)
    if hidden:
        lines += ["", "not visible:", *(f"  {name}: {words}" for name, words in hidden)]
    return "\n".join(lines) + "\n"


def _finding(finding: Finding) -> list[str]:
    word = finding.state.word if finding.state else "note"
    lines = [f"  {word:<8}  {finding.instance or 'fleet'}: {finding.title}"]
    return lines + [f"            {line}" for line in finding.evidence]
