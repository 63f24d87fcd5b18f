"""Whatever is in the bucket and however the server pages, fails and errs: each key is counted exactly once."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from typing import Any
from unittest.mock import patch

from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.listing import BucketCount
from harbortui.sources.storage.listing import survey
from tests.sources.listing.drain import outcome
from tests.sources.listing.fake_store import FakeStore, Item, Quirks, error, serving

ROOTS = ("", "registry", "a/b")


def v2(root: str) -> str:
    return f"{root}/docker/registry/v2/" if root else "docker/registry/v2/"


def digest(seed: object) -> str:
    return hashlib.sha256(str(seed).encode()).hexdigest()


def registry(root: str, blobs: int, repositories: int, links: int, uploads: int) -> list[Item]:
    """A registry's keys in its layout."""
    base = v2(root)
    items = [Item(f"{base}blobs/sha256/{(h := digest(n))[:2]}/{h}/data", n * 31) for n in range(blobs)]
    items += [Item(f"{base}blobs/sha512/{(h := digest(n) * 2)[:2]}/{h}/data", n) for n in range(blobs // 7)]
    for repository in range(repositories):
        name = f"{base}repositories/p{repository % 3}/app{repository}"
        for n in range(links):
            items.append(Item(f"{name}/_layers/sha256/{digest((n, repository))}/link"))
            items.append(Item(f"{name}/_manifests/revisions/sha256/{digest((n, name))}/link", 72))
            items.append(Item(f"{name}/_manifests/tags/v{n}/current/link", 73))
            items.append(Item(f"{name}/_manifests/tags/v{n}/index/sha256/{digest((n, name))}/link", 74))
        for n in range(uploads):
            upload = f"{name}/_uploads/{digest(('u', n))[:8]}"
            items += [Item(f"{upload}/data", 1000), Item(f"{upload}/hashstates/sha256/0", 108)]
            if n % 3:
                items.append(Item(f"{upload}/startedat", 20))
    return items


def by_class(root: str, items: list[Item]) -> dict[str, tuple[int, int]]:
    """The truth, worked out another way than the lister does."""
    found = {name: (0, 0) for name in ("blobs", "layers", "manifests", "tags", "uploads", "other")}
    for item in items:
        name = class_of(root, item.key)
        found[name] = (found[name][0] + 1, found[name][1] + item.size)
    return found


def class_of(root: str, key: str) -> str:
    if not key.startswith(v2(root)):
        return "other"
    parts = key.removeprefix(v2(root)).split("/")
    if parts[0] == "blobs" and len(parts) > 1 and parts[-1] == "data":
        return "blobs"
    if parts[0] != "repositories":
        return "other"
    mark = next((n for n, part in enumerate(parts) if n > 1 and part.startswith("_")), None)
    if mark is None or mark == len(parts) - 1:
        return "other"
    if parts[mark] == "_uploads":
        return "uploads"
    names = {("_layers",): "layers", ("_manifests", "revisions"): "manifests", ("_manifests", "tags"): "tags"}
    for words, name in names.items():
        if tuple(parts[mark : mark + len(words)]) == words and len(parts) > mark + len(words):
            return name if parts[-1] == "link" else "other"
    return "other"


# Characters that are hard for XML, for URLs, or for whoever compares bounds.
AWKWARD = st.text(st.sampled_from("a/0~!+ %&<>\"'=é\u2028\ufffd\U0001f433-._\x7f"), min_size=1, max_size=12)
CONTROLS = st.text(st.sampled_from("a/\x01\x1b\n\r\t"), min_size=1, max_size=6)


@st.composite
def odd_keys(draw: st.DrawFn, root: str, controls: bool) -> list[str]:
    """Keys anywhere, also right at the names that the key space is cut at."""
    base = v2(root)
    places = ["", base, f"{base}blobs/", f"{base}blobs/sha256/", f"{base}blobs/sha256/a", f"{base}repositories/"]
    places += [f"{base}repositories", f"{base}repositories/p1/", f"{base}repositories/p1/app1/_uploads/", "zzz/"]
    tails = st.one_of(AWKWARD, CONTROLS) if controls else AWKWARD
    found = draw(st.lists(st.tuples(st.sampled_from(places), tails), max_size=25))
    edges = draw(st.lists(st.sampled_from([place for place in places if place]), max_size=4))
    return [place + tail for place, tail in found] + edges


@st.composite
def buckets(draw: st.DrawFn) -> tuple[str, list[Item], Quirks]:
    root = draw(st.sampled_from(ROOTS))
    encoding = draw(st.sampled_from(["aws", "rgw", "none"]))
    sizes = [draw(st.integers(0, most)) for most in (150, 4, 12, 3)]
    items = {item.key: item for item in registry(root, *sizes)}
    for key in draw(odd_keys(root, encoding != "none")):
        items[key] = Item(key, len(key))
    failing = draw(st.integers(0, 3))
    quirks = Quirks(
        page=draw(st.sampled_from([1, 2, 3, 7, 20, 50, 1000])),
        token=draw(st.booleans()),
        key_count=draw(st.booleans()),
        encoding=encoding,
        encoding_last=draw(st.booleans()),
        pretty=draw(st.booleans()),
        honour_start_after=draw(st.integers(0, 4)) > 0,
        honour_prefix=draw(st.integers(0, 4)) > 0,
        honour_delimiter=draw(st.booleans()),
        empty_every=draw(st.sampled_from([0, 0, 2, 3])),
        fail=failures(failing),
    )
    if quirks.page < 20:
        # Each page is a call; a handful of them shows all there is to see.
        items = dict(list(items.items())[-40 * quirks.page :])
    return root, list(items.values()), quirks


def failures(attempts: int) -> Any:
    """A third of all pages fail so often before they come, each time in another way."""
    seen: dict[str, int] = {}

    def fail(number: int, query: Mapping[str, str]) -> web.StreamResponse | None:
        name = str(sorted(query.items()))
        if int(digest(name)[:2], 16) % 3:
            return None
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > attempts:
            return None
        how = number % 4
        if how == 0:
            return error(503, "SlowDown", Retry_After="1")
        if how == 1:
            return web.Response(status=500)
        if how == 2:
            return web.Response(body=b"<ListBucketResult><Contents><Key>a</Key>", content_type="application/xml")
        return error(503, "")

    return fail


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(buckets(), st.sampled_from([10, 1_000_000]))
def test_each_key_is_counted_once(bucket: tuple[str, list[Item], Quirks], many: int) -> None:
    root, items, quirks = bucket

    async def run() -> tuple[BucketCount | Failure, FakeStore]:
        async with serving(FakeStore(items, quirks)) as store:
            return await outcome(store.url, root), store

    with patch.object(survey, "MANY_BLOBS", many):
        found, store = asyncio.run(run())
    if isinstance(found, Failure):
        # Without tokens a server that ignores start-after has no second page: that is said, never guessed.
        assert found.kind is FailureKind.PROTOCOL, found
        assert not quirks.token
        assert not quirks.honour_start_after or quirks.empty_every, found
        assert "repeats itself" in found.detail or "names none" in found.detail
        return
    truth = by_class(root, items)
    counted = {name: (getattr(found, name).objects, getattr(found, name).bytes) for name in truth}
    assert counted == truth
    assert (found.objects, found.bytes) == (len(items), sum(item.size for item in items))
    # A call may be cut off before it reaches the server; none may reach it unaccounted for.
    assert store.calls <= found.calls
