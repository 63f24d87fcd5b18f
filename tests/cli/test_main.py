"""The command line as a person and a monitoring system meet it: exit codes, and data apart from narration."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harbortui import __version__
from harbortui.cli.arguments import Arguments, parse
from harbortui.cli.exits import ExitCode
from harbortui.cli.main import main
from harbortui.config.load import Places

CONFIG = """\
[fleet]
name = "ackermann"
[harbor]
username = "ops"
password = { env = "OPS_PASSWORD" }
[[instance]]
name = "harbor.nas"
url = "https://nas.example.org"
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    path.chmod(0o600)
    return str(path)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "etc.toml", tmp_path / "user.toml", None, os.geteuid())


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("HARBORTUI_", "VAULT_", "NOMAD_")):
            monkeypatch.delenv(name)


def code_of(argv: list[str]) -> int:
    with pytest.raises(SystemExit) as caught:
        parse(argv)
    assert isinstance(caught.value.code, int)
    return caught.value.code


def test_flags_may_stand_before_and_after_the_command() -> None:
    before = parse(["--config", "f", "--instance", "a", "check"])
    after = parse(["check", "--config", "f", "--instance", "a"])
    assert before == after == Arguments(command="check", config="f", instance="a")


def test_the_console_is_the_default_command() -> None:
    assert parse([]) == Arguments()
    assert parse(["--mouse", "--theme", "light"]).flags() == {"--theme": "light", "--mouse": "true"}
    assert parse(["--snapshot", "s.json"]).snapshot == "s.json"


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["--bogus"], ExitCode.USAGE),
        (["bogus"], ExitCode.USAGE),
        (["config"], ExitCode.USAGE),
        (["demo", "--instances", "0"], ExitCode.USAGE),
        (["demo", "--speed", "nan"], ExitCode.USAGE),
        (["check", "--bogus"], ExitCode.UNKNOWN),
        (["check", "--format", "xml"], ExitCode.UNKNOWN),
        (["check", "--timeout", "0"], ExitCode.UNKNOWN),
        (["--bogus", "check"], ExitCode.UNKNOWN),
        (["check", "--operator"], ExitCode.UNKNOWN),
        (["--operator"], ExitCode.USAGE),
        (["--help"], ExitCode.OK),
        (["check", "--help"], ExitCode.OK),
    ],
)
def test_exit_codes_of_the_arguments(argv: list[str], code: int) -> None:
    assert code_of(argv) == code


def test_help_has_examples_and_no_secret_flags(capsys: pytest.CaptureFixture[str]) -> None:
    code_of(["--help"])
    text = capsys.readouterr().out
    assert "harbortui demo" in text and "examples:" in text
    assert "password" not in text and "token" not in text


@pytest.mark.parametrize(("argv", "code"), [([], 2), (["check"], 3), (["config", "show"], 2)])
def test_no_configuration_is_a_friendly_word(
    argv: list[str], code: int, places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv, places=places) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert "harbortui demo" in err and str(places.user_file) in err and str(places.system_file) in err


@pytest.mark.parametrize(("argv", "code"), [([], 2), (["check"], 3), (["config", "show"], 2)])
def test_a_wrong_configuration_is_refused_with_its_line(
    argv: list[str], code: int, tmp_path: Path, places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text("[fleet]\nnam = 'x'\n")
    path.chmod(0o600)
    assert main([*argv, "--config", str(path)], places=places) == code
    out, err = capsys.readouterr()
    assert out == "" and f"{path}:2: " in err and "did you mean 'name'?" in err


def test_an_unknown_instance(config: str, places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--config", config, "--instance", "harbor.nsa"], places=places) == ExitCode.UNKNOWN
    assert main(["--config", config, "--instance", "harbor.nsa"], places=places) == ExitCode.USAGE
    assert "did you mean 'harbor.nas'?" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version"]) == main(["--version"]) == ExitCode.OK
    assert capsys.readouterr().out == f"harbortui {__version__}\n" * 2


def test_config_show_says_where_each_value_is_from(
    config: str, places: Places, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPS_PASSWORD", "PLANTED-password")
    monkeypatch.setenv("HARBORTUI_REFRESH", "30")
    monkeypatch.setenv("NOMAD_SKIP_VERIFY", "1")
    assert main(["config", "show", "--config", config, "--theme", "light"], places=places) == ExitCode.OK
    out, err = capsys.readouterr()
    lines = {line.split()[0]: " ".join(line.split()[1:]) for line in out.splitlines()}
    assert lines["fleet.name"] == f"ackermann # --config {config}:2"
    assert lines["fleet.refresh"] == "30 # environment HARBORTUI_REFRESH"
    assert lines["ui.theme"] == "light # flag --theme"
    assert lines["ui.timezone"] == "UTC # built-in"
    assert lines["harbor.password"] == f"env OPS_PASSWORD # --config {config}:5"
    assert lines["instance.harbor.nas.url"] == f"https://nas.example.org # --config {config}:8"
    assert lines["policy.read_only"] == "false # built-in"
    assert "PLANTED" not in out + err
    assert "NOMAD_SKIP_VERIFY is not obeyed" in err


def test_config_show_as_json(config: str, places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "show", "--format", "json", "--config", config], places=places) == ExitCode.OK
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == 1 and document["files"] == [config] and document["warnings"] == []
    (name,) = [row for row in document["values"] if row["key"] == "fleet.name"]
    assert name == {"key": "fleet.name", "value": "ackermann", "origin": "--config", "where": config, "line": 2}


def test_a_reader_that_goes_away_is_no_crash(config: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "harbortui", "config", "show", "--config", config],
        stdout=writer,
        stderr=subprocess.PIPE,
        timeout=30,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (ExitCode.PIPE, b"")


def test_the_configuration_is_read_without_heavy_imports(config: str) -> None:
    program = (
        "import sys; from harbortui.cli.main import main; code = main(['config', 'show', '--config', sys.argv[1]]);"
        "heavy = {'textual', 'rich', 'httpx', 'requests', 'boto3', 'botocore', 'nomad', 'hvac', 'asyncio', 'aiohttp'};"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, config], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stderr.strip()) == (0, "[]")
