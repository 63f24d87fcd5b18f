"""The fleet, its control server, its thread and its process, with small stand-ins where a server is not the subject."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tomllib
import urllib.request
from typing import Any

import pytest

from harbortui.sim.config_out import write_config
from harbortui.sim.faults import REGISTRY, register
from harbortui.sim.thread import SimThread
from harbortui.sim.world import SimOptions, World

START = 1_768_399_200.0
BACKENDS = {"nomad", "vault", "s3", "harbor:harbor-vm-06", "harbor:harbor-vm-05", "harbor:harbor-nas"}


def get(url: str) -> tuple[int, bytes]:
    """A GET without proxies and with a deadline."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=5) as answer:
        return answer.status, answer.read()


def test_all_backends_answer_and_are_counted(sim_thread: SimThread) -> None:
    control = sim_thread.control
    assert set(control.counts()) == BACKENDS
    url = sim_thread.url("harbor:harbor-vm-06")
    status, _ = get(url + "/api/v2.0/ping")
    assert status == 200
    counts = control.counts()["harbor:harbor-vm-06"]
    assert counts["requests"] == 1
    assert counts["by_path"] == {"GET /api/v2.0/ping": 1}
    assert counts["writes"] == []
    assert control.counts()["harbor:harbor-nas"]["requests"] == 0
    control.reset_counts()
    assert control.counts()["harbor:harbor-vm-06"]["requests"] == 0


def test_every_instance_knows_its_address(sim_thread: SimThread) -> None:
    urls = sim_thread.call(lambda fleet: [i.url for i in fleet.world.instances])
    assert urls == [sim_thread.url(f"harbor:{name}") for name in ("harbor-vm-06", "harbor-vm-05", "harbor-nas")]


def test_the_clock_is_held_moved_and_run(sim_thread: SimThread) -> None:
    control = sim_thread.control
    assert control.clock() == {"now": START, "speed": 0.0}
    assert control.clock(advance=90)["now"] == START + 90
    assert control.world()["now"] == START + 90
    with pytest.raises(RuntimeError, match="backwards"):
        control.clock(set=START)
    assert control.clock(speed=1000)["speed"] == 1000
    held = control.clock(hold=True)
    assert held["speed"] == 0
    assert held["now"] > START + 90
    assert control.clock() == held


def test_the_world_can_be_changed_and_read(sim_thread: SimThread) -> None:
    control = sim_thread.control
    before = control.world()["instances"]["harbor-vm-06"]
    control.do("crash_task", instance="harbor-vm-06", task="core")
    digest = control.do("push", instance="harbor-vm-05", repository="library/payments", tag="canary")
    assert str(digest).startswith("sha256:")
    after = control.world()["instances"]["harbor-vm-06"]
    assert before["tasks"]["core"] == {"state": "running", "restarts": before["tasks"]["core"]["restarts"]}
    assert after["tasks"]["core"]["state"] == "pending"
    control.clock(advance=120)
    later = control.world()["instances"]["harbor-vm-06"]
    assert later["tasks"]["core"] == {"state": "running", "restarts": before["tasks"]["core"]["restarts"] + 1}
    held = sim_thread.call(lambda f: f.world.instance("harbor-nas").find_artifact("library/payments", "canary"))
    assert held is not None
    with pytest.raises(RuntimeError, match="KeyError"):
        control.do("nothing")
    with pytest.raises(RuntimeError, match="proxy project"):
        control.do("push", instance="harbor-vm-05", repository="docker-cache/x", tag="y")


def test_faults_by_backend_and_by_name(sim_thread: SimThread) -> None:
    control = sim_thread.control
    port = int(sim_thread.url("s3").rsplit(":", 1)[1])
    control.fault("s3", "down")
    with socket.socket() as probe, pytest.raises(ConnectionRefusedError):
        probe.connect(("127.0.0.1", port))
    control.fault("s3", "up")
    with socket.socket() as probe:
        probe.connect(("127.0.0.1", port))
    with pytest.raises(RuntimeError, match="mode must be"):
        control.fault("s3", "sideways")
    with pytest.raises(RuntimeError, match="KeyError"):
        control.fault("s4", "down")
    control.named_fault("read-only", instance="harbor-nas")
    assert control.world()["instances"]["harbor-nas"]["read_only"] is True
    control.named_fault("read-only", instance="harbor-nas", clear=True)
    assert control.world()["instances"]["harbor-nas"]["read_only"] is False
    control.named_fault("node-drain", instance="harbor-nas")
    control.clock(advance=60)
    assert control.world()["instances"]["harbor-nas"]["allocation"] is None


