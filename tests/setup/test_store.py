"""Putting the file in place: private, whole, and never over what somebody else just wrote."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from harbortui.config.errors import ConfigError
from harbortui.setup import store

GOOD = '[[instance]]\nname = "one"\nurl = "https://one"\n'


def test_a_new_file_is_private_in_a_private_folder(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "config.toml"
    store.write(path, GOOD, None)
    assert path.read_text() == GOOD and stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700 and os.listdir(path.parent) == ["config.toml"]


@pytest.mark.parametrize("before", [None, "what init read"])
def test_what_changed_meanwhile_is_not_overwritten(tmp_path: Path, before: str | None) -> None:
    path = tmp_path / "config.toml"
    path.write_text("somebody else was here")
    with pytest.raises(store.NotWritten, match="changed meanwhile"):
        store.write(path, GOOD, before)
    assert path.read_text() == "somebody else was here" and os.listdir(tmp_path) == ["config.toml"]


def test_a_file_that_went_away_is_not_made_anew(tmp_path: Path) -> None:
    with pytest.raises(store.NotWritten):
        store.write(tmp_path / "config.toml", GOOD, "it was there")
    assert os.listdir(tmp_path) == []


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.toml", tmp_path / "link.toml"
    real.write_text("old")
    link.symlink_to(real)
    store.write(link, GOOD, "old")
    assert link.is_symlink() and real.read_text() == GOOD and stat.S_IMODE(real.stat().st_mode) == 0o600


def test_a_place_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(store.NotWritten, match="cannot be written"):
        store.write(tmp_path / "file" / "config.toml", GOOD, None)


def test_odd_bytes_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    path.chmod(0o600)
    existing = store.read_existing(path, os.geteuid())
    assert existing is not None and existing.names() == {"one"}
    store.write(path, existing.text + "# more\n", existing.text)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf[[instance]]\r\n")


def test_what_would_be_no_configuration_is_found_before(tmp_path: Path) -> None:
    assert store.check(GOOD) == []
    assert any("token" in each for each in store.check(GOOD + '[nomad]\ntoken = "in clear"\n'))
    assert "in clear" not in str(store.check(GOOD + '[nomad]\ntoken = "in clear"\n'))
    assert store.read_existing(tmp_path / "nothing.toml", os.geteuid()) is None
    (tmp_path / "broken.toml").write_text("= 1")
    with pytest.raises(ConfigError):
        store.read_existing(tmp_path / "broken.toml", os.geteuid())
