"""``harbortui demo``: a simulated fleet in its own process, and the console on it; with ``--serve`` only the fleet.

The console meets the fleet through sockets alone; what this file knows of it is its command line and its ready line.
"""

from __future__ import annotations

import json
import os
import select
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO, NamedTuple

from harbortui.cli.arguments import Arguments
from harbortui.cli.exits import ExitCode
from harbortui.model.text import safe_text

READY_SECONDS = 60.0
END_SECONDS = 3.0
RELEASES = {"2.11": "v2.11.2", "2.14": "v2.14.0", "2.15": "v2.15.0"}
"""The release that stands for each line of Harbor."""

# Only looks: an address from the environment would lead the demo to a real fleet.
_KEPT_VARIABLES = ("HARBORTUI_THEME", "HARBORTUI_MOUSE", "HARBORTUI_TIMEZONE")


class Served(NamedTuple):
    """A simulated fleet that is up."""

    ready: dict[str, object]
    """Its ready line: where everything is."""
    output: IO[bytes]
    """Ends when the simulator does; it says nothing more."""


class DemoFailed(Exception):
    """The simulated fleet did not start; the message is for a person."""


def run(args: Arguments) -> int:
    """Serve a simulated fleet, open the console on it unless ``--serve``, and end the fleet whatever happens."""
    if args.write_config and not args.serve:
        return _refuse("--write-config goes with --serve")
    for given, flag in ((args.config, "--config"), (args.snapshot, "--snapshot")):
        if given:
            return _refuse(f"the demo has a fleet of its own: {flag} is not for it")
    if find_spec("aiohttp") is None:
        return _refuse(
            f"the demo's servers are not installed; run: {how_to_install(Path(sys.prefix))} (in a checkout: '.[demo]')"
        )
    with tempfile.TemporaryDirectory(prefix="harbortui-demo-", dir=_private_place(os.environ)) as folder:
        try:
            if args.serve:
                return _serve(args, Path(folder))
            # Until the console listens for signals itself, they must still pass through the clean-up here.
            for number in (signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, lambda received, _: sys.exit(128 + received))
            config = Path(folder) / "demo.toml"
            with fleet(args, config, Path(folder) / "errors"):
                return _open_console(args, config)
        except DemoFailed as error:
            return _refuse(str(error))


def how_to_install(prefix: Path) -> str:
    """The command that adds the extra, in the words of the tool that made the environment at ``prefix``."""
    for mark, command in (("pipx_metadata.json", "pipx install --force"), ("uv-receipt.toml", "uv tool install")):
        if (prefix / mark).is_file():
            return f"{command} 'harbortui[demo]'"
    return "pip install 'harbortui[demo]'"


def _private_place(environ: Mapping[str, str]) -> str | None:
    """The session's own folder; after ``su`` its name is still that of somebody else's, then the usual place."""
    place = environ.get("XDG_RUNTIME_DIR", "")
    return place if place and os.access(place, os.W_OK | os.X_OK) else None


def _refuse(text: str) -> int:
    print(f"harbortui: {text}", file=sys.stderr)
    return ExitCode.USAGE


def _open_console(args: Arguments, config: Path) -> int:
    from harbortui.cli import console
    from harbortui.config.load import Places, load

    environ = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    settings = load(config=config, flags=args.flags(), environ=environ, places=Places.nowhere())
    return console.run(settings, args)


def _serve(args: Arguments, folder: Path) -> int:
    """Say on stdout where the fleet is, as one JSON line, and serve it until a signal or its own end."""
    config = Path(args.write_config).absolute() if args.write_config else folder / "demo.toml"
    received: list[int] = []
    before = {each: signal.signal(each, lambda number, _: received.append(number)) for each in _ENDING}
    # A signal wakes the wait below through this pipe, because a wait for a child would be resumed.
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    woken = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    try:
        with fleet(args, config, folder / "errors") as served:
            print(json.dumps(served.ready), flush=True)
            print(f"harbortui: serving until interrupted; open it with: harbortui --config {config}", file=sys.stderr)
            if not received and served.output.fileno() in select.select([reader, served.output.fileno()], [], [])[0]:
                raise DemoFailed(f"the simulated fleet ended: {_last_line(folder / 'errors')}")
    finally:
        signal.set_wakeup_fd(woken)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(reader)
        os.close(writer)
    return ExitCode.OK if received == [signal.SIGINT] else 128 + (received[0] if received else 0)


_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def command(args: Arguments, config: Path) -> list[str]:
    """The command line of the simulator."""
    return [
        # -P: the folder that the person happens to stand in is no place to import from.
        *(sys.executable, "-P", "-m", "harbortui.sim", "--exit-with-stdin"),
        *("--instances", str(args.instances), "--seed", str(args.seed), "--speed", f"{args.speed:g}"),
        *("--harbor-version", RELEASES[args.harbor_version], "--provider", args.provider),
        *("--write-config", str(config)),
    ]


@contextmanager
def fleet(args: Arguments, config: Path, errors: Path) -> Iterator[Served]:
    """The simulator as a process that ends with us: its ready line, and its end when the block is left.

    It holds the read end of a pipe whose other end dies with this process, so that it ends even when we are killed; its
    own session keeps the terminal's signals from it. Raises :class:`DemoFailed` when it does not get ready.
    """
    with errors.open("wb") as stderr:
        process = subprocess.Popen(
            command(args, config),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,
        )
    try:
        assert process.stdout is not None
        yield Served(_ready(process.stdout, time.monotonic() + READY_SECONDS, errors), process.stdout)
    finally:
        _end(process)


def _ready(output: IO[bytes], deadline: float, errors: Path) -> dict[str, object]:
    """The first line of the simulator's output, read."""
    data = b""
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        while b"\n" not in data:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise DemoFailed(f"the simulated fleet was not ready after {READY_SECONDS:g} s")
            chunk = os.read(output.fileno(), 65_536)
            if not chunk:
                raise DemoFailed(f"the simulated fleet did not start: {_last_line(errors)}")
            data += chunk
    line = json.loads(data.partition(b"\n")[0])
    if not isinstance(line, dict):
        raise DemoFailed("the simulated fleet did not say where it is")
    return line


def _last_line(errors: Path) -> str:
    lines = errors.read_text("utf-8", "replace").split("\n")
    return safe_text(next((line for line in reversed(lines) if line.strip()), "no reason given"), limit=200)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the simulator: first by the end of its input, then by signals."""
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    for insist in (process.terminate, process.kill):
        try:
            process.wait(END_SECONDS)
            return
        except subprocess.TimeoutExpired:
            insist()
    process.wait()
