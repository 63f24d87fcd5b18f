"""The secrets planted all over the simulated fleet are searched in everything the console writes."""

from __future__ import annotations

import gc
import os
import signal
import time
from base64 import b64encode
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harbortui.cli.check_formats import FORMATS
from harbortui.collect.files import read_snapshot
from harbortui.collect.wiring import wire
from harbortui.config.load import Places, load
from harbortui.diagnose import Limits, diagnose
from harbortui.engine.lines import MAX_LINE_BYTES, LineSplitter
from harbortui.engine.messages import Follow, LogLines
from harbortui.model.redact import Cleaner, Redactor
from harbortui.model.secret import Secret
from harbortui.model.snapshot import INSTANCE_FACETS, Snapshot
from harbortui.model.text import decode_text
from harbortui.sim.thread import SimThread
from harbortui.sources.nomad.faults import ErrorAnswer, failure_of_answer
from tests.collect.fakes import until
from tests.engine.test_engine import Console
from tests.safety.home import Home
from tests.safety.scanner import Scanner
from tests.safety.walk import Walk
from tests.safety.wire import recorded

VERSIONS = ("v2.11.2", "v2.14.0", "v2.15.0")
TASKS = ("core", "registry", "jobservice", "nginx", "portal", "redis", "database", "registryctl")


@pytest.fixture(scope="module", params=VERSIONS)
def sim(request: pytest.FixtureRequest) -> Iterator[SimThread]:
    with SimThread(instances=3, seed=1, harbor_version=request.param) as running:
        running.call(leak_into_logs)
        yield running


@pytest.fixture(scope="module")
def first() -> Iterator[SimThread]:
    with SimThread(instances=2, seed=1) as running:
        running.call(leak_into_logs)
        yield running


def leak_into_logs(fleet: Any) -> None:
    """Lines as careless programs write them: our own secrets in any form, everybody's in the usual shapes."""
    planted = fleet.world.secrets
    ours = (planted.console_password, planted.nomad_read_token, planted.s3_secret_key, planted.vault_token)
    for instance in fleet.world.instances:
        for task in TASKS:
            for stream in ("stdout", "stderr"):
                for text in _lines(ours, tuple(planted.all().values())):
                    fleet.world.logs.emit(instance.job_id, task, stream, f"leaky {text}")


def _lines(ours: tuple[str, ...], everybody: tuple[str, ...]) -> Iterator[str]:
    for value in everybody:
        yield f"Authorization: Basic {b64encode(f'robot$x:{value}'.encode()).decode()}"
        yield f"Authorization: Bearer {value}"
        yield f"X-Vault-Token: {value}"
        yield f'redis://:{value}@127.0.0.1:6379/2 password={value} {{"secret": "{value}"}}'
        yield f"GET /x?X-Amz-Signature={value}&token={value} HTTP/1.1"
    for value in ours:
        yield f"got {value} from somewhere"
        yield "sent " + b64encode(f"robot$ops-console:{value}".encode()).decode()


def scanner(sim: SimThread) -> Scanner:
    return Scanner(sim.control.secrets())


def settings_of(sim: SimThread) -> Any:
    return load(config=sim.config_path, environ={}, places=Places.nowhere())


def assert_clean(sim: SimThread, **written: bytes | str) -> None:
    found = {name: scanner(sim).find(data) for name, data in written.items()}
    assert not any(found.values()), found


# The scanner itself


def test_the_scanner_finds_every_secret_in_every_form(first: SimThread) -> None:
    scan = scanner(first)
    for name, value in first.control.secrets().items():
        assert name in scan.find(f"x {value} y")
        assert name in scan.find(f"Basic {b64encode(f'user:{value}'.encode()).decode()}")
        assert name in scan.find(value.encode().hex())
        assert name in scan.find(f"***{value[-12:]}"), "masked at its beginning only"
        assert scan.find(f"\x1b[1m{value[:9]}\x1b[0m{value[9:]}"), "with escapes in it"
        assert scan.find(value[: value.index("PLANTED") + 9]), "cut"
        assert scan.find(b64encode(value[: value.index("PLANTED") + 9].encode())), "cut, then encoded"
    assert scan.find("harmless " * 1000) == set()


