"""The live tail: lines from any cutting, a bounded rate, new allocations, lost connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from harbortui.collect.fleet import TailTarget
from harbortui.engine.lines import MAX_LINE_BYTES, LineSplitter
from harbortui.engine.messages import Follow, LogLines, TailState, ToConsole
from harbortui.engine.tail import LINES_PER_MESSAGE, Tail
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Cleaner, Redactor
from harbortui.model.secret import Secret
from tests.collect.fakes import failure, until

Piece = bytes | Failure


@given(st.lists(st.binary(max_size=8), max_size=8), st.lists(st.integers(1, 5), max_size=20))
def test_lines_are_the_same_however_they_are_cut(parts: list[bytes], cuts: list[int]) -> None:
    lines = [part.replace(b"\n", b"").replace(b"\r", b"") for part in parts]
    stream = b"".join(line + b"\n" for line in lines)
    splitter = LineSplitter(drop_first=False)
    got: list[bytes] = []
    for cut in [*cuts, len(stream)]:
        got += splitter.feed(stream[:cut])
        stream = stream[cut:]
    assert got == lines and splitter.end() == []


def test_the_first_partial_line_is_dropped_and_a_last_one_kept() -> None:
    splitter = LineSplitter(drop_first=True)
    assert splitter.feed(b"rtial") == [] and splitter.feed(b" line\r\nwhole\r\nla") == [b"whole"]
    assert splitter.end() == [b"la"]


def test_a_line_without_an_end_is_cut_and_its_rest_dropped() -> None:
    splitter = LineSplitter(drop_first=False)
    lines = splitter.feed(b"x" * (2 * MAX_LINE_BYTES + 5))
    assert [len(line) for line in lines] == [MAX_LINE_BYTES]
    assert splitter.feed(b"rest of it") == [] and splitter.end() == []
    assert splitter.feed(b"more\nwhole\n") == [b"whole"]


class Log:
    """What a test feeds into the followed stream, allocation by allocation."""

    def __init__(self) -> None:
        self.pieces: dict[str, asyncio.Queue[Piece | None]] = {}
        self.opened: list[str] = []

    def queue(self, allocation: str) -> asyncio.Queue[Piece | None]:
        return self.pieces.setdefault(allocation, asyncio.Queue())

    async def open(self, target: TailTarget) -> AsyncIterator[Piece]:
        self.opened.append(target.allocation_id)
        while (piece := await self.queue(target.allocation_id).get()) is not None:
            yield piece


class Messages:
    """A sink that keeps what was sent."""

    def __init__(self) -> None:
        self.lines: list[LogLines] = []

    async def send(self, message: ToConsole) -> None:
        assert isinstance(message, LogLines)
        self.lines.append(message)

    @property
    def texts(self) -> list[str]:
        return [line for message in self.lines for line in message.lines]

    @property
    def states(self) -> list[TailState]:
        return [message.state for message in self.lines]


class Following:
    """A running tail with its log, its sink and the allocation of the moment."""

    def __init__(self, allocation: str | Failure = "alloc-1", secret: str = "") -> None:
        self.log, self.sink, self.allocation = Log(), Messages(), allocation
        redactor = Redactor()
        if secret:
            redactor.learn(Secret(secret))
        self.tail = Tail(
            Follow(instance="a", task="core"),
            open_tail=self.log.open,
            allocation=lambda: self.allocation,
            clean=Cleaner(redactor),
            sink=self.sink,
            random=Random(1),
            sleep=lambda seconds: asyncio.sleep(0.001),
        )

    async def __aenter__(self) -> Following:
        self.task = asyncio.create_task(self.tail.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def test_lines_arrive_clean_and_whole() -> None:
    async with Following(secret="hunter2-hunter2") as follow:
        queue = follow.log.queue("alloc-1")
        for piece in (b"cut off\nok \xc3", b"\xa9 \x1b[2J\npassword is hunter2-hunter2\n"):
            queue.put_nowait(piece)
        await until(lambda: len(follow.sink.texts) == 2)
        assert follow.sink.lines[0].reset and follow.sink.lines[0].state is TailState.OPENING
        assert follow.sink.texts[0] == "ok é ␛[2J"
        assert "hunter2" not in follow.sink.texts[1]


async def test_a_flood_is_bounded_counted_and_the_newest_win() -> None:
    async with Following() as follow:
        flood = b"partial\n" + b"".join(b"%d\n" % number for number in range(5 * LINES_PER_MESSAGE))
        follow.log.queue("alloc-1").put_nowait(flood)
        await until(lambda: f"{5 * LINES_PER_MESSAGE - 1}" in follow.sink.texts)
        assert max(len(message.lines) for message in follow.sink.lines) <= LINES_PER_MESSAGE
        told = sum(message.dropped for message in follow.sink.lines) + len(follow.sink.texts)
        assert told == 5 * LINES_PER_MESSAGE


async def test_another_allocation_starts_anew() -> None:
    async with Following() as follow:
        follow.log.queue("alloc-1").put_nowait(b"x\nold\n")
        await until(lambda: "old" in follow.sink.texts)
        follow.allocation = "alloc-2"
        follow.tail.allocations_changed()
        follow.log.queue("alloc-2").put_nowait(b"x\nnew\n")
        await until(lambda: "new" in follow.sink.texts)
        fresh = [message for message in follow.sink.lines if message.allocation_id == "alloc-2"]
        assert fresh[0].reset and follow.log.opened == ["alloc-1", "alloc-2"]


async def test_a_failure_is_said_and_the_tail_comes_back() -> None:
    async with Following() as follow:
        follow.log.queue("alloc-1").put_nowait(failure(FailureKind.RESET))
        await until(lambda: TailState.FAILED in follow.sink.states)
        follow.log.queue("alloc-1").put_nowait(b"x\nback\n")
        await until(lambda: "back" in follow.sink.texts)


async def test_the_end_of_the_log_is_said_with_its_last_line() -> None:
    async with Following() as follow:
        follow.log.queue("alloc-1").put_nowait(b"x\nlast words")
        follow.log.queue("alloc-1").put_nowait(None)
        await until(lambda: TailState.ENDED in follow.sink.states)
        assert "last words" in follow.sink.texts


async def test_without_an_allocation_it_says_so_and_waits_for_one() -> None:
    async with Following(allocation="") as follow:
        await until(lambda: TailState.FAILED in follow.sink.states)
        assert follow.sink.lines[0].failure is not None and follow.log.opened == []
        follow.allocation = "alloc-1"
        follow.tail.allocations_changed()
        await until(lambda: bool(follow.log.opened))


async def test_allocations_that_nobody_may_see_are_not_called_absent() -> None:
    sealed = Failure(kind=FailureKind.SEALED, detail="Vault is sealed")
    async with Following(sealed) as it:
        await until(lambda: TailState.FAILED in it.sink.states)
        assert it.sink.lines[-1].failure == sealed
        it.allocation = "alloc-2"
        it.tail.allocations_changed()
        it.log.queue("alloc-2").put_nowait(b"\nhello\n")
        await until(lambda: "hello" in it.sink.texts)


async def test_an_empty_log_is_live_and_keeps_its_first_whole_line() -> None:
    async with Following() as follow:
        follow.log.queue("alloc-1").put_nowait(b"")
        await until(lambda: TailState.LIVE in follow.sink.states)
        assert follow.sink.texts == []
        follow.log.queue("alloc-1").put_nowait(b"\nfirst\n")
        await until(lambda: follow.sink.texts == ["first"])
