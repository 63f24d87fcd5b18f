"""``harbortui``: the console. Forks the engine first, then imports Textual, paints, and only then anything else."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, MutableMapping
from typing import TYPE_CHECKING, NamedTuple

from harbortui.cli.exits import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

    from harbortui.cli.arguments import Arguments
    from harbortui.config.settings import Settings
    from harbortui.ui.app import HarborApp
    from harbortui.ui.crash import CrashReporter
    from harbortui.ui.port import EnginePort
    from harbortui.ui.state import Memory
    from harbortui.ui.view import Start

CLOSE_WITHIN = 1.2
"""Seconds the engine's end may take once the terminal is given back."""
SETTLED_AFTER = 10.0
"""Seconds after which the fleet's first data is taken out of garbage collection: of 300 instances it takes 50 ms."""
USELESS_TERMINALS = ("", "dumb", "unknown")


class _Door(NamedTuple):
    """The port and what belongs to it."""

    port: EnginePort
    start: Start
    kill: Callable[[], None]


def run(settings: Settings | None, args: Arguments) -> int:
    """Open the console and return the exit code; ``settings`` may be None with ``args.snapshot`` only."""
    problem = terminal_problem(os.environ)
    if problem:
        return _refuse(problem)
    import gc

    # What is alive at the first paint stays alive: collecting it costs 12 ms there and long pauses later.
    gc.disable()
    prepare_environment(os.environ)
    from harbortui.engine.seclusion import forbid_core_files

    # The engine inherits it; here too the environment and a typed password are in memory.
    forbid_core_files()
    door = _snapshot_door(settings, args) if args.snapshot else _engine_door(settings, args)
    if isinstance(door, str):
        return _refuse(door)
    return _show(door, settings, args)


def terminal_problem(environ: MutableMapping[str, str]) -> str:
    """Why there cannot be a screen here, in one sentence; empty when there can."""
    if not (os.isatty(0) and os.isatty(2)):
        return "the console needs a terminal on stdin and stderr; without one use: harbortui check"
    if environ.get("TERM", "") in USELESS_TERMINALS:
        return f"the console cannot draw on TERM={environ.get('TERM', '')!r}; set TERM, or use: harbortui check"
    return ""


def prepare_environment(environ: MutableMapping[str, str]) -> None:
    """What Textual reads at its import; over SSH fewer frames, so that a held key does not fill the line."""
    environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    environ.setdefault("ESCDELAY", "50")
    if environ.get("SSH_CONNECTION"):
        environ.setdefault("TEXTUAL_FPS", "30")
    from harbortui.ui.theme_depth import tell_textual

    tell_textual(environ)


def _refuse(why: str) -> int:
    print(f"harbortui: {why}", file=sys.stderr)
    return ExitCode.USAGE


def _engine_door(settings: Settings | None, args: Arguments) -> _Door | str:
    if settings is None:
        return "there is no configuration"
    from harbortui.engine.launch import fork_engine

    try:
        end = fork_engine(settings, args.vault_password)
    except OSError as error:
        return f"the engine cannot be started: {error.strerror}"
    from harbortui.cli.engine_port import ClientPort
    from harbortui.ui.view import Start

    port = ClientPort(end, settings, args.vault_password)
    fleet = settings.fleet
    names = tuple(each.name for each in settings.instances)
    start = Start(fleet.name, names, fleet.simulated, fleet.production, args.instance or "", settings.ui.timezone)
    return _Door(port, start, port.kill)


def _snapshot_door(settings: Settings | None, args: Arguments) -> _Door | str:
    from pathlib import Path

    from harbortui.collect.files import read_snapshot
    from harbortui.config.settings import Thresholds
    from harbortui.diagnose import diagnose
    from harbortui.engine.limits import limits_of
    from harbortui.model.failure import Failure
    from harbortui.ui.port import SnapshotPort
    from harbortui.ui.view import Start

    snapshot = read_snapshot(Path(args.snapshot or ""))
    if isinstance(snapshot, Failure):
        return f"{args.snapshot}: {snapshot.detail}"
    thresholds = settings.thresholds if settings is not None else Thresholds()
    verdict = diagnose(snapshot, now=snapshot.taken_at, limits=limits_of(thresholds))
    names = tuple(each.name for each in snapshot.instances)
    production = any(each.target.production for each in snapshot.instances)
    zone = settings.ui.timezone if settings is not None else "UTC"
    start = Start(snapshot.fleet, names, production=production, instance=args.instance or "", timezone=zone)
    return _Door(SnapshotPort(snapshot, verdict), start, lambda: None)


