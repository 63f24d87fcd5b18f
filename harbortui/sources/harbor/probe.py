"""The credential probe: bad credentials must not pass as anonymous.

Harbor answers public endpoints with 200 and less data when credentials are wrong, and a failed login blocks that user
for 1.5 s (goharbor/harbor src/server/middleware/security, src/core/auth). So credentials are proven once with
``GET /users/current`` (200 a user, 412 a robot, 401 wrong) and refused ones are not sent again before they change or
five minutes have passed.

Without its database Harbor finds no account and answers the same 401 to good credentials, and for up to ten seconds its
own health does not know it yet. So a refusal is excused while health calls the database unhealthy, and the first one
is tried once more before it is believed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.harbor import Account
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.credentials import Credentials

REFUSED_SECONDS = 300.0
RECHECK_SECONDS = 12.0
"""After the first refusal: by then Harbor's health has seen what happened to the database."""
EXCUSED_SECONDS = 10.0
"""Between two tries while the database is down, for all callers together."""

Supply: TypeAlias = Callable[[], Awaitable[Credentials | Failure | None]]
"""Gives the credentials of the moment: None when none are configured, a failure when they cannot be had."""


@dataclass(frozen=True, slots=True)
class _Refused:
    credentials: Credentials
    failure: Failure
    at: float
    seconds: float
    """For how long they are not sent again."""
    believed: bool


class CredentialProbe:
    """Knows whether the credentials of the moment are good; one probe at a time."""

    def __init__(
        self,
        supply: Supply,
        ask: Callable[[Credentials], Awaitable[Answer[Account]]],
        now: Callable[[], float],
        excuse: Callable[[], Awaitable[str]],
    ) -> None:
        """``excuse`` tells why Harbor may refuse good credentials at the moment, "" when there is no such reason."""
        self._supply = supply
        self._ask = ask
        self._excuse = excuse
        self._now = now
        self._lock = asyncio.Lock()
        self._proven: Credentials | None = None
        self._refused: _Refused | None = None

    async def admit(self) -> Credentials | Failure:
        """Credentials that were proven, or why there are none."""
        credentials = await self._credentials()
        if isinstance(credentials, Failure) or credentials == self._proven:
            return credentials
        async with self._lock:
            if credentials == self._proven:
                return credentials
            answer = await self._prove(credentials)
        return answer if isinstance(answer, Failure) else credentials

    async def account(self) -> Answer[Account]:
        """Who Harbor takes us for, asked anew."""
        credentials = await self._credentials()
        if isinstance(credentials, Failure):
            return credentials
        async with self._lock:
            return await self._prove(credentials)

    def doubt(self, credentials: Credentials) -> None:
        """These credentials brought a 401, or less than they should: prove them again before their next use."""
        if credentials == self._proven:
            self._proven = None

    async def _credentials(self) -> Credentials | Failure:
        credentials = await self._supply()
        if credentials is None:
            words = "no credentials configured for this Harbor"
            return Failure(kind=FailureKind.NO_CREDENTIALS, detail=words, at=self._now())
        return credentials

    async def _prove(self, credentials: Credentials) -> Answer[Account]:
        refused = self._refused
        known = refused is not None and refused.credentials == credentials
        if refused is not None and known and self._age(refused) < refused.seconds:
            return refused.failure
        answer = await self._ask(credentials)
        if isinstance(answer, Ok):
            self._proven, self._refused = credentials, None
        elif answer.kind is FailureKind.AUTH:
            answer = await self._refuse(credentials, answer, again=refused is not None and known and refused.believed)
        return answer

    async def _refuse(self, credentials: Credentials, answer: Failure, *, again: bool) -> Failure:
        """Remember a refusal; ``again`` when the one before was a refusal too, and not excused."""
        words = await self._excuse()
        if words:
            answer = Failure(kind=FailureKind.SERVER, detail=words, at=answer.at, status=answer.status)
        seconds = EXCUSED_SECONDS if words else REFUSED_SECONDS if again else RECHECK_SECONDS
        self._proven, self._refused = None, _Refused(credentials, answer, self._now(), seconds, not words)
        return answer

    def _age(self, refused: _Refused) -> float:
        return abs(self._now() - refused.at)
