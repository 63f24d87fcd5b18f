"""A bucket of a million keys: made on the fly, listed in any order of shards, each key once."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from harbortui.sim.store.paging import page
from tests.sim.store_site import Site, site

BLOBS = "registry/docker/registry/v2/blobs/sha256/"
MILLION = 1_000_000
KEY = re.compile(r"<Key>([^<]+)</Key>")
TOKEN = re.compile(r"<NextContinuationToken>([^<]+)</NextContinuationToken>")


@pytest.fixture(scope="module")
def store() -> Iterator[Site]:
    with site(instances=1, bulk_blobs=MILLION) as found:
        yield found


def keys_of(store: Site, prefix: str, size: int = 1000) -> list[str]:
    """All keys below a prefix by signed requests; a client library's parser would take longer than the store."""
    keys: list[str] = []
    token = ""
    for _ in range(200):
        more = f"continuation-token={token.replace('=', '%3D')}&" if token else ""
        answer = store.get(f"/harbor?{more}list-type=2&max-keys={size}&prefix={prefix.replace('/', '%2F')}")
        assert answer.status_code == 200, answer.text
        keys += KEY.findall(answer.text)
        found = TOKEN.search(answer.text)
        if found is None:
            return keys
        token = found[1]
    raise AssertionError("the listing does not end")


def test_the_first_page_and_the_truth(store: Site) -> None:
    first = store.client().list_objects_v2(Bucket="harbor")
    assert (first["KeyCount"], first["IsTruncated"]) == (1000, True)
    assert store.bucket().stats().objects > MILLION


def test_a_delimiter_finds_all_shards_without_reading_a_million_keys(store: Site) -> None:
    found = store.client().list_objects_v2(Bucket="harbor", Prefix=BLOBS, Delimiter="/")
    assert [row["Prefix"] for row in found["CommonPrefixes"]] == [f"{BLOBS}{n:02x}/" for n in range(256)]


def test_a_shard_is_its_subshards(store: Site) -> None:
    whole = keys_of(store, f"{BLOBS}a7/")
    assert len(whole) == pytest.approx(MILLION / 256, rel=0.05)
    assert whole == sorted(set(whole))
    parts = [keys_of(store, f"{BLOBS}a7/a7{digit}", 97) for digit in "0123456789abcdef"]
    assert [key for part in parts for key in part] == whole


def test_the_world_counts_what_its_listing_shows(store: Site) -> None:
    wanted = [entry.key for entry in store.bucket().list(prefix=f"{BLOBS}00/")]
    assert keys_of(store, f"{BLOBS}00/") == wanted


def test_a_bulk_blob_can_be_deleted_and_put_again(store: Site) -> None:
    client, bucket = store.client(), store.bucket()
    before = bucket.stats()
    entry = list(bucket.bulk.list("", f"{BLOBS}55/"))[7]
    client.delete_object(Bucket="harbor", Key=entry.key)
    gone = bucket.stats()
    assert (before.objects - gone.objects, before.bytes - gone.bytes) == (1, entry.size)
    assert entry.key not in keys_of(store, f"{BLOBS}55/")
    client.put_object(Bucket="harbor", Key=entry.key, Body=b"12345")
    again = bucket.stats()
    assert (again.objects, again.bytes) == (before.objects, gone.bytes + 5)
    assert keys_of(store, f"{BLOBS}55/").count(entry.key) == 1


def test_every_key_of_a_million_exactly_once_over_all_pages(store: Site) -> None:
    bucket = store.bucket()
    stats, count, size, last = bucket.stats(), 0, 0, ""
    while True:
        found = page(bucket.list, "", "", last, 1000)
        for row in found.rows:
            assert row.key > last
            last = row.key
            size += row.size
        count += len(found.rows)
        if not found.last:
            break
    assert (count, size) == (stats.objects, stats.bytes)
