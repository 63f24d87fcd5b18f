"""Ways to get a Vault token; each is a plain value made from the configuration."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from harbortui.model.secret import Secret

_NAME = re.compile(r"[A-Za-z0-9._@-]+")
_MOUNT = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")


@dataclass(frozen=True, slots=True)
class TokenLogin:
    """A token at hand: ``VAULT_TOKEN`` or one read from the configuration's reference."""

    token: Secret


@dataclass(frozen=True, slots=True)
class TokenFileLogin:
    """A token kept in a file by another tool (``~/.vault-token``); read before each use: it may be replaced."""

    path: Path


@dataclass(frozen=True, slots=True)
class AppRoleLogin:
    """AppRole: a role and its secret id."""

    role_id: str
    secret_id: Secret
    mount: str = "approle"

    def __post_init__(self) -> None:
        _check(_MOUNT, self.mount, "mount")


@dataclass(frozen=True, slots=True)
class UserpassLogin:
    """User name and password; hvac puts the name into the path as it is, so it is checked here."""

    username: str
    password: Secret
    mount: str = "userpass"

    def __post_init__(self) -> None:
        _check(_NAME, self.username, "user name")
        _check(_MOUNT, self.mount, "mount")


Login: TypeAlias = TokenLogin | TokenFileLogin | AppRoleLogin | UserpassLogin


def can_login_again(login: Login | None) -> bool:
    """True when a new token can be had without a person."""
    return isinstance(login, AppRoleLogin | UserpassLogin)


def _check(pattern: re.Pattern[str], value: str, what: str) -> None:
    if pattern.fullmatch(value) is None:
        raise ValueError(f"a Vault {what} has letters, digits and . _ - only")
