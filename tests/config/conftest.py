"""Configuration files as a person would write them, away from this machine's own."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harbortui.config.load import Places

MINIMAL = """\
[[instance]]
name = "one"
url = "https://one.example.org"
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a configuration file that is fit to be trusted, unless another mode is asked for."""

    def write(text: str, name: str = "config.toml", mode: int = 0o600) -> Path:
        path = tmp_path / name
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        path.chmod(mode)
        return path

    return write


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Places below the test's own directory, administered by whoever runs the test."""
    return Places(
        system_file=tmp_path / "etc" / "config.toml",
        user_file=tmp_path / "user" / "config.toml",
        home=tmp_path / "home",
        uid=os.geteuid(),
        administrator=os.geteuid(),
    )
