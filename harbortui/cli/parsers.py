"""The parsers of the command line: what each command takes, and what it says of itself."""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING, NoReturn

from harbortui.cli.exits import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMATS = ("text", "json", "prometheus", "nagios")
HARBOR_VERSIONS = ("2.11", "2.14", "2.15")
PROVIDERS = ("minio", "rgw")
DOCTOR_FORMATS = ("text", "json")
PREFIXES = 256
ROLES = ("viewer", "operator", "deployer")

EXAMPLES = """\
examples:
  harbortui demo                           a simulated fleet, to look around
  harbortui                                your fleet, as the user file says
  harbortui --config fleet.toml            another file
  harbortui --instance harbor-nas          begin with one instance
  harbortui --snapshot incident.json       what was saved, without any connection
  harbortui init                           find your Harbors in Nomad, write the user file
  harbortui doctor                         what is reachable, what may be seen, what to grant
  harbortui history                        how buckets grow, and since when things are as they are
  harbortui runbook replication-failed     what to do, step by step, to read without the screen
  harbortui check --format json            one look without a screen, for monitoring
  harbortui usage harbor-nas --count       how full the bucket is, key by key
  harbortui usage harbor-nas --projects    what each project refers to
  harbortui themes --show                  what each theme looks like here
  harbortui config show                    every setting and where it came from

In the console, ? shows the keys. The console never changes anything.
"""


class _Parser(argparse.ArgumentParser):
    """Ends with the exit code that the command promises for wrong usage."""

    usage_exit: int = ExitCode.USAGE

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(self.usage_exit, f"{self.prog}: {message}\n")


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number <= 86_400:
        raise argparse.ArgumentTypeError("expected a number above 0")
    return number


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 1000:
        raise argparse.ArgumentTypeError("expected 1 to 1000")
    return number


def _common() -> _Parser:
    """The flags that may stand before or after the command."""
    common = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    group = common.add_argument_group("everywhere")
    group.add_argument("--config", metavar="FILE", help="read this file in place of the user file")
    group.add_argument("--instance", metavar="NAME", help="begin with this instance; without a screen: look only at it")
    return common


def _history() -> _Parser:
    """For the commands that keep or read the history, or show what is set."""
    history = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    group = history.add_argument_group("the history")
    group.add_argument("--history", metavar="DIR", help="keep and read the history here (default: the state directory)")
    return history


def _screen() -> _Parser:
    screen = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    group = screen.add_argument_group("the screen")
    group.add_argument("--theme", metavar="NAME", help="see harbortui themes (default: by the terminal)")
    group.add_argument("--mouse", action="store_true", help="take the mouse; selecting text then needs Shift")
    group.add_argument("--fresh", action="store_true", help="begin without the last view, filters and order")
    return screen


