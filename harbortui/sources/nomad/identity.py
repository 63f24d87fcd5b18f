"""Whether Nomad refuses the right or the token: most of its answers do not say.

An expired or unknown token is answered 403 "Permission denied" like a missing right; only ``GET /v1/acl/token/self``
tells them apart: 500 "ACL token expired", 403 for an unknown one, 200 for a valid one (Nomad 1.10.5; older versions say
"ACL token not found" everywhere).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.secret import Secret
from harbortui.sources.nomad.client import NomadClient, TokenSource
from harbortui.sources.nomad.worker import Call

KEPT_SECONDS = 30.0
"""A refresh is refused many calls at once; they share one answer."""

_WHO_AM_I = Call("acl", ("token", "self"), "")


class Identity:
    """What Nomad makes of our token, asked only after a refusal."""

    def __init__(self, client: NomadClient, token: TokenSource, now: Callable[[], float]) -> None:
        self._client = client
        self._token = token
        self._now = now
        self._asking = asyncio.Lock()
        self._known: tuple[Secret, float, Failure | None] | None = None

    async def explain(self, failure: Failure) -> Failure:
        """The failure itself, or that our token is not accepted when that is behind it."""
        if failure.kind is not FailureKind.FORBIDDEN:
            return failure
        token = await self._token()
        if isinstance(token, Failure):
            return failure
        if token is None:
            return msgspec.structs.replace(failure, detail=f"{failure.detail}; no Nomad token is configured")
        async with self._asking:
            return await self._trouble(token) or failure

    async def _trouble(self, token: Secret) -> Failure | None:
        time = asyncio.get_running_loop().time()
        if self._known is not None and self._known[0] == token and time - self._known[1] < KEPT_SECONDS:
            return self._known[2]
        answer = await self._client.get(_WHO_AM_I)  # The good answer repeats the token; nothing of it is kept.
        trouble: Failure | None = None
        if isinstance(answer, Failure):
            if answer.kind is FailureKind.AUTH:
                trouble = answer
            elif answer.kind is FailureKind.FORBIDDEN:
                words = "Nomad does not know our token"
                trouble = Failure(kind=FailureKind.AUTH, detail=words, at=self._now(), status=answer.status)
        self._known = token, time, trouble
        return trouble
