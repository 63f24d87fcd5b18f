"""The calls to one Nomad address, in lane threads; every answer is a value."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Clean
from harbortui.model.secret import Secret
from harbortui.sources.allowlist import AllowList
from harbortui.sources.errors import failure_of
from harbortui.sources.headers import http_date, media_type, retry_after
from harbortui.sources.lane import Lane
from harbortui.sources.nomad.faults import ErrorAnswer, failure_of_answer
from harbortui.sources.nomad.worker import TOTAL_SECONDS, Call, Worker
from harbortui.sources.origin import Origin
from harbortui.sources.tls import TlsSettings

if TYPE_CHECKING:
    import requests

WIDTH = 5
"""Calls, and so connections, at once; with an event stream and a tail an address sees seven."""

_EXCEPTIONS = "nomad.api.exceptions"

NOMAD: dict[str, tuple[FailureKind, str]] = {
    "BadRequestNomadException": (FailureKind.PROTOCOL, "Nomad did not understand the request"),
    "BaseNomadException": (FailureKind.SERVER, "Nomad failed"),
    "InvalidParameters": (FailureKind.LOCAL, "could not ask"),
    "TimeoutNomadException": (FailureKind.TIMEOUT, "no answer in time"),
    "URLNotAuthorizedNomadException": (FailureKind.FORBIDDEN, "permission denied"),
    "URLNotFoundNomadException": (FailureKind.NOT_FOUND, "not found"),
    "VariableConflict": (FailureKind.CONFLICT, "changed meanwhile"),
}
"""Every exception of python-nomad, for when it holds neither an answer nor what requests raised."""

TokenSource = Callable[[], Awaitable[Secret | Failure | None]]
"""Asked before every request; None means that Nomad is asked anonymously."""


@dataclass(frozen=True, slots=True)
class Body:
    """A good answer, not decoded yet."""

    data: bytes
    index: int | None
    server_time: float | None
    next_token: str = ""
    """Where the next page of a list begins; empty on the last one."""


class _Turn:
    """One call's hold on a worker."""

    def __init__(self) -> None:
        self.worker: Worker | None = None
        self.ended = False

    def end(self) -> None:
        """We stopped waiting: cut the call, and do not use its worker again."""
        self.ended = True
        if self.worker is not None:
            self.worker.close()


class NomadClient:
    """Declared reads from one address; every answer is a value."""

    def __init__(
        self,
        *,
        address: str,
        region: str,
        token: TokenSource,
        tls: TlsSettings,
        proxy: str,
        clean: Clean,
        now: Callable[[], float],
        deadline: float = TOTAL_SECONDS,
        allow: AllowList | None = None,
    ) -> None:
        """``allow`` are the declared reads; the console's own when left out."""
        self._allow = allow
        self._origin = Origin.of(address)
        self._region = region
        self._token = token
        self._tls = tls
        self._proxy = proxy
        self._clean = clean
        self._now = now
        self._deadline = deadline
        self._lane = Lane(f"nomad-{self._origin.host}", WIDTH)
        self._free: list[Worker] = []
        self._all: set[Worker] = set()
        self._changing = threading.Lock()
        """Of ``_all``: the lane's threads hire and dismiss while the loop closes."""

    async def get(self, call: Call) -> Body | Failure:
        """One answer within the total deadline."""
        token = await self._token()
        if isinstance(token, Failure):
            return token
        turn = _Turn()
        try:
            response = await self._lane.run(
                lambda: self._take_turn(turn, call, token), deadline=self._deadline, abandon=turn.end
            )
        except Exception as error:  # noqa: BLE001 - whatever the library raises is a value here
            return self._failure(error, call)
        return self._judge(response, call)

    async def aclose(self) -> None:
        """Cut the connections and let the threads end."""
        with self._changing:
            workers = tuple(self._all)
            self._all.clear()
        for worker in workers:
            worker.close()
        self._free.clear()
        self._lane.close()

    def _take_turn(self, turn: _Turn, call: Call, token: Secret | None) -> requests.Response:
        """Runs in a lane thread, so there are never more workers than threads."""
        worker = turn.worker = self._hire()
        try:
            return worker.get(call, token, self._region)
        finally:
            if turn.ended:
                with self._changing:
                    self._all.discard(worker)
            else:
                self._free.append(worker)

    def _hire(self) -> Worker:
        try:
            return self._free.pop()
        except IndexError:
            worker = Worker(self._origin.url, self._origin, self._tls, self._proxy, self._allow)
            with self._changing:
                self._all.add(worker)
            return worker

    def _judge(self, response: requests.Response, call: Call) -> Body | Failure:
        if response.status_code >= 400:
            return self._error_answer(response, call)
        if _is_html(response):
            words = self._clean(f"a login page answered at {self._origin.host}")
            return Failure(kind=FailureKind.LOGIN_PAGE, detail=words, at=self._now(), status=response.status_code)
        index = response.headers.get("X-Nomad-Index", "")
        return Body(
            response.content,
            int(index) if index.isascii() and index.isdigit() and len(index) < 20 else None,
            http_date(response.headers.get("Date", "")),
            response.headers.get("X-Nomad-NextToken", ""),
        )

    def _failure(self, error: Exception, call: Call) -> Failure:
        """python-nomad wraps error answers and requests' exceptions alike in its own exceptions."""
        beneath = getattr(error, "nomad_resp", None)
        if beneath is not None and hasattr(beneath, "status_code"):
            return self._error_answer(beneath, call)
        cause = beneath if isinstance(beneath, BaseException) else error
        known = NOMAD.get(type(cause).__name__) if type(cause).__module__ == _EXCEPTIONS else None
        if known is not None:
            return Failure(kind=known[0], detail=self._clean(known[1]), at=self._now())
        return failure_of(cause, clean=self._clean, at=self._now())

    def _error_answer(self, response: requests.Response, call: Call) -> Failure:
        answer = ErrorAnswer(
            response.status_code,
            response.content,
            html=_is_html(response),
            retry_after=retry_after(response.headers.get("Retry-After", ""), self._now()),
        )
        return failure_of_answer(answer, needs=call.needs, clean=self._clean, at=self._now())


def _is_html(response: requests.Response) -> bool:
    return (
        media_type(response.headers.get("Content-Type", "")) == "text/html"
        or response.content[:64].lstrip()[:1] == b"<"
    )
