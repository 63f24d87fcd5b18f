"""A bucket of the suite's own in the live object store: what is put into it is what the console then says of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Clean
from harbortui.model.storage import BucketUsage
from harbortui.sources.answer import Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.storage.source import StoreSource
from tests.live.s3_open import opened, reader
from tests.live.s3_plain import client
from tests.live.settings import LiveS3

PART = 5 << 20
SCANNED_SECONDS = 150.0
"""MinIO's scanner comes by about once a minute where there is little to do."""


@dataclass(frozen=True)
class Own:
    """The suite's bucket and the key that may write to it."""

    s3: Any
    name: str
    key: Credentials


@pytest.fixture
def own(live_s3: LiveS3, live_change: str) -> Iterator[Own]:
    admin = live_s3.admin
    if admin is None:
        pytest.skip("no key that may write")
    s3 = client(live_s3, admin)
    s3.create_bucket(Bucket=live_change)
    try:
        yield Own(s3, live_change, admin)
    finally:
        _empty(s3, live_change)
        s3.delete_bucket(Bucket=live_change)


def _empty(s3: Any, bucket: str) -> None:
    # rclone says 404 (NoSuchUpload) when there is none.
    with suppress(ClientError):
        for upload in s3.list_multipart_uploads(Bucket=bucket).get("Uploads", ()):
            s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    try:
        found = s3.list_object_versions(Bucket=bucket)
        for row in (*found.get("Versions", ()), *found.get("DeleteMarkers", ())):
            s3.delete_object(Bucket=bucket, Key=row["Key"], VersionId=row["VersionId"])
    except ClientError:
        for row in s3.list_objects_v2(Bucket=bucket).get("Contents", ()):
            s3.delete_object(Bucket=bucket, Key=row["Key"])


async def usage(source: StoreSource, own: Own, expected: int) -> BucketUsage:
    """The usage when it is ``expected`` bytes; RGW tells it at once, MinIO after its next scan."""
    deadline = time.monotonic() + SCANNED_SECONDS
    while True:
        found = await source.bucket(own.name, own.key)
        assert isinstance(found, Ok), found
        state = found.value
        if state.usage is None and state.provider != "MinIO":
            pytest.skip(f"the store does not tell: {state.usage_note}")
        if state.usage is not None and state.usage.bytes == expected:
            return state.usage
        if state.provider != "MinIO":
            assert state.usage is not None
            assert state.usage.bytes == expected
        if time.monotonic() > deadline:
            pytest.skip("MinIO's scanner did not come by")
        await asyncio.sleep(2)


def put_versions(own: Own) -> bool:
    """A newer version of one object and a delete marker before another; False where there are no versions."""
    try:
        own.s3.put_bucket_versioning(Bucket=own.name, VersioningConfiguration={"Status": "Enabled"})
    except ClientError:
        return False
    own.s3.put_object(Bucket=own.name, Key="docker/registry/v2/blobs/0", Body=b"y" * 500)
    own.s3.delete_object(Bucket=own.name, Key="docker/registry/v2/blobs/1")
    return True


def put_part(own: Own) -> None:
    """One part of an upload that is never finished."""
    upload = own.s3.create_multipart_upload(Bucket=own.name, Key="unfinished")["UploadId"]
    own.s3.upload_part(Bucket=own.name, Key="unfinished", UploadId=upload, PartNumber=1, Body=b"z" * PART)


async def test_objects_old_versions_and_uploads_count(live_s3: LiveS3, clean: Clean, own: Own) -> None:
    async with opened(live_s3, clean) as source:
        known = await source.bucket(own.name, own.key)
        assert isinstance(known, Ok), known
        # MinIO comes back to a folder that it has counted only after many rounds: it is asked once, at the end.
        at_once = known.value.provider != "MinIO"
        for number in range(3):
            own.s3.put_object(Bucket=own.name, Key=f"docker/registry/v2/blobs/{number}", Body=b"x" * 1000)
        if at_once:
            assert (await usage(source, own, 3000)).objects == 3
        expected = 3500 if put_versions(own) else 3000
        if at_once:
            assert "old versions" in (await usage(source, own, expected)).includes
        put_part(own)
        found = await usage(source, own, expected + (PART if at_once else 0))
        assert ("unfinished uploads" in found.includes) == at_once


async def test_an_empty_bucket_is_reachable_and_then_gone(live_s3: LiveS3, clean: Clean, own: Own) -> None:
    async with opened(live_s3, clean) as source:
        found = await source.bucket(own.name, own.key)
        assert isinstance(found, Ok), found
        assert found.value.usage is None or found.value.usage.bytes == 0
        own.s3.delete_bucket(Bucket=own.name)
        try:
            gone = await source.bucket(own.name, own.key)
        finally:
            own.s3.create_bucket(Bucket=own.name)
    assert isinstance(gone, Failure)
    assert gone.kind is FailureKind.NOT_FOUND


async def test_the_reader_may_not_see_a_bucket_that_its_policy_does_not_name(
    live_s3: LiveS3, clean: Clean, own: Own
) -> None:
    key = reader(live_s3)
    if key.user == own.key.user:
        pytest.skip("the reader is the writer")
    async with opened(live_s3, clean) as source:
        found = await source.bucket(own.name, key)
    if isinstance(found, Ok):
        pytest.skip("the reader may see every bucket")
    assert (found.kind, found.needs) == (FailureKind.FORBIDDEN, "s3:ListBucket")