def parser(argv: Sequence[str]) -> _Parser:
    """The parser for a command line; ``argv`` decides the exit code of a mistake before the command."""
    common, screen, history = _common(), _screen(), _history()
    top = _Parser(
        prog="harbortui",
        description="One screen for every Harbor registry you run: which one is hurt, why, and where to look next.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[common, screen, history],
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    top.usage_exit = _usage_exit(argv)
    top.add_argument("--snapshot", metavar="FILE", help="show a saved snapshot instead of a living fleet")
    top.add_argument("--version", action="store_const", dest="command", const="version", help="say the version and end")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", title="commands", parser_class=_Parser)
    _add_check(commands, common, history)
    _add_doctor(commands, common)
    _add_init(commands, common)
    _add_usage(commands, common, history)
    _add_history(commands, common, history)
    _add_themes(commands, common)
    _add_runbook(commands, common)
    _add_demo(commands, common, screen, history)
    config = commands.add_parser("config", help="the configuration", parents=[common], allow_abbrev=False)
    actions = config.add_subparsers(dest="config_command", metavar="show", required=True)
    show = actions.add_parser(
        "show",
        help="print every value and where it came from; never a secret",
        parents=[common, screen, history],
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    show.add_argument("--format", choices=("text", "json"))
    commands.add_parser("version", help="say the version", parents=[common], allow_abbrev=False)
    return top


def _usage_exit(argv: Sequence[str]) -> int:
    """What a mistake before the command costs."""
    return ExitCode.UNKNOWN if "check" in argv else ExitCode.MISUSED if "doctor" in argv else ExitCode.USAGE


def _add_doctor(commands: argparse._SubParsersAction[_Parser], common: _Parser) -> None:
    doctor = commands.add_parser(
        "doctor",
        help="what is reachable, what may be seen, what to grant",
        description="Look at the configuration, the way to each backend and what our credentials may see and do there. "
        "Changes nothing, reads no object. Exit codes: 0 fine, 1 something deserves a change, 2 something that is "
        "needed is missing or cannot be reached, 64 wrong usage or configuration.",
        parents=[common],
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    doctor.usage_exit = ExitCode.MISUSED
    doctor.add_argument("--format", choices=DOCTOR_FORMATS, help="text (default) or json; all of stdout")
    doctor.add_argument("--role", choices=ROLES, help="what you want to do with the console (default viewer)")
    doctor.add_argument("--grants", action="store_true", help="print every policy of the role, also those in order")
    doctor.add_argument("--timeout", type=_positive, metavar="SECONDS", help="of everything (default 20)")


def _add_init(commands: argparse._SubParsersAction[_Parser], common: _Parser) -> None:
    init = commands.add_parser(
        "init",
        help="find the Harbor jobs in Nomad and write a configuration",
        description="Ask Nomad for Harbor jobs and write what their specifications say (never a secret) into a "
        "commented configuration. What a person wrote or changed in it stays as it is. Shows the difference first. "
        "Exit codes: 0 done, 1 something is still missing or nothing was written, 2 wrong usage or no answer.",
        parents=[common],
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    init.add_argument("--output", metavar="FILE", help="write this file in place of the user file")
    init.add_argument("--nomad", metavar="ADDR", help="Nomad's address (default: NOMAD_ADDR, or as configured)")
    init.add_argument("--namespace", metavar="NAME", help="look only there (default: every namespace)")
    init.add_argument("--prefix", metavar="TEXT", help="look only at jobs whose names begin so")
    init.add_argument("--dry-run", action="store_true", help="only show the difference")
    init.add_argument("--yes", action="store_true", help="write without asking; what is missing becomes a comment")


def _add_check(commands: argparse._SubParsersAction[_Parser], common: _Parser, history: _Parser) -> None:
    check = commands.add_parser(
        "check",
        help="look once without a screen, for monitoring",
        description="Collect once, without a screen. Exit codes: 0 ok, 1 warning, 2 critical, 3 unknown or any error.",
        parents=[common, history],
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    check.usage_exit = ExitCode.UNKNOWN
    check.add_argument("--format", choices=FORMATS, help="text (default), json, prometheus or nagios; all of stdout")
    check.add_argument("--save", metavar="FILE", help="also write the snapshot, to be shown with --snapshot FILE")
    check.add_argument("--record", action="store_true", help="also add to the history (docs/history.md)")
    check.add_argument("--timeout", type=_positive, metavar="SECONDS", help="of the whole collection (default 20)")


def _add_usage(commands: argparse._SubParsersAction[_Parser], common: _Parser, history: _Parser) -> None:
    usage = commands.add_parser(
        "usage",
        help="how full each bucket is; counts it by listing where asked to",
        description="Say how full each bucket is, by the cheapest source that knows it, and what Harbor refers to. "
        "With --count or --sample lists the bucket, and says first how many calls, seconds and dollars that takes. "
        "With --projects or --repositories asks Harbor alone. "
        "Reads no object, changes nothing. Exit codes: 0 all told, 1 something is not known or was not counted, "
        "2 wrong usage or configuration.",
        parents=[common, history],
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    how = usage.add_mutually_exclusive_group()
    how.add_argument("--count", action="store_true", help="list every key")
    how.add_argument("--sample", type=_prefixes, metavar="K", help="estimate from K of 256 prefixes, with error bars")
    how.add_argument("--projects", action="store_true", help="what each project uses, of how much")
    how.add_argument(
        "--repositories", type=_project, metavar="PROJECT", help="sum a project's repositories, artifact by artifact"
    )
    usage.add_argument("instance", nargs="?", metavar="INSTANCE", help="the same as --instance INSTANCE")
    usage.add_argument("--format", choices=DOCTOR_FORMATS, help="text (default) or json; all of stdout")
    usage.add_argument("--yes", action="store_true", help="begin without asking")
    usage.add_argument("--record", action="store_true", help="also add to the history (docs/history.md)")
    usage.add_argument("--timeout", type=_positive, metavar="SECONDS", help="of all but the counting (default 20)")


def _add_history(commands: argparse._SubParsersAction[_Parser], common: _Parser, history: _Parser) -> None:
    told = commands.add_parser(
        "history",
        help="what the local history tells: trends, forecasts, since when",
        description="Print what the local history tells of each instance: how its bucket grows and when it is full, "
        "states and since when, restarts, garbage collections. Asks no backend. Exit codes: 0 told, 1 nothing is "
        "recorded or not all of it can be read, 2 wrong usage or configuration.",
        parents=[common, history],
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    told.add_argument("--format", choices=DOCTOR_FORMATS, help="text (default) or json; all of stdout")


def _add_themes(commands: argparse._SubParsersAction[_Parser], common: _Parser) -> None:
    themes = commands.add_parser(
        "themes",
        help="list the themes, check one of your own",
        description="List the themes there are, or check the named ones: what is wrong with file and line, and what is "
        "hard to read. Exit codes: 0 well, 1 something is wrong or hard to read, 2 there is no such theme.",
        parents=[common],
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    themes.add_argument("themes", nargs="*", metavar="NAME|FILE", help="check this one (default: list all)")
    themes.add_argument("--show", action="store_true", help="print a sample of each")


def _add_runbook(commands: argparse._SubParsersAction[_Parser], common: _Parser) -> None:
    runbook = commands.add_parser(
        "runbook",
        help="print a runbook with the names of an instance, or say which there are",
        description="Print a runbook as Markdown, with the names that the configuration knows of an instance filled in "
        "where they are needed; what is not known stands as <name>. Asks no backend. "
        "Exit codes: 0 printed, 2 no such runbook.",
        parents=[common],
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    runbook.add_argument("name", nargs="?", metavar="NAME", help="a runbook, or a finding's rule (default: list all)")


def _project(text: str) -> str:
    from harbortui.sources.harbor.policy import PROJECT

    if re.fullmatch(PROJECT, text) is None:
        raise argparse.ArgumentTypeError("not a project's name")
    return text


def _prefixes(text: str) -> int:
    number = int(text)
    if not 1 <= number <= PREFIXES:
        raise argparse.ArgumentTypeError(f"expected 1 to {PREFIXES}")
    return number


def _add_demo(
    commands: argparse._SubParsersAction[_Parser], common: _Parser, screen: _Parser, history: _Parser
) -> None:
    demo = commands.add_parser(
        "demo",
        help="open the console on a simulated fleet",
        description="Start a simulated fleet on the loopback interface and open the console on it.",
        parents=[common, screen, history],
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    demo.add_argument("--serve", action="store_true", help="only serve the fleet, until interrupted")
    demo.add_argument(
        "--write-config", metavar="FILE", help="with --serve: write the configuration that reaches the fleet"
    )
    demo.add_argument("--instances", type=_count, metavar="N", help="how many Harbor instances (default 3)")
    demo.add_argument("--seed", type=int, metavar="N", help="another fleet history for another number (default 1)")
    demo.add_argument("--speed", type=_positive, metavar="X", help="let time run X times as fast (default 1)")
    demo.add_argument("--harbor-version", choices=HARBOR_VERSIONS, help="default 2.11")
    demo.add_argument("--provider", choices=PROVIDERS, help="the object store (default minio)")
