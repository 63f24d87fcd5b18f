"""Vault's state and secrets: sealed, standby, denied, missing, deleted, both store versions, and servers that lie."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Clean
from harbortui.model.secret import Secret
from harbortui.sources.answer import Ok
from harbortui.sources.vault.login import AppRoleLogin, TokenFileLogin, TokenLogin, UserpassLogin
from harbortui.sources.vault.source import VaultSource
from tests.sources.conftest import Handler, Served, reply

K = FailureKind
TOKEN = TokenLogin(Secret("hvs.PLANTED"))
PATH = "kv/data/harbor"
Start = Callable[..., Awaitable[Served]]
StartRaw = Callable[..., Awaitable[str]]
Open = Callable[..., VaultSource]

HEALTH = {"initialized": True, "sealed": False, "standby": False, "version": "1.19.0", "cluster_name": "c"}
LOOKUP = {"data": {"id": "hvs.PLANTED", "ttl": 3600, "renewable": True, "policies": ["default", "harbor"]}}
SECRET = {"data": {"data": {"db_password": "PLANTED-db"}, "metadata": {"version": 3, "destroyed": False}}}


def answer(body: object, status: int = 200) -> Handler:
    return reply(json.dumps(body), status)


GOOD = {
    "/v1/sys/health": answer(HEALTH),
    "/v1/auth/token/lookup-self": answer(LOOKUP),
    f"/v1/{PATH}": answer(SECRET),
}


@pytest.fixture
async def vault(clean: Clean) -> AsyncIterator[Open]:
    made: list[VaultSource] = []

    def open_source(url: str, login: object = TOKEN, **more: object) -> VaultSource:
        settings: dict[str, object] = {"paths": [PATH], "learn": lambda secret: None, "now": lambda: 1000.0, **more}
        made.append(VaultSource(url=url, login=login, clean=clean, **settings))  # type: ignore[arg-type]
        return made[-1]

    yield open_source
    for each in made:
        await each.aclose()


def failure_of(answer: object) -> Failure:
    assert isinstance(answer, Failure), answer
    return answer


# State


async def test_health_is_joined_with_our_token(serve: Start, vault: Open) -> None:
    served = await serve(GOOD)
    value = (await vault(served.url).state()).value  # type: ignore[union-attr]
    assert (value.initialized, value.sealed, value.standby, value.version) == (True, False, False, "1.19.0")
    assert (value.token_ttl, value.token_renewable, value.token_failure) == (3600.0, True, "")
    assert value.token_policies == ("default", "harbor")
    assert "PLANTED" not in repr(value)
    assert "X-Vault-Token" not in served.requests[0].headers
    assert served.requests[1].headers["X-Vault-Token"] == "hvs.PLANTED"


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (429, {**HEALTH, "standby": True}, (True, False, True)),
        (472, HEALTH, (True, False, True)),
        (473, {**HEALTH, "performance_standby": True}, (True, False, True)),
        (474, {**HEALTH, "standby": True, "ha_connection_healthy": False}, (True, False, True)),
        (501, {**HEALTH, "initialized": False, "sealed": True}, (False, True, False)),
        (503, {**HEALTH, "sealed": True}, (True, True, False)),
    ],
)
async def test_every_state_has_its_own_status(
    serve: Start, vault: Open, status: int, body: object, state: tuple[bool, bool, bool]
) -> None:
    served = await serve({**GOOD, "/v1/sys/health": answer(body, status)})
    value = (await vault(served.url).state()).value  # type: ignore[union-attr]
    assert (value.initialized, value.sealed, value.standby) == state
    asked_for_token = any("lookup-self" in each for each in served.asked)
    assert asked_for_token == (status < 500)


async def test_a_node_that_was_removed_from_its_cluster(serve: Start, vault: Open) -> None:
    removed = {**HEALTH, "standby": True, "removed_from_cluster": True, "ha_connection_healthy": None}
    served = await serve({**GOOD, "/v1/sys/health": answer(removed, 530)})
    value = (await vault(served.url).state()).value  # type: ignore[union-attr]
    assert value.removed and value.token_failure == ""
    assert served.asked == ["GET /v1/sys/health"]


async def test_health_belongs_to_no_namespace(serve: Start, vault: Open) -> None:
    """OpenBao answers 400, "operation unavailable in namespaces", to a health request that names one."""

    async def health(request: web.Request) -> web.StreamResponse:
        named = request.headers.get("X-Vault-Namespace")
        return await (answer({"errors": ["operation unavailable in namespaces"]}, 400) if named else answer(HEALTH))(
            request
        )

    served = await serve({**GOOD, "/v1/sys/health": health})
    value = (await vault(served.url, namespace="team").state()).value  # type: ignore[union-attr]
    assert value.token_policies == ("default", "harbor")
    assert served.requests[1].headers["X-Vault-Namespace"] == "team"


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        ("permission denied", True),
        ("2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n", True),
        ("1 error occurred:\n\t* permission denied\n\n", False),
    ],
    ids=["openbao", "vault since 1.16", "a policy"],
)
async def test_a_policy_s_no_is_told_from_a_dead_token(serve: Start, vault: Open, text: str, dead: bool) -> None:
    denied = answer({"errors": [text]}, 403)
    served = await serve({**GOOD, "/v1/auth/token/lookup-self": denied, f"/v1/{PATH}": denied})
    source = vault(served.url)
    value = (await source.state()).value  # type: ignore[union-attr]
    assert bool(value.token_failure) == dead and value.token_blind != dead and value.token_unknown == ""
    failure = failure_of(await source.read(PATH))
    assert failure.kind is (K.AUTH if dead else K.FORBIDDEN) and "occurred" not in failure.detail


async def test_a_token_that_cannot_be_looked_at_may_be_good(serve: Start, vault: Open) -> None:
    busy = reply('{"errors": ["rate limit quota exceeded"]}', 429)
    served = await serve({**GOOD, "/v1/auth/token/lookup-self": busy})
    value = (await vault(served.url).state()).value  # type: ignore[union-attr]
    assert value.token_failure == "" and "quota" in value.token_unknown


async def test_the_state_does_not_wait_behind_what_a_standby_forwards_in_vain(serve: Start, vault: Open) -> None:
    gone = asyncio.Event()

    async def hang(request: web.Request) -> web.StreamResponse:
        await gone.wait()
        return web.Response()

    standby = answer({**HEALTH, "standby": True}, 429)
    served = await serve({"/v1/sys/health": standby, "*": hang})
    source = vault(served.url, total=5.0)
    reads = [asyncio.create_task(source.read(PATH)) for _ in range(4)]
    while len(served.requests) < 2:  # noqa: ASYNC110 - both slots for secrets are taken
        await asyncio.sleep(0.005)
    state = asyncio.create_task(source.state())
    while "GET /v1/sys/health" not in served.asked:
        assert not any(each.done() for each in reads)
        await asyncio.sleep(0.005)
    gone.set()
    value = (await state).value  # type: ignore[union-attr]
    assert value.standby and value.token_failure == "" and value.token_unknown
    assert {failure_of(await each).kind for each in reads} == {K.PROTOCOL}


async def test_a_standby_that_sends_us_away_says_why(serve: Start, vault: Open) -> None:
    away = reply("", 307, Location="http://active.example:8200/v1/kv/data/harbor")
    served = await serve({**GOOD, f"/v1/{PATH}": away})
    failure = failure_of(await vault(served.url).read(PATH))
    assert failure.kind is K.REDIRECT and failure.detail.startswith("redirected to active.example: a standby")


async def test_a_vault_without_a_login_is_looked_at_only(serve: Start, vault: Open) -> None:
    served = await serve(GOOD)
    source = vault(served.url, None)
    value = (await source.state()).value  # type: ignore[union-attr]
    assert value.token_ttl is None and value.token_failure == ""
    assert failure_of(await source.read(PATH)).kind is K.NO_CREDENTIALS
    assert served.asked == ["GET /v1/sys/health"]


async def test_a_dead_token_is_said_in_words(serve: Start, vault: Open) -> None:
    denied = answer({"errors": ["permission denied"]}, 403)
    served = await serve({**GOOD, "/v1/auth/token/lookup-self": denied})
    value = (await vault(served.url).state()).value  # type: ignore[union-attr]
    assert "expired, revoked" in value.token_failure and value.token_ttl is None


async def test_a_token_that_never_ends_has_no_ttl(serve: Start, vault: Open) -> None:
    served = await serve({**GOOD, "/v1/auth/token/lookup-self": answer({"data": {"ttl": 0, "policies": ["root"]}})})
    value = (await vault(served.url).state()).value  # type: ignore[union-attr]
    assert value.token_ttl is None and value.token_policies == ("root",)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"initialized": true, "sealed": NaN}',
        b'{"initialized": true, "sealed": "no"}',
        b'{"initialized": true, "sealed": true, "sealed": false}',
        b'{"initialized": true, "sealed": false, "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"initialized": true, "sealed": false, "version": "\xff"}',
    ],
)
async def test_a_health_answer_of_the_wrong_shape(serve: Start, vault: Open, body: bytes) -> None:
    served = await serve({**GOOD, "/v1/sys/health": reply(body)})
    assert failure_of(await vault(served.url).state()).kind is K.PROTOCOL


@pytest.mark.parametrize(
    ("handler", "kind"),
    [
        (reply("<html>", 200, "text/html"), K.LOGIN_PAGE),
        (reply("<html>", 503, "text/html"), K.SERVER),
        (reply("", 302, Location="https://sso.example/"), K.REDIRECT),
        (reply("", 307, Location="https://active.example/v1/sys/health"), K.REDIRECT),
        (reply("[]", 400), K.PROTOCOL),
        (reply('{"errors": [7]}', 500), K.SERVER),
        (reply(b"x" * 2_000_000), K.TOO_LARGE),
    ],
)
async def test_a_proxy_in_the_way(serve: Start, vault: Open, handler: Handler, kind: FailureKind) -> None:
    served = await serve({**GOOD, "/v1/sys/health": handler})
    failure = failure_of(await vault(served.url).state())
    assert failure.kind is kind
    assert len(served.requests) == 1


async def test_a_vault_that_is_away_or_hangs(serve_raw: StartRaw, vault: Open) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    assert failure_of(await vault("http://127.0.0.1:1").state()).kind is K.REFUSED
    source = vault(await serve_raw(hang), total=0.3)
    for _ in range(6):  # more than the lane is wide: a stuck call is cut and its slot comes back
        assert failure_of(await source.state()).kind in (K.TIMEOUT, K.RESET)


async def test_a_hanging_call_does_not_cut_the_one_beside_it(serve: Start, vault: Open) -> None:
    async def hang(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(60)
        return web.Response()

    served = await serve({**GOOD, "/v1/kv/data/slow": hang})
    source = vault(served.url, total=2.0, paths=[PATH, "kv/data/slow"])
    hanging = asyncio.create_task(source.read("kv/data/slow"))
    while not hanging.done():
        assert isinstance(await source.read(PATH), Ok)
    assert failure_of(await hanging).kind is K.TIMEOUT


# Secrets


async def test_a_version_2_secret(serve: Start, vault: Open) -> None:
    learned: list[Secret] = []
    served = await serve(GOOD)
    result = await vault(served.url, learn=learned.append).read(PATH)
    assert isinstance(result, Ok)
    assert result.value["db_password"].reveal() == "PLANTED-db"
    assert "PLANTED" not in repr(result)
    assert {each.reveal() for each in learned} == {"hvs.PLANTED", "PLANTED-db"}


async def test_a_version_1_secret_even_with_keys_like_version_2(serve: Start, vault: Open) -> None:
    for data in ({"a": "1"}, {"data": "1", "metadata": "2"}, {"data": "1"}):
        served = await serve({**GOOD, "/v1/kv/harbor": answer({"data": data})})
        result = await vault(served.url, paths=["kv/harbor"]).read("kv/harbor")
        assert isinstance(result, Ok) and {name: each.reveal() for name, each in result.value.items()} == data


async def test_values_that_are_not_text_are_lost_alone(serve: Start, vault: Open) -> None:
    secret = {"data": {"data": {"good": "x", "number": 5, "nested": {"a": "PLANTED"}}, "metadata": {"version": 1}}}
    served = await serve({**GOOD, f"/v1/{PATH}": answer(secret)})
    result = await vault(served.url).read(PATH)
    assert isinstance(result, Ok) and list(result.value) == ["good"]
    assert result.lost_rows == ("number is not text", "nested is not text")


DELETED = {"data": {"data": None, "metadata": {"version": 4, "deletion_time": "2026-01-02T03:04:05Z"}}}
WRONG_MOUNT = {"errors": [], "warnings": ["Invalid path for a versioned K/V secrets engine. See the API docs."]}


@pytest.mark.parametrize(
    ("handler", "kind", "words"),
    [
        (answer({"errors": []}, 404), K.NOT_FOUND, "no such secret"),
        (answer(DELETED, 404), K.NOT_FOUND, "version 4 of the secret was deleted"),
        (
            answer({"data": {"data": None, "metadata": {"version": 4, "destroyed": True}}}, 404),
            K.NOT_FOUND,
            "destroyed",
        ),
        (answer(DELETED), K.NOT_FOUND, "deleted"),
        (answer(WRONG_MOUNT, 404), K.NOT_FOUND, "<mount>/data/<path>"),
        (answer({"errors": ["1 error occurred:\n\t* permission denied\n\n"]}, 403), K.FORBIDDEN, "permission denied"),
        (answer({"errors": ["Vault is sealed"]}, 503), K.SEALED, "Vault is sealed"),
        (answer({"errors": ["error performing token check"]}, 500), K.SERVER, "token check"),
        (reply('{"errors": []}', 429, Retry_After="3"), K.RATE_LIMITED, "too many requests"),
        (answer({"data": None}), K.PROTOCOL, "object"),
        (answer({"auth": None}), K.PROTOCOL, ""),
        (reply("not JSON"), K.PROTOCOL, ""),
        (reply("", 204), K.PROTOCOL, ""),
    ],
)
async def test_secrets_that_cannot_be_had(
    serve: Start, vault: Open, handler: Handler, kind: FailureKind, words: str
) -> None:
    served = await serve({**GOOD, f"/v1/{PATH}": handler})
    failure = failure_of(await vault(served.url).read(PATH))
    assert failure.kind is kind and words in failure.detail and "\n" not in failure.detail
    assert failure.needs == ("read on kv/data/harbor" if kind is K.FORBIDDEN else "")


async def test_only_configured_paths_are_read(serve: Start, vault: Open) -> None:
    served = await serve({"*": answer(SECRET)})
    assert failure_of(await vault(served.url).read("kv/data/other")).kind is K.BLOCKED
    assert failure_of(await vault(served.url).read("database/creds/x")).kind is K.BLOCKED
    assert served.requests == []


# Ways to log in


def login_answer(token: str = "hvs.NEW", ttl: int = 1200) -> dict[str, object]:
    return {"auth": {"client_token": token, "lease_duration": ttl, "renewable": True, "policies": ["harbor"]}}


async def test_approle_logs_in_once_for_all(serve: Start, vault: Open) -> None:
    served = await serve({**GOOD, "/v1/auth/approle/login": answer(login_answer())})
    source = vault(served.url, AppRoleLogin("role", Secret("PLANTED-id")))
    results = await asyncio.gather(*(source.read(PATH) for _ in range(4)))
    assert all(isinstance(each, Ok) for each in results)
    assert served.asked.count("POST /v1/auth/approle/login") == 1
    assert json.loads(await served.requests[0].text()) == {"role_id": "role", "secret_id": "PLANTED-id"}
    assert {each.headers.get("X-Vault-Token") for each in served.requests[1:]} == {"hvs.NEW"}


async def test_userpass_logs_in_under_its_mount_and_namespace(serve: Start, vault: Open) -> None:
    served = await serve({**GOOD, "/v1/auth/people/login/ann.b@x": answer(login_answer())})
    source = vault(served.url, UserpassLogin("ann.b@x", Secret("pw"), mount="people"), namespace="team/ops")
    assert isinstance(await source.read(PATH), Ok)
    assert {each.headers["X-Vault-Namespace"] for each in served.requests} == {"team/ops"}


async def test_a_refused_login_is_not_repeated(serve: Start, vault: Open) -> None:
    time = [1000.0]
    refused = answer({"errors": ["invalid username or password"]}, 400)
    served = await serve({**GOOD, "/v1/auth/userpass/login/ann": refused})
    source = vault(served.url, UserpassLogin("ann", Secret("PLANTED")), now=lambda: time[0])
    for _ in range(3):
        failure = failure_of(await source.read(PATH))
        assert failure.kind is K.AUTH and "invalid username" in failure.detail
    assert len(served.requests) == 1
    time[0] += 301
    await source.read(PATH)
    assert len(served.requests) == 2


@pytest.mark.parametrize(
    "body", [{}, {"auth": None}, {"auth": {"client_token": ""}}, {"auth": {"mfa_requirement": {}}}]
)
async def test_a_login_that_brings_no_token(serve: Start, vault: Open, body: object) -> None:
    served = await serve({**GOOD, "/v1/auth/approle/login": answer(body)})
    failure = failure_of(await vault(served.url, AppRoleLogin("role", Secret("x"))).read(PATH))
    assert failure.kind is K.PROTOCOL and "no token" in failure.detail


async def test_a_sealed_vault_takes_no_login(serve: Start, vault: Open) -> None:
    served = await serve({**GOOD, "/v1/auth/approle/login": answer({"errors": ["Vault is sealed"]}, 503)})
    source = vault(served.url, AppRoleLogin("role", Secret("x")))
    assert failure_of(await source.read(PATH)).kind is K.SEALED
    served_again = len(served.requests)
    await source.read(PATH)
    assert len(served.requests) == served_again + 1  # sealed is no refusal: it is tried again


async def test_a_token_file_is_read_anew_each_time(serve: Start, vault: Open, tmp_path: Path) -> None:
    file = tmp_path / "token"
    served = await serve(GOOD)
    source = vault(served.url, TokenFileLogin(file))
    assert failure_of(await source.read(PATH)).kind is K.NO_CREDENTIALS
    for text, token in (("hvs.ONE\n", "hvs.ONE"), ("hvs.TWO", "hvs.TWO")):
        file.write_text(text)
        assert isinstance(await source.read(PATH), Ok)
        assert served.requests[-1].headers["X-Vault-Token"] == token
    for wrong in (b"", b"\n", b"a\nb", b"\xff", "hvs.ü".encode()):
        file.write_bytes(wrong)
        assert isinstance(await source.read(PATH), Failure)


async def test_the_environment_has_no_influence(
    serve: Start, vault: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".vault-token").write_text("hvs.HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in {
        "VAULT_TOKEN": "hvs.ENV",
        "VAULT_ADDR": "http://127.0.0.1:1",
        "VAULT_NAMESPACE": "env",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "http_proxy": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)
    served = await serve(GOOD)
    assert isinstance(await vault(served.url, None).state(), Ok)
    assert isinstance(await vault(served.url).read(PATH), Ok)
    assert [each.headers.get("X-Vault-Token") for each in served.requests] == [None, "hvs.PLANTED"]
    assert all("X-Vault-Namespace" not in each.headers for each in served.requests)


@pytest.mark.parametrize(("name", "mount"), [("a/b", "userpass"), ("", "userpass"), ("ann", "../sys"), ("ann", "")])
def test_names_that_would_change_the_path_are_refused(name: str, mount: str) -> None:
    with pytest.raises(ValueError, match="Vault"):
        UserpassLogin(name, Secret("x"), mount)


async def test_hvac_never_raises_for_a_status(serve: Start, vault: Open) -> None:
    """Every status a Vault can answer is read by us; hvac's own exceptions would carry the whole answer."""
    for status in (204, 400, 401, 403, 404, 405, 412, 429, 472, 473, 500, 501, 502, 503, 599):
        served = await serve({**GOOD, f"/v1/{PATH}": reply('{"errors": ["PLANTED-answer"]}', status)})
        failure = failure_of(await vault(served.url).read(PATH))
        assert failure.kind is not K.LOCAL and failure.status in (status, None)
