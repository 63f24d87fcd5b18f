"""The demo's own part: the simulator starts, says where it is, and ends with us, whatever happens."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from harbortui.cli import demo
from harbortui.cli.arguments import Arguments
from harbortui.cli.exits import ExitCode
from harbortui.cli.main import main
from harbortui.config.load import Places, load


def answers(url: str) -> bool:
    """True when something speaks HTTP there."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        opener.open(url, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def until_silent(url: str, seconds: float = 15.0) -> bool:
    """Wait for nobody to answer any more."""
    deadline = time.monotonic() + seconds
    while answers(url):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, object], Path]]:
    config = tmp_path / "demo.toml"
    process = subprocess.Popen(
        [sys.executable, "-m", "harbortui", "demo", "--serve", "--write-config", str(config), "--instances", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline()), config
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def vault_of(config: Path) -> str:
    settings = load(config=config, environ={}, places=Places.nowhere())
    assert settings.fleet.simulated and settings.vault is not None
    assert len(settings.instances) == 2 and settings.warnings == ()
    assert settings.vault.token is not None and Path(settings.vault.token.file).is_file()
    return settings.vault.address


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_serving_ends_on_a_signal(
    served: tuple[subprocess.Popen[bytes], dict[str, object], Path], number: signal.Signals, code: int
) -> None:
    process, ready, config = served
    address = vault_of(config)
    assert ready["config"] == str(config) and answers(address)
    process.send_signal(number)
    assert process.wait(20) == code
    assert until_silent(address)


def test_the_fleet_ends_even_when_we_are_killed(
    served: tuple[subprocess.Popen[bytes], dict[str, object], Path],
) -> None:
    process, _, config = served
    address = vault_of(config)
    process.kill()
    process.wait()
    assert until_silent(address)


def test_a_fleet_that_does_not_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "no-folder").write_text("")
    with (
        pytest.raises(demo.DemoFailed, match="did not start"),
        demo.fleet(Arguments(), tmp_path / "no-folder" / "demo.toml", tmp_path / "errors"),
    ):
        pytest.fail("it started")


def test_without_the_extra_the_person_is_told_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "find_spec", lambda name: None)
    assert main(["demo"]) == ExitCode.USAGE
    assert "pip install 'harbortui[demo]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("mark", "command"), [("pipx_metadata.json", "pipx install --force"), ("uv-receipt.toml", "uv tool install")]
)
def test_the_extra_is_got_with_the_tool_that_installed_us(tmp_path: Path, mark: str, command: str) -> None:
    (tmp_path / mark).write_text("")
    assert demo.how_to_install(tmp_path) == f"{command} 'harbortui[demo]'"


def test_a_session_folder_that_is_not_there_does_not_matter(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "gone"))
    monkeypatch.setattr(demo, "_serve", lambda args, folder: 0 if folder.is_dir() else 1)
    assert main(["demo", "--serve"]) == ExitCode.OK


def test_write_config_is_for_serving(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--write-config", "x"]) == ExitCode.USAGE
    assert "--serve" in capsys.readouterr().err
    assert not os.path.exists("x")


@pytest.mark.parametrize("flag", ["--config", "--snapshot"])
def test_what_is_of_another_fleet_is_refused_rather_than_ignored(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([flag, "some-file", "demo"]) == ExitCode.USAGE
    assert f"{flag} is not for it" in capsys.readouterr().err
