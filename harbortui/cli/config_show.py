"""``harbortui config show``: every value in effect and where it came from. References are shown, secrets never are."""

from __future__ import annotations

import json
import sys
from typing import TypedDict

from harbortui.cli.arguments import Arguments
from harbortui.cli.exits import ExitCode
from harbortui.config.layers import line_in
from harbortui.config.load import shown_policy
from harbortui.config.settings import Origin, Settings, Source
from harbortui.model.text import safe_text

SCHEMA_VERSION = 1

_FILES = (Origin.SYSTEM, Origin.USER, Origin.FILE, Origin.POLICY)


class Row(TypedDict):
    """One value as it is printed."""

    key: str
    value: str
    origin: str
    where: str
    line: int | None


def rows(settings: Settings) -> list[Row]:
    """All values in effect, the policy's included: tables in the order of the schema, keys as they stand in them."""
    texts = {**settings.values, **shown_policy(settings)}
    names = {each.name for each in settings.instances}
    found = []
    for key, text in texts.items():
        source = settings.sources.get(key, Source(Origin.DEFAULT))
        found.append(
            Row(
                key=safe_text(key),
                value=safe_text(text),
                origin=source.origin.value,
                where=safe_text(source.where),
                line=line_in(source.where, _path(key, names)) if source.origin in _FILES else None,
            )
        )
    return sorted(found, key=lambda row: (row["key"].startswith("instance."), row["key"]))


def _path(key: str, names: set[str]) -> tuple[str, ...]:
    """The key path of a dotted key; an instance's name may hold dots itself."""
    if not key.startswith("instance."):
        return tuple(key.split("."))
    rest = key.removeprefix("instance.")
    name = max((each for each in names if rest.startswith(f"{each}.")), key=len, default=rest.partition(".")[0])
    return ("instance", name, *rest[len(name) + 1 :].split("."))


def _as_text(found: list[Row]) -> str:
    wide = max((len(row["key"]) for row in found), default=0)
    lines = []
    for row in found:
        place = f"{row['where']}:{row['line']}" if row["line"] else row["where"]
        lines.append(f"{row['key']:<{wide}}  {row['value'] or '(empty)'}  # {row['origin']} {place}".rstrip())
    return "\n".join(lines)


def run(settings: Settings, args: Arguments) -> int:
    """Print the values on stdout; warnings go to stderr, or into the JSON document."""
    found = rows(settings)
    if args.format == "json":
        document = {
            "schema": SCHEMA_VERSION,
            "files": [safe_text(each) for each in settings.files],
            "warnings": [safe_text(each) for each in settings.warnings],
            "values": found,
        }
        print(json.dumps(document, indent=2))
        return ExitCode.OK
    for warning in settings.warnings:
        print(f"harbortui: warning: {safe_text(warning)}", file=sys.stderr)
    print(_as_text(found))
    return ExitCode.OK
