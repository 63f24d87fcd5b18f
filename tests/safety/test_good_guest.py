"""What the console costs those it watches, by the simulator's own counts, and whom it never speaks to."""

from __future__ import annotations

import ast
import asyncio
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from harbortui.collect.intervals import BASE_SECONDS, INSTANCE_PACE, REQUESTS_PER_MINUTE
from harbortui.collect.wiring import wire
from harbortui.config.load import Places, load
from harbortui.engine.messages import Focus, Follow, LogLines
from harbortui.model.snapshot import INSTANCE_FACETS
from harbortui.sim.thread import SimThread
from tests.collect.fakes import until
from tests.engine.test_engine import Console
from tests.safety.home import Home
from tests.safety.wire import Declared, recorded

NOMAD_CONNECTIONS = 12
WORKERS = 5
"""Connections for ordinary calls; the event stream and one log are the other two."""
SPEED = 15.0
"""How much shorter every interval is made: the table of intervals is stated for 15 s and scales with the refresh."""
WINDOW = 20.0
"""Seconds of counting; at that speed they hold the longest interval of the table, 300 s, exactly once."""


@pytest.fixture(scope="module")
def sim() -> Iterator[SimThread]:
    with SimThread(instances=3, seed=1) as running:
        yield running


async def test_a_minute_costs_an_instance_at_most_sixty_requests(sim: SimThread) -> None:
    """The real engine over real sockets with every interval at a fifteenth, so that 20 s count as five minutes.

    Only intervals shrink, while deadlines, streams and the simulator stay as they are: requests per scaled minute are
    the same as at 15 s, or more where something happens in real time (events, heartbeats, a renewal), and connections
    are more crowded. What the whole fleet shares (Vault, nodes, store health) is shared out over the instances.
    """
    assert max(pace.every for pace in INSTANCE_PACE.values()) * BASE_SECONDS / 15 <= WINDOW * SPEED
    settings = load(config=sim.config_path, environ={}, places=Places.nowhere())
    settings = msgspec.structs.replace(
        settings, fleet=msgspec.structs.replace(settings.fleet, refresh=BASE_SECONDS / SPEED)
    )
    first = sim.world.instances[0].name
    with recorded() as wire_:
        async with Console(wire(settings, vault_password=None, wall=time.time)) as console:
            await until(lambda: learned(console), 30.0)
            console.tell(Focus(instance=first))
            console.tell(Follow(instance=first, task="core"))
            sim.control.reset_counts()
            wire_.forget()
            begun = time.monotonic()
            await asyncio.sleep(WINDOW)
            counts = sim.control.counts()
            scaled_minutes = (time.monotonic() - begun) * SPEED / 60
            failures = [
                (each.name, name)
                for each in console.mirror.snapshot.instances
                for name in INSTANCE_FACETS
                if getattr(each, name).failure is not None
            ]
        requests = wire_.requests()
    assert failures == [], "back-off would change the rate"
    shared = sum(counts[name]["requests"] for name in ("nomad", "s3", "vault")) / len(sim.world.instances)
    costs = {
        each.name: (counts[f"harbor:{each.name}"]["requests"] + shared) / scaled_minutes for each in sim.world.instances
    }
    assert all(REQUESTS_PER_MINUTE / 4 < cost <= REQUESTS_PER_MINUTE for cost in costs.values()), costs
    assert counts["nomad"]["peak"] <= NOMAD_CONNECTIONS and counts["nomad"]["refused"] == 0
    assert all(each["peak"] <= NOMAD_CONNECTIONS for each in counts.values()), "nor anywhere else"
    assert not [each.target for each in requests if each.header("cookie") is not None]
    assert Declared(sim).undeclared(requests) == []
    assert not [each for backend in counts.values() for each in backend["writes"] if "renew-self" not in each]
    assert {code for each in counts.values() for code in each["by_status"]} <= {"200", "412"}, "no refused requests"


def learned(console: Console) -> bool:
    instances = console.mirror.snapshot.instances
    return bool(instances) and all(getattr(each, name).at for each in instances for name in INSTANCE_FACETS)


async def test_a_log_that_is_left_leaves_its_connection(sim: SimThread) -> None:
    """Every log of an instance, one after the other: each is followed, and none stays open behind the next."""
    settings = load(config=sim.config_path, environ={}, places=Places.nowhere())
    name = sim.world.instances[0].name
    async with Console(wire(settings, vault_password=None, wall=time.time)) as console:
        await until(lambda: learned(console), 30.0)
        for task in ("core", "registry", "nginx") * 5:
            before = len(console.got)
            console.tell(Follow(instance=name, task=task))
            await until(lambda: has_lines(console, before, task), 10.0)  # noqa: B023 - awaited within the round
        await until(lambda: sim.control.counts()["nomad"]["open"] <= WORKERS + 2, 10.0)


def has_lines(console: Console, since: int, task: str) -> bool:
    return any(isinstance(each, LogLines) and each.task == task and each.lines for each in console.got[since:])


# Whom it never speaks to


