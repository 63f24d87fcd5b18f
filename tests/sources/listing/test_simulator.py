"""Against the simulated object stores: signed with a key that may only list, compared with the world's own truth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.listing import BucketCount, HiddenBytes, HiddenKind, HiddenPart
from harbortui.model.secret import Secret
from harbortui.sim.store import READONLY_KEY
from harbortui.sim.world.store_types import MultipartUpload
from harbortui.sources.answer import Ok
from harbortui.sources.credentials import Credentials
from tests.sim.store_site import START, Site, site
from tests.sources.listing.drain import BUCKET, events, lister

ROOT = "registry"
BULK = 30_000
OLD = START - 300 * 3600


@pytest.fixture(scope="module")
def minio() -> Iterator[Site]:
    with site(instances=1, bulk_blobs=BULK) as found:
        yield found


@pytest.fixture(scope="module")
def rgw() -> Iterator[Site]:
    with site(instances=1, provider="rgw", versioning=True) as found:
        yield found


def key(store: Site) -> Credentials:
    return Credentials(READONLY_KEY, Secret(store.keys[READONLY_KEY]))


async def counted(store: Site, **more: Any) -> BucketCount:
    async with lister(store.url, now=lambda: START) as made:
        last = (await events(made, key=key(store), root=ROOT, **more))[-1]
    assert isinstance(last, BucketCount), last
    return last


async def hidden(store: Site, count: BucketCount) -> HiddenBytes:
    async with lister(store.url, now=lambda: START) as made:
        found = await made.hidden(BUCKET, key(store), root=ROOT, count=count)
    assert isinstance(found, Ok), found
    return found.value


def part(found: HiddenBytes, kind: HiddenKind) -> HiddenPart:
    return next(each for each in found.parts if each.kind is kind)


async def test_a_count_is_the_worlds_truth(minio: Site) -> None:
    bucket = minio.bucket()
    truth = bucket.stats()
    found = await counted(minio)
    assert (found.objects, found.bytes) == (truth.objects, truth.bytes)
    assert found.blobs.objects >= BULK
    assert found.links.objects + found.blobs.objects + found.uploads.objects + found.other.objects == found.objects
    assert found.uploads.sessions == len(bucket.uploads)
    stale = [row for row in bucket.uploads if row[2] < START - 168 * 3600]
    assert found.uploads.stale_sessions == len(stale)
    assert found.uploads.oldest_at == min((row[2] for row in bucket.uploads), default=None)
    assert found.notes == ()
    assert found.calls < truth.objects / 1000 + 60


async def test_a_sample_of_the_world(minio: Site) -> None:
    async with lister(minio.url) as made:
        found = await made.sample(BUCKET, key(minio), root=ROOT, prefixes=16)
    assert isinstance(found, Ok), found
    blobs = (await counted(minio)).blobs
    assert found.value.objects.value == pytest.approx(blobs.objects, rel=0.15)
    assert found.value.calls < 25


async def test_minio_is_not_believed_on_unfinished_uploads(minio: Site) -> None:
    found = await hidden(minio, await counted(minio))
    assert found.versioning == ""
    untold = part(found, HiddenKind.UNFINISHED_MULTIPARTS)
    assert (untold.objects, untold.bytes) == (None, None)
    assert "proves nothing" in untold.inexact
    assert part(found, HiddenKind.OLD_VERSIONS).bytes == 0
    stale = part(found, HiddenKind.STALE_UPLOADS)
    assert stale.inexact.startswith("older than 168 h")


async def test_hidden_bytes_of_rgw_are_the_worlds(rgw: Site) -> None:
    bucket = rgw.bucket()
    client = rgw.client()
    client.put_object(Bucket=BUCKET, Key="beside", Body=b"12345")
    client.put_object(Bucket=BUCKET, Key="beside", Body=b"123")
    client.delete_object(Bucket=BUCKET, Key="beside")
    parts = ((1, 5 << 20, OLD), (2, 17, OLD))
    rgw.sim.call(lambda fleet: bucket.multipart.append(MultipartUpload("x y/_uploads/u/data", "id", OLD, parts)))
    truth = bucket.stats()
    count = await counted(rgw)
    assert (count.objects, count.bytes) == (truth.objects, truth.bytes)
    found = await hidden(rgw, count)
    assert found.versioning == "Enabled"
    old = part(found, HiddenKind.OLD_VERSIONS)
    assert (old.objects, old.bytes) == (truth.version_objects, truth.version_bytes)
    assert part(found, HiddenKind.DELETE_MARKERS).objects == truth.delete_markers
    unfinished = part(found, HiddenKind.UNFINISHED_MULTIPARTS)
    assert (unfinished.objects, unfinished.bytes) == (truth.multipart_uploads, truth.multipart_bytes)
    assert unfinished.inexact == ""
    assert old.objects


async def test_refusals_have_names(minio: Site) -> None:
    async with lister(minio.url, now=lambda: START) as made:
        wrong = (await events(made, key=Credentials(READONLY_KEY, Secret("another-secret-key"))))[-1]
        assert isinstance(wrong, Failure)
        assert wrong.kind is FailureKind.AUTH
        missing = await made.plan("missing", key(minio))
        assert isinstance(missing, Failure)
        assert missing.kind is FailureKind.NOT_FOUND
