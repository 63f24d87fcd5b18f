"""MinIO's account information: what the scanner last knew of the buckets a key can see."""

from __future__ import annotations

import json

from aiohttp import web

from harbortui.sim.store.buckets import created
from harbortui.sim.store.call import Call
from harbortui.sim.store.errors import Refused
from harbortui.sim.store.minio_histograms import sizes, version_numbers
from harbortui.sim.store.sigv4 import UNSIGNED
from harbortui.sim.world.bucket import Bucket
from harbortui.sim.world.store_types import BucketStats
from harbortui.sim.world.timefmt import iso_millis, iso_seconds

USABLE_BYTES = 4_000_787_030_016
"""A disk of four terabytes."""
SERVER: dict[str, object] = {
    "Type": 2,
    "GatewayOnline": False,
    "OnlineDisks": None,
    "OfflineDisks": None,
    "StandardSCData": [1],
    "StandardSCParities": None,
    "RRSCData": [1],
    "RRSCParities": None,
    "TotalSets": [1],
    "DrivesPerSet": [1],
    "StandardSCParity": 0,
    "RRSCParity": 0,
}
"""One erasure set of one drive."""


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


def names(stats: BucketStats) -> int:
    """What MinIO counts as objects: the names behind a delete marker too."""
    return stats.objects + stats.delete_markers


def versions(bucket: Bucket, stats: BucketStats) -> int:
    """Versions with delete markers; objects of a bucket that never was versioned are none."""
    return names(stats) + stats.version_objects if bucket.version_state else 0


def account_info(call: Call) -> web.Response:
    """``accountinfo``: any key may ask. Sizes are of all versions, without unfinished uploads."""
    signed(call)
    assert call.caller is not None
    rows = [_bucket(call, bucket) for bucket in call.store.buckets.values()]
    statement = {"Effect": "Allow", "Action": sorted(call.caller.actions), "Resource": ["arn:aws:s3:::*"]}
    return answer(
        {
            "AccountName": call.caller.name,
            "Server": SERVER,
            "Policy": {"Version": "2012-10-17", "Statement": [statement]},
            "Buckets": rows,
        }
    )


def data_usage_info(call: Call) -> web.Response:
    """``datausageinfo``: the scanner's figures of all buckets; year one and nulls before its first round."""
    signed(call)
    call.allow("admin:DataUsageInfo")
    known = call.store.settings.scanned
    scans = {name: (bucket, *bucket.scanned()) for name, bucket in call.store.buckets.items()} if known else {}
    counted = [(bucket, stats) for bucket, _, stats in scans.values()]
    return answer(
        {
            "lastUpdate": iso_millis(min(at for _, at, _ in scans.values())) if scans else "0001-01-01T00:00:00Z",
            "objectsCount": sum(names(stats) for _, stats in counted),
            "versionsCount": sum(versions(bucket, stats) for bucket, stats in counted),
            "deleteMarkersCount": sum(stats.delete_markers for _, stats in counted),
            "objectsTotalSize": sum(stats.bytes + stats.version_bytes for _, stats in counted),
            "objectsReplicationInfo": None,
            "bucketsCount": len(scans),
            "bucketsUsageInfo": {name: _usage(bucket, stats) for name, (bucket, _, stats) in scans.items()} or None,
            "bucketsSizes": {name: stats.bytes + stats.version_bytes for name, (_, _, stats) in scans.items()} or None,
        }
    )


def answer(body: object) -> web.Response:
    """A JSON answer."""
    return web.Response(body=json.dumps(body).encode(), headers={"Content-Type": "application/json"})


def _usage(bucket: Bucket, stats: BucketStats) -> dict[str, object]:
    replicated = ("PendingReplication", "FailedReplication")
    return {
        "size": stats.bytes + stats.version_bytes,
        **{f"objects{kind}TotalSize": 0 for kind in (*replicated, "Replicated")},
        **{f"objects{kind}Count": 0 for kind in replicated},
        "objectsCount": names(stats),
        "objectsSizesHistogram": sizes(stats),
        "objectsVersionsHistogram": version_numbers(bucket, stats),
        "versionsCount": versions(bucket, stats),
        "deleteMarkersCount": stats.delete_markers,
        "objectReplicaTotalSize": 0,
        "objectReplicaCount": 0,
        "objectsReplicationInfo": None,
    }


def _bucket(call: Call, bucket: Bucket) -> dict[str, object]:
    assert call.caller is not None
    stats, known = scanned(call, bucket), call.store.settings.scanned
    return {
        "name": bucket.name,
        "size": stats.bytes + stats.version_bytes,
        "objects": names(stats),
        "objectHistogram": sizes(stats) if known else None,
        "objectsVersionsHistogram": version_numbers(bucket, stats) if known else None,
        "details": {
            "versioning": bucket.version_state == "Enabled",
            "versioningSuspended": bucket.version_state == "Suspended",
            "locking": False,
            "replication": False,
            "tags": None,
            "quota": {"quota": 0, "size": 0, "rate": 0, "requests": 0},
        },
        "prefixUsage": None,
        "created": iso_seconds(int(created(call))),
        "access": {
            "read": "s3:ListBucket" in call.caller.actions,
            "write": "s3:PutObject" in call.caller.actions,
        },
    }
