"""`harbortui history`: what was recorded, in words and as JSON, without asking any backend."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from harbortui.cli import history
from harbortui.cli.history_formats import Told, as_json, as_text
from harbortui.cli.main import main
from harbortui.collect.history.place import writer_name
from harbortui.config.load import Places
from harbortui.model.history import Forecast, Outlook
from tests.history.years import fill, place_at, target
from tests.ui import pasts, samples
from tests.ui.samples import GIB, NAMES, NOW


@pytest.fixture(autouse=True)
def no_session_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Two instances; the first one's history is a hundred days long."""
    fill(place_at(tmp_path, writer_name()), 1, time.time(), days=100)
    lines = []
    for each in (target(0), target(1)):
        lines.append(f'[[instance]]\nname = "{each.name}"\nurl = "{each.url}"\njob = "{each.job}"')
        lines.append(f'bucket = "{each.bucket}"\nnomad.address = "{each.nomad_address}"')
        lines.append(f'storage.endpoint = "{each.store_endpoint}"')
    path = tmp_path / "config.toml"
    path.write_text("\n".join(lines), "utf-8")
    path.chmod(0o600)
    return path


def told(config: Path, *arguments: str, directory: Path | None = None) -> int:
    kept = str(directory or config.parent)
    return main(["history", "--config", str(config), "--history", kept, *arguments], places=Places.nowhere())


def test_in_words(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(config) == 0
    text = capsys.readouterr().out
    first, second = text.split("\nharbor-01\n")
    assert "bucket harbor-00: " in first and "+20 GiB a week" in first and "by 60 days" in first
    assert "no quota is known" in first
    assert "component core unhealthy for 11 h, since " in first
    assert second.strip() == "nothing recorded"


def test_as_a_document(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(config, "--format", "json", "--instance", "harbor-00") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["harbortui_history"], document["lost"]) == (1, [])
    (only,) = document["instances"]
    assert only["bucket"]["trend"]["bytes_per_day"] > 0 and only["bucket"]["forecast"] is None
    assert len(only["bucket"]["days"]) >= 60
    core = next(each for each in only["states"] if each["name"] == "core")
    assert core["state"] == "unhealthy" and core["earliest"] < core["since"] < core["seen_at"]
    assert only["executions"][0]["status"] == "Succeed"


def test_nothing_recorded_is_said_and_is_no_success(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty"
    assert told(config, directory=empty) == 1
    out = capsys.readouterr()
    assert "nothing is recorded yet" in out.err and "harbor-00" in out.out
    assert not empty.exists(), "who only looks makes nothing"


def test_a_history_that_is_off_is_said(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(config.read_text("utf-8") + "\n[history]\nenabled = false\n", "utf-8")
    assert told(config) == 1
    assert history.NONE_KEPT in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_named_and_the_rest_is_told(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (config.parent / "other-1.history").write_bytes(b"no database" * 1000)
    assert told(config) == 1
    out = capsys.readouterr()
    assert "other-1.history" in out.err and "+20 GiB a week" in out.out


def test_an_unknown_instance_is_wrong_usage(config: Path) -> None:
    assert told(config, "--instance", "nobody") == 2


def sample(**changes: object) -> Told:
    return Told(samples.instance(NAMES[0]).target, pasts.detail(**changes))


def test_forecast_collections_and_restarts_in_words() -> None:
    text = as_text([sample()], NOW, (), fleet="ackermann", origin="simulated")
    assert text.startswith("ackermann, 2025-11-21 14:03 UTC [SIMULATED]\n")
    assert "full: in about 9 weeks (8 to 10), of 500 GiB" in text
    assert "18 GiB freed by Harbor's word, the bucket went from 430 GiB to 412 GiB, -18 GiB" in text
    assert "restarts within a day: registry 3" in text
    assert "8 components healthy; the newest, component database, for 5 d" in text


def test_a_forecast_as_a_document() -> None:
    steady = pasts.bucket(forecast=Forecast(outlook=Outlook.STEADY, limit=500.0 * GIB))
    for bucket, outlook in ((pasts.bucket(), "filling"), (steady, "steady")):
        document = json.loads(as_json([sample(past=pasts.past(bucket=bucket))], NOW, (), fleet="f", origin="live"))
        assert document["instances"][0]["bucket"]["forecast"]["outlook"] == outlook


def test_names_of_the_world_outside_are_harmless() -> None:
    evil = pasts.standing("x\x1b]0;owned\x07", "unhealthy")
    given = [sample(past=pasts.past(standings=(evil,)))]
    for text in (
        as_text(given, NOW, (), fleet="\x1b[2J", origin="live"),
        as_json(given, NOW, (), fleet="f", origin="live"),
    ):
        assert "\x1b" not in text and "\x07" not in text and "\\u001b" not in text