def test_fields_of_options_may_be_given_to_the_thread() -> None:
    with SimThread(instances=2, seed=3, hold=START) as sim:
        assert sim.control.clock() == {"now": START, "speed": 0.0}
        assert (len(sim.world.instances), sim.world.options.seed) == (2, 3)


def test_a_fault_name_is_taken_once() -> None:
    with pytest.raises(ValueError, match="already"):
        register("read-only", "", REGISTRY["read-only"].put, REGISTRY["read-only"].clear)


def test_planted_secrets_are_told(sim_thread: SimThread) -> None:
    secrets = sim_thread.control.secrets()
    assert secrets == sim_thread.world.secrets.all()


def test_the_configuration_reaches_the_fleet(sim_thread: SimThread) -> None:
    path = sim_thread.config_path
    config: dict[str, Any] = tomllib.loads(path.read_text())
    assert config["fleet"] == {"name": "ackermann", "simulated": True}
    assert config["nomad"]["address"] == sim_thread.url("nomad")
    assert config["vault"]["address"] == sim_thread.url("vault")
    assert config["storage"]["endpoint"] == sim_thread.url("s3")
    assert config["harbor"]["username"] == "robot$ops-console"
    rows = [(i["name"], i["url"], i["bucket"], i["prefix"]) for i in config["instance"]]
    assert rows[0] == ("harbor-vm-06", sim_thread.url("harbor:harbor-vm-06"), "harbor", "/registry")
    assert len(rows) == 3
    assert "PLANTED" not in path.read_text()
    with open(config["vault"]["token_file"], encoding="utf-8") as file:
        assert file.read().strip() == sim_thread.world.secrets.vault_token
    for name in (path, config["vault"]["token_file"]):
        assert stat.S_IMODE(os.stat(name).st_mode) == 0o600
    vault = sim_thread.world.vault.data["kv/data/harbor"]
    named = (("nomad", "token"), ("storage", "access_key"), ("storage", "secret_key"), ("harbor", "password"))
    for table, key in named:
        assert config[table][key]["key"] in vault


def test_a_configuration_is_not_written_through_a_link(world: World, tmp_path: Any) -> None:
    urls = dict.fromkeys([*BACKENDS], "http://127.0.0.1:1")
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "x.vault-token").symlink_to(victim)
    write_config(world, urls, tmp_path / "x.toml")
    assert victim.read_text() == "mine"


def test_the_process_says_when_it_is_ready_and_ends_on_request(tmp_path: Any) -> None:
    for end in ("term", "stdin"):
        config = tmp_path / f"{end}.toml"
        command = [sys.executable, "-m", "harbortui.sim", "--instances", "1", "--write-config", str(config)]
        command += ["--start-time", "2026-01-14T14:00:00Z", "--speed", "0", "--exit-with-stdin"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            ready = json.loads(process.stdout.readline())
            assert ready["config"] == str(config)
            _, body = get(ready["endpoints"]["control"] + "/clock")
            assert json.loads(body) == {"now": START, "speed": 0.0}
            if end == "term":
                process.send_signal(signal.SIGTERM)
            else:
                process.stdin.close()
            assert process.wait(15) == 0
        finally:
            process.kill()
            process.stdout.close()
            process.stdin.close()
            process.wait()


def test_options_that_make_no_sense_are_refused() -> None:
    from harbortui.sim.__main__ import main

    with pytest.raises(SystemExit):
        main(["--instances", "0"])


def test_a_fleet_that_cannot_start_says_why() -> None:
    wrong = SimOptions(start=START, harbor_version="vX.Y.Z")
    with pytest.raises(ValueError, match="invalid literal"), SimThread(wrong):
        pass
