"""Where credentials come from: references into Vault, variables and files, resolved when something first needs them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from harbortui.config.credentials import resolve_local
from harbortui.config.settings import CredentialRef
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.secret import Secret
from harbortui.sources.answer import Answer
from harbortui.sources.credentials import Credentials

FAILURE_HELD = 5.0
"""Seconds a failed read stands for everybody who asks: twenty facets must not mean twenty reads of a sealed Vault."""
REREAD_AFTER = 60.0
"""Seconds a value must be old to be read again because a backend refused it, or because a key was not there."""
_WITHDRAWN = frozenset({FailureKind.FORBIDDEN, FailureKind.NOT_FOUND})
"""Vault's word about the secret itself, which says more than a backend's refusal of what was read before."""


class SecretStore(Protocol):
    """Vault, as far as credentials are concerned."""

    async def read(self, path: str) -> Answer[dict[str, Secret]]:
        """All fields of the secret at ``path``."""


class _Shelf:
    """One Vault path: what was read, when, and the read that is under way."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.values: dict[str, Secret] | None = None
        self.doubted = False
        self.unusable: tuple[str, ...] = ()
        self.failure: Failure | None = None
        self.at = 0.0


class Credentialing:
    """Resolves references; a Vault path is read once and shared by all who need it."""

    def __init__(
        self, vault: SecretStore | Failure, *, learn: Callable[[Secret], None], wall: Callable[[], float]
    ) -> None:
        """``vault`` is a failure when there is no Vault to ask, and says why."""
        self._vault = vault
        self._learn = learn
        self._wall = wall
        self._shelves: dict[str, _Shelf] = {}

    async def secret(self, ref: CredentialRef | None) -> Secret | Failure | None:
        """The secret behind a reference; None when nothing is configured."""
        if ref is None:
            return None
        if ref.vault:
            return await self._from_vault(ref)
        secret = resolve_local(ref, now=self._wall())
        if isinstance(secret, Secret) and not ref.plain:
            self._learn(secret)
        return secret

    async def pair(self, user: CredentialRef | None, secret: CredentialRef | None) -> Credentials | Failure | None:
        """A name and its secret; None when neither is configured."""
        if user is None or secret is None:
            return None
        name = await self.secret(user)
        value = await self.secret(secret)
        if isinstance(name, Failure) or isinstance(value, Failure):
            return name if isinstance(name, Failure) else value if isinstance(value, Failure) else None
        return None if name is None or value is None else Credentials(name.reveal(), value)

    def refused(self) -> None:
        """A backend refused what came from Vault: it may have been rotated, so read it again when next needed."""
        for shelf in self._shelves.values():
            if shelf.values is not None and self._wall() - shelf.at >= REREAD_AFTER:
                shelf.doubted = True  # Kept until Vault tells others: most of what was read was not what was refused.

    async def _from_vault(self, ref: CredentialRef) -> Secret | Failure:
        shelf = self._shelves.setdefault(ref.vault, _Shelf())
        async with shelf.lock:
            age = self._wall() - shelf.at
            if shelf.values is None:
                stale = shelf.failure is None or age >= FAILURE_HELD
            else:
                stale = (shelf.doubted or ref.key not in shelf.values) and age >= REREAD_AFTER  # or added since
            if stale:
                await self._fill(shelf, ref.vault)
        if shelf.values is None:
            return shelf.failure if shelf.failure is not None else self._missing(ref)
        return shelf.values.get(ref.key) or self._missing(ref)

    async def _fill(self, shelf: _Shelf, path: str) -> None:
        answer = self._vault if isinstance(self._vault, Failure) else await self._vault.read(path)
        shelf.at = self._wall()
        shelf.failure = answer if isinstance(answer, Failure) else None
        if isinstance(answer, Failure):
            shelf.failure = _as_no_credentials(answer, path)
            if shelf.doubted and answer.kind in _WITHDRAWN:
                shelf.values, shelf.doubted = None, False
        else:
            shelf.values, shelf.doubted = answer.value, False
            shelf.unusable = answer.lost_rows

    def _missing(self, ref: CredentialRef) -> Failure:
        unusable = f"{ref.key} is not text"
        known = unusable in self._shelves[ref.vault].unusable
        detail = f"Vault's {ref.vault}: {unusable}" if known else f"Vault's {ref.vault} has no key {ref.key}"
        return Failure(kind=FailureKind.NO_CREDENTIALS, detail=detail, at=self._wall(), secret=ref.vault)


def _as_no_credentials(failure: Failure, path: str) -> Failure:
    """What failed is Vault, not the backend that the credentials are for."""
    if failure.kind is FailureKind.SEALED:
        return failure
    detail = f"Vault's {path}: {failure.detail}"
    kind = FailureKind.NO_CREDENTIALS
    return Failure(kind=kind, detail=detail, at=failure.at, needs=failure.needs, secret=path)
