"""The doctor's report for a person, verdict first and within 80 columns, and for programs."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime

from harbortui.probes.result import Blind, Check, Grant, Level, Part, Report

WIDTH = 80
SHORT_FROM = 3
"""Instances above which only what is not well is spelt out."""
SCHEMA_VERSION = 1
GLYPHS = {Level.OK: "●", Level.NOTE: "·", Level.WARNING: "▲", Level.MISSING: "✖"}
_RULE = "─"


def as_text(report: Report, *, every_grant: bool, simulated: bool) -> str:
    """The whole report; policies are printed where a check asks for them, or all with ``every_grant``."""
    lines = [*_head(report, simulated), ""]
    many = len({name for part in report.parts for name in part.instances}) > SHORT_FROM
    parts = _alike(report.parts, short=many)
    for part in sorted(parts, key=lambda each: -each.level):
        lines += [*_part(part, short=many), ""]
    lines += _blind(report)
    lines += _grants(report, every_grant=every_grant)
    return "\n".join(lines).rstrip("\n") + "\n"


def _head(report: Report, simulated: bool) -> Iterator[str]:
    mark = " [SIMULATED]" if simulated else ""
    yield from _wrapped(f"{report.level.word.upper()}: {report.sentence}{mark}", "", "  ")
    counts = {level: sum(check.level is level for part in report.parts for check in part.checks) for level in Level}
    words = {Level.MISSING: "missing", Level.WARNING: "to change", Level.NOTE: "to know", Level.OK: "well"}
    told = ", ".join(f"{GLYPHS[level]} {counts[level]} {words[level]}" for level in reversed(Level) if counts[level])
    at = datetime.fromtimestamp(report.at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    yield f"role {report.role.value}, {at}: {told}"


def _part(part: Part, *, short: bool) -> Iterator[str]:
    """A part with its checks; in ``short``, what is well is only counted."""
    served = f" ({', '.join(part.instances)})" if part.source != "files" and len(part.instances) in (1, 2, 3) else ""
    if len(part.instances) > SHORT_FROM:
        served = f" ({len(part.instances)} instances)"
    yield from _wrapped(f"{GLYPHS[part.level]} {part.source} {part.address}{served}".replace("  ", " "), "", "    ")
    if not part.checks:
        yield "    nothing to look at"
    well = sum(check.level is Level.OK for check in part.checks)
    for check in sorted(part.checks, key=lambda each: -each.level):
        if not (short and check.level is Level.OK):
            yield from _check(check)
    if short and well:
        yield f"    {GLYPHS[Level.OK]} {well} {'thing is' if well == 1 else 'things are'} well"


def _alike(parts: tuple[Part, ...], *, short: bool) -> list[Part]:
    """Parts of one source of which the same is to be said, as one: thirty instances share most of what is wrong.

    Where all is spelt out, they must also have one address and be alike in what is well.
    """
    groups: dict[tuple[object, ...], list[Part]] = {}
    for part in parts:
        said = tuple(check for check in part.checks if check.level is not Level.OK)
        key = (part.source, said) if short else (part.source, part.address, part.checks)
        groups.setdefault(key, []).append(part)
    return [_joined(group, short=short) for group in groups.values()]


def _joined(group: list[Part], *, short: bool) -> Part:
    if len(group) == 1:
        return group[0]
    addresses = tuple(dict.fromkeys(part.address for part in group))
    shown = addresses[0] if len(addresses) == 1 else f"{addresses[0]} and {len(addresses) - 1} more"
    names = tuple(dict.fromkeys(name for part in group for name in part.instances))
    said = tuple(check for check in group[0].checks if check.level is not Level.OK)
    well = tuple(check for part in (group if short else group[:1]) for check in part.checks if check.level is Level.OK)
    return Part(source=group[0].source, address=shown, instances=names, checks=(*said, *well))


def _check(check: Check) -> Iterator[str]:
    yield from _wrapped(check.text, f"    {GLYPHS[check.level]} ", "      ")
    if check.hint:
        yield from _wrapped(check.hint, "      → ", "        ")


def _blind(report: Report) -> Iterator[str]:
    if not report.blind:
        yield "What the console will not show or do: nothing."
        yield ""
        return
    yield "What the console will not show or do:"
    groups: dict[tuple[object, ...], list[Blind]] = {}
    for each in report.blind:
        groups.setdefault((each.kind, each.name, each.reasons, each.needs), []).append(each)
    for group in groups.values():
        yield from _view(group[0], [each.instance for each in group])
    yield ""


def _view(blind: Blind, instances: list[str]) -> Iterator[str]:
    who = ", ".join(instances) if len(instances) <= SHORT_FROM else f"{len(instances)} instances ({instances[0]}, …)"
    yield from _wrapped(f"{blind.kind} {blind.name}: {who}", "  ", "    ")
    for reason in blind.reasons:
        yield from _wrapped(reason, "      ", "        ")
    if blind.needs:
        yield from _wrapped(f"needs {', '.join(blind.needs)}", "      → ", "        ")


def _grants(report: Report, *, every_grant: bool) -> Iterator[str]:
    shown = [each for each in report.grants if each.role is report.role]
    wanted = [each for each in shown if every_grant or each.system in report.wanted]
    if wanted:
        yield f"What to grant to {report.role.one}:"
        yield ""
    for grant in wanted:
        yield from _grant(grant)
    if len(wanted) < len(shown):
        yield from _wrapped("Every policy of this role: harbortui doctor --grants. Other roles: --role", "", "  ")


def _grant(grant: Grant) -> Iterator[str]:
    yield f"{_RULE * 2} {grant.title} {_RULE * max(2, WIDTH - 4 - len(grant.title))}"
    for note in grant.notes:
        yield from _wrapped(note, "  ", "  ")
    yield ""
    yield f"  Save as {grant.file}:"
    yield ""
    # What is pasted is never wrapped, and begins at the edge.
    yield from grant.text.rstrip("\n").splitlines()
    yield ""
    yield "  Then run:"
    yield ""
    yield from grant.commands
    yield ""


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=True,
        break_on_hyphens=False,
    )


def as_json(report: Report, *, simulated: bool) -> str:
    """The report as docs/doctor.schema.json describes it."""
    document = {
        "harbortui_doctor": SCHEMA_VERSION,
        "at": report.at,
        "origin": "simulated" if simulated else "live",
        "role": report.role.value,
        "level": report.level.word,
        "sentence": report.sentence,
        "parts": [_part_row(part) for part in report.parts],
        "blind": [
            {
                "instance": each.instance,
                "kind": each.kind,
                "name": each.name,
                "reasons": list(each.reasons),
                "needs": list(each.needs),
            }
            for each in report.blind
        ],
        "grants": [
            {
                "system": each.system,
                "role": each.role.value,
                "wanted": each.role is report.role and each.system in report.wanted,
                "title": each.title,
                "language": each.language,
                "file": each.file,
                "text": each.text,
                "commands": list(each.commands),
                "notes": list(each.notes),
            }
            for each in report.grants
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _part_row(part: Part) -> dict[str, object]:
    return {
        "source": part.source,
        "address": part.address,
        "instances": list(part.instances),
        "level": part.level.word,
        "checks": [
            {
                "id": each.id,
                "level": each.level.word,
                "text": each.text,
                "hint": each.hint,
                "needs": each.needs,
            }
            for each in part.checks
        ],
    }
