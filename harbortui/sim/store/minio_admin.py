"""MinIO's account information: what the scanner last knew of the buckets a key can see."""

from __future__ import annotations

import json

from aiohttp import web

from harbortui.sim.store.buckets import created
from harbortui.sim.store.call import Call
from harbortui.sim.store.errors import Refused
from harbortui.sim.store.sigv4 import UNSIGNED
from harbortui.sim.world.bucket import Bucket
from harbortui.sim.world.store_types import BucketStats
from harbortui.sim.world.timefmt import iso_millis, iso_seconds

USABLE_BYTES = 4_000_787_030_016
"""A disk of four terabytes."""


def used_bytes(call: Call) -> int:
    """What really lies on the disk, unfinished uploads too."""
    every = [bucket.stats() for bucket in call.store.buckets.values()]
    return sum(stats.bytes + stats.version_bytes + stats.multipart_bytes for stats in every)


def signed(call: Call) -> None:
    """Raises Refused unless a key signed the request together with its (empty) body, as the admin API wants it."""
    if call.caller is None:
        raise Refused("AccessDenied")
    if call.headers.get("x-amz-content-sha256", UNSIGNED) == UNSIGNED:
        raise Refused("XAmzContentSHA256Mismatch")


def scanned(call: Call, bucket: Bucket) -> BucketStats:
    """The scanner's figures; zeros before its first round."""
    return bucket.scanned()[1] if call.store.settings.scanned else BucketStats(0, 0)


def account_info(call: Call) -> web.Response:
    """``accountinfo``: any key may ask. Sizes are of all versions, without unfinished uploads."""
    signed(call)
    assert call.caller is not None
    rows = [_bucket(call, bucket) for bucket in call.store.buckets.values()]
    statement = {"Effect": "Allow", "Action": sorted(call.caller.actions), "Resource": ["arn:aws:s3:::*"]}
    return answer(
        {
            "AccountName": call.caller.name,
            "Server": {"Type": "Erasure", "GatewayOnline": False},
            "Policy": {"Version": "2012-10-17", "Statement": [statement]},
            "Buckets": rows,
        }
    )


def data_usage_info(call: Call) -> web.Response:
    """``datausageinfo``: the scanner's figures of all buckets; a time of zero before its first round."""
    signed(call)
    call.allow("admin:DataUsageInfo")
    scans = {name: (bucket.scanned()[0], scanned(call, bucket)) for name, bucket in call.store.buckets.items()}
    at = min((at for at, _ in scans.values()), default=0.0) if call.store.settings.scanned else 0.0
    rows = {
        name: {
            "size": stats.bytes + stats.version_bytes,
            "objectsCount": stats.objects,
            "versionsCount": stats.objects + stats.version_objects + stats.delete_markers,
            "deleteMarkersCount": stats.delete_markers,
            "objectsSizesHistogram": {},
        }
        for name, (_, stats) in scans.items()
    }
    used = used_bytes(call)
    return answer(
        {
            "lastUpdate": iso_millis(at),
            "objectsCount": sum(stats.objects for _, stats in scans.values()),
            "objectsTotalSize": sum(stats.bytes + stats.version_bytes for _, stats in scans.values()),
            "bucketsCount": len(rows),
            "bucketsUsageInfo": rows if call.store.settings.scanned else {},
            "bucketsSizes": {name: stats.bytes + stats.version_bytes for name, (_, stats) in scans.items()},
            "capacity": USABLE_BYTES,
            "freeCapacity": USABLE_BYTES - used,
            "usedCapacity": used,
        }
    )


def answer(body: object) -> web.Response:
    """A JSON answer."""
    return web.Response(body=json.dumps(body).encode(), headers={"Content-Type": "application/json"})


def _bucket(call: Call, bucket: Bucket) -> dict[str, object]:
    assert call.caller is not None
    stats = scanned(call, bucket)
    return {
        "name": bucket.name,
        "size": stats.bytes + stats.version_bytes,
        "objects": stats.objects,
        "objectSizesHistogram": {},
        "objectVersionsHistogram": {},
        "details": {
            "versioning": bucket.version_state == "Enabled",
            "versioningSuspended": bucket.version_state == "Suspended",
            "objectLocking": False,
            "replication": False,
            "tagging": None,
            "quota": {"quota": 0, "size": 0, "rate": 0, "requests": 0},
        },
        "prefixUsage": None,
        "created": iso_seconds(int(created(call))),
        "access": {
            "read": "s3:ListBucket" in call.caller.actions,
            "write": "s3:PutObject" in call.caller.actions,
        },
    }
