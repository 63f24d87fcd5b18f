"""The Vault source from its settings, or why there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harbortui.collect.tls import tls_of
from harbortui.config.credentials import resolve_local
from harbortui.config.settings import CredentialRef, Settings, VaultSettings
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Clean
from harbortui.model.secret import Secret
from harbortui.sources.vault.login import AppRoleLogin, Login, TokenFileLogin, TokenLogin, UserpassLogin
from harbortui.sources.vault.source import VaultSource


@dataclass(frozen=True, slots=True)
class WiredVault:
    """``source`` watches Vault, ``secrets`` reads from it; the latter is a failure when there is no way to log in."""

    source: VaultSource | None
    secrets: VaultSource | Failure


def vault_of(
    vault: VaultSettings | None,
    settings: Settings,
    password: Secret | None,
    *,
    clean: Clean,
    learn: Callable[[Secret], None],
    wall: Callable[[], float],
) -> WiredVault:
    """The Vault source; only the paths that the settings refer to can be read through it."""
    if vault is None:
        detail = "no Vault address is configured"
        return WiredVault(None, Failure(kind=FailureKind.NO_CREDENTIALS, detail=detail))
    login = login_of(vault, password, wall())
    source = VaultSource(
        url=vault.address,
        login=None if isinstance(login, Failure) else login,
        paths=sorted(set(_paths(settings))),
        clean=clean,
        now=wall,
        learn=learn,
        tls=tls_of(vault.tls),
        proxy=vault.proxy,
        namespace=vault.namespace,
    )
    return WiredVault(source, login if isinstance(login, Failure) else source)


def login_of(vault: VaultSettings, password: Secret | None, now: float) -> Login | Failure | None:
    """How to log in; None without any token (Vault is then only watched), a failure when the way is closed."""
    if vault.auth == "approle":
        secret_id = _local(vault.secret_id, "no secret id is configured for Vault's AppRole", now)
        if isinstance(secret_id, Failure):
            return secret_id
        return AppRoleLogin(vault.role_id, secret_id, vault.mount or "approle")
    if vault.auth == "userpass":
        typed = password or _local(vault.password, "no password was given for Vault's userpass login", now)
        if isinstance(typed, Failure):
            return typed
        return UserpassLogin(vault.username, typed, vault.mount or "userpass")
    if vault.token is None:
        return None
    if vault.token.file:
        return TokenFileLogin(Path(vault.token.file))
    token = resolve_local(vault.token, now=now)
    return token if isinstance(token, Failure) else TokenLogin(token)


def _local(ref: CredentialRef | None, missing: str, now: float) -> Secret | Failure:
    if ref is None:
        return Failure(kind=FailureKind.NO_CREDENTIALS, detail=missing, at=now)
    return resolve_local(ref, now=now)


def _paths(settings: Settings) -> Iterator[str]:
    for instance in settings.instances:
        refs = [instance.harbor.username, instance.harbor.password]
        if instance.nomad is not None:
            refs.append(instance.nomad.token)
        if instance.storage is not None:
            storage = instance.storage
            refs += [storage.access_key, storage.secret_key, storage.metrics_token]
        yield from (ref.vault for ref in refs if ref is not None and ref.vault)
