"""What `init` and `doctor` may ask beyond the console: read by read, and nothing that changes or opens anything."""

from __future__ import annotations

import json

import pytest

from harbortui.sources.allowlist import AllowList, Blocked
from harbortui.sources.harbor.inquiry import inquiry_list
from harbortui.sources.harbor.policy import allow_list as harbor_list
from harbortui.sources.nomad.policy import inquiry_reads as nomad_inquiries
from harbortui.sources.nomad.policy import reads, stream_reads
from harbortui.sources.storage.inquiry import QUERIES
from harbortui.sources.storage.inquiry import inquiry_reads as s3_inquiries
from harbortui.sources.storage.policy import s3_reads, store_reads
from harbortui.sources.vault.policy import allow_list as vault_list

UUID = "11111111-2222-3333-4444-555555555555"
VAULT = vault_list("https://v", login=None, paths=["kv/data/harbor"], inspected=["kv/data/harbor", "sys/mounts/x"])
CAPABILITIES = "/v1/sys/capabilities-self"


def test_all_of_them_are_reads_but_one_question_to_vault() -> None:
    lists = (nomad_inquiries(), s3_inquiries(), inquiry_list("https://h"), VAULT)
    others = {(rule.name, rule.method) for each in lists for rule in each.rules if rule.method != "GET"}
    assert others == {("renewal", "POST"), ("own capabilities", "POST")}


@pytest.mark.parametrize(
    ("allow", "method", "path", "query"),
    [
        (nomad_inquiries(), "GET", f"/v1/client/allocation/{UUID}/restart", []),
        (nomad_inquiries(), "GET", "/v1/client/gc", []),
        (nomad_inquiries(), "GET", "/v1/vars", []),
        (nomad_inquiries(), "GET", "/v1/acl/tokens", []),
        (nomad_inquiries(), "PUT", "/v1/acl/policy/x", []),
        (nomad_inquiries(), "GET", "/v1/job/x/plan", []),
        (nomad_inquiries(), "GET", "/v1/jobs", [("per_page", "100"), ("filter", "x")]),
        (nomad_inquiries(), "GET", "/v1/acl/policy/..%2ftoken", []),
        (s3_inquiries(), "GET", "/bucket/registry/blob", []),
        (s3_inquiries(), "GET", "/bucket", [("acl", "")]),
        (s3_inquiries(), "GET", "/bucket", [("list-type", "2"), ("max-keys", "1000")]),
        (s3_inquiries(), "PUT", "/bucket", [("versioning", "")]),
        (s3_inquiries(), "DELETE", "/bucket", []),
        (inquiry_list("https://h"), "POST", "/api/v2.0/robots", []),
        (inquiry_list("https://h"), "GET", "/api/v2.0/configurations", []),
        (inquiry_list("https://h"), "GET", "/api/v2.0/robots", [("page_size", "0")]),
        (VAULT, "GET", "/v1/kv/data/other", []),
        (VAULT, "GET", "/v1/sys/mounts", []),
    ],
)
def test_what_is_not_declared_does_not_leave(
    allow: AllowList, method: str, path: str, query: list[tuple[str, str]]
) -> None:
    with pytest.raises(Blocked):
        allow.check(method, path, query, b"")


@pytest.mark.parametrize(
    "body",
    [
        {"paths": ["kv/data/harbor", "auth/token/root"]},
        {"paths": "kv/data/harbor"},
        {"paths": ["kv/data/harbor"], "token": "hvs.another"},
        {"path": "kv/data/harbor"},
        [],
    ],
)
def test_vault_is_asked_about_declared_paths_and_our_own_token_only(body: object) -> None:
    with pytest.raises(Blocked):
        VAULT.check("POST", CAPABILITIES, [], json.dumps(body).encode())
    good = json.dumps({"paths": ["kv/data/harbor", "sys/mounts/x"]}).encode()
    assert VAULT.check("POST", CAPABILITIES, [], good).name == "own capabilities"
    with pytest.raises(Blocked):
        vault_list("https://v", login=None, paths=["kv/data/harbor"]).check("POST", CAPABILITIES, [], good)


def test_the_console_itself_may_ask_none_of_it() -> None:
    for allow, path, query in (
        (reads(), "/v1/jobs", [("per_page", "100"), ("meta", "true")]),
        (reads(), f"/v1/node/{UUID}/allocations", []),
        (stream_reads(), "/v1/acl/policies", []),
        (harbor_list("https://h"), "/api/v2.0/robots", [("page", "1"), ("page_size", "100")]),
        *((s3_reads(), "/bucket", list(query)) for query in QUERIES.values()),
        (store_reads(), "/bucket", [("list-type", "2")]),
    ):
        with pytest.raises(Blocked):
            allow.check("GET", path, query, b"")
