"""``harbortui runbook``."""

from __future__ import annotations

from pathlib import Path

import pytest

from harbortui.cli.main import main
from harbortui.config.load import Places
from harbortui.runbooks.catalogue import runbooks

CONFIG = """
[nomad]
address = "https://nomad.example.org:4646"

[storage]
endpoint = "http://10.0.0.200:9000"

[[instance]]
name = "harbor-a"
url = "https://a.example.org"
bucket = "bucket-a"
prefix = "/registry"

[[instance]]
name = "harbor-b"
url = "https://b.example.org"
bucket = "it's $(touch x)"
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "fleet.toml"
    path.write_text(CONFIG)
    path.chmod(0o600)
    return str(path)


def test_without_a_name_it_lists_all_with_what_they_are_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runbook"], places=Places.nowhere()) == 0
    out = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in out] == list(runbooks())


def test_without_a_configuration_names_stay_open(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runbook", "s3-storage-problems"], places=Places.nowhere()) == 0
    shown = capsys.readouterr()
    assert "--bucket '<bucket>'" in shown.out and "{{" not in shown.out and not shown.err


def test_an_instance_brings_its_names(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runbook", "bucket-full", "--config", config, "--instance", "harbor-a"], places=Places.nowhere()) == 0
    out = capsys.readouterr().out
    assert "--bucket bucket-a --prefix registry/docker/registry/v2/" in out and "harbor-a" in out
    assert "'<allocation>'" in out, "what only a look at the fleet would tell is not made up"


def test_of_several_instances_none_is_chosen(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runbook", "bucket-full", "--config", config], places=Places.nowhere()) == 0
    assert "bucket-a" not in capsys.readouterr().out


def test_what_is_not_there_is_said(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runbook", "nothing"], places=Places.nowhere()) == 2
    assert "backup-and-restore" in capsys.readouterr().err
    assert main(["runbook", "bucket-full", "--config", config, "--instance", "x"], places=Places.nowhere()) == 2
    assert "harbor-a" in capsys.readouterr().err
    assert main(["runbook", "bucket-full", "--instance", "x"], places=Places.nowhere()) == 2