async def test_the_fleet_does_give_secrets_to_whoever_asks(first: SimThread) -> None:
    """The positive control: they are in the very answers and requests that the console works with."""
    scan = scanner(first)
    got: list[bytes] = []
    with recorded() as wire_:
        served = wire(settings_of(first), vault_password=None, wall=time.time)
        async with Console(served) as console:
            await until(lambda: everything_is_learned(console.mirror.snapshot), 30.0)
            allocation = console.mirror.snapshot.instances[0].allocations.value[0].id  # type: ignore[index]
            job = console.mirror.snapshot.instances[0].target.job
        got.append(wire_.raw)
    token = first.control.secrets()["nomad_read_token"]
    for path in (f"/v1/job/{job}", f"/v1/client/fs/logs/{allocation}?task=core&type=stdout&plain=true&origin=start"):
        got.append(ask(first.url("nomad") + path, {"X-Nomad-Token": token}))
    requests, spec, log = (scan.find(each) for each in got)
    assert {"console_password", "nomad_read_token", "vault_token"} <= requests, "as Basic header and as token headers"
    assert {"s3_secret_key", "redis_password", "core_secret", "jobservice_secret"} <= spec
    assert set(first.control.secrets()) <= log


def ask(url: str, headers: dict[str, str]) -> bytes:
    from urllib.request import ProxyHandler, Request, build_opener

    with build_opener(ProxyHandler({})).open(Request(url, headers=headers), timeout=10) as answer:
        return bytes(answer.read())


def everything_is_learned(snapshot: Snapshot) -> bool:
    instances = snapshot.instances
    return bool(instances) and all(getattr(each, name).tried_at for each in instances for name in INSTANCE_FACETS)


# What the console writes while all goes well


def test_no_secret_on_any_screen_nor_in_any_file(sim: SimThread, tmp_path: Path) -> None:
    home, screens = Home(tmp_path / "home"), []
    with home.terminal("--config", str(sim.config_path), rows=40, columns=160) as terminal:
        terminal.until_text("8/8")
        terminal.until_text("v2.1")
        walk = Walk(terminal, screens.append, in_log="leaky")
        whole = sim.world.options.harbor_version == VERSIONS[0]
        walk.everything() if whole else walk.short()
        walk.keys("q", "q")
        assert terminal.wait() == 0
        written = bytes(terminal.output)
    shown = "\n".join(screens)
    assert shown.count("leaky") > 60, "the lines that hold secrets were on the screen"
    assert "leaky got ********" in shown and "leaky Authorization: ********" in shown
    assert_clean(sim, pty=written, screens=shown)
    files = {each.relative_to(home.path).as_posix(): each.read_bytes() for each in home.files()}
    assert any(name.startswith("state/harbortui/last/") for name in files), files.keys()
    assert not any("crash" in name for name in files)
    assert_clean(sim, **files)


