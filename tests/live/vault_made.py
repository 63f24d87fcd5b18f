"""What the live tests make at a Vault, all under one name, and its removal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from harbortui.model.secret import Secret
from harbortui.sources.vault.login import AppRoleLogin, UserpassLogin
from tests.live.settings import LiveVault
from tests.live.vault_open import Plain


class Made:
    """A version 2 store, a version 1 store, a policy to read both, and tokens with it."""

    def __init__(self, server: LiveVault, admin: Plain, name: str) -> None:
        self.server = server
        self.admin = admin
        self.name = name
        self.path = f"{name}/data/one"
        """The secret that every token made here may read."""
        self._accessors: list[str] = []
        self._logins: list[str] = []

    def do(self, method: str, path: str, body: object = None) -> Any:
        """One request of the administrator; fails unless it is carried out."""
        status, answer = self.admin.ask(method, path, body)
        assert status < 300, (method, path, status, answer)
        return answer

    def mount(self) -> None:
        """The stores, with one secret."""
        self.do("POST", f"sys/mounts/{self.name}", {"type": "kv", "options": {"version": "2"}})
        self.do("POST", f"sys/mounts/{self.name}-v1", {"type": "kv", "options": {"version": "1"}})
        self.allow()
        until = time.monotonic() + 15
        # A new version 2 store is "unavailable for a brief period" while it is being set up, and answers 400.
        while (answer := self.admin.ask("POST", self.path, {"data": {"password": "first-value"}}))[0] == 400:
            assert time.monotonic() < until, answer
            time.sleep(0.1)
        assert answer[0] == 200, answer

    def allow(self, rules: str = "") -> None:
        """The policy: reading both stores unless other rules are given."""
        read = 'path "{}/*" {{ capabilities = ["read"] }}\n'
        text = rules or read.format(self.name) + read.format(f"{self.name}-v1")
        self.do("POST", f"sys/policies/acl/{self.name}", {"policy": text})

    def write(self, values: dict[str, Any]) -> None:
        """A new version of the secret."""
        self.do("POST", self.path, {"data": values})

    def token(self, **settings: Any) -> Secret:
        """A token with the policy; settings as of ``auth/token/create``."""
        body = {"policies": [self.name], "ttl": "5m", "display_name": "harbortui-live", **settings}
        auth = self.do("POST", "auth/token/create", body)["auth"]
        if auth["accessor"]:
            self._accessors.append(auth["accessor"])
        return Secret(auth["client_token"])

    def approle(self, **settings: Any) -> AppRoleLogin:
        """A role of an AppRole mount of its own."""
        mount = self._login_mount("approle")
        base = f"auth/{mount}/role/live"
        self.do("POST", base, {"token_policies": [self.name], "token_ttl": "5m", **settings})
        role = self.do("GET", f"{base}/role-id")["data"]["role_id"]
        secret = self.do("POST", f"{base}/secret-id", {})["data"]["secret_id"]
        return AppRoleLogin(role, Secret(secret), mount)

    def userpass(self, **settings: Any) -> UserpassLogin:
        """A user of a userpass mount of its own."""
        mount = self._login_mount("userpass")
        body = {"password": "live-password", "token_policies": [self.name], "token_ttl": "5m", **settings}
        self.do("POST", f"auth/{mount}/users/live", body)
        return UserpassLogin("live", Secret("live-password"), mount)

    def remove(self) -> None:
        """Everything, whatever of it is there."""
        for accessor in self._accessors:
            self.admin.ask("POST", "auth/token/revoke-accessor", {"accessor": accessor})
        for mount in self._logins:
            self.admin.ask("DELETE", f"sys/auth/{mount}")
        self.admin.ask("DELETE", f"sys/policies/acl/{self.name}")
        for mount in (self.name, f"{self.name}-v1"):
            self.admin.ask("DELETE", f"sys/mounts/{mount}")

    def _login_mount(self, kind: str) -> str:
        mount = f"{self.name}-{kind}"
        self._logins.append(mount)
        self.do("POST", f"sys/auth/{mount}", {"type": kind})
        return mount


@contextmanager
def made(server: LiveVault, name: str) -> Iterator[Made]:
    """The stores and the policy while the test runs; skips without an administrator's token."""
    token = server.secret("ADMIN_TOKEN")
    if token is None:
        pytest.skip("no administrator's token")
    admin = Plain(server, token)
    things = Made(server, admin, name)
    try:
        things.mount()
        yield things
    finally:
        things.remove()