def _show(door: _Door, settings: Settings | None, args: Arguments) -> int:
    import asyncio
    import gc
    import time
    from functools import partial

    from harbortui.cli.keys import keymap
    from harbortui.cli.theme_start import first_theme
    from harbortui.config.errors import ConfigError
    from harbortui.config.load import Places
    from harbortui.ui import symbols
    from harbortui.ui.app import HarborApp
    from harbortui.ui.themes import ThemeError

    try:
        start = door.start._replace(keymap=keymap(settings))
    except ConfigError as error:
        door.kill()
        return _refuse("\nharbortui: ".join(map(str, error.problems)))
    try:
        first = first_theme(args, settings, os.environ, Places.usual(), _state_directory())
    except (ThemeError, FileNotFoundError) as error:
        door.kill()
        return _refuse(str(error))

    def settled() -> None:
        gc.collect()
        gc.freeze()

    def painted() -> None:
        gc.freeze()
        gc.enable()
        asyncio.get_running_loop().call_later(SETTLED_AFTER, settled)

    reporter = _reporter()
    app = HarborApp(
        start,
        door.port,
        theme=first.theme,
        shelf=first.shelf,
        symbols=symbols.choose(os.environ),
        clock=time.time,
        on_crash=reporter,
        on_painted=painted,
        memory=partial(_memory, settings, args),
    )
    app.view.hint = first.problem
    mouse = args.mouse or (settings.ui.mouse if settings is not None else False)
    reporter.install()
    code = asyncio.run(_drive(app, door, mouse=mouse, reporter=reporter))
    if reporter.line:
        print(reporter.line, file=sys.stderr)
    return code


def _memory(settings: Settings | None, args: Arguments) -> Memory | None:
    """Where the last view is kept; nowhere for what is no fleet of its own: a demo, a snapshot."""
    if settings is None or args.snapshot or settings.fleet.simulated or not settings.ui.restore:
        return None
    import platformdirs

    from harbortui.ui.state import Memory, fleet_key

    key = fleet_key(settings.fleet.name, ((each.name, each.url) for each in settings.instances))
    return Memory(platformdirs.user_state_path("harbortui", appauthor=False) / "views", key, fresh=args.fresh)


async def _drive(app: HarborApp, door: _Door, *, mouse: bool, reporter: CrashReporter) -> int:
    """Run the app under the guard; the engine ends after the terminal is given back."""
    import asyncio
    from contextlib import suppress

    from harbortui.ui.guard import TerminalGuard

    loop = asyncio.get_running_loop()

    def on_loop_error(_loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            reporter(error)

    def end(code: int) -> None:
        loop.call_soon_threadsafe(lambda: app.exit(return_code=code))

    loop.set_exception_handler(on_loop_error)
    guard = TerminalGuard(end, at_force=door.kill)
    guard.start()
    try:
        await app.run_async(mouse=mouse)
        with suppress(TimeoutError):
            await asyncio.wait_for(door.port.aclose(), CLOSE_WITHIN)
    finally:
        guard.close()
    if not os.isatty(0):
        _let_go_of_the_terminal()
        return ExitCode.HANGUP
    if app.crashed:
        return ExitCode.FAILED
    return app.return_code or ExitCode.OK


def _let_go_of_the_terminal() -> None:
    """Whatever is still printed or flushed on the way out must not fail because the terminal is gone."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)


def _reporter() -> CrashReporter:
    from harbortui import __version__
    from harbortui.ui.crash import CrashReporter

    return CrashReporter(_crash_directory, _redact, _stamp, version=__version__)


def _state_directory() -> Path:
    import platformdirs

    return platformdirs.user_state_path("harbortui")


def _crash_directory() -> Path:
    return _state_directory() / "crashes"


def _redact(text: str) -> str:
    from harbortui.model.redact import Cleaner, Redactor

    return Cleaner(Redactor())(text)


def _stamp() -> str:
    import time

    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
