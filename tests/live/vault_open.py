"""The console's Vault source, opened on the live server, and plain requests to compare it with."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

import httpx

from harbortui.model.failure import Failure
from harbortui.model.redact import Cleaner, Redactor
from harbortui.model.secret import Secret
from harbortui.model.vault import VaultState
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.tls import TlsSettings
from harbortui.sources.vault.login import AppRoleLogin, Login, TokenLogin, UserpassLogin
from harbortui.sources.vault.source import VaultSource
from tests.live.settings import LiveVault


@asynccontextmanager
async def opened(
    server: LiveVault,
    login: Login | None,
    paths: Collection[str] = (),
    *,
    learned: list[Secret] | None = None,
    tls: TlsSettings | None = None,
) -> AsyncIterator[VaultSource]:
    """A source that logs in so and may read these paths; ``learned`` collects every secret it meets."""
    kept: list[Secret] = [] if learned is None else learned
    source = VaultSource(
        url=server.url,
        login=login,
        paths=paths,
        clean=Cleaner(Redactor()),
        now=time.time,
        learn=kept.append,
        tls=tls or server.tls,
        namespace=server.get("NAMESPACE"),
    )
    try:
        yield source
    finally:
        await source.aclose()


def logins(server: LiveVault) -> dict[str, Login]:
    """The ways to log in that the environment gives, by name."""
    found: dict[str, Login] = {}
    token, role, user = server.secret("TOKEN"), server.pair("ROLE_ID", "SECRET_ID"), server.pair("USERNAME", "PASSWORD")
    if token is not None:
        found["token"] = TokenLogin(token)
    if role is not None:
        found["approle"] = AppRoleLogin(role.user, role.secret)
    if user is not None:
        found["userpass"] = UserpassLogin(user.user, user.secret)
    return found


class Plain:
    """Requests without any of the console's code."""

    def __init__(self, server: LiveVault, token: Secret | None = None) -> None:
        headers = {} if token is None else {"X-Vault-Token": token.reveal()}
        if server.get("NAMESPACE"):
            headers["X-Vault-Namespace"] = server.get("NAMESPACE")
        self._root = f"{server.url}/v1/"
        self._headers = headers
        self._verify = server.verify

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        """Status and decoded body; None for an empty one."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        headers = {**self._headers, **named}
        answer = httpx.request(
            method, self._root + path, json=body, headers=headers, verify=self._verify, trust_env=False, timeout=15
        )
        return answer.status_code, answer.json() if answer.content else None

    def get(self, path: str) -> Any:
        """The ``data`` of an answer; fails unless it is 200."""
        status, body = self.ask("GET", path)
        assert status == 200, (path, status, body)
        return body["data"]


def value_of(answer: Answer[dict[str, Secret]]) -> dict[str, str]:
    """The secret's values; fails with the failure's words."""
    assert isinstance(answer, Ok), answer
    return {name: each.reveal() for name, each in answer.value.items()}


def state_of(answer: Answer[VaultState]) -> VaultState:
    """The state; fails with the failure's words."""
    assert isinstance(answer, Ok), answer
    return answer.value


def failure_of(answer: Answer[Any]) -> Failure:
    """The failure; fails when there is a value."""
    assert isinstance(answer, Failure), answer
    return answer
