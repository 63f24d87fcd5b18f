"""For Nagios and its heirs: one line, performance data, long output; `|` only where the format wants it."""

from __future__ import annotations

from harbortui.cli.check_formats.facts import components_of
from harbortui.model.finding import State, Verdict
from harbortui.model.snapshot import Snapshot

FINDINGS_AT_MOST = 50
"""Nagios keeps 8 KiB of output; what is left out is counted."""


def as_nagios(snapshot: Snapshot, verdict: Verdict) -> str:
    """Status line with performance data, then one line per instance and finding."""
    perfdata = " ".join(_perfdata(snapshot, verdict))
    lines = [f"HARBOR {verdict.state.word.upper()} - {plain(verdict.sentence)} | {perfdata}"]
    lines += [plain(f"{each.name}: {each.state.word}, {each.sentence}") for each in verdict.instances]
    for finding in verdict.findings[:FINDINGS_AT_MOST]:
        word = finding.state.word if finding.state else "note"
        lines.append(plain(f"[{word}] {finding.instance or 'fleet'}: {finding.title}"))
    left_out = len(verdict.findings) - FINDINGS_AT_MOST
    if left_out > 0:
        lines.append(f"... and {left_out} more findings")
    return "\n".join(lines) + "\n"


def _perfdata(snapshot: Snapshot, verdict: Verdict) -> list[str]:
    count = len(verdict.instances)
    well = sum(1 for each in verdict.instances if each.state is State.OK)
    data = [f"instances_ok={well};;;0;{count}"]
    for state in (State.CRITICAL, State.UNKNOWN, State.WARNING):
        data.append(f"{state.word}={sum(1 for each in verdict.findings if each.state is state)};;;0;")
    for instance in snapshot.instances:
        known = [each.up for each in components_of(instance) if each.up is not None]
        if known:
            data.append(f"{label(instance.name + ' components')}={sum(known)};;;0;{len(known)}")
        bucket = instance.bucket.value
        if bucket is not None and bucket.usage is not None:
            data.append(f"{label(instance.name + ' bucket')}={bucket.usage.bytes}B;;;0;")
    return data


def plain(text: str) -> str:
    """Text in which `|` cannot begin performance data."""
    return text.replace("|", "/")


def label(text: str) -> str:
    """A performance data label: quoted, with quotes doubled and the equals sign left out, as the guidelines say."""
    return "'" + plain(text).replace("'", "''").replace("=", "_") + "'"
