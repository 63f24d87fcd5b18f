"""Nothing but declared reads ever reaches a backend: whatever is pressed, run, or asked of the libraries themselves."""

from __future__ import annotations

import ast
import os
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import hvac
import pytest
import requests
from nomad import api

import harbortui
from harbortui.sim.thread import SimThread
from harbortui.sources.allowlist import Blocked
from harbortui.sources.guard_requests import guarded_session
from harbortui.sources.harbor.policy import allow_list as harbor_reads
from harbortui.sources.http import HttpHost
from harbortui.sources.nomad.policy import inquiry_reads, stream_reads
from harbortui.sources.nomad.policy import reads as nomad_reads
from harbortui.sources.origin import Origin
from harbortui.sources.storage.cloudwatch_request import cloudwatch_reads
from harbortui.sources.storage.guard_botocore import GuardedSending
from harbortui.sources.storage.policy import listing_reads, s3_reads, store_reads
from harbortui.sources.tls import TlsSettings
from harbortui.sources.vault.policy import allow_list as vault_reads
from tests.safety.home import Home
from tests.safety.wire import Declared, Request, Wire, recorded

SEED = 20
RANDOM_KEYS = 2_000
BURST = 40
LEAVES = ("\x03", "\x1a", "q")
"""Keys that may end or suspend the console; they are pressed last."""
SEQUENCES = (
    *("\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[H", "\x1b[F", "\x1b[5~", "\x1b[6~", "\x1b[Z", "\x1b[3~"),
    *("\x1bOP", "\x1bOQ", "\x1b[15~", "\x1b[24~", "\x1bx", "\x1bR", "\x1b[1;5A", "\x1b[200~RRR\r\x1b[201~"),
    *("\x1b[<0;10;8M", "\x1b[<0;10;8m", "\x1b[<64;10;8M", "\x1b[I", "\x1b[O", "é", "→"),
)
KEYS = [
    each for each in (*map(chr, range(1, 32)), *map(chr, range(32, 128)), *SEQUENCES) if each not in (*LEAVES, "\x1b")
]

OFTEN = ("\x1b", "\r", "\r", "\r", "j", "l", *"1234567890", "d", "d", "v", "b")
"""Keys that lead deeper, to pages that ask for more, and out again."""
LOOKS = re.compile(r"/jobservice/|/projects\?|/audit|/tasks|/log$|/allocation/|/v1/job/[^/]*$|/quotas|/system/gc/\d")
"""What only an open page asks for."""


@pytest.fixture(scope="module")
def sim() -> Iterator[SimThread]:
    with SimThread(instances=3, seed=1) as running:
        yield running


@pytest.fixture
def wire() -> Iterator[Wire]:
    with recorded() as recording:
        yield recording


def assert_only_declared(sim: SimThread, wire: Wire, *, backends: set[str]) -> list[Request]:
    """Every request is declared, and requests did arrive: a test that sees none shows nothing."""
    seen = wire.requests()
    assert Declared(sim).undeclared(seen) == []
    assert backends <= {each.backend.partition(":")[0] for each in seen}
    writes = {name: counts["writes"] for name, counts in sim.control.counts().items()}
    # Renewing our own token is the one POST there is; it is declared, and checked above with its body.
    assert all(write.endswith("/auth/token/renew-self") for each in writes.values() for write in each), writes
    return seen


ALL = {"harbor", "nomad", "s3", "vault"}
BACKENDS = {"check": ALL, "usage": {"harbor", "s3", "vault"}}


# Keys and commands


