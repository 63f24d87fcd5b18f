"""``harbortui doctor``: asks once, judges, prints; stdout is the report, the exit code its verdict."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from harbortui.cli import headless
from harbortui.cli.exits import ExitCode
from harbortui.probes.result import Level, Role

if TYPE_CHECKING:
    from harbortui.cli.arguments import Arguments
    from harbortui.config.settings import Settings
    from harbortui.probes.learned import Learned

EXITS = {
    Level.OK: ExitCode.OK,
    Level.NOTE: ExitCode.OK,
    Level.WARNING: ExitCode.WARNING,
    Level.MISSING: ExitCode.CRITICAL,
}


def run(settings: Settings, args: Arguments) -> int:
    """Ask everything within the time given, print the report in the format asked for; the exit code."""
    from harbortui.cli.doctor_formats import as_json, as_text
    from harbortui.probes.doctor import report

    learned = headless.run(_learn(settings, args))
    if learned is None:
        return ExitCode.MISUSED
    told = report(settings, learned, Role(args.role), uid=os.geteuid())
    if args.format == "json":
        sys.stdout.write(as_json(told, simulated=settings.fleet.simulated))
    else:
        sys.stdout.write(as_text(told, every_grant=args.grants, simulated=settings.fleet.simulated))
    return EXITS[told.level]


async def _learn(settings: Settings, args: Arguments) -> Learned | None:
    from harbortui.probes.ask import ask

    try:
        return await ask(settings, password=args.vault_password, wall=time.time, timeout=args.timeout)
    except ValueError as error:
        print(f"harbortui: {error}", file=sys.stderr)
        return None