class Trap:
    """Listens on loopback and remembers who came."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.caught: list[bytes] = []
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.caught.append(b"")
            with connection:
                connection.settimeout(1.0)
                try:
                    self.caught.append(connection.recv(1000))
                except OSError:
                    continue

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


BAIT = "AKIABAITBAITBAITBAIT"


@contextmanager
def trapped(tmp_path: Path) -> Iterator[tuple[Home, Trap]]:
    """A home where everything that tools pick up by accident leads into a trap."""
    trap = Trap()
    path = tmp_path / "home"
    (path / ".aws").mkdir(parents=True)
    profile = f"aws_access_key_id = {BAIT}\naws_secret_access_key = {BAIT}\nendpoint_url = {trap.url}\n"
    (path / ".aws" / "credentials").write_text(f"[default]\n{profile}")
    (path / ".aws" / "config").write_text(f"[default]\n{profile}region = bait\n")
    for name in (".netrc", "_netrc"):
        (path / name).write_text(f"machine 127.0.0.1 login {BAIT} password {BAIT}\n")
    (path / ".vault-token").write_text(BAIT)
    (path / ".boto").write_text(f"[Credentials]\n{profile}")
    variables = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY"), trap.url)
    variables |= {name.lower(): value for name, value in variables.items()}
    variables |= dict.fromkeys(
        ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_EC2_METADATA_SERVICE_ENDPOINT"), trap.url
    )
    variables |= dict.fromkeys(("AWS_CONTAINER_CREDENTIALS_FULL_URI", "VAULT_ADDR", "VAULT_AGENT_ADDR"), trap.url)
    variables |= dict.fromkeys(("NOMAD_ADDR", "VAULT_PROXY_ADDR", "VAULT_HTTP_PROXY"), trap.url)
    variables |= dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"), BAIT)
    variables |= dict.fromkeys(
        ("VAULT_TOKEN", "VAULT_NAMESPACE", "NOMAD_TOKEN", "NOMAD_NAMESPACE", "NOMAD_REGION"), BAIT
    )
    variables |= {"NETRC": str(path / ".netrc"), "AWS_PROFILE": "default", "NO_PROXY": "", "no_proxy": ""}
    variables |= {
        "AWS_SHARED_CREDENTIALS_FILE": str(path / ".aws/credentials"),
        "AWS_CONFIG_FILE": str(path / ".aws/config"),
    }
    try:
        yield Home(path, **variables), trap
    finally:
        trap.close()


@pytest.mark.parametrize("way", ["check", "console"])
def test_only_what_is_configured_is_spoken_to(sim: SimThread, tmp_path: Path, way: str) -> None:
    with trapped(tmp_path) as (home, trap), recorded() as wire_:
        if way == "check":
            done = home.run("check", "--config", str(sim.config_path), "--format", "json")
            assert done.returncode in (0, 1, 2), done.stderr
        else:
            with home.terminal("--config", str(sim.config_path)) as terminal:
                terminal.until_text("8/8")
                terminal.write(b"\r5")
                terminal.until_text("live, allocation")
                terminal.write(b"\x03\x03")
                assert terminal.wait() == 0
        assert trap.caught == []
        raw, requests = wire_.raw, wire_.requests()
    assert BAIT.encode() not in raw and b"bait" not in raw
    assert {each.backend.partition(":")[0] for each in requests} == {"harbor", "nomad", "s3", "vault"}
    ours = {int(url.rpartition(":")[2]) for name, url in sim.fleet.endpoints.items() if name != "control"}
    contacts = list(network_events(home))
    assert {port for _, _, port in contacts} <= ours, contacts
    assert {host for _, host, _ in contacts} == {"127.0.0.1"}
    opened = [event for event in home.events() if event.startswith("open")]
    assert opened and not [
        each for each in opened if re.search(r"\.netrc|\.aws/|\.boto|\.vault-token'", own(each, home))
    ]
    started = [each for each in home.events() if each.startswith(("subprocess", "os."))]
    assert started == []


def own(event: str, home: Home) -> str:
    """The event when it is about the baited home; the token file beside the configuration is configured."""
    return event if str(home.path) in event else ""


def network_events(home: Home) -> Iterator[tuple[str, str, int]]:
    """Kind, host and port of each connection and name look-up of the process and its forks."""
    for line in home.events():
        kind, _, shown = line.partition(" ")
        # urllib3 learns at its import whether there is IPv6 by binding a socket that it closes again.
        if not kind.startswith("socket.") or (kind == "socket.bind" and shown.endswith("('::1', 0))")):
            continue
        assert kind != "socket.bind", f"nothing is ever served: {line}"
        value = ast.literal_eval(shown)
        host, port = value[0] if kind == "socket.connect" else value[:2]
        yield kind, host.decode() if isinstance(host, bytes) else str(host), int(port or 0)


def test_the_traps_do_catch(tmp_path: Path) -> None:
    """The control: a client that trusts its environment walks into them."""
    import boto3
    import requests

    with trapped(tmp_path) as (home, trap), pytest.MonkeyPatch.context() as patch:
        for name, value in home.variables.items():
            patch.setenv(name, value)
        with pytest.raises(requests.RequestException):
            requests.get("http://harbor.invalid/", timeout=3)
        assert any(b"GET http://harbor.invalid/" in each for each in trap.caught)
        credentials = boto3.session.Session().get_credentials()
        assert credentials is not None and credentials.access_key == BAIT
