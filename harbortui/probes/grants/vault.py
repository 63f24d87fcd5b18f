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


def own_paths(paths: Mapping[str, Sequence[str]], role: Role) -> dict[str, str]:
    """The role's own path in place of each; several become one, unless a field's name stands in more than one."""
    together: dict[str, list[str]] = {}
    for path in paths:
        together.setdefault(own_path(path, role), []).append(path)
    found = {}
    for own, members in together.items():
        fields = [field for path in members for field in paths[path]]
        apart = len(set(fields)) < len(fields)
        for path in members:
            is_own = path == own or path.startswith(f"{own}/")
            found[path] = path if is_own else f"{own}/{_inside(path)}" if apart else own
    return found


def _inside(path: str) -> str:
    """What of a path is below its store."""
    return path.partition("/data/")[2] or path.partition("/")[2]


def grant(role: Role, paths: Mapping[str, Sequence[str]], *, move: bool) -> Grant:
    """``paths`` are those the configuration reads, each with the fields it takes; ``move``: to a path of their own."""
    name = f"harbortui-{role.value}"
    moved = own_paths(paths, role) if move else {path: path for path in paths}
    commands = [f"vault policy write {name} {name}.hcl"]
    notes: list[str] = []
    fields: dict[str, list[str]] = {}
    for path, own in moved.items():
        if own != path:
            fields.setdefault(own, []).extend(paths[path])
    for number, (own, names) in enumerate(fields.items(), 1):
        values = "values.json" if len(fields) == 1 else f"values-{number}.json"
        commands.append(f"vault kv put {own.replace('/data/', '/', 1)} @{values}")
        notes.append(f"{values} is a JSON object with {', '.join(dict.fromkeys(names))}; remove it afterwards.")
    if len(fields) == 1:
        notes.append(f'Then say so in the configuration: [vault] path = "{next(iter(fields))}", {{ key = "…" }} alone.')
    elif fields:
        notes.append("Then name the new paths in the configuration:")
        notes += [f"{path} becomes {own}" for path, own in moved.items() if own != path]
    commands.append(f"vault token create -policy={name} -no-default-policy -orphan -period=72h")
    return Grant(
        system="Vault",
        role=role,
        title=f"Vault policy {name}",
        language="hcl",
        file=f"{name}.hcl",
        text=policy(tuple(moved.values())),
        commands=tuple(commands),
        notes=tuple(notes),
    )
