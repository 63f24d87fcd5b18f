"""Nomad ACL policies for the three roles."""

from __future__ import annotations

import json
from collections.abc import Sequence

from harbortui.probes.result import Grant, Role

FINE_GRAINED = (1, 11, 2)
"""The version from which stopping and reverting a job are capabilities of their own."""

_READS = ("list-jobs", "read-job", "read-logs")
_FINE = ("deregister-job", "revert-job")


def capabilities(role: Role, version: tuple[int, ...] | None = None) -> tuple[str, ...]:
    """The namespace capabilities of a role on a Nomad of that version (None: not known, so taken for an older one)."""
    found = list(_READS)
    if role.includes(Role.OPERATOR):
        found.append("alloc-lifecycle")
    if role.includes(Role.DEPLOYER):
        found += _FINE if version is not None and version >= FINE_GRAINED else ("submit-job",)
    return tuple(found)


def policy(role: Role, namespaces: Sequence[str], version: tuple[int, ...] | None = None) -> str:
    """The rules as HCL."""
    listed = ", ".join(f'"{each}"' for each in capabilities(role, version))
    blocks = [
        f"namespace {json.dumps(name)} {{\n  capabilities = [{listed}]\n}}\n"
        for name in dict.fromkeys(namespaces or ("default",))
    ]
    return "".join([*blocks, 'node {\n  policy = "read"\n}\n'])


def grant(role: Role, namespaces: Sequence[str], version: tuple[int, ...] | None, address: str) -> Grant:
    """The policy with how to put it in place."""
    name = f"harbortui-{role.value}"
    notes = ['`policy = "read"` would not do: it holds no read-logs. `policy = "write"` holds far too much.']
    if role is Role.DEPLOYER and "submit-job" in capabilities(role, version):
        notes.append(
            "submit-job means any program on any node. From Nomad 1.11.2 on deregister-job and revert-job do instead; "
            "upgrade before you give this out, and let the token expire."
        )
    return Grant(
        system="Nomad",
        role=role,
        title=f"Nomad policy {name} for {address}",
        language="hcl",
        file=f"{name}.hcl",
        text=policy(role, namespaces, version),
        commands=(
            f"nomad acl policy apply {name} {name}.hcl",
            f"nomad acl token create -name={name} -policy={name} -ttl={'8h' if role is Role.DEPLOYER else '2160h'}",
        ),
        notes=tuple(notes),
    )


def version_of(texts: Sequence[str]) -> tuple[int, ...] | None:
    """The oldest of some version texts like ``1.10.5``; None when one cannot be read."""
    found: list[tuple[int, ...]] = []
    for text in texts:
        numbers = text.lstrip("v").partition("-")[0].partition("+")[0].split(".")
        if len(numbers) < 2 or not all(each.isascii() and each.isdigit() and len(each) < 6 for each in numbers):
            return None
        found.append(tuple(map(int, numbers)))
    return min(found, default=None)
