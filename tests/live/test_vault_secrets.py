"""Secrets in every state at the live server: versions, deleted, destroyed, forbidden, in both kinds of store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from harbortui.model.failure import FailureKind
from harbortui.sources.answer import Ok
from harbortui.sources.vault.login import TokenLogin
from harbortui.sources.vault.source import VaultSource
from tests.live.settings import LiveVault
from tests.live.vault_made import Made, made
from tests.live.vault_open import failure_of, opened, value_of

K = FailureKind
NOWHERE = "harbortui-live-nowhere/data/a"


@pytest.fixture
def things(live_vault: LiveVault, live_change: str) -> Iterator[Made]:
    with made(live_vault, live_change) as things:
        yield things


@pytest.fixture
async def source(things: Made) -> AsyncIterator[VaultSource]:
    name = things.name
    paths = [
        things.path,
        f"{name}/one",
        f"{name}/data/none",
        f"{name}-v1/one",
        f"{name}-v1/data/one",
        NOWHERE,
    ]
    async with opened(things.server, TokenLogin(things.token()), paths) as source:
        yield source


async def test_the_newest_version_is_read(things: Made, source: VaultSource) -> None:
    assert value_of(await source.read(things.path)) == {"password": "first-value"}
    things.write({"password": "second-value", "more": "x"})
    assert value_of(await source.read(things.path)) == {"password": "second-value", "more": "x"}


async def test_values_of_other_types_are_told_and_left_out(things: Made, source: VaultSource) -> None:
    things.write({"port": 5432, "deep": {"a": "b"}, "text": "x"})
    answer = await source.read(things.path)
    assert value_of(answer) == {"text": "x"}
    assert isinstance(answer, Ok) and sorted(answer.lost_rows) == ["deep is not text", "port is not text"]


async def test_a_deleted_version_is_told_by_its_number(things: Made, source: VaultSource) -> None:
    things.write({"password": "second-value"})
    things.do("DELETE", things.path)
    failure = failure_of(await source.read(things.path))
    assert (failure.kind, failure.detail) == (K.NOT_FOUND, "version 2 of the secret was deleted")
    things.do("POST", f"{things.name}/undelete/one", {"versions": [2]})
    assert value_of(await source.read(things.path)) == {"password": "second-value"}


async def test_a_destroyed_version_is_told(things: Made, source: VaultSource) -> None:
    things.do("POST", f"{things.name}/destroy/one", {"versions": [1]})
    failure = failure_of(await source.read(things.path))
    assert (failure.kind, failure.detail) == (K.NOT_FOUND, "version 1 of the secret was destroyed")


async def test_a_missing_secret_and_a_removed_one(things: Made, source: VaultSource) -> None:
    assert failure_of(await source.read(f"{things.name}/data/none")).detail == "no such secret"
    things.do("DELETE", f"{things.name}/metadata/one")
    assert failure_of(await source.read(things.path)).kind is K.NOT_FOUND


async def test_a_version_1_store_is_read_without_data(things: Made, source: VaultSource) -> None:
    name = things.name
    things.do("POST", f"{name}-v1/one", {"password": "old-style"})
    assert value_of(await source.read(f"{name}-v1/one")) == {"password": "old-style"}
    assert failure_of(await source.read(f"{name}-v1/data/one")).kind is K.NOT_FOUND
    wrong = failure_of(await source.read(f"{name}/one"))
    assert wrong.kind is K.NOT_FOUND and "<mount>/data/<path>" in wrong.detail


async def test_a_policy_that_ends_is_no_dead_token(things: Made, source: VaultSource) -> None:
    assert isinstance(await source.read(things.path), Ok)
    things.allow(f'path "{things.name}/other" {{ capabilities = ["read"] }}')
    failure = failure_of(await source.read(things.path))
    assert (failure.kind, failure.needs) == (K.FORBIDDEN, f"read on {things.path}")
    things.allow()
    assert isinstance(await source.read(things.path), Ok)


async def test_a_store_that_is_not_there(things: Made, source: VaultSource) -> None:
    assert failure_of(await source.read(NOWHERE)).kind in (K.FORBIDDEN, K.NOT_FOUND)
