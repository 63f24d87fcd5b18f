"""``harbortui check``: one collection without a screen; stdout is data only, the exit code is the verdict."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from harbortui.cli import headless
from harbortui.cli.exits import ExitCode
from harbortui.model.finding import State

if TYPE_CHECKING:
    from harbortui.cli.arguments import Arguments
    from harbortui.collect.history.read import History
    from harbortui.config.settings import Settings
    from harbortui.model.finding import Verdict
    from harbortui.model.snapshot import Snapshot

EXITS = {
    State.OK: ExitCode.OK,
    State.WARNING: ExitCode.WARNING,
    State.CRITICAL: ExitCode.CRITICAL,
    State.UNKNOWN: ExitCode.UNKNOWN,
}


def run(settings: Settings, args: Arguments) -> int:
    """Collect once, print the verdict in the format asked for, save the snapshot if asked to; the exit code."""
    from harbortui.cli.check_formats import FORMATS
    from harbortui.cli.recording import record

    taken = headless.run(_collect(settings, args))
    if taken is None:
        return ExitCode.UNKNOWN
    snapshot, verdict = taken
    code = EXITS[verdict.state]
    if args.save is not None and not _save(Path(args.save), snapshot):
        code = ExitCode.UNKNOWN
    if args.record and not record(settings, snapshot):
        code = ExitCode.UNKNOWN
    sys.stdout.write(FORMATS[args.format](snapshot, verdict))
    return code


async def _collect(settings: Settings, args: Arguments) -> tuple[Snapshot, Verdict] | None:

    from harbortui.collect.collector import Clocks
    from harbortui.collect.wiring import wire
    from harbortui.engine.engine import Engine
    from harbortui.engine.limits import limits_of

    try:
        fleet = wire(settings, vault_password=args.vault_password, wall=time.time)
    except ValueError as error:
        _say(str(error))
        return None
    engine = Engine(
        fleet,
        limits=limits_of(settings.thresholds),
        clocks=Clocks(wall=time.time, steady=time.monotonic),
        random=Random(),
        history=lambda: _history(settings),
        report=headless.tell_bug,
    )
    return await engine.once(args.timeout)


def _history(settings: Settings) -> History | None:
    from harbortui.collect.history.read import history_of

    return history_of(settings, time.time)


def _save(path: Path, snapshot: Snapshot) -> bool:
    from harbortui.collect.files import write_snapshot

    failure = write_snapshot(path, snapshot, written_at=snapshot.taken_at)
    if failure is not None:
        _say(failure.detail)
    return failure is None


def _say(text: str) -> None:
    print(f"harbortui: {text}", file=sys.stderr)
