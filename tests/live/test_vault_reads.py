"""What the Vault source says of the live server, compared with plain requests; nothing is changed."""

from __future__ import annotations

import time
import uuid

import pytest

from harbortui.model.failure import FailureKind
from harbortui.model.secret import Secret
from harbortui.sources.tls import TlsSettings
from harbortui.sources.vault.login import AppRoleLogin, Login, TokenLogin, UserpassLogin
from tests.live.settings import LiveVault
from tests.live.vault_open import Plain, failure_of, logins, opened, state_of, value_of

K = FailureKind
STANDBY = (429, 472, 473)
WRONG = "s.000000000000000000000000"


@pytest.fixture(params=["token", "approle", "userpass"])
def login(request: pytest.FixtureRequest, live_vault: LiveVault) -> Login:
    found = logins(live_vault).get(request.param)
    if found is None:
        pytest.skip(f"no {request.param} login in the environment")
    return found


@pytest.fixture
def reference(live_vault: LiveVault) -> tuple[str, str]:
    path, _, key = live_vault.reference.partition("#")
    if not key:
        pytest.skip("no reference to a secret in the environment")
    return path, key


@pytest.fixture
def plain(live_vault: LiveVault) -> Plain:
    return Plain(live_vault)


async def test_health_says_what_a_plain_request_says(live_vault: LiveVault, plain: Plain) -> None:
    status, body = plain.ask("GET", "sys/health", X_Vault_Namespace="")
    async with opened(live_vault, None) as source:
        state = state_of(await source.state())
    assert (state.initialized, state.sealed) == (body["initialized"], body["sealed"])
    assert state.version == body["version"] and state.version[:1].isdigit()
    assert state.standby == (body["standby"] or status in STANDBY)
    assert (state.token_ttl, state.token_failure, state.token_unknown) == (None, "", "")


async def test_our_clock_is_near_the_servers(plain: Plain) -> None:
    _, body = plain.ask("GET", "sys/health", X_Vault_Namespace="")
    assert abs(body["server_time_utc"] - time.time()) < 60


async def test_the_token_is_what_vault_says_it_is(live_vault: LiveVault, login: Login) -> None:
    learned: list[Secret] = []
    async with opened(live_vault, login, learned=learned) as source:
        state = state_of(await source.state())
    assert (state.token_failure, state.token_unknown) == ("", "")
    token = learned[-1]
    status, body = Plain(live_vault, token).ask("GET", "auth/token/lookup-self")
    if status == 403:
        assert state.token_blind
        return
    data = body["data"]
    assert set(state.token_policies) == {*data["policies"], *(data.get("identity_policies") or ())}
    assert state.token_renewable == data.get("renewable", False)
    if data["ttl"]:
        assert state.token_ttl == pytest.approx(data["ttl"], abs=30)
    else:
        assert state.token_ttl is None
    assert token.reveal() not in repr(state)


async def test_the_reference_can_be_read(live_vault: LiveVault, login: Login, reference: tuple[str, str]) -> None:
    path, key = reference
    learned: list[Secret] = []
    async with opened(live_vault, login, [path], learned=learned) as source:
        answer = await source.read(path)
    values = value_of(answer)
    assert values.get(key), f"{path} has the keys {sorted(values)}"
    assert values[key] in {each.reveal() for each in learned}
    assert values[key] not in repr(answer)
    data = Plain(live_vault, learned[0]).get(path)
    assert values[key] == (data["data"] if "metadata" in data else data)[key]


async def test_another_path_is_refused_in_words(
    live_vault: LiveVault, login: Login, reference: tuple[str, str]
) -> None:
    store = reference[0].rpartition("/")[0]
    path = f"{store}/harbortui-live-{uuid.uuid4().hex[:8]}"
    async with opened(live_vault, login, [path]) as source:
        failure = failure_of(await source.read(path))
    assert failure.kind in (K.FORBIDDEN, K.NOT_FOUND)
    assert failure.needs == (f"read on {path}" if failure.kind is K.FORBIDDEN else "")


async def test_a_path_that_is_not_configured_is_never_asked_for(live_vault: LiveVault, login: Login) -> None:
    async with opened(live_vault, login, ["kv/data/configured"]) as source:
        assert failure_of(await source.read("kv/data/other")).kind is K.BLOCKED
        assert failure_of(await source.read("sys/mounts")).kind is K.BLOCKED


async def test_a_wrong_token_is_told_from_a_missing_right(live_vault: LiveVault) -> None:
    path = "kv/data/harbortui-live"
    async with opened(live_vault, TokenLogin(Secret(WRONG)), [path]) as source:
        failure = failure_of(await source.read(path))
        state = state_of(await source.state())
    assert failure.kind is K.AUTH and "does not know our token" in failure.detail
    assert "does not know our token" in state.token_failure and not state.token_blind


@pytest.mark.parametrize(
    "wrong",
    [
        AppRoleLogin(str(uuid.UUID(int=0)), Secret(str(uuid.UUID(int=0)))),
        UserpassLogin(f"harbortui-live-{uuid.uuid4().hex[:8]}", Secret("wrong")),
        AppRoleLogin("role", Secret("id"), f"harbortui-live-{uuid.uuid4().hex[:8]}"),
    ],
    ids=["approle", "userpass", "no such mount"],
)
async def test_a_wrong_login_is_refused_and_not_repeated(live_vault: LiveVault, wrong: Login) -> None:
    path = "kv/data/harbortui-live"
    async with opened(live_vault, wrong, [path]) as source:
        first = failure_of(await source.read(path))
        assert first.kind is K.AUTH and "refuses the login" in first.detail, first
        assert await source.read(path) is first
        assert "refuses the login" in state_of(await source.state()).token_failure


async def test_an_untrusted_certificate_is_refused(live_vault: LiveVault) -> None:
    if not live_vault.url.startswith("https") or not live_vault.get("CA"):
        pytest.skip("the address is not https, or the system's own authorities are trusted")
    async with opened(live_vault, None, tls=TlsSettings()) as source:
        failure = failure_of(await source.state())
    assert failure.kind is K.TLS and "certificate" in failure.detail
