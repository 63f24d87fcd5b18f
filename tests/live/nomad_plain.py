"""Plain requests to a Nomad: to compare with what the console's source says, and to change things as administrator."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

from harbortui.model.secret import Secret
from tests.live.settings import LiveNomad

T = TypeVar("T")


class Plain:
    """One token's requests."""

    def __init__(self, server: LiveNomad, token: Secret | None) -> None:
        self._base = f"{server.url}/v1"
        self._verify = server.verify
        self._headers = {"X-Nomad-Token": token.reveal()} if token is not None else {}
        self._query = {"namespace": server.namespace, **({"region": server.region} if server.region else {})}

    def ask(self, method: str, path: str, *, body: Any = None, **query: Any) -> httpx.Response:
        """One request below /v1; a restart answers when the old process has ended."""
        with httpx.Client(verify=self._verify, trust_env=False, timeout=90.0, headers=self._headers) as client:
            return client.request(method, self._base + path, params={**self._query, **query}, json=body)

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of a 200 answer."""
        answer = self.ask("GET", path, **query)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:300])
        return answer.json()

    def change(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """A change that must succeed."""
        answer = self.ask(method, path, body=body, **query)
        assert answer.is_success, (method, path, answer.status_code, answer.text[:300])
        return answer.json() if answer.content.strip() else None

    def job(self, job_id: str, part: str = "") -> Any:
        """A job, or one of its parts such as ``/allocations``."""
        return self.get(f"/job/{quote(job_id, safe='')}{part}")

    def current(self, job_id: str) -> dict[str, Any] | None:
        """The newest allocation of a job that Nomad wants to run and that has not ended."""
        rows = [
            row
            for row in self.job(job_id, "/allocations")
            if row["DesiredStatus"] == "run" and row["ClientStatus"] in ("pending", "running", "unknown")
        ]
        return max(rows, key=lambda row: int(row["CreateTime"]), default=None)


def waited(found: Callable[[], T | None], seconds: float = 60.0) -> T:
    """What ``found`` gives once it gives something; fails when it never does."""
    until = time.monotonic() + seconds
    while (value := found()) is None:
        assert time.monotonic() < until, f"not in {seconds:g} s"
        time.sleep(0.3)
    return value
