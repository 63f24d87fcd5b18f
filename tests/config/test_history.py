"""The history's settings: where it is, how long and how much, and who has the last word."""

from __future__ import annotations

from pathlib import Path

import pytest

from harbortui.config.errors import ConfigError
from harbortui.config.load import Places, load
from harbortui.config.settings import HistorySettings
from tests.config.conftest import MINIMAL, Write


def history(write: Write, text: str = "", **more: dict[str, str]) -> HistorySettings:
    path = write(f"{MINIMAL}\n{text}")
    return load(config=path, environ=more.get("environ", {}), flags=more.get("flags"), places=Places.nowhere()).history


def test_unless_said_otherwise_it_is_kept_in_the_state_directory(write: Write) -> None:
    assert history(write) == HistorySettings(enabled=True, directory="", keep=730, megabytes=200)


def test_a_directory_is_meant_from_its_file_a_flag_from_here(write: Write, tmp_path: Path) -> None:
    text = '[history]\ndirectory = "shared"\nkeep = 30\nmegabytes = 50\nenabled = false\n'
    assert history(write, text) == HistorySettings(
        enabled=False, directory=str(tmp_path / "shared"), keep=30, megabytes=50
    )
    variable = {"HARBORTUI_HISTORY": "/srv/history"}
    assert history(write, text, environ=variable).directory == "/srv/history"
    assert history(write, text, environ=variable, flags={"--history": "here"}).directory == str(Path.cwd() / "here")


@pytest.mark.parametrize(
    "line",
    ["keep = 0", "keep = 1.5", 'keep = "2y"', "megabytes = -1", 'directory = ""', 'enabled = "maybe"', "days = 3"],
)
def test_what_makes_no_sense_is_refused(write: Write, line: str) -> None:
    with pytest.raises(ConfigError) as refused:
        history(write, f"[history]\n{line}\n")
    assert line.split()[0] in str(refused.value)
