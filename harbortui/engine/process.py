"""The engine's process: from the fork to its end."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import time
from random import Random
from typing import TYPE_CHECKING

from harbortui.engine import seclusion
from harbortui.engine.handover import Handover

if TYPE_CHECKING:
    from harbortui.collect.fleet import Fleet
    from harbortui.collect.history.read import History
    from harbortui.collect.history.recorder import Recorder
    from harbortui.config.settings import Settings

CONSOLE_CHECK = 5.0
"""Seconds between two looks whether the console still is our parent: its socket can be held open by others."""
SETTLED_AFTER = 10.0
"""Seconds after which what start-up and the first round made is taken out of garbage collection for good."""


def serve(connection: socket.socket, handover: Handover, console_pid: int) -> int:
    """Be the engine of the console at the other end of ``connection``; the exit status when it ends."""
    gc.disable()
    seclusion.leave_terminal()
    seclusion.be_nice()
    seclusion.forbid_core_files()
    from harbortui.collect.loop import run

    run(_serve(connection, handover, console_pid))
    return 0


async def _serve(connection: socket.socket, handover: Handover, console_pid: int) -> None:
    from harbortui.collect.cache import SnapshotCache, state_directory
    from harbortui.collect.collector import Clocks
    from harbortui.collect.wiring import wire
    from harbortui.engine.crash import CrashReports
    from harbortui.engine.engine import Engine
    from harbortui.engine.limits import limits_of
    from harbortui.engine.link import SocketLink
    from harbortui.engine.messages import EngineNote
    from harbortui.model.text import safe_text

    link = await SocketLink.over(connection)
    clocks = Clocks(wall=time.time, steady=time.monotonic)
    try:
        fleet: Fleet = wire(handover.settings, vault_password=handover.vault_password, wall=clocks.wall)
    except ValueError as error:
        await link.send(EngineNote(text=safe_text(f"the configuration cannot be used: {error}"), fatal=True))
        await link.close()
        return
    # Collecting what imports made costs a part of the time to the first data.
    gc.freeze()
    gc.enable()
    state = state_directory()
    reports = CrashReports(state / "crashes", fleet.clean, clocks.wall)
    engine = Engine(
        fleet,
        limits=limits_of(handover.settings.thresholds),
        clocks=clocks,
        random=Random(),
        cache=SnapshotCache(state / "last", fleet.snapshot),
        records=lambda: _recorder(handover.settings),
        history=lambda: _history(handover.settings),
        report=reports.write,
    )
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: _report_loop(engine.report_bug, context))
    running = asyncio.create_task(engine.run(link, link.commands()))
    loop.add_signal_handler(signal.SIGTERM, running.cancel)
    guards = [asyncio.create_task(_end_with(console_pid, running)), asyncio.create_task(_settle())]
    try:
        await running
    except asyncio.CancelledError:
        pass
    except Exception as error:  # noqa: BLE001 - the last place where a fault of the engine can be written down
        reports.write(error)
    finally:
        for guard in guards:
            guard.cancel()
        await link.close()


def _recorder(settings: Settings) -> Recorder | None:
    """What keeps the history; imported in its thread, and only where there is something to keep."""
    from harbortui.collect.history.place import place_for

    place = place_for(settings)
    if place is None:
        return None
    from harbortui.collect.history.recorder import Recorder

    return Recorder(place, time.time)


def _history(settings: Settings) -> History | None:
    """What reads it; imported in its thread too, and only where there is something to read."""
    from harbortui.collect.history.place import place_for

    place = place_for(settings)
    if place is None:
        return None
    from harbortui.collect.history.read import History

    return History(place, time.time)


async def _end_with(console_pid: int, running: asyncio.Task[None]) -> None:
    while os.getppid() == console_pid:  # noqa: ASYNC110 - the kernel sends no event for this
        await asyncio.sleep(CONSOLE_CHECK)
    running.cancel()


async def _settle() -> None:
    seclusion.keep_memory_private()
    seclusion.share_one_arena()
    await asyncio.sleep(SETTLED_AFTER)
    gc.collect()
    seclusion.give_memory_back()
    gc.freeze()


def _report_loop(report: object, context: dict[str, object]) -> None:
    error = context.get("exception")
    if isinstance(error, Exception) and callable(report):
        report(error)
