"""Harbor robots for the roles, by version (goharbor/harbor src/common/rbac/const.go)."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence

from harbortui.probes.result import Grant, Role
from harbortui.probes.views import PROJECT_RIGHTS, rights_of

OLDEST = (2, 11)
FEW = 3
NEWEST = (2, 15)
"""Taken for a version that cannot be told."""
SINCE: dict[str, tuple[int, int]] = {
    **{f"robot:{action}": (2, 12) for action in ("create", "read", "list", "delete")},
    **{f"user:{action}": (2, 12) for action in ("create", "read", "update", "list", "delete")},
    "quota:update": (2, 12),
}
"""Permissions that older versions do not know: one of them in the list makes the whole request fail with 400."""


def permissions(role: Role, version: tuple[int, ...]) -> tuple[str, ...]:
    """What the role's robot is granted, on the system level, as ``resource:action``."""
    return tuple(right for right in rights_of(role, "Harbor") if version[:2] >= SINCE.get(right, OLDEST))


def robot(role: Role, version: tuple[int, ...], days: int = -1) -> str:
    """The body of ``POST /api/v2.0/robots``."""
    body = {
        "name": f"harbortui-{role.value}",
        "description": f"HarborTUI, role {role.value}",
        "level": "system",
        "duration": days,
        "disable": False,
        "permissions": [
            {"kind": "system", "namespace": "/", "access": _access(permissions(role, version))},
            {"kind": "project", "namespace": "*", "access": _access(PROJECT_RIGHTS)},
        ],
    }
    text = json.dumps(body, indent=2)
    # One right a line.
    return re.sub(r'\{\s+("resource": "[^"]*"),\s+("action": "[^"]*")\s+\}', r"{\1, \2}", text) + "\n"


def _access(rights: Sequence[str]) -> list[dict[str, str]]:
    return [dict(zip(("resource", "action"), right.split(":"), strict=True)) for right in rights]


def grant(role: Role, versions: Sequence[tuple[int, ...]], urls: Sequence[str]) -> Grant:
    """The robot with how to make it on each of ``urls``, whose ``versions`` may be granted the same.

    None of the versions is known when they are empty.
    """
    name = f"harbortui-{role.value}.json"
    shown = ", ".join(".".join(map(str, each[:2])) for each in sorted(set(versions)))
    notes = [
        "It may also create projects, as every account may, unless Harbor's project_creation_restriction is adminonly.",
        "Its rights on projects are for sums per repository (u on a project): it then sees the names of all images.",
        "Harbor shows the robot's secret once, in the answer. In shells and templates the $ of its name is quoted.",
        "If it is there already (409), give it these rights in the portal: Administration, Robot Accounts, Edit.",
    ]
    if any(each < OLDEST for each in versions):
        notes.append("Harbor before 2.11 is not tried: its robots may not be granted all of this.")
    return Grant(
        system="Harbor",
        role=role,
        title=f"Harbor robot harbortui-{role.value}" + (f", for {shown}" if shown else ""),
        language="json",
        file=name,
        text=robot(role, min(versions, default=NEWEST)),
        commands=_commands(name, tuple(dict.fromkeys(urls))),
        notes=tuple(notes),
    )


def _commands(name: str, urls: Sequence[str]) -> tuple[str, ...]:
    """One call for each Harbor; a loop where that would be many lines."""
    call = f"curl -u admin -H 'Content-Type: application/json' -d @{name}"
    if len(urls) <= FEW:
        return tuple(f"{call} {shlex.quote(f'{url}/api/v2.0/robots')}" for url in urls)
    return (f'for url in {" ".join(map(shlex.quote, urls))}; do {call} "$url/api/v2.0/robots"; done',)


def version_of(text: str) -> tuple[int, ...] | None:
    """``v2.11.2-6e5ccb15`` as numbers; None when it is none."""
    numbers = text.lstrip("v").partition("-")[0].split(".")
    if len(numbers) < 2 or not all(each.isascii() and each.isdigit() and len(each) < 6 for each in numbers):
        return None
    return tuple(map(int, numbers))
