"""One request to a real server and what came back, as one readable JSON file without secrets."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).parent
"""``<system>-<version>/<scenario>/<name>.json`` below it."""

_BODIES = ("json", "text", "base64")


@dataclass(frozen=True)
class Exchange:
    """What was asked and answered. ``failure`` is set instead of a status when no answer came."""

    system: str
    version: str
    scenario: str
    name: str
    recorded: str
    """The day, ISO 8601."""
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    """Lower-case names; only those that say something (see ``scrub.KEPT_HEADERS``)."""
    body: bytes = b""
    truncated: bool = False
    """The stream went on, or the body was longer than what was kept."""
    failure: str = ""
    """``refused``, ``timeout``, ``reset`` or another short word."""
    seconds: float = 0.0
    note: str = ""

    @property
    def target(self) -> str:
        """Path and query as they were sent."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path

    @property
    def folder(self) -> str:
        """``<system>-<version>/<scenario>``."""
        return f"{self.system}-{self.version}/{self.scenario}"

    def json(self) -> Any:
        """The decoded body."""
        return json.loads(self.body)

    @property
    def is_json(self) -> bool:
        """True when the server said JSON and sent some."""
        return "json" in self.headers.get("content-type", "") and bool(self.body)

    def write(self, root: Path = ROOT) -> Path:
        """Write the file; a scenario's folder is made when it is not there."""
        path = root / self.folder / f"{self.name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self._document(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return path

    def _document(self) -> dict[str, Any]:
        response: dict[str, Any] = {"failure": self.failure} if self.failure else {"status": self.status}
        if not self.failure:
            response |= {"headers": dict(self.headers), **self._body()}
        if self.truncated:
            response["truncated"] = True
        return {
            "system": self.system,
            "version": self.version,
            "scenario": self.scenario,
            "name": self.name,
            "recorded": self.recorded,
            "request": {"method": self.method, "path": self.path, "query": [list(pair) for pair in self.query]},
            "response": response,
            "seconds": round(self.seconds, 2),
            **({"note": self.note} if self.note else {}),
        }

    def _body(self) -> dict[str, Any]:
        if not self.body:
            return {}
        try:
            text = self.body.decode("utf-8")
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(self.body).decode("ascii")}
        if self.is_json and not self.truncated:
            try:
                return {"json": json.loads(text)}
            except ValueError:
                pass
        return {"text": text}


def read(path: Path) -> Exchange:
    """One file back; raises ValueError or KeyError when it is not such a file."""
    document = json.loads(path.read_text(encoding="utf-8"))
    request, response = document["request"], document["response"]
    return Exchange(
        system=document["system"],
        version=document["version"],
        scenario=document["scenario"],
        name=document["name"],
        recorded=document["recorded"],
        method=request["method"],
        path=request["path"],
        query=tuple((name, value) for name, value in request.get("query", ())),
        status=response.get("status", 0),
        headers=response.get("headers", {}),
        body=_bytes(response),
        truncated=response.get("truncated", False),
        failure=response.get("failure", ""),
        seconds=document["seconds"],
        note=document.get("note", ""),
    )


def _bytes(response: Mapping[str, Any]) -> bytes:
    kind = next((kind for kind in _BODIES if kind in response), "")
    if kind == "json":
        return json.dumps(response["json"], ensure_ascii=False).encode("utf-8")
    if kind == "base64":
        return base64.b64decode(response["base64"])
    return str(response.get("text", "")).encode("utf-8")


def scenario(folder: str, root: Path = ROOT) -> dict[str, Exchange]:
    """Every exchange of ``<system>-<version>/<scenario>`` by name; raises FileNotFoundError for an unknown one."""
    found = {path.stem: read(path) for path in sorted((root / folder).glob("*.json"))}
    if not found:
        raise FileNotFoundError(f"no recordings in {folder}")
    return found


def every(pattern: str = "*/*", root: Path = ROOT) -> Iterator[Exchange]:
    """All exchanges whose folder fits, such as ``every("nomad-*/healthy")``."""
    for path in sorted(root.glob(f"{pattern}/*.json")):
        yield read(path)
