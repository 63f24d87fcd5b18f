"""From the command line to the command: reads the arguments and the configuration, imports the command, runs it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from harbortui.cli.arguments import Arguments, parse
from harbortui.cli.exits import ExitCode
from harbortui.cli.signs import spell_out

if TYPE_CHECKING:
    from harbortui.config.load import Places
    from harbortui.config.settings import Settings


def main(argv: Sequence[str] | None = None, *, places: Places | None = None) -> int:
    """Run one command and return its exit code. ``places`` is for tests."""
    spell_out()
    args = parse(sys.argv[1:] if argv is None else argv)
    try:
        code = _COMMANDS[args.command](args, places)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # Python would complain once more when it flushes stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.PIPE
    except Exception as error:  # noqa: BLE001 - a traceback could show a secret, and check promises 3 for every error
        say(f"internal error: {type(error).__name__} {_place_of(error)}")
        return ExitCode.UNKNOWN if args.command == "check" else ExitCode.FAILED


def say(text: str) -> None:
    """Tell the person something, on stderr; stdout is for data."""
    print(f"harbortui: {text}", file=sys.stderr)


def _place_of(error: BaseException) -> str:
    """Where an error was raised, without its message, which may quote outside text or a secret."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"in {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"


def _settings(args: Arguments, places: Places | None) -> Settings | None:
    """The settings, or None after saying what is wrong with them."""
    from harbortui.config.errors import ConfigError, NoConfig
    from harbortui.config.load import load

    try:
        settings = load(config=args.config, flags=args.flags(), places=places)
        return (
            settings.only(args.instance)
            if args.instance and args.command in ("check", "doctor", "usage", "history")
            else _known(settings, args)
        )
    except NoConfig as error:
        say("there is no configuration yet.\n\n" + _how_to_start(error.places))
    except ConfigError as error:
        for problem in error.problems:
            say(str(problem))
    return None


def _known(settings: Settings, args: Arguments) -> Settings:
    """The same settings; raises when they lack the instance that was asked for."""
    if args.instance:
        settings.only(args.instance)
    return settings


def _how_to_start(places: Sequence[str]) -> str:
    looked = "\n".join(f"    {place}" for place in places)
    return f"""\
  To look around on a simulated fleet:
    harbortui demo

  For your own fleet, let it be found in Nomad:
    harbortui init

  or write a file at the first of these places, or name one with --config FILE:
{looked}

  The least it needs:
    [[instance]]
    name = "my-harbor"
    url = "https://harbor.example.org"
"""


def _console(args: Arguments, places: Places | None) -> int:
    if args.snapshot is not None:
        return _console_on_snapshot(args, places)
    settings = _ready(args, places)
    if settings is None:
        return ExitCode.USAGE
    from harbortui.cli import console

    return console.run(settings, args)


def _console_on_snapshot(args: Arguments, places: Places | None) -> int:
    """A snapshot is shown with or without a configuration, which only adds thresholds and looks."""
    from harbortui.config.errors import ConfigError, NoConfig
    from harbortui.config.load import load

    settings = None
    try:
        settings = load(config=args.config, flags=args.flags(), places=places)
    except NoConfig:
        settings = None
    except ConfigError as error:
        say(f"the configuration is not used: {error.problems[0]}")
    from harbortui.cli import console

    return console.run(settings, args)


def _check(args: Arguments, places: Places | None) -> int:
    settings = _ready(args, places)
    if settings is None:
        return ExitCode.UNKNOWN
    from harbortui.cli import check

    return check.run(settings, args)


def _doctor(args: Arguments, places: Places | None) -> int:
    settings = _ready(args, places)
    if settings is None:
        return ExitCode.MISUSED
    from harbortui.cli import doctor

    return doctor.run(settings, args)


def _usage(args: Arguments, places: Places | None) -> int:
    settings = _ready(args, places)
    if settings is None:
        return ExitCode.USAGE
    from harbortui.cli import usage

    return usage.run(settings, args)


def _history(args: Arguments, places: Places | None) -> int:
    settings = _settings(args, places)
    if settings is None:
        return ExitCode.USAGE
    _warn(settings)
    from harbortui.cli import history

    return history.run(settings, args)


def _runbook(args: Arguments, places: Places | None) -> int:
    """Pages can be read without a configuration, which only adds names."""
    from harbortui.config.errors import ConfigError
    from harbortui.config.load import load

    settings = None
    try:
        settings = load(config=args.config, flags=args.flags(), places=places)
        settings = settings.only(args.instance) if args.instance else settings
    except ConfigError as error:
        if args.instance or args.config:
            for problem in error.problems:
                say(str(problem))
            return ExitCode.USAGE
        settings = None
    from harbortui.cli import runbook

    return runbook.run(settings, args)


def _init(args: Arguments, places: Places | None) -> int:
    from harbortui.cli import init

    return init.run(args, places)


def _themes(args: Arguments, places: Places | None) -> int:
    from harbortui.cli import themes

    return themes.run(args, places)


def _demo(args: Arguments, _places: Places | None) -> int:
    from harbortui.cli import demo

    return demo.run(args)


def _config(args: Arguments, places: Places | None) -> int:
    settings = _settings(args, places)
    if settings is None:
        return ExitCode.USAGE
    from harbortui.cli import config_show

    return config_show.run(settings, args)


def _version(_args: Arguments, _places: Places | None) -> int:
    from harbortui import __version__

    print(f"harbortui {__version__}")
    return ExitCode.OK


def _ready(args: Arguments, places: Places | None) -> Settings | None:
    """The settings for a command that asks backends, warnings said and Vault's password asked for; None as above."""
    settings = _settings(args, places)
    if settings is None:
        return None
    _warn(settings)
    vault = settings.vault
    if vault is not None and vault.auth == "userpass" and vault.password is None:
        from harbortui.cli.prompt import ask_vault_password

        args.vault_password = ask_vault_password(vault.username, vault.address)
    return settings


def _warn(settings: Settings) -> None:
    for warning in settings.warnings:
        say(f"warning: {warning}")


_COMMANDS: dict[str, Callable[[Arguments, Places | None], int]] = {
    "console": _console,
    "check": _check,
    "doctor": _doctor,
    "init": _init,
    "usage": _usage,
    "history": _history,
    "themes": _themes,
    "runbook": _runbook,
    "demo": _demo,
    "config": _config,
    "version": _version,
}