def test_no_secret_in_a_check(sim: SimThread, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    saved = home.path / "saved.json"
    done = home.run("check", "--config", str(sim.config_path), "--format", "json", "--save", str(saved))
    assert done.returncode in (0, 1, 2) and done.stderr == b"", done.stderr
    assert_clean(sim, stdout=done.stdout, saved=saved.read_bytes())
    snapshot = read_snapshot(saved)
    assert isinstance(snapshot, Snapshot) and everything_is_learned(snapshot)
    verdict = diagnose(snapshot, now=snapshot.taken_at, limits=Limits())
    assert_clean(sim, **{name: write(snapshot, verdict) for name, write in FORMATS.items()})


@pytest.mark.parametrize(
    "arguments", [("check", "--format", "text"), ("config", "show"), ("config", "show", "--format", "json")]
)
def test_no_secret_in_other_commands(first: SimThread, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    secret = first.control.secrets()["robot_secret"]
    home = Home(tmp_path / "home", VAULT_TOKEN=secret, NOMAD_TOKEN=secret, HARBORTUI_ANYTHING=secret)
    done = home.run(*arguments, "--config", str(first.config_path))
    assert done.returncode in (0, 1, 2) and done.stdout
    assert_clean(first, stdout=done.stdout, stderr=done.stderr)


@pytest.mark.parametrize("fault", ["forbidden", "wrong"])
def test_no_secret_in_errors(first: SimThread, tmp_path: Path, fault: str) -> None:
    """What a backend says when it fails may quote what it was sent."""
    backends = [name for name in first.fleet.listeners if name != "vault"]
    for each in backends:
        first.fault(each, fault, wrong="types")
    try:
        done = Home(tmp_path / "home").run("check", "--config", str(first.config_path), "--format", "json")
    finally:
        for each in backends:
            first.fault(each, "up")
    assert done.returncode in (1, 2, 3)
    assert_clean(first, stdout=done.stdout, stderr=done.stderr)


# What it writes when it breaks

ENGINE_FAULTS = (
    "harbortui.sources.nomad.source:NomadSource.allocations",
    "harbortui.sources.harbor.source:HarborSource.health",
    "harbortui.sources.storage.source:StoreSource.bucket",
    "harbortui.sources.vault.source:VaultSource.state",
    "harbortui.sources.nomad.source:NomadSource.events",
    "harbortui.collect.cache:SnapshotCache.save",
)


def break_console(sim: SimThread, tmp_path: Path, fault: str) -> tuple[Home, bytes, int]:
    home = Home(tmp_path / "home")
    secret = sim.control.secrets()["vault_token"]
    with home.terminal("--config", str(sim.config_path), faults=fault, secret=secret) as terminal:
        if fault in ",".join(ENGINE_FAULTS):
            reports = home.path / "state/harbortui/crashes"
            terminal.until(lambda: len(list(reports.glob("engine-*.txt"))) >= len(ENGINE_FAULTS) - 1)
            terminal.until_quiet(0.3)
            terminal.write(b"\x03\x03")
        code = terminal.wait()
        return home, bytes(terminal.output), code


def assert_reported(home: Home, sim: SimThread, written: bytes, kind: str, least: int) -> None:
    reports = list(home.files(f"state/harbortui/crashes/{kind}-*.txt"))
    assert len(reports) >= least
    for each in reports:
        text = each.read_text()
        assert "RuntimeError" in text and "injected" in text and "********" in text
        assert each.stat().st_mode & 0o777 == 0o600
    assert_clean(sim, pty=written, **{each.name: each.read_bytes() for each in home.files()})


def test_no_secret_in_reports_of_faults_in_the_engine(first: SimThread, tmp_path: Path) -> None:
    home, written, code = break_console(first, tmp_path, ",".join(ENGINE_FAULTS))
    assert code == 0
    assert_reported(home, first, written, "engine", len(ENGINE_FAULTS) - 1)


@pytest.mark.parametrize(
    "fault",
    [
        "harbortui.ui.app:HarborApp._take_snapshot",
        "harbortui.ui.widgets.table:Table.draw",
        "harbortui.engine.mirror:SnapshotMirror.apply",
    ],
)
def test_no_secret_in_reports_of_faults_in_the_console(first: SimThread, tmp_path: Path, fault: str) -> None:
    home, written, code = break_console(first, tmp_path, fault)
    assert code == 70
    assert_reported(home, first, written, "crash", 1)


@pytest.mark.parametrize(
    ("fault", "codes"),
    [
        (",".join(ENGINE_FAULTS[:4]), (2, 3)),
        ("harbortui.engine.engine:Engine.once", (3,)),
        ("harbortui.cli.check:_save", (3,)),
    ],
)
def test_no_secret_when_a_check_breaks(first: SimThread, tmp_path: Path, fault: str, codes: tuple[int, ...]) -> None:
    home = Home(tmp_path / "home")
    secret = first.control.secrets()["vault_token"]
    saved = str(home.path / "saved.json")
    done = home.run("check", "--config", str(first.config_path), "--save", saved, faults=fault, secret=secret)
    assert done.returncode in codes
    assert b"RuntimeError" in done.stdout + done.stderr
    assert_clean(
        first, stdout=done.stdout, stderr=done.stderr, **{each.name: each.read_bytes() for each in home.files()}
    )


# What is cut

LONG = st.integers(0, 3 * MAX_LINE_BYTES)


@settings(max_examples=30, deadline=None)
@given(before=LONG, cuts=st.lists(LONG, max_size=4))
def test_no_half_of_a_secret_where_a_long_line_is_cut(before: int, cuts: list[int]) -> None:
    """A line is cut where it grows too long, and may come in any pieces."""
    secret = "PLANTED0123456789abcdef"
    redactor = Redactor()
    redactor.learn(Secret(secret))
    clean, data = Cleaner(redactor), b"x" * before + secret.encode() + b" after\nnext\n"
    splitter, shown = LineSplitter(drop_first=False), []
    for start, end in pairwise([0, *sorted(cuts), len(data)]):
        shown += [clean(decode_text(line)) for line in splitter.feed(data[start:end])]
    assert not Scanner({"secret": secret}).find("\n".join(shown)) and shown[-1] == "next"


@pytest.mark.parametrize("before", [*range(380, 401), 1580, 1590, 16_370])
def test_no_half_of_a_secret_where_an_error_text_is_cut(before: int) -> None:
    secret = "PLANTED0123456789abcdef"
    redactor = Redactor()
    redactor.learn(Secret(secret))
    body = b"y" * before + secret.encode() + b" tail"
    failure = failure_of_answer(ErrorAnswer(500, body), needs="", clean=Cleaner(redactor), at=0.0)
    assert not Scanner({"secret": secret}).find(failure.detail)


# What is in memory


async def test_no_object_prints_a_secret(first: SimThread) -> None:
    """repr and str of every object of ours, and of the libraries' clients, that a traceback or debugger would show."""
    scan = scanner(first)
    served = wire(settings_of(first), vault_password=None, wall=time.time)
    async with Console(served) as console:
        await until(lambda: everything_is_learned(console.mirror.snapshot), 30.0)
        console.tell(Follow(instance=console.mirror.snapshot.instances[0].name, task="core"))
        await until(lambda: any(isinstance(each, LogLines) and each.lines for each in console.got))
        leaks, seen = [], 0
        for each in reachable(served, console.engine):
            seen += 1
            for show in (repr, str, "{}".format):
                if scan.find(show(each)):
                    leaks.append(f"{type(each).__module__}.{type(each).__qualname__}")
    assert seen > 500
    assert leaks == []


def reachable(*roots: object) -> Iterator[object]:
    """Instances of our classes and of the clients', wherever they hang below the roots."""
    todo, known = list(roots), set()
    while todo:
        each = todo.pop()
        if id(each) in known or isinstance(each, ModuleType | type):
            continue
        known.add(id(each))
        module = type(each).__module__.partition(".")[0]
        if module in ("harbortui", "httpx", "requests", "hvac", "nomad", "botocore", "boto3", "urllib3"):
            yield each
        elif not isinstance(each, dict | list | tuple | set | frozenset | FunctionType) and module != "builtins":
            continue
        todo += [
            child
            for child in gc.get_referents(each)
            if not (isinstance(each, FunctionType) and child is each.__globals__)
        ]


@pytest.mark.parametrize("crash", [signal.SIGSEGV, signal.SIGQUIT])
def test_no_process_leaves_a_core_file(first: SimThread, tmp_path: Path, crash: signal.Signals) -> None:
    home = Home(tmp_path / "home")
    with home.terminal("--config", str(first.config_path)) as terminal:
        terminal.until_text("8/8")
        engines = children(terminal.pid)
        assert len(engines) == 1
        assert [core_limit(pid) for pid in (terminal.pid, *engines)] == ["0", "0"]
        os.kill(engines[0], crash)
        terminal.until(lambda: not Path(f"/proc/{engines[0]}/exe").exists())
        terminal.write(b"\x03\x03")
        assert terminal.wait() == 0
        assert_clean(first, pty=bytes(terminal.output))


def test_a_check_leaves_no_core_file_either(first: SimThread, tmp_path: Path) -> None:
    backend = next(name for name in first.fleet.listeners if name.startswith("harbor:"))
    first.fault(backend, "hanging")
    before = first.control.counts()["nomad"]["requests"]
    try:
        with Home(tmp_path / "home").terminal("check", "--config", str(first.config_path)) as terminal:
            # One answer is enough to know that it is past its start; the hanging one keeps it from ending.
            terminal.until(lambda: first.control.counts()["nomad"]["requests"] > before)
            assert core_limit(terminal.pid) == "0"
            terminal.signal(signal.SIGKILL)
            terminal.wait()
    finally:
        first.fault(backend, "up")


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def core_limit(pid: int) -> str:
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    return next(line for line in lines if line.startswith("Max core file size")).split()[4]
