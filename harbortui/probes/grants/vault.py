"""Vault policies for the three roles, each with a path of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harbortui.probes.result import Grant, Role

_OWN = (
    ("auth/token/lookup-self", "read", "what is our token, when does it end"),
    ("auth/token/renew-self", "update", "keep it alive"),
    ("sys/capabilities-self", "update", "harbortui doctor asks what it may do"),
)


def own_path(path: str, role: Role) -> str:
    """A path for the role alone, in the same store: ``kv/data/harbor`` -> ``kv/data/harbortui/viewer``."""
    mount, data, _ = path.partition("/data/")
    head = f"{mount}/data" if data else path.partition("/")[0]
    return f"{head}/harbortui/{role.value}"


def policy(paths: Sequence[str]) -> str:
    """Reading these secrets and looking after our own token; nothing else."""
    blocks = [f'path "{path}" {{\n  capabilities = ["read"]\n}}\n' for path in dict.fromkeys(paths)]
    blocks += [f'# {why}\npath "{path}" {{\n  capabilities = ["{capability}"]\n}}\n' for path, capability, why in _OWN]
    return "".join(blocks)


def grant(role: Role, paths: Mapping[str, Sequence[str]], *, move: bool) -> Grant:
    """``paths`` are those the configuration reads, each with the fields it takes; ``move``: to a path of their own."""
    name = f"harbortui-{role.value}"
    shown = {(own_path(path, role) if move else path): fields for path, fields in paths.items()}
    commands = [f"vault policy write {name} {name}.hcl"]
    notes: list[str] = []
    if move:
        for path, fields in _joined(paths, role).items():
            written = path.replace("/data/", "/", 1)
            commands.append(f"vault kv put {written} @values.json")
            notes.append(f"values.json is an object with {', '.join(fields)}; remove it afterwards.")
            notes.append(f'Then say so in the configuration: [vault] path = "{path}", and {{ key = "…" }} alone.')
    commands.append(f"vault token create -policy={name} -no-default-policy -orphan -period=72h")
    return Grant(
        system="Vault",
        role=role,
        title=f"Vault policy {name}",
        language="hcl",
        text=policy(tuple(shown)),
        commands=tuple(commands),
        notes=tuple(notes),
    )


def _joined(paths: Mapping[str, Sequence[str]], role: Role) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path, fields in paths.items():
        known = found.setdefault(own_path(path, role), [])
        known += [each for each in fields if each not in known]
    return found
