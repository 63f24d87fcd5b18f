"""The engine as a process: first message, commands, death and restart, a clean end, nothing on the terminal."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harbortui.config.settings import FleetSettings, InstanceSettings, Settings
from harbortui.engine.client import EngineClient
from harbortui.engine.launch import EngineEnd, respawn_engine
from harbortui.engine.messages import (
    Delta,
    EngineNote,
    FullSnapshot,
    Look,
    Looked,
    Refresh,
    ToConsole,
    facet_of,
)
from harbortui.engine.mirror import SnapshotMirror
from harbortui.model.asked import Query, Topic
from harbortui.model.failure import FailureKind
from tests.collect.fakes import until

DEADLINE = 30.0


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The engine's files go to this test's own directory."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def settings() -> Settings:
    """An instance that refuses connections: port 9 (discard) has no server here."""
    return Settings(
        fleet=FleetSettings(name="test"),
        instances=(InstanceSettings(name="harbor-x", url="http://127.0.0.1:9", job="harbor-x"),),
    )


class Counting:
    """Starts engines, and counts how often."""

    def __init__(self) -> None:
        self.started: list[int] = []

    def __call__(self) -> EngineEnd:
        end = respawn_engine(settings())
        self.started.append(end.pid)
        return end


async def no_sleep(_: float) -> None:
    await asyncio.sleep(0)


async def until_refused(messages: AsyncIterator[ToConsole], mirror: SnapshotMirror) -> list[ToConsole]:
    """Read until the health facet says that the connection was refused."""
    seen: list[ToConsole] = []
    async with asyncio.timeout(DEADLINE):
        async for message in messages:
            seen.append(message)
            if isinstance(message, FullSnapshot | Delta):
                failure = mirror.apply(message).instances[0].health.failure
                if failure is not None and failure.kind is FailureKind.REFUSED:
                    break
    return seen


async def test_the_first_message_is_the_whole_snapshot_and_deltas_follow() -> None:
    start = Counting()
    client = EngineClient(start(), start)
    seen = await until_refused(client.messages(), SnapshotMirror())
    assert isinstance(seen[0], FullSnapshot)
    assert [each.name for each in seen[0].snapshot.instances] == ["harbor-x"]
    await client.close()
    assert not is_alive(start.started[0])


async def test_a_killed_engine_is_said_and_started_again() -> None:
    start = Counting()
    client = EngineClient(start(), start, sleep=no_sleep)
    messages = client.messages()
    await until_refused(messages, SnapshotMirror())
    os.kill(start.started[0], signal.SIGKILL)
    seen = await until_refused(messages, SnapshotMirror())
    notes = [each.text for each in seen if isinstance(each, EngineNote)]
    assert notes and "signal 9" in notes[0]
    assert len(start.started) == 2
    await client.close()
    assert not any(map(is_alive, start.started))


async def test_an_engine_ends_when_the_console_does() -> None:
    end = respawn_engine(settings())
    end.sock.close()
    assert await ended(end.pid) == 0


async def test_sigterm_ends_it_cleanly_and_keyboard_signals_do_not() -> None:
    start = Counting()
    client = EngineClient(start(), start, sleep=no_sleep)
    await until_refused(client.messages(), SnapshotMirror())
    for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGTSTP):
        os.kill(start.started[0], ignored)
    assert is_alive(start.started[0])
    os.kill(start.started[0], signal.SIGTERM)
    assert await ended(start.started[0]) == 0
    await client.close()


async def test_closing_twice_and_sending_afterwards_does_nothing() -> None:
    start = Counting()
    client = EngineClient(start(), start)
    await client.close()
    await client.close()
    client.send(Refresh())
    assert len(start.started) == 1


FORKING = """
    import asyncio, os, sys
    from harbortui.config.settings import FleetSettings, InstanceSettings, Settings
    from harbortui.engine.launch import fork_engine, respawn_engine
    settings = Settings(instances=(InstanceSettings(name="harbor-x", url="http://127.0.0.1:9", job="harbor-x"),))
    end = fork_engine(settings)
    assert "textual" not in sys.modules and "httpx" not in sys.modules
    from harbortui.engine.client import EngineClient
    async def main():
        client = EngineClient(end, lambda: respawn_engine(settings))
        async for message in client.messages():
            print(type(message).__name__)
            break
        fds = [os.readlink(f"/proc/{end.pid}/fd/{fd}") for fd in (0, 1, 2)]
        print(fds == ["/dev/null"] * 3, os.getsid(end.pid) == end.pid)
        await client.close()
    asyncio.run(main())
"""


def test_a_forked_engine_leaves_the_terminal_and_answers() -> None:
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FORKING)], capture_output=True, text=True, timeout=DEADLINE, check=False
    )
    assert run.stdout.split("\n") == ["FullSnapshot", "True True", ""], run.stderr
    assert run.stderr == ""


def test_what_the_fork_needs_is_light() -> None:
    """The console forks before its first paint, so this module must not pull in what the engine needs."""
    code = "import sys; import harbortui.engine.launch; print(*sorted(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=DEADLINE, check=True)
    loaded = run.stdout.split()
    assert not {"asyncio", "ssl", "httpx", "msgspec", "textual"} & set(loaded)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def ended(pid: int) -> int:
    """The exit status, waited for with a deadline."""
    statuses: list[int] = []

    def has_ended() -> bool:
        gone, status = os.waitpid(pid, os.WNOHANG)
        if gone:
            statuses.append(os.waitstatus_to_exitcode(status))
        return bool(statuses)

    await until(has_ended, DEADLINE)
    return statuses[0]


async def test_what_was_looked_at_is_looked_at_again_by_the_next_engine() -> None:
    start = Counting()
    client = EngineClient(start(), start, sleep=no_sleep)
    query = Query(topic=Topic.JOB_SERVICE, instance="harbor-x")
    client.send(Look(queries=(query,)))
    told = 0
    async with asyncio.timeout(DEADLINE):
        async for message in client.messages():
            if not isinstance(message, Looked):
                continue
            assert message.query == query and facet_of(message).failure is not None
            told += 1
            if told == 1:
                os.kill(start.started[0], signal.SIGKILL)
            elif len(start.started) == 2:
                break
    await client.close()
