"""What the live object store refuses: each refusal has its kind and words that say what is wrong."""

from __future__ import annotations

import datetime
import time
import uuid
from typing import Any

import botocore.auth
import pytest

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Clean
from harbortui.model.secret import Secret
from harbortui.sources.answer import Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.tls import TlsSettings
from tests.live.s3_open import opened, reader
from tests.live.settings import LiveS3

K = FailureKind


async def refusal(live_s3: LiveS3, clean: Clean, credentials: Credentials | None, bucket: str = "") -> Failure:
    """The failure that asking for the bucket (the configured one) brings."""
    async with opened(live_s3, clean) as source:
        found = await source.bucket(bucket or live_s3.bucket, credentials)
    assert isinstance(found, Failure), found
    return found


async def test_a_bucket_that_is_not_there(live_s3: LiveS3, clean: Clean) -> None:
    found = await refusal(live_s3, clean, reader(live_s3), f"harbortui-live-{uuid.uuid4().hex}")
    # A key whose policy names its buckets is told nothing about others.
    assert found.kind in (K.NOT_FOUND, K.FORBIDDEN)
    assert (found.needs == "s3:ListBucket") == (found.kind is K.FORBIDDEN)


async def test_a_key_that_the_store_does_not_know(live_s3: LiveS3, clean: Clean) -> None:
    known = reader(live_s3)
    found = await refusal(live_s3, clean, Credentials("HARBORTUILIVENOBODY1", known.secret))
    assert (found.kind, found.detail) == (K.AUTH, "the store does not know the access key")


async def test_a_wrong_secret(live_s3: LiveS3, clean: Clean) -> None:
    found = await refusal(live_s3, clean, Credentials(reader(live_s3).user, Secret("x" * 40)))
    assert (found.kind, found.detail) == (K.AUTH, "the secret key is wrong")


async def test_no_key(live_s3: LiveS3, clean: Clean) -> None:
    reader(live_s3)
    assert (await refusal(live_s3, clean, None)).kind is K.NO_CREDENTIALS


async def test_a_region_that_is_not_the_buckets(live_s3: LiveS3, clean: Clean) -> None:
    """Stores take any region, or name theirs, for which boto3 then signs anew."""
    key = reader(live_s3)
    async with opened(live_s3, clean, region="mars-north-1") as source:
        found = await source.bucket(live_s3.bucket, key)
    assert isinstance(found, Ok) or found.kind in (K.LOCAL, K.REDIRECT)


@pytest.mark.parametrize(("shift", "words"), [(-1200, "behind"), (1200, "ahead of")])
async def test_a_clock_that_differs_by_twenty_minutes(
    live_s3: LiveS3, clean: Clean, monkeypatch: pytest.MonkeyPatch, shift: int, words: str
) -> None:
    key = reader(live_s3)
    true_time = botocore.auth.get_current_datetime  # type: ignore[attr-defined]

    def shifted(*arguments: Any, **named: Any) -> datetime.datetime:
        made: datetime.datetime = true_time(*arguments, **named) + datetime.timedelta(seconds=shift)
        return made

    monkeypatch.setattr(botocore.auth, "get_current_datetime", shifted)
    async with opened(live_s3, clean, now=lambda: time.time() + shift) as source:
        found = await source.bucket(live_s3.bucket, key)
    assert isinstance(found, Failure), found
    assert found.kind is K.LOCAL
    assert words in found.detail


async def test_a_certificate_that_nobody_vouches_for(live_s3: LiveS3, clean: Clean) -> None:
    key = reader(live_s3)
    if not live_s3.get("CA"):
        pytest.skip("no CA of its own")
    async with opened(live_s3, clean, tls=TlsSettings()) as source:
        health, bucket = await source.health(), await source.bucket(live_s3.bucket, key)
    assert isinstance(health, Failure) and isinstance(bucket, Failure)
    assert (health.kind, bucket.kind) == (K.TLS, K.TLS)