def test_every_key_and_two_thousand_random_ones(sim: SimThread, wire: Wire, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    with Home(tmp_path / "home").terminal("--config", str(sim.config_path), "--mouse") as terminal:
        terminal.until_text("8/8")
        keys = [*KEYS, *chance.choices([*KEYS, *OFTEN], k=RANDOM_KEYS)]
        for at in range(0, len(keys), BURST):
            terminal.write("".join(keys[at : at + BURST]).encode())
            while terminal.pump(0.05):
                pass
        assert terminal.alive, "no key ends it but those that are meant to"
        terminal.write(b"\x1b")
        terminal.until_quiet(0.5)
        terminal.press_until_text(b"0", "Findings")
        terminal.write(b"\x03\x03")
        assert terminal.wait() == 0
    seen = assert_only_declared(sim, wire, backends=ALL)
    assert any("/client/fs/logs/" in each.target for each in seen), "logs were followed"
    looked = {found[0] for each in seen if (found := LOOKS.search(each.target))}
    assert len(looked) > 2, looked


@pytest.mark.parametrize(
    "arguments",
    [
        ("check",),
        ("check", "--format", "nagios", "--instance", "harbor-vm-05"),
        ("check", "--format", "prometheus", "--save", "saved.json"),
        ("usage", "--count", "--yes"),
        ("usage", "--sample", "4", "--yes", "--format", "json"),
        ("config", "show"),
        ("version",),
        ("--version",),
        ("--help",),
    ],
)
def test_every_subcommand(sim: SimThread, wire: Wire, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    home = Home(tmp_path / "home")
    more = tuple(str(home.path / each) if each == "saved.json" else each for each in arguments)
    config = ("--config", str(sim.config_path)) if arguments[0][0] != "-" else ()
    done = home.run(*more, *config)
    assert done.returncode in (0, 1, 2), done.stderr
    assert_only_declared(sim, wire, backends=BACKENDS.get(arguments[0], set()))


# Straight through each transport

ALLOCATION = "7bc2a311-0000-4000-8000-000000000001"


def refused(act: Callable[[], object]) -> None:
    """``act`` must not get an answer, and the reason must be the guard's."""
    with pytest.raises(Exception) as caught:
        act()
    chain: list[Any] = [caught.value]
    for each in chain:
        chain += [
            deeper
            for deeper in (
                each.__cause__,
                each.__context__,
                getattr(each, "nomad_resp", None),
                *getattr(each, "args", ()),
            )
            if isinstance(deeper, BaseException) and deeper not in chain
        ]
    assert any(isinstance(each, Blocked) for each in chain), chain


NOMAD_ACTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "restart an allocation": lambda to: api.Client(**to).allocation.restart_allocation(ALLOCATION),
    "restart it with GET": lambda to: api.Client(**to).allocation.request(ALLOCATION, "restart", method="get"),
    "collect with GET": lambda to: api.Client(**to).gc_all_allocations.garbage_collect(),
    "collect one with GET": lambda to: api.Client(**to).gc_allocation.garbage_collect(ALLOCATION),
    "execute": lambda to: api.Client(**to).allocation.request(ALLOCATION, "exec", method="get"),
    "stop an allocation": lambda to: api.Allocation(**to).stop_allocation(ALLOCATION),
    "register a job": lambda to: api.Job(**to).register_job("harbor-vm-06", {"Job": {}}),
    "stop a job": lambda to: api.Job(**to).deregister_job("harbor-vm-06", purge=True),
    "plan a job": lambda to: api.Job(**to).plan_job("harbor-vm-06", {"Job": {}}),
    "revert a job": lambda to: api.Job(**to).revert_job("harbor-vm-06", 1),
    "dispatch a job": lambda to: api.Job(**to).dispatch_job("harbor-vm-06"),
    "evaluate a job": lambda to: api.Job(**to).evaluate_job("harbor-vm-06"),
    "drain a node": lambda to: api.Node(**to).drain_node("n", enable=True),
    "read a file": lambda to: api.Client(**to).cat.read_file(ALLOCATION, "/secrets/core.env"),
    "read a variable": lambda to: api.Variables(**to).get_variables(),
    "make a token": lambda to: api.Acl(**to).create_token({"Name": "x", "Type": "management"}),
    "another server": lambda to: to["session"].get("http://127.0.0.1:9/v1/jobs"),
    "a climb out of the path": lambda to: to["session"].get(to["address"] + "/v1/job/x/%2e%2e/%2e%2e/client/gc"),
}
VAULT_ACTS: dict[str, Callable[[hvac.Client], object]] = {
    "seal": lambda vault: vault.sys.seal(),
    "unseal": lambda vault: vault.sys.submit_unseal_key("k"),
    "write a secret": lambda vault: vault.secrets.kv.v2.create_or_update_secret("harbor", {"a": "b"}, mount_point="kv"),
    "read another secret": lambda vault: vault.secrets.kv.v2.read_secret_version(
        "other", mount_point="kv", raise_on_deleted_version=True
    ),
    "list secrets": lambda vault: vault.secrets.kv.v2.list_secrets("", mount_point="kv"),
    "delete a secret": lambda vault: vault.secrets.kv.v2.delete_metadata_and_all_versions("harbor", mount_point="kv"),
    "make database credentials": lambda vault: vault.secrets.database.generate_credentials("harbor"),
    "revoke our token": lambda vault: vault.auth.token.revoke_self(),
    "make a token": lambda vault: vault.auth.token.create(),
    "renew by an increment": lambda vault: vault.auth.token.renew_self(increment="100h"),
    "log in": lambda vault: vault.auth.userpass.login("ops", "x"),
    "read mounts": lambda vault: vault.sys.list_mounted_secrets_engines(),
}
S3_ACTS: dict[str, Callable[[Any], object]] = {
    "put an object": lambda s3: s3.put_object(Bucket="harbor", Key="x", Body=b"y"),
    "get an object": lambda s3: s3.get_object(Bucket="harbor", Key="x"),
    "head an object": lambda s3: s3.head_object(Bucket="harbor", Key="x"),
    "list objects": lambda s3: s3.list_objects_v2(Bucket="harbor"),
    "list buckets": lambda s3: s3.list_buckets(),
    "delete an object": lambda s3: s3.delete_object(Bucket="harbor", Key="x"),
    "delete many": lambda s3: s3.delete_objects(Bucket="harbor", Delete={"Objects": [{"Key": "x"}]}),
    "delete the bucket": lambda s3: s3.delete_bucket(Bucket="harbor"),
    "make a bucket": lambda s3: s3.create_bucket(Bucket="other"),
    "change the policy": lambda s3: s3.put_bucket_policy(Bucket="harbor", Policy="{}"),
    "begin an upload": lambda s3: s3.create_multipart_upload(Bucket="harbor", Key="x"),
}
HARBOR_ACTS = [
    ("POST", "/api/v2.0/system/gc/schedule", b"{}"),
    ("PUT", "/api/v2.0/system/gc/1", None),
    ("POST", "/api/v2.0/replication/executions", b'{"policy_id":1}'),
    ("PUT", "/api/v2.0/replication/executions/1", None),
    ("DELETE", "/api/v2.0/projects/1", None),
    ("POST", "/api/v2.0/registries/ping", b'{"id":1}'),
    ("PATCH", "/api/v2.0/robots/1", b"{}"),
    ("GET", "/api/v2.0/users", None),
    ("GET", "/c/log_out", None),
    ("POST", "/c/login", b"principal=x&password=y"),
    ("GET", "/service/token", None),
    ("GET", "/api/v2.0/health/../robots", None),
    ("GET", "/api/v2.0/health", b"a body"),
    ("GET", "/api/v2.0//health", None),
    ("HEAD", "/api/v2.0/projects", None),
]


@pytest.mark.parametrize("act", NOMAD_ACTS.values(), ids=NOMAD_ACTS)
def test_python_nomad_cannot(sim: SimThread, wire: Wire, act: Callable[[dict[str, Any]], object]) -> None:
    with session_to(sim.url("nomad"), nomad_reads()) as session:
        refused(lambda: act({"address": sim.url("nomad"), "session": session, "timeout": 5}))
    assert wire.raw == b""


@pytest.mark.parametrize("act", VAULT_ACTS.values(), ids=VAULT_ACTS)
def test_hvac_cannot(sim: SimThread, wire: Wire, act: Callable[[hvac.Client], object]) -> None:
    url = sim.url("vault")
    with session_to(url, vault_reads(url, login=None, paths=["kv/data/harbor"])) as session:
        refused(lambda: act(hvac.Client(url=url, token="t", session=session)))
    assert wire.raw == b""


@pytest.mark.parametrize("act", S3_ACTS.values(), ids=S3_ACTS)
def test_boto3_cannot(sim: SimThread, wire: Wire, act: Callable[[Any], object]) -> None:
    origin = Origin.of(sim.url("s3"))
    client = whole_client(sim.url("s3"))
    sending = GuardedSending(allow=s3_reads(), origin=origin, tls=TlsSettings(), proxy="", connections=1, total=5)
    sending.attach(client)
    with pytest.raises(Blocked):
        act(client)
    assert wire.raw == b""


@pytest.mark.parametrize(("method", "path", "body"), HARBOR_ACTS)
async def test_httpx_cannot(sim: SimThread, wire: Wire, method: str, path: str, body: bytes | None) -> None:
    import httpx

    url = sim.url(f"harbor:{sim.world.instances[0].name}")
    host = HttpHost(url=url, allow=harbor_reads(url), clean=str, now=lambda: 0.0)
    try:
        with pytest.raises(Blocked):
            await host._connect().handle_async_request(httpx.Request(method, url + path, content=body))
    finally:
        await host.aclose()
    assert wire.raw == b""


@pytest.mark.parametrize("path", ["restart", "gc", "exec", "signal", "stats"])
async def test_streams_cannot_restart(sim: SimThread, wire: Wire, path: str) -> None:
    host = HttpHost(url=sim.url("nomad"), allow=stream_reads(), clean=str, now=lambda: 0.0)
    try:
        async with host.stream(f"/v1/client/allocation/{ALLOCATION}/{path}") as opened:
            assert "not a declared read" in getattr(opened, "detail", "")
    finally:
        await host.aclose()
    assert wire.raw == b""


def whole_client(endpoint: str) -> Any:
    """boto3 as it comes: our own client knows one operation, and the guard must not need that."""
    keys = {"aws_access_key_id": "AKIA", "aws_secret_access_key": "x" * 40}
    return boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **keys)


