"""GET /v1/client/fs/{ls,stat,cat,readat}: an allocation's directory, as far as a console could meet it.

It needs read-fs, which `policy = "read"` does not hold: the secrets directory is in here too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from aiohttp import web

from harbortui.sim.nomad.answers import json_answer
from harbortui.sim.nomad.client_logs import open_files
from harbortui.sim.nomad.context import Call
from harbortui.sim.nomad.encoding import Json, rfc3339
from harbortui.sim.nomad.errors import Refused, bad_request, not_found
from harbortui.sim.nomad.log_files import Position
from harbortui.sim.nomad.templates import task_templates

if TYPE_CHECKING:
    from harbortui.sim.world.nomad_types import Allocation

LOGS = "alloc/logs"


async def list_files(call: Call) -> web.Response:
    """The entries of a directory."""
    call.allow("read-fs")
    alloc = call.allocation(call.path("alloc_id"))
    path = _clean(call.query.get("path", ""))
    tree = _Tree(call, alloc)
    entries = {name: tree.info(name, is_dir) for name, is_dir in tree.children(path)}
    if not entries:
        raise not_found(f"open {path or '/'}: no such file or directory")
    return json_answer(call, list(entries.values()))


async def stat_file(call: Call) -> web.Response:
    """One file's entry."""
    call.allow("read-fs")
    alloc = call.allocation(call.path("alloc_id"))
    path = _required_path(call)
    tree = _Tree(call, alloc)
    is_dir = any(True for _ in tree.children(path))
    if not is_dir and tree.content(path) is None:
        raise not_found(f"stat {path}: no such file or directory")
    return json_answer(call, tree.info(path, is_dir))


async def cat_file(call: Call) -> web.Response:
    """A file's bytes; `readat` takes an offset and a limit.

    What goes wrong is written into a 200 that has been sent already, denials too (Nomad 1.10.5).
    """
    try:
        return web.Response(body=_bytes(call), content_type="text/plain")
    except Refused as refused:
        return web.Response(text=refused.text)


def _bytes(call: Call) -> bytes:
    call.allow("read-fs")
    alloc = call.allocation(call.path("alloc_id"))
    data = _Tree(call, alloc).content(_required_path(call))
    if data is None:
        raise not_found(f"stat {call.query['path']}: no such file or directory")
    offset = int(call.query.get("offset") or 0)
    limit = int(call.query.get("limit") or len(data))
    return data[offset : offset + limit]


def _required_path(call: Call) -> str:
    if not call.query.get("path"):
        raise bad_request("must provide a file name")
    return _clean(call.query["path"])


def _clean(path: str) -> str:
    return "/".join(part for part in path.split("/") if part and part != ".")


class _Tree:
    """The directory of one allocation: logs, and each task's local and secrets directories."""

    def __init__(self, call: Call, alloc: Allocation) -> None:
        self._call = call
        self._alloc = alloc

    def children(self, path: str) -> Iterator[tuple[str, bool]]:
        """(path, is a directory) of what lies directly in a directory."""
        prefix = f"{path}/" if path else ""
        seen: set[str] = set()
        for name in self._files():
            if name.startswith(prefix):
                head, _, rest = name[len(prefix) :].partition("/")
                if head not in seen:
                    seen.add(head)
                    yield prefix + head, bool(rest)

    def content(self, path: str) -> bytes | None:
        """A file's bytes."""
        parts = path.split("/")
        if path.startswith(f"{LOGS}/"):
            task, kind, number = parts[-1].split(".")
            files = open_files(self._call, self._alloc.id, task, kind)
            return files.read(Position(int(number), 0), files.size(int(number)))
        for destination, text in self._templates(parts[0]):
            if path == f"{parts[0]}/{destination}":
                return text.encode()
        return None

    def info(self, path: str, is_dir: bool) -> Json:
        """The AllocFileInfo of a path."""
        data = None if is_dir else self.content(path)
        return {
            "Name": path.rpartition("/")[2],
            "IsDir": is_dir,
            "Size": len(data) if data is not None else 4_096,
            "FileMode": "drwxrwxrwx" if is_dir else "-rw-r--r--",
            "ModTime": rfc3339(self._alloc.modify_time),
            "ContentType": "" if is_dir else "text/plain; charset=utf-8",
        }

    def _files(self) -> Iterator[str]:
        for task in self._alloc.tasks:
            for kind in ("stdout", "stderr"):
                if self._call.world.logs.stream(self._alloc.id, task, "stdout" if kind == "stdout" else "stderr"):
                    yield f"{LOGS}/{task}.{kind}.0"
            for destination, _ in self._templates(task):
                yield f"{task}/{destination}"

    def _templates(self, task: str) -> Iterator[tuple[str, str]]:
        instance = self._call.server.instance_of(self._alloc.job_id)
        for template in task_templates(task, instance, self._call.world.secrets) or []:
            yield str(template["DestPath"]), str(template["EmbeddedTmpl"])
