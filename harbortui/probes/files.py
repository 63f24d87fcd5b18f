"""The files that the console reads, and who else may: looked at with ``stat``, never opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from harbortui.config.settings import CredentialRef, Settings, Tls


class FileSeen(NamedTuple):
    """One file; ``mode`` is None when it is not there or cannot be looked at."""

    path: str
    what: str
    """``configuration``, ``token``, ``secret`` or ``private key``."""
    mode: int | None
    uid: int = -1


SYSTEM_PLACES = ("/etc/", "/usr/")
"""A configuration there is everybody's on purpose."""


def files_of(settings: Settings) -> tuple[FileSeen, ...]:
    """Each file that the settings name, looked at now."""
    named = dict.fromkeys(_named(settings))
    return tuple(_seen(path, what) for path, what in named if path)


def _seen(path: str, what: str) -> FileSeen:
    try:
        found = os.stat(Path(path))
    except OSError:
        return FileSeen(path, what, None)
    return FileSeen(path, what, stat.S_IMODE(found.st_mode), found.st_uid)


def _named(settings: Settings) -> Iterator[tuple[str, str]]:
    yield from ((path, "configuration") for path in settings.files)
    vault = settings.vault
    if vault is not None:
        yield from _referred(vault.token, "token")
        yield from _referred(vault.secret_id, "secret")
        yield from _referred(vault.password, "secret")
        yield _key(vault.tls)
    for each in settings.instances:
        yield from _referred(each.harbor.username, "secret")
        yield from _referred(each.harbor.password, "secret")
        yield _key(each.harbor.tls)
        if each.nomad is not None:
            yield from _referred(each.nomad.token, "token")
            yield _key(each.nomad.tls)
        if each.storage is not None:
            for ref in (each.storage.access_key, each.storage.secret_key, each.storage.metrics_token):
                yield from _referred(ref, "secret")
            yield _key(each.storage.tls)


def _referred(ref: CredentialRef | None, what: str) -> Iterator[tuple[str, str]]:
    if ref is not None and ref.file:
        yield ref.file, what


def _key(tls: Tls) -> tuple[str, str]:
    return tls.client_key or (tls.client_cert if tls.client_cert else ""), "private key"
