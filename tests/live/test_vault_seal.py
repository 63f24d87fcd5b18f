"""Sealing the live server and unsealing it, only where the environment gives an unseal key: it concerns everybody."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from harbortui.model.failure import FailureKind
from harbortui.model.secret import Secret
from harbortui.sources.answer import Ok
from harbortui.sources.vault.login import TokenLogin
from tests.live.settings import LiveVault
from tests.live.vault_made import Made, made
from tests.live.vault_open import failure_of, opened, state_of

K = FailureKind


@pytest.fixture
def key(live_vault: LiveVault) -> Secret:
    found = live_vault.secret("UNSEAL_KEY")
    if found is None:
        pytest.skip("no unseal key")
    return found


@pytest.fixture
def things(live_vault: LiveVault, live_change: str, key: Secret) -> Iterator[Made]:
    with made(live_vault, live_change) as things:
        yield things
        things.admin.ask("POST", "sys/unseal", {"key": key.reveal()}, X_Vault_Namespace="")


async def unsealed(things: Made, key: Secret) -> None:
    async with asyncio.timeout(60):
        while things.admin.ask("GET", "sys/health", X_Vault_Namespace="")[0] != 200:
            things.admin.ask("POST", "sys/unseal", {"key": key.reveal()}, X_Vault_Namespace="")
            await asyncio.sleep(0.5)


async def test_a_seal_is_told_and_ends(things: Made, key: Secret) -> None:
    role = things.approle()
    async with (
        opened(things.server, TokenLogin(things.token()), [things.path]) as source,
        opened(things.server, role, [things.path]) as other,
    ):
        assert isinstance(await source.read(things.path), Ok)
        things.do("POST", "sys/seal", {})
        try:
            for each in (source, other):
                state = state_of(await each.state())
                assert state.initialized and state.sealed
                assert (state.token_failure, state.token_unknown) == ("", "")
                failure = failure_of(await each.read(things.path))
                assert (failure.kind, failure.detail) == (K.SEALED, "Vault is sealed")
        finally:
            await unsealed(things, key)
        for each in (source, other):
            state = state_of(await each.state())
            assert not state.sealed and state.token_failure == ""
            assert isinstance(await each.read(things.path), Ok)
