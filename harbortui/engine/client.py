"""The console's end of the engine: commands out, messages in, and a new engine when the old one dies."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

from harbortui.engine.frames import FrameError, console_reader, encode_frame
from harbortui.engine.launch import EngineEnd
from harbortui.engine.messages import EngineNote, Focus, Follow, Look, Message, Shutdown, ToConsole, ToEngine, Unfollow

READ_BYTES = 262_144
SEND_BUFFER_BYTES = 262_144
"""Commands waiting for an engine that does not read; beyond it they are dropped, because it is not listening."""
RESTART_FIRST = 1.0
RESTART_MOST = 60.0
"""Seconds between two starts of an engine that keeps dying; doubled each time."""
HEALTHY_AFTER = 30.0
"""Seconds an engine must have lived for the back-off to begin anew."""
SHUTDOWN_GRACE = 0.8
TERM_GRACE = 0.4

Sleep = Callable[[float], Awaitable[None]]


class EngineClient:
    """Owns one engine process at a time.

    ``messages`` does not end when an engine dies: it says so in an EngineNote, starts another with back-off and
    repeats the last Focus, Follow and Look to it.
    """

    def __init__(
        self,
        end: EngineEnd,
        respawn: Callable[[], EngineEnd],
        *,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._end: EngineEnd | None = end
        self._respawn = respawn
        self._sleep = sleep
        self._clock = clock
        self._writer: asyncio.StreamWriter | None = None
        self._unsent: list[ToEngine] = []
        self._focus: Focus | None = None
        self._follow: Follow | None = None
        self._look: Look | None = None
        self._closed = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """The engine's process id; None while there is none."""
        return None if self._end is None else self._end.pid

    def send(self, message: ToEngine) -> None:
        """Hand one command to the engine; never blocks or raises, and is lost with an engine that is gone."""
        if isinstance(message, Focus):
            self._focus = message
        elif isinstance(message, Follow):
            self._follow = message
        elif isinstance(message, Unfollow):
            self._follow = None
        elif isinstance(message, Look):
            self._look = message
        if self._writer is not None:
            self._write(self._writer, message)
        elif not isinstance(message, (Focus, Follow, Unfollow, Look)):
            self._unsent = [*self._unsent[-15:], message]

    async def messages(self) -> AsyncIterator[ToConsole]:
        """Everything the engines say, until ``close``."""
        delay = RESTART_FIRST
        while not self._closed.is_set():
            end = self._end
            started = self._now()
            if end is not None:
                async for message in self._from_engine(end):
                    yield message
                self._end = None
                reason = await asyncio.to_thread(_reap, end.pid, TERM_GRACE)
                if self._closed.is_set():
                    return
                yield EngineNote(text=f"the engine {reason}; starting it again", restarted=True)
            if self._now() - started >= HEALTHY_AFTER:
                delay = RESTART_FIRST
            await self._sleep(delay)
            delay = min(delay * 2, RESTART_MOST)
            if self._closed.is_set():
                return
            try:
                self._end = await asyncio.to_thread(self._respawn)
            except OSError as error:
                yield EngineNote(
                    text=f"the engine cannot be started ({error.strerror or type(error).__name__})", fatal=True
                )

    async def close(self) -> None:
        """End the engine: ask, then SIGTERM, then SIGKILL, in at most about 1.5 s; safe to call twice."""
        self._closed.set()
        end = self._end
        if end is None:
            return
        if self._writer is not None:
            self._write(self._writer, Shutdown())
            self._writer.close()
        else:
            end.sock.close()
        await asyncio.to_thread(_reap, end.pid, SHUTDOWN_GRACE)
        self._end = None

    def kill(self) -> None:
        """The same without waiting, for a signal handler's path: the engine ends by itself when its socket does."""
        self._closed.set()
        if self._end is None:
            return
        with suppress(OSError):
            self._end.sock.shutdown(socket.SHUT_RDWR)
        with suppress(ProcessLookupError):
            os.kill(self._end.pid, signal.SIGTERM)

    def _now(self) -> float:
        return asyncio.get_running_loop().time() if self._clock is None else self._clock()

    async def _from_engine(self, end: EngineEnd) -> AsyncIterator[ToConsole]:
        try:
            end.sock.setblocking(False)
            reader, writer = await asyncio.open_unix_connection(sock=end.sock)
        except OSError:
            return
        self._writer = writer
        self._repeat_wishes(writer)
        frames = console_reader()
        try:
            while data := await reader.read(READ_BYTES):
                for message in frames.feed(data):
                    yield message
        except (FrameError, OSError):
            # An engine that writes nonsense is as good as dead: its end is closed below and it ends of that.
            return
        finally:
            self._writer = None
            writer.close()

    def _repeat_wishes(self, writer: asyncio.StreamWriter) -> None:
        wishes: tuple[ToEngine | None, ...] = (self._focus, self._follow, self._look, *self._unsent)
        self._unsent = []
        for wish in wishes:
            if wish is not None:
                self._write(writer, wish)

    def _write(self, writer: asyncio.StreamWriter, message: Message) -> None:
        transport = writer.transport
        if not transport.is_closing() and transport.get_write_buffer_size() < SEND_BUFFER_BYTES:
            writer.write(encode_frame(message))


def _reap(pid: int, grace: float) -> str:
    """Wait for the process, with SIGTERM and then SIGKILL when it takes too long; how it ended, in words."""
    for wait, then in ((grace, signal.SIGTERM), (TERM_GRACE, signal.SIGKILL), (TERM_GRACE, None)):
        status = _wait(pid, wait)
        if status is not None:
            return status
        if then is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, then)
    return "does not end"


def _wait(pid: int, seconds: float) -> str | None:
    import time

    deadline = time.monotonic() + seconds
    pause = 0.002
    while True:
        try:
            ended, status = os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            return "ended"
        if ended:
            code = os.waitstatus_to_exitcode(status)
            return f"was ended by signal {-code}" if code < 0 else f"ended with status {code}"
        if time.monotonic() >= deadline:
            return None
        time.sleep(pause)
        pause = min(pause * 2, 0.05)
