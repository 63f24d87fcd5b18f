"""Following one stream of one task's log."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Clean
from harbortui.sources.headers import media_type
from harbortui.sources.http import HttpHost, Stream
from harbortui.sources.nomad.faults import ErrorAnswer, failure_of_answer
from harbortui.sources.nomad.frames import FrameDecoder
from harbortui.sources.rows import Unreadable

SILENCE_SECONDS = 10.0
"""An idle stream sends a heartbeat each second; longer silence means that nobody is there."""

MAX_ERROR = 65_536
ERROR_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class LogStream:
    """Which log; ``start_bytes`` counts back from its end."""

    allocation_id: str
    task: str
    stream: str
    namespace: str
    region: str
    start_bytes: int

    def query(self) -> list[tuple[str, str]]:
        """Framed and following: only framed streams have heartbeats."""
        where = [("namespace", self.namespace), ("region", self.region)]
        return [
            ("task", self.task),
            ("type", self.stream),
            ("follow", "true"),
            ("origin", "end"),
            ("offset", str(max(0, self.start_bytes))),
            ("plain", "false"),
            *(each for each in where if each[1]),
        ]


async def follow(
    host: HttpHost,
    log: LogStream,
    headers: Mapping[str, str],
    *,
    clean: Clean,
    now: Callable[[], float],
    silence: float = SILENCE_SECONDS,
) -> AsyncGenerator[bytes | Failure, None]:
    """The log's bytes as they come; what comes before the first line end is the rest of a cut line.

    An empty piece says that the stream stands while the log has nothing to show. Ends after a failure, or without one
    when the server ends the stream.
    """
    path = f"/v1/client/fs/logs/{log.allocation_id}"
    async with host.stream(path, query=log.query(), headers=headers) as opened:
        if isinstance(opened, Failure):
            yield opened
            return
        if opened.status != 200 or is_html(opened):
            yield await refusal(opened, needs="read-logs", clean=clean, now=now)
            return
        decoder = FrameDecoder()
        begun = False
        ended: Failure | None = None
        async for chunk in opened.chunks(idle=silence):
            if isinstance(chunk, Failure):
                ended = chunk
                break
            try:
                for data in decoder.feed(chunk):
                    # Read from its beginning, the log's first line is whole: say so with a line end before it.
                    yield b"\n" + data if not begun and decoder.offset == len(data) else data
                    begun = True
                if not (begun or decoder.trailing_text):
                    yield b""  # A heartbeat: the stream stands, there is just nothing in the log yet.
            except Unreadable as error:
                ended = Failure(kind=FailureKind.PROTOCOL, detail=clean(str(error)), at=now(), status=200)
                break
        if decoder.trailing_text:
            answer = ErrorAnswer(200, decoder.trailing_text)
            ended = failure_of_answer(answer, needs="read-logs", clean=clean, at=now())
        if ended is not None:
            yield ended


def is_html(stream: Stream) -> bool:
    """True when a proxy's page answers instead of Nomad."""
    return media_type(stream.headers.get("content-type", "")) == "text/html"


async def refusal(stream: Stream, *, needs: str, clean: Clean, now: Callable[[], float]) -> Failure:
    """The failure of a stream that was not opened, from a bounded part of its body."""
    if stream.status < 300:
        return Failure(kind=FailureKind.LOGIN_PAGE, detail="a login page answered", at=now(), status=stream.status)
    if stream.status < 400:
        return Failure(kind=FailureKind.REDIRECT, detail="redirected, not followed", at=now(), status=stream.status)
    body = await stream.body(cap=MAX_ERROR, deadline=ERROR_SECONDS)
    answer = ErrorAnswer(stream.status, b"" if isinstance(body, Failure) else body, html=is_html(stream))
    return failure_of_answer(answer, needs=needs, clean=clean, at=now())