def session_to(url: str, allow: Any) -> requests.Session:
    return guarded_session(allow=allow, origin=Origin.of(url), tls=TlsSettings(), total=5.0)


# What the code itself can reach

PACKAGE = Path(harbortui.__file__).parent
NETWORK = {
    "httpx",
    "requests",
    "urllib3",
    "boto3",
    "botocore",
    "nomad",
    "hvac",
    "aiohttp",
    "http",
    "ssl",
    "ftplib",
    "smtplib",
}
PROCESSES = {"subprocess", "pty", "multiprocessing"}
SOCKET_PAIR = {"engine/client.py", "engine/launch.py", "engine/link.py", "engine/process.py", "engine/__main__.py"}
STARTS_PROGRAMS = {"cli/demo.py": {"subprocess"}}
CALLS = {"os.system", "os.popen", "os.execv", "os.execve", "os.execvpe", "os.posix_spawnp", "os.spawnv", "eval", "exec"}
SPAWNS = {"engine/launch.py": {"os.posix_spawn", "os.fork"}}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if not name.startswith("sim/"):
            yield name, ast.parse(path.read_text())


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)


def test_only_sources_import_what_speaks_to_a_network() -> None:
    wrong = []
    for name, tree in modules():
        found = set(imports(tree))
        roots = {each.partition(".")[0] for each in found}
        if not name.startswith("sources/"):
            wrong += [(name, each) for each in roots & NETWORK]
            wrong += [(name, each) for each in found if each.startswith(("urllib.request", "urllib.error"))]
            if "socket" in roots and name not in SOCKET_PAIR:
                wrong.append((name, "socket"))
        wrong += [(name, each) for each in (roots & PROCESSES) - STARTS_PROGRAMS.get(name, set())]
    assert wrong == []


