"""The live object store through the console's source: the bucket, how full it is, health, metrics."""

from __future__ import annotations

import time

import pytest

from harbortui.model.redact import Clean
from harbortui.model.secret import Secret
from harbortui.model.storage import BucketState
from harbortui.sources.answer import Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.storage.source import StoreSource
from tests.live.s3_open import PROVIDERS, opened, reader
from tests.live.s3_plain import client, counted
from tests.live.settings import LiveS3


async def state(source: StoreSource, bucket: str, credentials: Credentials) -> BucketState:
    """The bucket's state, which must be an answer."""
    found = await source.bucket(bucket, credentials)
    assert isinstance(found, Ok), found
    return found.value


def needs(live_s3: LiveS3, provider: str) -> None:
    if live_s3.get("PROVIDER") != provider:
        pytest.skip(f"PROVIDER is not {provider}")


async def test_the_bucket_answers(live_s3: LiveS3, clean: Clean) -> None:
    key = reader(live_s3)
    async with opened(live_s3, clean) as source:
        found = await state(source, live_s3.bucket, key)
    assert found.name == live_s3.bucket
    assert found.clock_skew is not None and abs(found.clock_skew) < 300
    assert (found.usage is None) == bool(found.usage_note)
    if (provider := live_s3.get("PROVIDER")) in PROVIDERS:
        assert found.provider == PROVIDERS[provider]
    elif provider:
        assert found.provider in ("", "AWS S3")


async def test_health(live_s3: LiveS3, clean: Clean) -> None:
    async with opened(live_s3, clean) as source:
        found = await source.health()
    assert isinstance(found, Ok), found
    if live_s3.get("PROVIDER") == "minio":
        assert (found.value.provider, found.value.live, found.value.ready) == ("MinIO", True, True)
    else:
        assert found.value.live is not False, found.value.detail


async def test_what_the_store_says_is_no_less_than_what_a_listing_finds(live_s3: LiveS3, clean: Clean) -> None:
    """Old versions and unfinished uploads count too, as far as the figure says that it includes them."""
    key = reader(live_s3)
    s3 = client(live_s3, key)
    for _ in range(3):
        async with opened(live_s3, clean) as source:
            before = await state(source, live_s3.bucket, key)
            listed = counted(s3, live_s3.bucket)
            after = await state(source, live_s3.bucket, key)
        if before.usage is None:
            pytest.skip(f"the store does not tell: {before.usage_note}")
        if listed is None:
            pytest.skip("too many keys to list them all, or the key may not")
        if after.usage is not None and after.usage.bytes == before.usage.bytes:
            break
    else:
        pytest.skip("the bucket changes while it is listed")
    if before.provider != "Ceph RGW":
        # MinIO's figure is of some time ago; test_s3_changes.py compares it in a bucket of its own.
        assert before.usage.bytes >= 0
        return
    everything = listed.everything
    if everything is None or listed.versions is None:
        assert before.usage.bytes >= listed.bytes
        return
    assert before.usage.bytes == everything
    assert before.usage.objects == listed.versions + (listed.parts or 0)


async def test_metrics_tell_when_they_were_measured(live_s3: LiveS3, clean: Clean) -> None:
    needs(live_s3, "minio")
    key, token = reader(live_s3), live_s3.secret("METRICS_TOKEN")
    if token is None:
        pytest.skip("no token of MinIO's metrics")
    async with opened(live_s3, clean, token=token) as source:
        found = await state(source, live_s3.bucket, key)
    if found.usage is None:
        assert "yet" in found.usage_note
        return
    assert found.usage.source == "MinIO metrics"
    assert found.usage.measured_at is not None
    assert time.time() - 30 * 86_400 < found.usage.measured_at <= time.time() + 60


@pytest.mark.parametrize("token", [None, Secret("eyJhbGciOiJIUzUxMiJ9.eyJzdWIiOiJub2JvZHkifQ.wrong")])
async def test_without_good_metrics_account_information_tells(
    live_s3: LiveS3, clean: Clean, token: Secret | None
) -> None:
    needs(live_s3, "minio")
    key = reader(live_s3)
    async with opened(live_s3, clean, token=token) as source:
        found = await state(source, live_s3.bucket, key)
    if found.usage is None:
        assert "yet" in found.usage_note
    elif token is not None:
        assert (found.usage.source, found.usage.measured_at) == ("MinIO account info", None)
