"""What a count may send: listings, and nothing that could read an object or change anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbortui.sources.allowlist import Blocked
from harbortui.sources.storage.policy import listing_reads

ALLOW = listing_reads()
LIST = [("list-type", "2"), ("encoding-type", "url"), ("max-keys", "1000"), ("prefix", "a b\n/\u2028")]


@pytest.mark.parametrize(
    ("path", "query", "name"),
    [
        ("/harbor", LIST, "list-objects"),
        ("/harbor", [*LIST, ("start-after", "x"), ("delimiter", "/")], "list-objects"),
        ("/harbor", [*LIST, ("continuation-token", "1/a+b==")], "list-objects"),
        ("/harbor", [("versions", ""), ("key-marker", "k"), ("version-id-marker", "v")], "list-versions"),
        ("/harbor", [("uploads", ""), ("max-uploads", "1000"), ("encoding-type", "url")], "list-uploads"),
        ("/harbor", [("versioning", "")], "bucket-versioning"),
        ("/harbor/docker/registry/v2/x%20y/data", [("uploadId", "2~abc"), ("max-parts", "1000")], "list-parts"),
    ],
)
def test_listings_may_leave(path: str, query: list[tuple[str, str]], name: str) -> None:
    assert ALLOW.check("GET", path, query, None).name == name


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("GET", "/harbor/docker/registry/v2/blobs/sha256/aa/aa/data", []),
        ("GET", "/harbor/docker/registry/v2/blobs/sha256/aa/aa/data", [("max-parts", "1000")]),
        ("GET", "/harbor/key", [("uploadId", "")]),
        ("GET", "/harbor/key", [("uploadId", "x"), ("partNumber", "1")]),
        ("GET", "/harbor/key", [("list-type", "2")]),
        ("GET", "/harbor", []),
        ("GET", "/harbor", [("prefix", "")]),
        ("GET", "/harbor", [("policy", "")]),
        ("GET", "/harbor", [("versioning", ""), ("x", "")]),
        ("GET", "/harbor", [*LIST, ("delimiter", "x")]),
        ("GET", "/harbor", [("list-type", "1")]),
        ("GET", "/", [("list-type", "2")]),
        ("GET", "/harbor/", [("list-type", "2")]),
        ("PUT", "/harbor", [("versioning", "")]),
        ("POST", "/harbor", [("uploads", "")]),
        ("DELETE", "/harbor/key", [("uploadId", "x")]),
        ("HEAD", "/harbor", [("list-type", "2")]),
    ],
)
def test_everything_else_may_not(method: str, path: str, query: list[tuple[str, str]]) -> None:
    with pytest.raises(Blocked):
        ALLOW.check(method, path, query, None)


@given(st.text(max_size=20), st.lists(st.tuples(st.sampled_from(["max-parts", "part-number-marker"]), st.just("1"))))
def test_no_key_can_be_read(key: str, query: list[tuple[str, str]]) -> None:
    from urllib.parse import quote

    with pytest.raises(Blocked):
        ALLOW.check("GET", f"/harbor/{quote(key)}", query, None)


def test_below_a_prefix() -> None:
    allow = listing_reads("/s3")
    assert allow.check("GET", "/s3/harbor", LIST, None).name == "list-objects"
    with pytest.raises(Blocked):
        allow.check("GET", "/harbor", LIST, None)
