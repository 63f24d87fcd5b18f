"""Input without polling: keys, a lone escape, the end of the driver, and a terminal that says it has ended."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import threading
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual import constants
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key
from textual.message import Message

from harbortui.ui import driver as module
from harbortui.ui.driver import SleepingDriver, WakingEvent

DEADLINE = 20.0


@pytest.fixture(autouse=True)
def own_signals() -> Iterator[None]:
    """A driver takes the signals of suspending when it is made."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTSTP, signal.SIGCONT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class Listening(SleepingDriver):
    """Keeps what it would hand to the app; reads from a descriptor of the test's."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(App())
        self.fileno = descriptor
        self.heard: list[Message] = []

    def process_message(self, message: Message) -> None:
        self.heard.append(message)

    @property
    def keys(self) -> list[str]:
        return [each.key for each in self.heard if isinstance(each, Key)]

    def start(self) -> None:
        self._key_thread = threading.Thread(target=self.run_input_thread, daemon=True)
        self._key_thread.start()

    def until(self, *keys: str) -> None:
        end = time.monotonic() + DEADLINE
        while self.keys != list(keys):
            assert time.monotonic() < end, self.keys
            time.sleep(0.005)

    def stop(self) -> None:
        self.exit_event.set()
        assert self._key_thread is not None
        self._key_thread.join(DEADLINE)
        assert not self._key_thread.is_alive()


@pytest.fixture
def terminal() -> Iterator[tuple[int, Listening]]:
    async def made() -> Listening:
        return Listening(slave)

    master, slave = os.openpty()
    os.set_blocking(master, False)
    tty.setraw(slave)
    listening = asyncio.run(made())
    yield master, listening
    if listening._key_thread is not None and listening._key_thread.is_alive():
        listening.stop()
    for each in (master, slave):
        os.close(each)


def test_keys_arrive_and_the_thread_ends_at_once(terminal: tuple[int, Listening]) -> None:
    master, listening = terminal
    listening.start()
    os.write(master, "jé".encode())
    listening.until("j", "é")
    listening.stop()
    listening.exit_event.clear()
    assert not listening.exit_event.is_set()
    listening.start()
    os.write(master, b"k")
    listening.until("j", "é", "k")


def test_a_lone_escape_is_a_key_without_another_byte(terminal: tuple[int, Listening]) -> None:
    master, listening = terminal
    listening.start()
    os.write(master, b"\x1b")
    listening.until("escape")


def test_a_character_that_comes_in_two_pieces_is_one_key(terminal: tuple[int, Listening]) -> None:
    master, listening = terminal
    listening.start()
    os.write(master, "é".encode()[:1])
    os.write(master, "é".encode()[1:])
    listening.until("é")


def test_another_programs_end_of_file_is_no_end_and_does_not_spin(
    terminal: tuple[int, Listening], monkeypatch: pytest.MonkeyPatch
) -> None:
    master, listening = terminal
    ends = iter([b"", b""])
    calls: list[int] = []

    def read(descriptor: int, size: int) -> bytes:
        calls.append(descriptor)
        return next(ends, None) or os_read(descriptor, size)

    os_read = os.read
    monkeypatch.setattr(module.os, "read", read)
    os.write(master, b"j")
    listening.start()
    listening.until("j")
    assert len([each for each in calls if each == listening.fileno]) <= 3


def test_a_terminal_that_is_gone_ends_the_thread(tmp_path: Path) -> None:
    async def made() -> Listening:
        return Listening(reader)

    reader, writer = os.pipe()
    listening = asyncio.run(made())
    os.close(writer)
    listening.start()
    assert listening._key_thread is not None
    listening._key_thread.join(DEADLINE)
    assert not listening._key_thread.is_alive()
    os.close(reader)


def test_without_a_descriptor_to_spare_it_waits_as_textual_does(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left() -> tuple[int, int]:
        raise OSError(24, "Too many open files")

    used: list[SleepingDriver] = []
    monkeypatch.setattr(module.os, "pipe", none_left)
    monkeypatch.setattr(LinuxDriver, "run_input_thread", lambda self: used.append(self))

    async def made() -> SleepingDriver:
        return SleepingDriver(App())

    driver = asyncio.run(made())
    assert not isinstance(driver.exit_event, WakingEvent)
    driver.run_input_thread()
    assert used == [driver]


def test_an_event_wakes_a_select_and_can_be_used_again() -> None:
    event = WakingEvent()
    for _ in range(2):
        assert select.select([event.reader], [], [], 0)[0] == []
        event.set()
        event.set()
        assert event.is_set() and select.select([event.reader], [], [], 0)[0] == [event.reader]
        event.clear()
        assert not event.is_set()


def test_what_is_used_of_textuals_insides_is_still_there() -> None:
    assert "_timeout_time" in vars(XTermParser())
    assert constants.ESCAPE_DELAY > 0
    assert "exit_event" in LinuxDriver.disable_input.__code__.co_names
