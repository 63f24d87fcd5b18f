"""Differences of two job specifications in Nomad's form (nomad/structs/diff.go), as `versions` and `plan` give them."""

from __future__ import annotations

from harbortui.sim.nomad.context import as_object
from harbortui.sim.nomad.encoding import Json

_JOB_FIELDS = ("Stop", "Priority", "Type", "Name")
_GROUP_FIELDS = ("Count",)
_TASK_FIELDS = ("Driver", "KillTimeout", "User", "Leader")
_RESOURCE_FIELDS = ("CPU", "Cores", "MemoryMB", "MemoryMaxMB")


def job_diff(old: Json, new: Json) -> Json:
    """The JobDiff from `old` to `new` (whole specifications); Type None when they are equal."""
    fields = _fields(old, new, _JOB_FIELDS)
    groups = [group for group in _groups(old, new) if group["Type"] != "None"]
    kind = "Edited" if fields or groups else "None"
    if not old:
        kind = "Added"
    return {"Type": kind, "ID": new.get("ID", ""), "Fields": fields, "Objects": None, "TaskGroups": groups or None}


def _groups(old: Json, new: Json) -> list[Json]:
    before, after = _by_name(old.get("TaskGroups")), _by_name(new.get("TaskGroups"))
    return [_group(name, before.get(name, {}), after.get(name, {})) for name in before | after]


def _group(name: str, old: Json, new: Json) -> Json:
    fields = _fields(old, new, _GROUP_FIELDS)
    before, after = _by_name(old.get("Tasks")), _by_name(new.get("Tasks"))
    tasks = [_task(task, before.get(task, {}), after.get(task, {})) for task in before | after]
    tasks = [task for task in tasks if task["Type"] != "None"]
    changed = bool(fields or tasks)
    updates: Json | None = {"create/destroy update": 1} if tasks else ({"in-place update": 1} if fields else None)
    return {
        "Type": _kind(old, new, changed),
        "Name": name,
        "Fields": fields,
        "Objects": None,
        "Tasks": tasks or None,
        "Updates": updates,
    }


def _task(name: str, old: Json, new: Json) -> Json:
    fields = (_fields(old, new, _TASK_FIELDS) or []) + _map_fields("Env", old.get("Env"), new.get("Env"))
    objects = [
        _object("Config", _config(old), _config(new)),
        _object("Resources", _resources(old), _resources(new)),
    ]
    changed = [item for item in objects if item["Type"] != "None"]
    destructive = ["forces create/destroy update"] if fields or changed else None
    return {
        "Type": _kind(old, new, bool(fields or changed)),
        "Name": name,
        "Fields": fields or None,
        "Objects": changed or None,
        "Annotations": destructive,
    }


def _config(task: Json) -> Json:
    flat: Json = {}
    for key, value in as_object(task.get("Config")).items():
        if isinstance(value, list):
            flat.update({f"{key}[{position}]": item for position, item in enumerate(value)})
        else:
            flat[key] = value
    return flat


def _resources(task: Json) -> Json:
    resources = as_object(task.get("Resources"))
    return {key: resources[key] for key in _RESOURCE_FIELDS if key in resources}


def _object(name: str, old: Json, new: Json) -> Json:
    fields = [_field(key, old.get(key), new.get(key)) for key in sorted(old | new) if old.get(key) != new.get(key)]
    return {"Type": _kind(old, new, bool(fields)), "Name": name, "Fields": fields or None, "Objects": None}


def _map_fields(name: str, old: object, new: object) -> list[Json]:
    before, after = as_object(old), as_object(new)
    return [
        _field(f"{name}[{key}]", before.get(key), after.get(key))
        for key in sorted(before | after)
        if before.get(key) != after.get(key)
    ]


def _fields(old: Json, new: Json, names: tuple[str, ...]) -> list[Json] | None:
    changed = [_field(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]
    return changed or None


def _field(name: str, old: object, new: object) -> Json:
    kind = "Added" if old is None else "Deleted" if new is None else "Edited"
    return {"Type": kind, "Name": name, "Old": _text(old), "New": _text(new), "Annotations": None}


def _kind(old: Json, new: Json, changed: bool) -> str:
    if bool(old) != bool(new):
        return "Added" if new else "Deleted"
    return "Edited" if changed else "None"


def _by_name(items: object) -> dict[str, Json]:
    rows = [as_object(item) for item in items] if isinstance(items, list) else []
    return {str(row.get("Name", "")): row for row in rows}


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
