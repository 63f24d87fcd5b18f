"""A Nomad of a few prepared answers over a real socket, for jobs that the simulated fleet does not have."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

ALLOCATION = "11111111-2222-3333-4444-555555555555"
COMPONENTS = ("core", "database", "jobservice", "nginx", "portal", "redis", "registry", "registryctl")


def task(name: str, image: str = "", env: dict[str, Any] | None = None, template: str = "") -> dict[str, Any]:
    """A task of a job."""
    return {
        "Name": name,
        "Driver": "docker" if image else "raw_exec",
        "Config": {"image": image} if image else {},
        "Env": env,
        "Templates": [{"EmbeddedTmpl": template}] if template else None,
        "Services": None,
    }


def job(name: str, tasks: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A job of one group with a port of nginx's."""
    port = {"Label": "http", "Value": more.pop("port", 8880), "To": 8080}
    group = {
        "Name": "harbor",
        "Tasks": tasks,
        "Networks": [{"ReservedPorts": [port], "DynamicPorts": None}],
        "Services": more.pop("services", None),
    }
    base = {"ID": name, "Namespace": "default", "Region": "global", "Type": "service", "Status": "running"}
    return {**base, "Stop": False, "Meta": None, "TaskGroups": [group], **more}


def harbor(name: str, **more: Any) -> dict[str, Any]:
    """A job with all eight of Harbor's tasks, by name only."""
    return job(name, [task(each) for each in COMPONENTS], **more)


@dataclass
class FakeNomad:
    """What it answers, and what it was asked."""

    jobs: list[dict[str, Any]] = field(default_factory=list)
    host: str = "127.0.0.1"
    ports: list[dict[str, Any]] = field(default_factory=list)
    raw: dict[str, bytes] = field(default_factory=dict)
    """Bodies by path, in place of what would be answered."""
    pages_repeat: bool = False
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, bytes, dict[str, str]]:
        if path in self.raw:
            return 200, self.raw[path], {}
        if path == "/v1/jobs":
            return self._jobs(query)
        parts = path.removeprefix("/v1/").split("/")
        if parts[0] == "allocation":
            ports = self.ports or [{"Label": "http", "Value": 8880, "HostIP": self.host}]
            return 200, _json({"AllocatedResources": {"Shared": {"Ports": ports}}}), {}
        if parts[0] == "job" and parts[-1] == "allocations":
            return 200, _json([_allocation()]), {}
        if parts[0] == "job":
            space = query.get("namespace", ["default"])[0]
            name = unquote("/".join(parts[1:]))
            found = next((each for each in self.jobs if (each["ID"], each["Namespace"]) == (name, space)), None)
            return (200, _json(found), {}) if found else (404, b"job not found", {})
        return 404, b"", {}

    def _jobs(self, query: dict[str, list[str]]) -> tuple[int, bytes, dict[str, str]]:
        size = int(query["per_page"][0])
        start = int(query.get("next_token", ["0"])[0])
        prefix = query.get("prefix", [""])[0]
        every = [each for each in self.jobs if each["ID"].startswith(prefix)]
        page = every[start : start + size]
        keys = ("ID", "Namespace", "Type", "Status", "Stop", "Meta")
        rows = [{key: each[key] for key in keys} | {"ParentID": each.get("ParentID", "")} for each in page]
        if self.pages_repeat:
            return 200, _json(rows), {"X-Nomad-NextToken": "0"}
        more = {"X-Nomad-NextToken": str(start + size)} if start + size < len(every) else {}
        return 200, _json(rows), more


def _allocation() -> dict[str, Any]:
    return {
        "ID": ALLOCATION,
        "JobID": "x",
        "Namespace": "default",
        "ClientStatus": "running",
        "DesiredStatus": "run",
        "CreateTime": 1_700_000_000_000_000_000,
        "ModifyTime": 1_700_000_000_000_000_000,
        "NodeID": "n",
        "NodeName": "n",
        "TaskGroup": "harbor",
        "JobVersion": 0,
        "TaskStates": None,
    }


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


@contextmanager
def serving(nomad: FakeNomad, certificate: Path | None = None) -> Iterator[FakeNomad]:
    """The server while the block runs, with TLS when there is a certificate."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            nomad.asked.append(f"{self.command} {self.path}")
            status, body, headers = nomad.answer(unquote(parts.path), parse_qs(parts.query))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    nomad.url = f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}"
    try:
        yield nomad
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
