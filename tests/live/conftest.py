"""Fixtures of the live suite: each skips its test when the environment does not name the server."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from harbortui.model.redact import Clean, Cleaner, Redactor
from tests.live.settings import CHANGE, PREFIX, LiveHarbor, LiveNomad, LiveS3, LiveVault, may_change, server

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything below this folder is live: run with ``-m live`` only, and allowed to be slow."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.live)


def _server(system: str) -> Any:
    found = server(system, os.environ)
    if found is None:
        pytest.skip(f"{PREFIX}{system} is not set")
    return found


@pytest.fixture
def live_nomad() -> LiveNomad:
    return cast(LiveNomad, _server("NOMAD"))


@pytest.fixture
def live_vault() -> LiveVault:
    return cast(LiveVault, _server("VAULT"))


@pytest.fixture
def live_s3() -> LiveS3:
    return cast(LiveS3, _server("S3"))


@pytest.fixture
def live_harbor() -> LiveHarbor:
    return cast(LiveHarbor, _server("HARBOR"))


@pytest.fixture
def live_change() -> str:
    """The name that everything a test makes must begin with; skips unless changes are allowed."""
    if not may_change(os.environ):
        pytest.skip(f"{CHANGE} is not 1")
    return f"harbortui-live-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def clean() -> Clean:
    return Cleaner(Redactor())


@pytest.fixture
def now() -> Callable[[], float]:
    return time.time
