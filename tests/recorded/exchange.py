"""Requests to a real server and what came back, one readable JSON file a scenario, without secrets."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).parent
"""``<system>-<version>/<scenario>/exchanges.json`` below it."""

FILE = "exchanges.json"

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
        """Put the exchange into its scenario's file, in place of one of the same name."""
        path = root / self.folder / FILE
        kept = _read_file(path) if path.exists() else {}
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, {**kept, self.name: self}.values())
        return path

    def document(self) -> dict[str, Any]:
        response: dict[str, Any] = {"failure": self.failure} if self.failure else {"status": self.status}
        if not self.failure:
            response |= {"headers": dict(self.headers), **self._body()}
        if self.truncated:
            response["truncated"] = True
        return {
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


def write_file(path: Path, exchanges: Iterable[Exchange]) -> None:
    """Write one scenario's file, by name."""
    ordered = sorted(exchanges, key=lambda each: each.name)
    first = ordered[0]
    document = {
        "system": first.system,
        "version": first.version,
        "scenario": first.scenario,
        "exchanges": [each.document() for each in ordered],
    }
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _read_file(path: Path) -> dict[str, Exchange]:
    """One scenario's exchanges by name; raises ValueError or KeyError when it is no such file."""
    document = json.loads(path.read_text(encoding="utf-8"))
    where = {key: document[key] for key in ("system", "version", "scenario")}
    return {each["name"]: _exchange(each, where) for each in document["exchanges"]}


def _exchange(document: Mapping[str, Any], where: Mapping[str, str]) -> Exchange:
    request, response = document["request"], document["response"]
    return Exchange(
        **where,
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
    return _read_file(root / folder / FILE)


def every(pattern: str = "*/*", root: Path = ROOT) -> Iterator[Exchange]:
    """All exchanges whose folder fits, such as ``every("nomad-*/healthy")``."""
    for path in sorted(root.glob(f"{pattern}/{FILE}")):
        yield from _read_file(path).values()
