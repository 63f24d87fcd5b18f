"""botocore's data, read without what is never asked: the S3 model alone has 116 operations, of which one is used.

The whole of it costs 15 MB and 60 ms for every first client. Here only the declared operations, the shapes they reach
and the endpoints of S3 become Python objects; the rest stays bytes that are dropped at once.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import msgspec
from botocore.loaders import JSONFileLoader

OPERATIONS = ("HeadBucket",)
"""What ``bucket.py`` calls; botocore raises AttributeError for any other."""
SERVICE = "s3"

_Raws = dict[str, msgspec.Raw]


class LeanFileLoader(JSONFileLoader):
    """A botocore file loader whose S3 model and endpoint table hold what is used; everything else is read as usual."""

    def load_file(self, file_path: str) -> Any:
        """The data of a file named without its ``.json`` ending; None when there is none."""
        path = Path(file_path)
        if path.name == "service-2" and path.parent.parent.name == SERVICE:
            return _read(path, _lean_model)
        if path.name == "endpoints":
            return _read(path, _lean_endpoints)
        return super().load_file(file_path)


def _read(path: Path, lean: Any) -> Any:
    for ending, opener in ((".json", open), (".json.gz", gzip.open)):
        full = path.with_name(path.name + ending)
        if full.is_file():
            with opener(full, "rb") as file:
                return lean(file.read())
    return None


def _lean_model(data: bytes) -> dict[str, Any]:
    model = msgspec.json.decode(data, type=_Raws)
    operations = _pick(model["operations"], OPERATIONS)
    shapes = msgspec.json.decode(model["shapes"], type=_Raws)
    reached = _reached(operations, shapes)
    kept = ("version", "metadata", "clientContextParams")
    rest = {name: msgspec.json.decode(model[name]) for name in kept if name in model}
    return {**rest, "operations": operations, "shapes": reached}


def _lean_endpoints(data: bytes) -> dict[str, Any]:
    table = msgspec.json.decode(data, type=_Raws)
    partitions = []
    for raw in msgspec.json.decode(table["partitions"], type=list[_Raws]):
        services = _pick(raw.pop("services", msgspec.Raw(b"{}")), (SERVICE,))
        partitions.append({**{name: msgspec.json.decode(value) for name, value in raw.items()}, "services": services})
    return {"partitions": partitions, "version": msgspec.json.decode(table["version"])}


def _pick(raw: msgspec.Raw, names: tuple[str, ...]) -> dict[str, Any]:
    everything = msgspec.json.decode(raw, type=_Raws)
    return {name: msgspec.json.decode(everything[name]) for name in names if name in everything}


def _reached(operations: dict[str, Any], shapes: _Raws) -> dict[str, Any]:
    """The shapes that the operations refer to, and those that these refer to."""
    found: dict[str, Any] = {}
    waiting = _references(operations)
    while waiting:
        name = waiting.pop()
        if name in shapes and name not in found:
            found[name] = msgspec.json.decode(shapes[name])
            waiting += _references(found[name])
    return found


def _references(node: Any) -> list[str]:
    if isinstance(node, list):
        return [name for each in node for name in _references(each)]
    if not isinstance(node, dict):
        return []
    own = [node["shape"]] if isinstance(node.get("shape"), str) else []
    return own + [name for each in node.values() for name in _references(each)]
