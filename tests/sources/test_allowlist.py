"""What is not declared is refused: method, decoded path, every query parameter, body."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbortui.model.secret import Secret
from harbortui.sources.allowlist import AllowList, Blocked, Rule
from harbortui.sources.harbor import policy as harbor
from harbortui.sources.origin import Origin
from harbortui.sources.vault import policy as vault
from harbortui.sources.vault.login import AppRoleLogin, UserpassLogin

LIST = AllowList(
    [
        Rule("things", "GET", r"/v1/things", {"page": r"\d+"}),
        Rule("thing", "GET", r"/v1/thing/[a-z/]+"),
        Rule("parts", "GET", r"/v1/whole/.+", {"id": r".+", "page": r"\d+"}, required=frozenset({"id"})),
        Rule("ask", "POST", r"/v1/ask", body=lambda body: body == b"{}"),
    ]
)


def test_a_declared_request_names_its_rule() -> None:
    assert LIST.check("GET", "/v1/things", [("page", "2")], None).name == "things"
    assert LIST.check("POST", "/v1/ask", [], b"{}").name == "ask"
    assert LIST.check("GET", "/v1/whole/a", [("id", "1"), ("page", "2")], None).name == "parts"


@pytest.mark.parametrize(
    ("method", "path", "query", "body"),
    [
        ("POST", "/v1/things", [], None),
        ("get", "/v1/things", [], None),
        ("GET", "/v1/things/", [], None),
        ("GET", "/v1/things/more", [], None),
        ("GET", "/x/v1/things", [], None),
        ("GET", "/v1/things", [("page", "x")], None),
        ("GET", "/v1/things", [("page", "1"), ("page", "x")], None),
        ("GET", "/v1/things", [("other", "1")], None),
        ("GET", "/v1/things", [], b"body"),
        ("POST", "/v1/ask", [], None),
        ("POST", "/v1/ask", [], b"[]"),
        ("GET", "/v1/whole/a", [], None),
        ("GET", "/v1/whole/a", [("page", "2")], None),
        ("GET", "/v1/whole/a", [("id", "")], None),
        ("GET", "/v1/thing/../things", [], None),
        ("GET", "/v1/thing/%2e%2e/things", [], None),
        ("GET", "/v1/thing/%252e%252e/things", [], None),
        ("GET", "/v1/thing/a%2f%2fb", [], None),
        ("GET", "/v1/thing//a", [], None),
        ("GET", "/v1/thing/a\\b", [], None),
        ("GET", "/v1/thing/a%0ab", [], None),
        ("GET", "/v1/thing/%ff", [], None),
        ("GET", "v1/things", [], None),
        ("GET", "/v1/things\n", [], None),
        ("GET", "", [], None),
    ],
)
def test_everything_else_is_refused(method: str, path: str, query: list[tuple[str, str]], body: bytes | None) -> None:
    with pytest.raises(Blocked):
        LIST.check(method, path, query, body)


def test_the_decoded_path_is_compared() -> None:
    assert LIST.check("GET", "/v1/th%69ngs", [], None).name == "things"
    assert LIST.check("GET", "/v1/thing/a%2Fb", [], None).name == "thing"


def test_a_refusal_says_no_query_value() -> None:
    with pytest.raises(Blocked) as caught:
        LIST.check("GET", "/v1/things", [("token", "PLANTED")], None)
    assert "PLANTED" not in str(caught.value)


@given(st.sampled_from(["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD"]), st.text())
def test_no_text_as_a_path_raises_anything_but_blocked(method: str, path: str) -> None:
    with contextlib.suppress(Blocked):
        assert LIST.check(method, path, [], None) in LIST.rules


WRITES = [
    ("POST", "/api/v2.0/replication/executions"),
    ("PUT", "/api/v2.0/replication/executions/1"),
    ("PUT", "/api/v2.0/system/gc/1"),
    ("POST", "/api/v2.0/system/gc/schedule"),
    ("POST", "/api/v2.0/registries/ping"),
    ("DELETE", "/api/v2.0/projects/1"),
    ("GET", "/api/v2.0/configurations"),
    ("GET", "/api/v2.0/internalconfig"),
    ("GET", "/api/v2.0/health/../projects"),
    ("GET", "/c/login"),
]


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_harbor_may_not_be_changed(method: str, path: str) -> None:
    with pytest.raises(Blocked):
        harbor.allow_list("https://harbor.example").check(method, path, [], None)


def test_harbors_page_sizes_are_bounded() -> None:
    allow = harbor.allow_list("https://harbor.example/sub")
    path = "/sub/api/v2.0/replication/executions"
    assert allow.check("GET", path, [("page", "1"), ("page_size", "30"), ("sort", "-start_time")], None)
    for size in ("0", "31", "101", "-1"):
        with pytest.raises(Blocked):
            allow.check("GET", path, [("page", "1"), ("page_size", size)], None)


PROJECT = "/api/v2.0/projects/library"
PAGE = [("page", "1"), ("page_size", "100")]
LISTED = [*PAGE, ("sort", "id"), ("with_accessory", "true"), ("with_tag", "false")]


def test_of_projects_only_two_lists_are_read() -> None:
    allow = harbor.allow_list("https://harbor.example")
    assert allow.check("GET", f"{PROJECT}/artifacts", LISTED, None)
    assert allow.check("GET", f"{PROJECT}/repositories", PAGE, None)
    for method, path, query in (
        ("DELETE", f"{PROJECT}/artifacts", []),
        ("GET", PROJECT, []),
        ("GET", "/api/v2.0/projects/../configurations", []),
        ("GET", "/api/v2.0/projects/a%2f..%2fb/artifacts", LISTED),
        ("GET", "/api/v2.0/projects/-x/artifacts", LISTED),
        ("GET", f"{PROJECT}/artifacts", [("page_size", "0")]),
        ("GET", f"{PROJECT}/artifacts", [("with_scan_overview", "true")]),
        ("GET", f"{PROJECT}/repositories/a/artifacts/b", []),
        ("DELETE", f"{PROJECT}/repositories/a", []),
    ):
        with pytest.raises(Blocked):
            allow.check(method, path, query, None)


def test_a_rule_with_headers_wants_each_of_them() -> None:
    allow = AllowList([Rule("ask", "POST", "/", body=lambda body: body == b"{}", headers={"x-target": "Get.+"})])
    assert allow.check("POST", "/", [], b"{}", {"x-target": "GetIt", "x-more": "1"}).name == "ask"
    for headers in ({}, {"x-target": "PutIt"}, {"x-target": "GetIt\n"}, {"X-Other": "GetIt"}):
        with pytest.raises(Blocked):
            allow.check("POST", "/", [], b"{}", headers)
    with pytest.raises(Blocked):
        allow.check("POST", "/", [], b"{}")


def test_only_configured_secrets_can_be_read_from_vault() -> None:
    allow = vault.allow_list("https://vault.example", login=None, paths=["kv/data/harbor"])
    assert allow.check("GET", "/v1/kv/data/harbor", [], None).name == "secret"
    for path in ("kv/data/other", "kv/metadata/harbor", "database/creds/x", "sys/seal", "sys/raw/x"):
        with pytest.raises(Blocked):
            allow.check("GET", f"/v1/{path}", [], None)
    with pytest.raises(Blocked):
        allow.check("PUT", "/v1/kv/data/harbor", [], b"{}")
    with pytest.raises(Blocked):
        allow.check("POST", "/v1/auth/approle/login", [], b'{"role_id": "a", "secret_id": "b"}')


def test_one_login_is_allowed_and_only_in_its_shape() -> None:
    role = vault.allow_list("http://v", login=AppRoleLogin("role", Secret("s")), paths=[])
    assert role.check("POST", "/v1/auth/approle/login", [], b'{"role_id": "a", "secret_id": "b"}').name == "login"
    with pytest.raises(Blocked):
        role.check("POST", "/v1/auth/approle/login", [], b'{"role_id": "a", "secret_id": "b", "more": 1}')
    person = vault.allow_list("http://v", login=UserpassLogin("ann", Secret("s")), paths=[])
    assert person.check("POST", "/v1/auth/userpass/login/ann", [], b'{"password": "x"}').name == "login"
    with pytest.raises(Blocked):
        person.check("POST", "/v1/auth/userpass/login/bob", [], b'{"password": "x"}')
    with pytest.raises(Blocked):
        person.check("POST", "/v1/auth/token/renew-self", [], b'{"increment": "99h"}')


NO_SECRETS = ["sys/raw/x", "auth/token/create", "database/creds/harbor", "kv", "/kv/x", "kv/../x", "kv/..", ""]


@pytest.mark.parametrize("path", NO_SECRETS)
def test_a_path_that_is_no_key_value_secret_is_refused_at_the_start(path: str) -> None:
    with pytest.raises(ValueError, match="key-value"):
        vault.allow_list("http://v", login=None, paths=[path])


def test_an_origin_is_one_scheme_host_and_port() -> None:
    origin = Origin.of("https://Harbor.example/base/")
    assert origin.url == "https://harbor.example:443/base"
    assert origin.holds("https://harbor.example/x") and origin.holds("https://harbor.example:443/x")
    for other in ("http://harbor.example/", "https://harbor.example:444/", "https://harbor.example.evil/", "x"):
        assert not origin.holds(other)
    assert Origin.of("http://[::1]:8200").url == "http://[::1]:8200"
    for wrong in ("ftp://x", "harbor", "https://user:secret@harbor", "https://harbor:x"):
        with pytest.raises(ValueError):
            Origin.of(wrong)