def test_the_engine_uses_sockets_only_as_a_pair() -> None:
    allowed = {"socket.socket", "socket.socketpair", "socket.SHUT_RDWR"}
    for name, tree in modules():
        if name in SOCKET_PAIR:
            used = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
            assert {each for each in used if each.startswith("socket.")} <= allowed, name
            sockets = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Call)]
            made = [each for each in sockets if each.startswith("socket.socket(")]
            assert all("fileno=" in each for each in made), (name, made)


def test_no_program_is_started_and_no_text_is_run() -> None:
    wrong = []
    for name, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                spawns = called in ("os.posix_spawn", "os.fork") and called not in SPAWNS.get(name, set())
                if called in CALLS or spawns or "shell=True" in ast.unparse(node):
                    wrong.append((name, called))
    assert wrong == []


def test_the_console_process_never_imports_a_network_library(sim: SimThread, tmp_path: Path) -> None:
    """By what the console's process has mapped and opened: the engine's fork has them, the screen's must not."""
    home = Home(tmp_path / "home")
    with home.terminal("--config", str(sim.config_path)) as terminal:
        terminal.until_text("8/8")
        own = [os.readlink(each) for each in Path(f"/proc/{terminal.pid}/fd").iterdir() if each.exists()]
        inodes = {each[8:-1] for each in own if each.startswith("socket:[")}
        tcp = Path(f"/proc/{terminal.pid}/net/tcp").read_text() + Path(f"/proc/{terminal.pid}/net/tcp6").read_text()
        assert inodes and not [line for line in tcp.splitlines()[1:] if line.split()[9] in inodes]
        terminal.write(b"\x03\x03")
        assert terminal.wait() == 0
    opened = [each for each in home.events() if each.startswith("socket.connect")]
    assert opened, "the engine did connect, and the console did not"


def test_rules_of_the_sources_name_no_method_that_changes_anything() -> None:
    lists = {
        "nomad": (nomad_reads(), stream_reads(), inquiry_reads()),
        "harbor": (harbor_reads("http://h"),),
        "s3": (s3_reads(), store_reads(), listing_reads(), cloudwatch_reads()),
        "vault": (vault_reads("http://v", login=None, paths=["kv/data/x"]),),
    }
    methods = {(rule.method, rule.name) for each in lists.values() for allow in each for rule in allow.rules}
    assert {each for each in methods if each[0] not in ("GET", "HEAD")} == {
        ("POST", "renewal"),
        ("POST", "metric-data"),
    }
