"""One GET to a Harbor's API: Basic credentials where given, a request id, and errors as values."""

from __future__ import annotations

import base64
from collections.abc import Callable

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.harbor import Account, AccountKind
from harbortui.model.redact import Clean
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.harbor import decode
from harbortui.sources.harbor.failures import status_failure
from harbortui.sources.harbor.policy import API
from harbortui.sources.http import JSON_CAP, JSON_TYPES, TOTAL_SECONDS, HttpHost, Query, Reply
from harbortui.sources.rows import Unreadable


class HarborClient:
    """Asks one Harbor and judges the status of the answer."""

    def __init__(
        self,
        http: HttpHost,
        *,
        clean: Clean,
        now: Callable[[], float],
        request_id: Callable[[], str],
    ) -> None:
        self._http = http
        self._clean = clean
        self._now = now
        self._request_id = request_id

    async def get(
        self,
        path: str,
        *,
        query: Query = (),
        expect: tuple[str, ...] = JSON_TYPES,
        cap: int = JSON_CAP,
        newest: int | None = None,
        deadline: float = TOTAL_SECONDS,
        credentials: Credentials | None = None,
    ) -> Reply | Failure:
        """A 200 answer, or the failure any other one stands for; ``path`` is relative to the API."""
        reply = await self._ask(
            path, query=query, expect=expect, cap=cap, newest=newest, deadline=deadline, credentials=credentials
        )
        if isinstance(reply, Failure) or reply.status == 200:
            return reply
        return status_failure(reply, path, clean=self._clean, at=self._now())

    async def who(self, credentials: Credentials) -> Answer[Account]:
        """``GET /users/current``: 200 a user, 412 a robot, 401 bad credentials."""
        path = "/users/current"
        reply = await self._ask(path, credentials=credentials)
        if isinstance(reply, Failure):
            return reply
        if reply.status == 412:
            robot = Account(kind=AccountKind.ROBOT, name=self._clean(credentials.user))
            return Ok(robot, server_time=reply.server_time)
        if reply.status != 200:
            return status_failure(reply, path, clean=self._clean, at=self._now())
        try:
            return Ok(decode.user(reply.body, self._clean), server_time=reply.server_time)
        except Unreadable as error:
            return self.unreadable(error)

    def unreadable(self, error: Unreadable) -> Failure:
        """The failure of an answer of the wrong shape."""
        return self.failure(FailureKind.PROTOCOL, str(error))

    def failure(self, kind: FailureKind, words: str) -> Failure:
        """A failure of our own finding, dated now."""
        return Failure(kind=kind, detail=self._clean(words), at=self._now())

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _ask(
        self,
        path: str,
        *,
        query: Query = (),
        expect: tuple[str, ...] = JSON_TYPES,
        cap: int = JSON_CAP,
        newest: int | None = None,
        deadline: float = TOTAL_SECONDS,
        credentials: Credentials | None = None,
    ) -> Reply | Failure:
        headers = {"X-Request-Id": self._request_id(), "Accept": ", ".join(expect)}
        if credentials is not None:
            if ":" in credentials.user:
                return self.failure(FailureKind.LOCAL, "a user name with a colon cannot be sent")
            pair = f"{credentials.user}:{credentials.secret.reveal()}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        return await self._http.fetch(
            API + path, query=query, headers=headers, expect=expect, cap=cap, newest=newest, deadline=deadline
        )
