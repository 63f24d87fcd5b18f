"""The part of hvac that the client calls; hvac has no types of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import requests


class Hvac(Protocol):
    """The part of ``hvac.Client`` used here."""

    @property
    def adapter(self) -> Adapter: ...
    @property
    def sys(self) -> Sys: ...
    @property
    def auth(self) -> Auth: ...


class Adapter(Protocol):
    """Sends a request of our own."""

    def get(self, url: str) -> requests.Response: ...


class Sys(Protocol):
    """``client.sys``."""

    def read_health_status(self, method: str) -> requests.Response: ...
    def get_capabilities(self, paths: list[str]) -> requests.Response: ...


class Auth(Protocol):
    """``client.auth``."""

    @property
    def token(self) -> Token: ...
    @property
    def approle(self) -> AppRole: ...
    @property
    def userpass(self) -> Userpass: ...


class Token(Protocol):
    """``client.auth.token``."""

    def lookup_self(self) -> requests.Response: ...
    def renew_self(self) -> requests.Response: ...


class AppRole(Protocol):
    """``client.auth.approle``."""

    def login(self, role_id: str, secret_id: str, use_token: bool, mount_point: str) -> requests.Response: ...


class Userpass(Protocol):
    """``client.auth.userpass``."""

    def login(self, username: str, password: str, use_token: bool, mount_point: str) -> requests.Response: ...
