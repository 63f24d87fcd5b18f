"""Counting a real bucket: key by key what boto3's paginator finds, and a registry's keys below a root of our own."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.config import Config

from harbortui.model.listing import BucketCount, CountPlan
from harbortui.model.redact import Clean
from harbortui.sources.answer import Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.storage.listing.lister import BucketLister
from tests.live.settings import LiveS3
from tests.sources.listing.fake_store import Item
from tests.sources.listing.test_every_key_once import by_class, registry

MOST = 50_000
"""Keys of a bucket that boto3 lists in seconds."""
ODD = ("blobs/sha256/zz odd+%é&<k>", "repositories0", "control\x01")


def plain(live: LiveS3, key: Credentials) -> Any:
    """boto3 as anybody has it."""
    return boto3.session.Session().client(
        "s3",
        endpoint_url=live.url,
        region_name=live.region,
        aws_access_key_id=key.user,
        aws_secret_access_key=key.secret.reveal(),
        verify=live.get("CA") or None,
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, proxies={}, max_pool_connections=8),
    )


def reader(live: LiveS3) -> Credentials:
    if live.credentials is None or not live.bucket:
        pytest.skip("no access key or no bucket")
    return live.credentials


async def count(live: LiveS3, clean: Clean, root: str = "") -> BucketCount:
    """The bucket's count; the plan comes first, and a bucket of millions is left alone."""
    made = BucketLister(endpoint=live.url, clean=clean, now=time.time, region=live.region, tls=live.tls)
    try:
        planned = await made.plan(live.bucket, reader(live), root=root)
        assert isinstance(planned, Ok), planned
        plan: CountPlan = planned.value
        if plan.objects > MOST:
            pytest.skip(f"about {plan.objects} objects: too many to list twice")
        async with contextlib.aclosing(made.count(live.bucket, reader(live), root=root)) as events:
            found = [event async for event in events][-1]
    finally:
        await made.aclose()
    assert isinstance(found, BucketCount), found
    return found


async def test_the_bucket_is_counted_as_boto3_lists_it(live_s3: LiveS3, clean: Clean) -> None:
    found = await count(live_s3, clean)
    pages = plain(live_s3, reader(live_s3)).get_paginator("list_objects_v2").paginate(Bucket=live_s3.bucket)
    sizes = [row["Size"] for page in pages for row in page.get("Contents", ())]
    assert (found.objects, found.bytes) == (len(sizes), sum(sizes))


@pytest.fixture
def made(live_s3: LiveS3, live_change: str) -> Iterator[tuple[str, list[Item]]]:
    """A registry's keys below a root directory of our own, removed at the end."""
    if live_s3.admin is None:
        pytest.skip("no access key that may write")
    client = plain(live_s3, live_s3.admin)
    items = [item._replace(size=item.size % 100) for item in registry(live_change, 1500, 2, 12, 2)]
    items += [Item(f"{live_change}/docker/registry/v2/{name}", 3) for name in ODD]

    def put(item: Item) -> None:
        client.put_object(Bucket=live_s3.bucket, Key=item.key, Body=b"x" * item.size)

    def drop(item: Item) -> None:
        client.delete_object(Bucket=live_s3.bucket, Key=item.key)

    with ThreadPoolExecutor(8) as threads:
        try:
            list(threads.map(put, items))
            yield live_change, items
        finally:
            list(threads.map(drop, items))


async def test_each_key_of_a_registry_is_counted_once(
    live_s3: LiveS3, clean: Clean, made: tuple[str, list[Item]]
) -> None:
    root, items = made
    found = await count(live_s3, clean, root)
    truth = by_class(root, items)
    for name in ("blobs", "layers", "manifests", "tags", "uploads"):
        counted = getattr(found, name)
        assert (counted.objects, counted.bytes) == truth[name], name
    assert found.objects - found.other.objects == sum(truth[name][0] for name in truth if name != "other")
    assert found.notes == ()
