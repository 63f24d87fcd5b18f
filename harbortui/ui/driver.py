"""Our half of Textual's Linux driver: input that sleeps until a key comes, output that says how far it is behind.

``textual.drivers.linux_driver.LinuxDriver.run_input_thread`` (8.2.8) wakes ten times a second for ever, which is all
the CPU that an idle console uses, and reads at full speed from a terminal that is gone. Textual is pinned because of
this file too; its tests fail when the internals move.
"""

from __future__ import annotations

import os
import selectors
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from threading import Event
from typing import TYPE_CHECKING

from textual._parser import ParseError
from textual._time import get_time
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from textual.app import App
    from textual.message import Message

READ_BYTES = 4096
FALLBACK_PAUSE = 0.1
"""Seconds between two looks where a lone escape's end cannot be foreseen, and after an end of input that was none."""


class WakingEvent(Event):
    """An event that also makes a descriptor readable, so that a thread in ``select`` sees it at once."""

    def __init__(self) -> None:
        """Raises OSError when there is no descriptor left."""
        super().__init__()
        self.reader, self._writer = os.pipe()
        os.set_blocking(self.reader, False)
        os.set_blocking(self._writer, False)

    def set(self) -> None:
        """Set it and wake who waits."""
        super().set()
        with suppress(OSError):
            os.write(self._writer, b"\0")

    def clear(self) -> None:
        """Make it ready for the next time."""
        with suppress(OSError):
            while os.read(self.reader, READ_BYTES):
                pass
        super().clear()


class SleepingDriver(LinuxDriver):
    """A Linux driver that wakes for keys and for nothing else."""

    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        # Without a descriptor to spare Textual's own way of waiting is kept.
        with suppress(OSError):
            self.exit_event = WakingEvent()

    @property
    def backlog(self) -> int:
        """Writes that the terminal has not taken yet."""
        return 0 if self._writer_thread is None else self._writer_thread._queue.qsize()

    def run_input_thread(self) -> None:
        """Hand on what is typed until the driver stops."""
        stop = self.exit_event
        if not isinstance(stop, WakingEvent):
            super().run_input_thread()
            return
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")().decode
        with _selector(self.fileno, stop.reader) as selector:
            while not stop.is_set():
                ready = {key.fd for key, _ in selector.select(_patience(parser))}
                if self.fileno in ready:
                    data = os.read(self.fileno, READ_BYTES)
                    if not data and self._ended(stop):
                        break
                    text = decode(data)
                    # An empty text would tell the parser that this is the end.
                    self._hand_on(parser.feed(text) if text else ())
                self._hand_on(parser.tick())
        with suppress(EOFError, ParseError):
            for _ in parser.feed(""):
                pass

    def _hand_on(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.process_message(message)

    def _ended(self, stop: Event) -> bool:
        """True when the terminal is gone: the guard does the rest. Another program's end of file is none of ours."""
        if not os.isatty(self.fileno):
            return True
        stop.wait(FALLBACK_PAUSE)
        return False


@contextmanager
def _selector(*descriptors: int) -> Iterator[selectors.BaseSelector]:
    # Select and not poll, because some systems cannot poll terminals; descriptors are low this early.
    with selectors.SelectSelector() as selector:
        for each in descriptors:
            selector.register(each, selectors.EVENT_READ)
        yield selector


def _patience(parser: XTermParser) -> float | None:
    """Seconds until a lone escape counts as the key; None while nothing is half read."""
    try:
        until = parser._timeout_time
    except AttributeError:
        return FALLBACK_PAUSE
    return None if until is None else max(0.0, until - get_time())
