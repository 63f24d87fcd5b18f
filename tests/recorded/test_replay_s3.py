"""What the console's source makes of the answers that rclone 1.75.2, Ceph RGW 16.2.15 and MinIO 2025-09-07 gave."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Cleaner, Redactor
from harbortui.model.secret import Secret
from harbortui.model.storage import BucketState, BucketUsage, StoreHealth
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.storage.source import StoreSource
from harbortui.sources.storage.usage import account_usage, metrics_usage
from tests.recorded.exchange import Exchange, scenario
from tests.recorded.replay import Replay, replaying

MINIO, RGW, RCLONE = "minio-2025-09-07", "rgw-16.2.15", "rclone-1.75.2"
KEY = Credentials("HARBORTUIREPLAY00001", Secret("a-secret-that-no-replay-checks"))
NOW = 1_795_269_700.0
K = FailureKind


@asynccontextmanager
async def opened(
    exchanges: Iterable[Exchange], *, token: str = "", keep_date: bool = False, **more: Any
) -> AsyncIterator[tuple[StoreSource, Replay]]:
    """A source of a server that answers as recorded."""

    async def metrics_token() -> Secret:
        return Secret(token)

    async with replaying(exchanges, keep_date=keep_date) as replay:
        source = StoreSource(
            endpoint=replay.url,
            clean=Cleaner(Redactor()),
            now=more.pop("now", time.time),
            metrics_token=metrics_token if token else None,
            **more,
        )
        try:
            yield source, replay
        finally:
            await source.aclose()


async def bucket(
    folder: str, name: str = "harbor-registry", *, without: Iterable[str] = (), **more: Any
) -> Answer[BucketState]:
    """The bucket's state in that scenario, asked with the owner's key; `without` names recordings that are left out."""
    exchanges = [each for key, each in sorted(scenario(folder).items()) if key not in without]
    async with opened(exchanges, **more) as (source, _):
        return await source.bucket(name, KEY)


async def state(folder: str, name: str = "harbor-registry", **more: Any) -> BucketState:
    found = await bucket(folder, name, **more)
    assert isinstance(found, Ok), found
    return found.value


async def usage(folder: str, name: str = "harbor-registry", **more: Any) -> BucketUsage:
    found = (await state(folder, name, **more)).usage
    assert found is not None
    return found


async def health(folder: str) -> Answer[StoreHealth]:
    async with opened(scenario(folder).values()) as (source, _):
        return await source.health()


async def test_rgw_counts_old_versions_and_parts_of_unfinished_uploads() -> None:
    """38 objects of 283 821 bytes are listed; two uploads have a part of 5 MiB each. Delete markers are no objects."""
    found = await usage(f"{RGW}/healthy")
    assert (found.bytes, found.objects, found.quota_bytes) == (283_821 + 2 * (5 << 20), 38 + 2, None)
    assert found.source == "RGW bucket statistics"
    versions = await usage(f"{RGW}/healthy", "harbor-versions")
    assert (versions.bytes, versions.objects) == (5003, 7)
    empty = await usage(f"{RGW}/healthy", "harbor-empty")
    assert (empty.bytes, empty.objects) == (0, 0)


async def test_rgw_tells_a_reader_the_usage_without_quotas() -> None:
    async with opened([scenario(f"{RGW}/healthy")["head-bucket-reader"]]) as (source, _):
        found = await source.bucket("harbor-registry", KEY)
    assert isinstance(found, Ok)
    assert found.value.provider == "Ceph RGW"
    assert found.value.usage is not None
    assert (found.value.usage.bytes, found.value.usage.quota_bytes) == (10_769_581, None)


@pytest.mark.parametrize("folder", ["bucket-quota-exceeded", "user-quota-exceeded"])
async def test_rgw_tells_the_quota_that_stops_pushes(folder: str) -> None:
    found = await usage(f"{RGW}/{folder}", "harbor-quota")
    assert (found.bytes, found.quota_bytes) == (950_000, 1_000_448)


async def test_the_users_quota_counts_where_the_bucket_has_none() -> None:
    told = scenario(f"{RGW}/user-quota-exceeded")["head-bucket"]
    without = {**told.headers, "x-rgw-quota-bucket-size": "-1"}
    async with opened([Exchange(**{**vars(told), "headers": without})]) as (source, _):
        found = await source.bucket("harbor-quota", KEY)
    assert isinstance(found, Ok) and found.value.usage is not None
    assert found.value.usage.quota_bytes == 1_000_448


async def test_minio_tells_the_least_privileged_key_too() -> None:
    folder = f"{MINIO}/healthy"
    found = await usage(folder, without=["accountinfo", "accountinfo-stranger"])
    assert (found.source, found.bytes, found.objects) == ("MinIO account info", 283_821, 38)
    stranger = await state(folder, without=["accountinfo", "accountinfo-reader", *NO_METRICS])
    assert (stranger.usage, stranger.usage_note) == (None, "MinIO's account information does not name this bucket")


NO_METRICS = ("metrics-v2-bucket", "metrics-v3-usage-buckets")


def test_an_empty_bucket_is_not_one_that_was_never_counted() -> None:
    counted = scenario(f"{MINIO}/healthy")["accountinfo"].body
    empty = account_usage(counted, "harbor-empty")
    assert isinstance(empty, BucketUsage)
    assert (empty.bytes, empty.objects) == (0, 0)
    versions = account_usage(counted, "harbor-versions")
    assert isinstance(versions, BucketUsage)
    # Three names are listed, two more lie behind delete markers; the bytes are those of seven versions.
    assert (versions.bytes, versions.objects) == (5003, 5)
    uncounted = account_usage(scenario(f"{MINIO}/not-scanned-yet")["accountinfo"].body, "harbor-empty")
    assert uncounted == "MinIO has not counted this bucket yet"


@pytest.mark.parametrize("token", ["", "a-token"])
async def test_before_its_first_scan_minio_has_no_figures(token: str) -> None:
    found = await state(f"{MINIO}/not-scanned-yet", token=token)
    assert (found.usage, found.usage_note) == (None, "MinIO has not counted this bucket yet")


async def test_metrics_of_version_2_tell_their_age() -> None:
    """The bucket's metrics and the cluster's have different names for it."""
    found = await usage(f"{MINIO}/healthy", token="a-token", now=lambda: NOW)
    assert (found.source, found.bytes, found.objects) == ("MinIO metrics", 283_821, 38)
    assert found.measured_at == pytest.approx(NOW - 29.9, abs=0.1)


def test_metrics_of_version_3_tell_their_age_in_nanoseconds_and_leave_out_zeros() -> None:
    body = scenario(f"{MINIO}/healthy")["metrics-v3-usage-buckets"].body
    found = metrics_usage(body, "harbor-registry", NOW)
    assert isinstance(found, BucketUsage)
    assert (found.bytes, found.objects) == (283_821, 38)
    assert found.measured_at == pytest.approx(NOW - 29.9, abs=0.1)
    assert metrics_usage(body, "harbor-empty", NOW) == "MinIO's metrics do not name this bucket yet"


async def test_a_quota_that_metrics_do_not_tell_comes_from_account_information() -> None:
    found = await usage(f"{MINIO}/quota-exceeded", "harbor-quota", token="a-token")
    assert (found.source, found.bytes, found.quota_bytes) == ("MinIO metrics", 950_000, 1_000_000)
    assert found.measured_at is not None


async def test_public_metrics_need_no_token() -> None:
    """Version 2 is asked for first; the version that names the bucket tells its age too."""
    found = await usage(f"{MINIO}/metrics-public")
    assert (found.source, found.bytes, found.objects) == ("MinIO metrics", 283_821, 38)
    assert found.measured_at is not None


async def test_private_metrics_are_no_failure() -> None:
    exchanges = scenario(f"{MINIO}/healthy")
    refused = [exchanges[name] for name in ("head-bucket", "metrics-v2-no-token", "metrics-v3-no-token")]
    async with opened([*refused, exchanges["accountinfo-stranger"]]) as (source, replay):
        found = await source.bucket("harbor-registry", KEY)
    assert isinstance(found, Ok)
    assert found.value.usage is None
    assert replay.missing == []


async def test_rclone_is_not_taken_for_amazon() -> None:
    found = await state(f"{RCLONE}/healthy")
    assert (found.provider, found.usage_note) == ("", "this store does not tell how full a bucket is")


REFUSALS = [
    ("bucket-gone", K.NOT_FOUND, "no such bucket"),
    ("wrong-key", K.AUTH, "the store does not know the access key"),
    ("wrong-secret", K.AUTH, "the secret key is wrong"),
]
DENIED = ("access-denied", K.FORBIDDEN, "the key may not list this bucket")


@pytest.mark.parametrize(
    ("system", "folder", "kind", "words"),
    [
        *((system, *each) for system in (MINIO, RGW, RCLONE) for each in REFUSALS),
        (MINIO, *DENIED),
        (RGW, *DENIED),
        (MINIO, "wrong-region", K.LOCAL, "the configured region is not the bucket's"),
        (MINIO, "not-initialised", K.SERVER, "MinIO is not initialised yet"),
        (MINIO, "read-quorum-lost", K.SERVER, "the store answered 500 InternalError"),
        (MINIO, "slow-down", K.RATE_LIMITED, "the store asks to slow down"),
        (RGW, "slow-down", K.RATE_LIMITED, "the store asks to slow down"),
    ],
)
async def test_refusals_say_what_is_wrong(system: str, folder: str, kind: FailureKind, words: str) -> None:
    name = {"bucket-gone": "harbor-nothing", "slow-down": "harbor-empty"}.get(folder, "harbor-registry")
    found = await bucket(f"{system}/{folder}", name)
    assert isinstance(found, Failure), found
    assert (found.kind, found.detail) == (kind, words)
    assert found.needs == ("s3:ListBucket" if kind is K.FORBIDDEN else "")


@pytest.mark.parametrize("system", [MINIO, RGW, RCLONE])
@pytest.mark.parametrize(("folder", "shift"), [("our-clock-behind", -1200.0), ("our-clock-ahead", 1200.0)])
async def test_a_clock_that_is_off_is_said_from_the_answers_date(system: str, folder: str, shift: float) -> None:
    exchanges = scenario(f"{system}/{folder}")
    at = parsedate_to_datetime(exchanges["head-bucket"].headers["date"]).timestamp() + shift
    async with opened(exchanges.values(), keep_date=True, now=lambda: at) as (source, replay):
        found = await source.bucket("harbor-registry", KEY)
    assert isinstance(found, Failure), found
    side = "behind" if shift < 0 else "ahead of"
    assert (found.kind, found.detail) == (K.LOCAL, f"this host's clock is 1200 s {side} the store's")
    assert len(replay.asked) == 1


@pytest.mark.parametrize("system", [MINIO, RGW, RCLONE])
@pytest.mark.parametrize("folder", ["stopped", "hanging"])
async def test_a_store_that_says_nothing_is_unreachable(system: str, folder: str) -> None:
    found, lives = await bucket(f"{system}/{folder}"), await health(f"{system}/{folder}")
    assert isinstance(found, Failure) and isinstance(lives, Failure)
    assert {found.kind, lives.kind} <= {K.RESET, K.REFUSED, K.TIMEOUT}


NOT_INITIALISED = "answers 200 but says that it is offline: its storage is not initialised"
TOO_FEW = "too few drives are online, writing needs 3 of a set: pushes fail, "


@pytest.mark.parametrize(
    ("folder", "live", "ready", "detail"),
    [
        (f"{MINIO}/healthy", True, True, ""),
        (f"{MINIO}/erasure-healthy", True, True, ""),
        (f"{MINIO}/drive-offline", True, True, ""),
        (f"{MINIO}/write-quorum-lost", True, False, TOO_FEW + "reads still work"),
        (f"{MINIO}/read-quorum-lost", True, False, TOO_FEW + "reads fail too"),
        (f"{MINIO}/drives-back", True, True, ""),
        (f"{MINIO}/not-initialised", False, False, NOT_INITIALISED),
        (f"{MINIO}/slow-down", True, True, ""),
        (f"{RGW}/healthy", None, None, "no health of its own; only a signed request tells"),
        (f"{RCLONE}/healthy", None, None, "no health of its own; only a signed request tells"),
    ],
)
async def test_health(folder: str, live: bool | None, ready: bool | None, detail: str) -> None:
    found = await health(folder)
    assert isinstance(found, Ok), found
    assert (found.value.live, found.value.ready, found.value.detail) == (live, ready, detail)


async def test_a_busy_gateway_is_not_offline() -> None:
    found = await health(f"{RGW}/slow-down")
    assert isinstance(found, Failure)
    assert (found.kind, found.status) == (K.RATE_LIMITED, 503)
