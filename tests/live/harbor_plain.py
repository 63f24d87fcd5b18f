"""Plain requests to a Harbor: to compare with what the console's source says, and to change things as administrator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from harbortui.sources.credentials import Credentials
from harbortui.sources.harbor.policy import API
from tests.live.settings import LiveHarbor

PAGE = 100


class Plain:
    """One account's requests. Each goes without cookies, for Harbor wants a CSRF token of requests that have one."""

    def __init__(self, server: LiveHarbor, credentials: Credentials | None) -> None:
        self._base = server.url
        self._verify = server.verify
        self._auth = (credentials.user, credentials.secret.reveal()) if credentials is not None else None

    def ask(
        self, method: str, path: str, *, query: Mapping[str, Any] | None = None, body: Any = None
    ) -> httpx.Response:
        """One request below /api/v2.0."""
        return self.raw(method, API + path, query=query, json=body)

    def raw(self, method: str, path: str, *, query: Mapping[str, Any] | None = None, **more: Any) -> httpx.Response:
        """One request to any path; ``more`` is httpx's."""
        with httpx.Client(verify=self._verify, trust_env=False, timeout=30.0) as client:
            auth = more.pop("auth", self._auth)
            return client.request(method, self._base + path, params=query, auth=auth, **more)

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of a 200 answer, None for an empty body."""
        answer = self.ask("GET", path, query=query)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:300])
        return answer.json() if answer.content.strip() else None

    def rows(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """All rows of a listing."""
        found: list[dict[str, Any]] = []
        for page in range(1, 21):
            rows = self.get(path, page=page, page_size=PAGE, **query) or []
            found += rows
            if len(rows) < PAGE:
                break
        return found

    def change(self, method: str, path: str, body: Any = None, *, query: Mapping[str, Any] | None = None) -> str:
        """A change that must succeed; the path below the API that ``Location`` names, else ""."""
        answer = self.ask(method, path, body=body, query=query)
        assert answer.is_success, (method, path, answer.status_code, answer.text[:300])
        return str(answer.headers.get("location", "")).removeprefix(API)
