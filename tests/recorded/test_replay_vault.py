"""What the Vault source makes of OpenBao's recorded answers, healthy and broken."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Cleaner, Redactor
from harbortui.model.secret import Secret
from harbortui.model.vault import VaultState
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.vault.login import AppRoleLogin, Login, TokenLogin, UserpassLogin
from harbortui.sources.vault.source import VaultSource
from tests.recorded.exchange import Exchange, scenario
from tests.recorded.replay import Replay, replaying

K = FailureKind
SYSTEM = "openbao-2.4.4"
PATH = "kv/data/harbor"
TOKEN = TokenLogin(Secret("s.RECORDED0123456789abcdef"))
ROLE = AppRoleLogin("role", Secret("id"))
USER = UserpassLogin("oncall", Secret("password"))


@asynccontextmanager
async def at(
    folder: str, login: Login | None = TOKEN, *, paths: tuple[str, ...] = (PATH,), more: tuple[Exchange, ...] = ()
) -> AsyncIterator[tuple[VaultSource, Replay]]:
    """A source before the recordings of a scenario, the shortest name first where several answer the same request.

    ``more`` come before them.
    """
    kept = sorted(scenario(f"{SYSTEM}/{folder}").values(), key=lambda each: len(each.name))
    async with replaying([*more, *kept]) as replay:
        source = VaultSource(
            url=replay.url,
            login=login,
            paths=paths,
            clean=Cleaner(Redactor()),
            now=lambda: 1000.0,
            learn=lambda secret: None,
        )
        try:
            yield source, replay
        finally:
            await source.aclose()


def replaced(folder: str, name: str) -> Exchange:
    """One recording to go before the others of its request."""
    return scenario(f"{SYSTEM}/{folder}")[name]


def state_of(answer: Answer[VaultState]) -> VaultState:
    assert isinstance(answer, Ok), answer
    return answer.value


def failure_of(answer: Answer[dict[str, Secret]]) -> Failure:
    assert isinstance(answer, Failure), answer
    return answer


@pytest.mark.parametrize("login", [TOKEN, ROLE, USER], ids=["token", "approle", "userpass"])
async def test_a_healthy_server(login: Login) -> None:
    async with at("healthy", login) as (source, replay):
        state = state_of(await source.state())
        assert (state.initialized, state.sealed, state.standby, state.version) == (True, False, False, "2.4.4")
        assert state.token_policies == ("default", "harbor-read") and state.token_renewable
        assert state.token_ttl is not None and 86_000 < state.token_ttl <= 86_400
        assert (state.token_failure, state.token_unknown, state.token_blind, state.token_uses) == ("", "", False, None)
        answer = await source.read(PATH)
        assert isinstance(answer, Ok) and answer.lost_rows == ()
        assert {"console_password", "nomad_read_token", "s3_access_key", "s3_secret_key"} <= set(answer.value)
    assert replay.missing == []


async def test_a_version_1_store_and_values_of_other_types() -> None:
    async with at("healthy", paths=("kv1/harbor", "kv/data/typed")) as (source, _):
        old = await source.read("kv1/harbor")
        assert isinstance(old, Ok) and "console_password" in old.value
        typed = await source.read("kv/data/typed")
        assert isinstance(typed, Ok) and list(typed.value) == ["text"]
        assert sorted(typed.lost_rows) == ["nested is not text", "port is not text", "yes is not text"]


def token_words(state: VaultState) -> tuple[str, str, bool]:
    return state.token_failure, state.token_unknown, state.token_blind


DEAD = "Vault does not know our token any more: expired, revoked or used up"
REDIRECTED = "redirected to 127.0.0.1: a standby that cannot forward; there may be no active node"


@pytest.mark.parametrize(
    ("folder", "failure", "unknown", "blind"),
    [
        ("refused", DEAD, "", False),
        ("token-expired", DEAD, "", False),
        ("token-revoked", DEAD, "", False),
        ("token-without-default-policy", "", "", True),
        ("token-wrapping", "", "", True),
        ("policy-removed", "", "", False),
        ("standby", "", "", False),
        ("standby-without-leader", "", REDIRECTED, False),
        ("rate-limited", "", "", False),
        (
            "rate-limited-everywhere",
            "",
            'too many requests: request path "auth/token/lookup-self": rate limit quota exceeded',
            False,
        ),
        ("namespace-unknown", "", "namespace not found", False),
    ],
)
async def test_what_is_said_of_the_token(folder: str, failure: str, unknown: str, blind: bool) -> None:
    """Only a token that Vault refuses is called useless; one that cannot be looked at may be good all the same."""
    async with at(folder, more=(scenario(f"{SYSTEM}/healthy")["health"],)) as (source, _):
        assert token_words(state_of(await source.state())) == (failure, unknown, blind)


@pytest.mark.parametrize(
    ("folder", "state"),
    [
        ("sealed", (True, True)),
        ("sealed-after-restart", (True, True)),
        ("uninitialised", (False, True)),
        ("standby", (True, False)),
        ("standby-without-leader", (True, False)),
    ],
)
async def test_the_states_of_a_server(folder: str, state: tuple[bool, bool]) -> None:
    async with at(folder) as (source, _):
        found = state_of(await source.state())
        assert (found.initialized, found.sealed) == state
        assert found.standby and found.version == "2.4.4"
        assert found.token_failure == ""


@pytest.mark.parametrize(
    ("folder", "kind", "words"),
    [
        ("refused", K.AUTH, DEAD),
        ("token-expired", K.AUTH, DEAD),
        ("token-revoked", K.AUTH, DEAD),
        ("policy-removed", K.FORBIDDEN, "permission denied"),
        ("path-missing", K.NOT_FOUND, "no such secret"),
        ("secret-deleted", K.NOT_FOUND, "version 2 of the secret was deleted"),
        ("secret-destroyed", K.NOT_FOUND, "version 2 of the secret was destroyed"),
        ("secret-gone", K.NOT_FOUND, "no such secret"),
        ("namespace-unknown", K.NOT_FOUND, "namespace not found"),
        ("namespace-locked", K.SERVER, "Vault failed: API access to this namespace has been locked"),
        ("rate-limited", K.RATE_LIMITED, "rate limit quota exceeded"),
        ("sealed", K.SEALED, "Vault is sealed"),
        ("uninitialised", K.SEALED, "Vault is sealed"),
        ("standby-without-leader", K.REDIRECT, REDIRECTED),
        ("hanging", K.RESET, "the connection broke"),
    ],
)
async def test_a_secret_that_cannot_be_had(folder: str, kind: FailureKind, words: str) -> None:
    recorded = {each.path: each for each in scenario(f"{SYSTEM}/{folder}").values() if each.name == "read"}
    path = next(iter(recorded)).removeprefix("/v1/")
    async with at(folder, paths=(path,)) as (source, _):
        failure = failure_of(await source.read(path))
    assert failure.kind is kind and words in failure.detail, failure
    assert "\n" not in failure.detail and "error occurred" not in failure.detail
    assert failure.needs == (f"read on {path}" if kind is K.FORBIDDEN else "")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("kv/harbor", "no such secret: a version 2 store is read at <mount>/data/<path>"),
        ("kv1/data/harbor", "no such secret"),
        ("nomount/data/harbor", 'no handler for route "nomount/data/harbor". route entry not found.'),
    ],
)
async def test_paths_that_cannot_be_right(path: str, words: str) -> None:
    async with at("path-missing", paths=(path,)) as (source, _):
        assert failure_of(await source.read(path)).detail == words


async def test_the_servers_wish_to_wait_is_kept() -> None:
    async with at("rate-limited-with-headers") as (source, _):
        assert failure_of(await source.read(PATH)).retry_after == 59.0


@pytest.mark.parametrize(
    ("folder", "login", "kind", "words"),
    [
        ("refused", ROLE, K.AUTH, "Vault refuses the login: invalid role or secret ID"),
        ("refused", USER, K.AUTH, "Vault refuses the login: invalid username or password"),
        ("refused", AppRoleLogin("r", Secret("i"), "nowhere"), K.AUTH, "Vault refuses the login: permission denied"),
        ("login-locked", UserpassLogin("locked", Secret("p")), K.AUTH, "or locked after wrong ones"),
        ("sealed", ROLE, K.SEALED, "Vault is sealed"),
        ("sealed", USER, K.SEALED, "Vault is sealed"),
        ("uninitialised", ROLE, K.SEALED, "Vault is sealed"),
        ("rate-limited-everywhere", ROLE, K.RATE_LIMITED, "rate limit quota exceeded"),
    ],
)
async def test_logins_that_fail(folder: str, login: Login, kind: FailureKind, words: str) -> None:
    async with at(folder, login) as (source, _):
        failure = failure_of(await source.read(PATH))
    assert failure.kind is kind and words in failure.detail and "occurred" not in failure.detail


async def test_a_login_without_lookup_is_not_repeated() -> None:
    """A role without the policy ``default`` once logged in anew at each look, which left a token behind each minute."""
    login = scenario(f"{SYSTEM}/healthy")["login-approle"]
    async with at("token-without-default-policy", ROLE, more=(login,)) as (source, replay):
        for _ in range(3):
            state = state_of(await source.state())
            assert state.token_blind and state.token_ttl == 1200.0 and state.token_renewable
            assert isinstance(await source.read(PATH), Ok)
    assert sum("approle/login" in each for each in replay.asked) == 1


async def test_counted_uses_and_batch_tokens() -> None:
    async with at("token-limited-uses") as (source, _):
        assert state_of(await source.state()).token_uses == 2
    last = replaced("token-limited-uses", "lookup-self-last")
    async with at("token-limited-uses", more=(last,)) as (source, _):
        assert state_of(await source.state()).token_uses == 0
    async with at("token-batch") as (source, _):
        state = state_of(await source.state())
        assert not state.token_renewable and state.token_ttl == 600.0
    async with at("root-token") as (source, _):
        state = state_of(await source.state())
        assert (state.token_ttl, state.token_policies, state.token_renewable) == (None, ("root",), False)


async def test_plain_http_to_a_port_of_tls_is_told() -> None:
    async with at("tls-plain-http") as (source, _):
        failure = await source.state()
    assert isinstance(failure, Failure) and "begin with https://" in failure.detail
    assert failure.kind is FailureKind.TLS
