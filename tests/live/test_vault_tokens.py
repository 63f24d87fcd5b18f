"""Tokens of every kind at the live server: renewed, ended, revoked, wrapped; made and removed by the tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest

from harbortui.model.failure import FailureKind
from harbortui.model.secret import Secret
from harbortui.sources.answer import Ok
from harbortui.sources.vault.login import Login, TokenLogin
from harbortui.sources.vault.source import VaultSource
from tests.live.settings import LiveVault
from tests.live.vault_made import Made, made
from tests.live.vault_open import Plain, failure_of, opened, state_of, value_of

K = FailureKind


@pytest.fixture
def things(live_vault: LiveVault, live_change: str) -> Iterator[Made]:
    with made(live_vault, live_change) as things:
        yield things


@asynccontextmanager
async def alive(things: Made, login: Login, learned: list[Secret] | None = None) -> AsyncIterator[VaultSource]:
    """A source whose token is kept alive as in the console."""
    async with opened(things.server, login, [things.path], learned=learned) as source:
        keeping = asyncio.create_task(source.run())
        try:
            yield source
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)


async def until(condition: Callable[[], bool], seconds: float) -> None:
    """Wait until the server is so; fail when it is not within ``seconds``."""
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110 - what is waited for happens at the server
            await asyncio.sleep(0.25)


def lives(things: Made, token: Secret) -> bool:
    return Plain(things.server, token).ask("GET", "auth/token/lookup-self")[0] == 200


async def test_a_token_is_renewed_before_its_end(things: Made) -> None:
    token = things.token(ttl="9s")
    async with alive(things, TokenLogin(token)) as source:
        before = state_of(await source.state())
        assert before.token_renewable and 5 <= (before.token_ttl or 0) <= 9

        def renewed() -> bool:
            return bool(Plain(things.server, token).get("auth/token/lookup-self").get("last_renewal_time"))

        await until(renewed, 20)
        assert "password" in value_of(await source.read(things.path))


async def test_a_periodic_token_is_renewed_to_its_period(things: Made) -> None:
    token = things.token(period="30s", ttl="")
    plain = Plain(things.server, token)
    async with opened(things.server, TokenLogin(token), [things.path]) as source:
        await until(lambda: plain.get("auth/token/lookup-self")["ttl"] < 28, 20)
        low = state_of(await source.state()).token_ttl
        plain.ask("POST", "auth/token/renew-self", {})
        high = state_of(await source.state()).token_ttl
    assert low is not None and high is not None and low < 28 <= high


async def test_a_token_that_cannot_be_renewed_ends_in_words(things: Made) -> None:
    token = things.token(ttl="3s", renewable=False)
    async with alive(things, TokenLogin(token)) as source:
        assert not state_of(await source.state()).token_renewable
        await until(lambda: not lives(things, token), 20)
        failure = failure_of(await source.read(things.path))
        assert failure.kind is K.AUTH and "expired" in failure.detail
        assert "expired" in state_of(await source.state()).token_failure


async def test_no_renewal_goes_beyond_the_maximum(things: Made) -> None:
    token = things.token(ttl="4s", explicit_max_ttl="8s")
    async with alive(things, TokenLogin(token)) as source:
        await source.state()
        await until(lambda: not lives(things, token), 30)
        assert failure_of(await source.read(things.path)).kind is K.AUTH


@pytest.mark.parametrize("kind", ["approle", "userpass"])
async def test_a_login_is_repeated_at_the_maximum_life(things: Made, kind: str) -> None:
    login: Login = getattr(things, kind)(token_ttl="4s", token_max_ttl="6s")
    learned: list[Secret] = []
    async with alive(things, login, learned) as source:
        assert isinstance(await source.read(things.path), Ok)
        first = learned[0]
        await until(lambda: not lives(things, first), 30)
        assert isinstance(await source.read(things.path), Ok)
        assert state_of(await source.state()).token_failure == ""


async def test_a_revoked_token_is_told_at_once(things: Made) -> None:
    token = things.token()
    async with opened(things.server, TokenLogin(token), [things.path]) as source:
        assert isinstance(await source.read(things.path), Ok)
        things.do("POST", "auth/token/revoke", {"token": token.reveal()})
        failure = failure_of(await source.read(things.path))
        assert failure.kind is K.AUTH and "revoked" in failure.detail
        assert "revoked" in state_of(await source.state()).token_failure


async def test_a_revoked_login_is_repeated_within_one_read(things: Made) -> None:
    learned: list[Secret] = []
    async with opened(things.server, things.approle(), [things.path], learned=learned) as source:
        assert isinstance(await source.read(things.path), Ok)
        things.do("POST", "auth/token/revoke", {"token": learned[0].reveal()})
        assert isinstance(await source.read(things.path), Ok)


async def test_a_token_without_the_default_policy_works_without_being_seen(things: Made) -> None:
    for login in (
        TokenLogin(things.token(no_default_policy=True)),
        things.approle(token_no_default_policy=True),
    ):
        learned: list[Secret] = []
        async with opened(things.server, login, [things.path], learned=learned) as source:
            for _ in range(3):
                state = state_of(await source.state())
                assert state.token_blind and (state.token_failure, state.token_unknown) == ("", "")
                assert isinstance(await source.read(things.path), Ok)
        tokens = {each.reveal() for each in learned} - {"first-value"}
        assert len(tokens) == 1, "it logged in again and again"


async def test_a_batch_token_reads(things: Made) -> None:
    async with opened(things.server, TokenLogin(things.token(type="batch")), [things.path]) as source:
        state = state_of(await source.state())
        assert not state.token_renewable and 0 < (state.token_ttl or 0) <= 300
        assert isinstance(await source.read(things.path), Ok)


async def test_a_token_with_counted_uses_is_told(things: Made) -> None:
    async with opened(things.server, TokenLogin(things.token(num_uses=3)), [things.path]) as source:
        assert state_of(await source.state()).token_uses is not None
        assert isinstance(await source.read(things.path), Ok)
        await source.state()
        assert failure_of(await source.read(things.path)).kind is K.AUTH


async def test_a_wrapping_token_is_no_token(things: Made) -> None:
    body = {"policies": [things.name], "ttl": "1m"}
    status, answer = things.admin.ask("POST", "auth/token/create", body, X_Vault_Wrap_TTL="60s")
    assert status == 200
    wrapping = TokenLogin(Secret(answer["wrap_info"]["token"]))
    async with opened(things.server, wrapping, [things.path]) as source:
        state = state_of(await source.state())
        assert state.token_blind or state.token_failure
        failure = failure_of(await source.read(things.path))
    assert failure.kind in (K.AUTH, K.FORBIDDEN)
