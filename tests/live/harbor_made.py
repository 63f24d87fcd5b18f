"""Things the suite makes in a Harbor, each removed again, also when the test failed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any
from urllib.parse import quote

import httpx

from harbortui.model.secret import Secret
from harbortui.sources.credentials import Credentials
from tests.live.harbor_plain import Plain

GONE = (200, 202, 404)
PATIENCE = 120.0
"""Seconds for a job to end; Harbor alone needs up to 30 s to notice that its tasks did."""

Access = Iterable[str]
"""Permissions as ``resource:action``."""


def until(condition: Callable[[], Any], seconds: float = PATIENCE, pause: float = 1.0) -> Any:
    """The first true value of ``condition``, asked for again and again; fails after ``seconds``."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, f"not within {seconds:.0f} s"
        time.sleep(pause)


class Made:
    """Makes things as administrator; ``stack`` removes them, the last one first."""

    def __init__(self, admin: Plain, name: str, stack: ExitStack) -> None:
        self.admin = admin
        self.name = name
        self._stack = stack

    def project(self, **more: Any) -> str:
        """A private project with the name of this test."""
        self.admin.change("POST", "/projects", {"project_name": self.name, "metadata": {"public": "false"}, **more})
        self._stack.callback(self._remove_project, self.name)
        return self.name

    def project_of_others(self, name: str) -> str:
        """Remember a project that Harbor itself will make (the target of a replication)."""
        self._stack.callback(self._remove_project, name)
        return name

    def robot(self, suffix: str, system: Access, project: Access = (), namespace: str = "*") -> tuple[Credentials, int]:
        """A system robot with exactly these rights, as far as this version of Harbor grants them; and its id."""
        known = self.admin.get("/permissions")
        rights = [
            {"kind": kind, "namespace": where, "access": wanted}
            for kind, where, wanted in (
                ("system", "/", _grantable(known["system"], system)),
                ("project", namespace, _grantable(known["project"], project)),
            )
            if wanted
        ]
        body = {"name": f"{self.name}-{suffix}", "level": "system", "duration": 1, "permissions": rights}
        answer = self.admin.ask("POST", "/robots", body=body)
        assert answer.status_code == 201, answer.text
        made = answer.json()
        self._stack.callback(self._remove, f"/robots/{made['id']}")
        return Credentials(made["name"], Secret(made["secret"])), made["id"]

    def registry(self, url: str, credentials: Credentials) -> int | None:
        """A replication endpoint of type harbor; None when this Harbor cannot reach it."""
        credential = {"type": "basic", "access_key": credentials.user, "access_secret": credentials.secret.reveal()}
        body = {"name": self.name, "type": "harbor", "url": url, "insecure": True, "credential": credential}
        answer = self.admin.ask("POST", "/registries", body=body)
        if answer.status_code != 201:
            return None
        path = answer.headers["location"]
        self._stack.callback(self._remove, f"/registries/{path.rpartition('/')[2]}")
        return int(path.rpartition("/")[2])

    def policy(self, body: dict[str, Any]) -> int:
        """A replication policy."""
        place = self.admin.change("POST", "/replication/policies", {"name": self.name, **body})
        number = int(place.rpartition("/")[2])
        self._stack.callback(self._remove_policy, number)
        return number

    def _remove(self, path: str) -> None:
        answer = self.admin.ask("DELETE", path)
        assert answer.status_code in GONE, (path, answer.status_code, answer.text[:300])

    def _remove_policy(self, number: int) -> None:
        """Harbor answers 412 until all executions are final."""
        for execution in self.admin.rows("/replication/executions", policy_id=number, status="InProgress"):
            self.admin.ask("PUT", f"/replication/executions/{execution['id']}")

        def removed() -> bool:
            return self.admin.ask("DELETE", f"/replication/policies/{number}").status_code in GONE

        until(removed)

    def _remove_project(self, name: str) -> None:
        """A project must be empty to be deleted; its policies and their registries are removed by others."""
        found = self.admin.ask("GET", f"/projects/{name}")
        if found.status_code in (403, 404):
            return
        for row in self.admin.rows(f"/projects/{name}/repositories"):
            repository = str(row["name"]).removeprefix(f"{name}/")
            self._remove(f"/projects/{name}/repositories/{quote(quote(repository, safe=''), safe='')}")
        until(lambda: _removed(self.admin.ask("DELETE", f"/projects/{name}")), 30)


def _removed(answer: httpx.Response) -> bool:
    return answer.status_code in GONE


def _grantable(known: Iterable[dict[str, str]], wanted: Access) -> list[dict[str, str]]:
    able = {f"{each['resource']}:{each['action']}" for each in known}
    pairs = (each.partition(":") for each in wanted if each in able)
    return [{"resource": resource, "action": action} for resource, _, action in pairs]
