"""What Ceph's gateway has beside S3: usage for the owner, bucket statistics for an administrator, a health path.

Forms: ceph/ceph src/rgw/rgw_rest_s3.cc (RGWGetUsage_ObjStore_S3), src/rgw/driver/rados/rgw_bucket.cc (bucket stats).
"""

from __future__ import annotations

import json

from aiohttp import web

from harbortui.sim.store.call import Call, xml
from harbortui.sim.store.errors import Refused
from harbortui.sim.store.xml import HEAD, tag
from harbortui.sim.world.bucket import Bucket
from harbortui.sim.world.timefmt import iso_millis

OWNER = "harbor"
BLOCK = 4096
SHARDS = 11


def answer(call: Call) -> web.StreamResponse | None:
    """The answer of RGW's own operations; None when it is plain S3."""
    if call.path == "/swift/healthcheck" and call.method in ("GET", "HEAD"):
        return web.Response(headers={"Content-Type": "application/xml"})
    if call.path == "/" and call.method == "GET" and "usage" in call.query:
        return usage(call)
    if call.path.rstrip("/") == "/admin/bucket" and call.method == "GET":
        return bucket_stats(call)
    return None


def held(bucket: Bucket) -> tuple[int, int]:
    """Objects and bytes as the bucket's index counts them: old versions and each part of an unfinished upload too.

    Delete markers are no objects of it (run against 16.2.15).
    """
    stats = bucket.stats()
    parts = sum(len(upload.parts) for upload in bucket.multipart)
    objects = stats.objects + stats.version_objects + parts
    return objects, stats.bytes + stats.version_bytes + stats.multipart_bytes


def owns(call: Call) -> bool:
    """Whether the buckets are the caller's; the listing key is another user's, let in by a bucket policy."""
    return call.caller is not None and "s3:PutObject" in call.caller.actions


def rounded(bucket: Bucket) -> int:
    """Bytes with each object rounded up to 4 KiB (about: half a block each)."""
    objects, size = held(bucket)
    return (size + objects * BLOCK // 2) // BLOCK * BLOCK


def usage(call: Call) -> web.Response:
    """``GET /?usage``: totals, quotas (-1: none) and bytes of each bucket that the caller owns."""
    call.allow("s3:ListAllMyBuckets")
    buckets = call.store.buckets if owns(call) else {}
    rows = "".join(
        f"<Entry>{tag('Bucket', name)}{tag('Bytes', held(bucket)[1])}{tag('Bytes_Rounded', rounded(bucket))}</Entry>"
        for name, bucket in buckets.items()
    )
    summary = "".join(
        tag(name, value)
        for name, value in (
            ("QuotaMaxBytes", -1),
            ("QuotaMaxBuckets", 1000),
            ("QuotaMaxObjCount", -1),
            ("QuotaMaxBytesPerBucket", -1),
            ("QuotaMaxObjCountPerBucket", -1),
            ("TotalBytes", sum(held(bucket)[1] for bucket in buckets.values())),
            ("TotalBytesRounded", sum(rounded(bucket) for bucket in buckets.values())),
            ("TotalEntries", sum(held(bucket)[0] for bucket in buckets.values())),
        )
    )
    body = (
        f"{HEAD}<Usage><Entries></Entries><Summary>{summary}</Summary>"
        f"<CapacityUsed><User><Buckets>{rows}</Buckets></User></CapacityUsed></Usage>"
    )
    return xml(body.encode())


def bucket_stats(call: Call) -> web.Response:
    """``GET /admin/bucket?bucket=…&stats=true`` or ``?uid=…``; needs the capability buckets=read."""
    call.allow("admin:DataUsageInfo")
    name, full = call.query.get("bucket", ""), call.query.get("stats", "").lower() == "true"
    buckets = call.store.buckets
    if name:
        if name not in buckets:
            raise Refused("NoSuchBucket")
        return _json(_stats(call, buckets[name]))
    if call.query.get("uid", OWNER) != OWNER:
        raise Refused("NoSuchUser")
    return _json([_stats(call, bucket) if full else bucket.name for bucket in buckets.values()])


def _stats(call: Call, bucket: Bucket) -> dict[str, object]:
    objects, size = held(bucket)
    of_shards = ",".join(f"{number}#" for number in range(SHARDS))
    versions = ",".join(f"{number}#1" for number in range(SHARDS))
    return {
        "bucket": bucket.name,
        "num_shards": SHARDS,
        "tenant": "",
        "zonegroup": "c9b65011-976d-40d2-9951-99a18ac76711",
        "placement_rule": "default-placement",
        "explicit_placement": {"data_pool": "", "data_extra_pool": "", "index_pool": ""},
        "id": f"{bucket.name}.4155.1",
        "marker": f"{bucket.name}.4155.1",
        "index_type": "Normal",
        "owner": OWNER,
        "ver": versions,
        "master_ver": versions.replace("#1", "#0"),
        "mtime": iso_millis(call.store.now),
        "creation_time": iso_millis(call.store.world.options.start),
        "max_marker": of_shards,
        "usage": {
            "rgw.main": _amounts(size, rounded(bucket), objects),
            "rgw.multimeta": _amounts(0, 0, len(bucket.multipart)),
        },
        "bucket_quota": {
            "enabled": False,
            "check_on_raw": False,
            "max_size": -1,
            "max_size_kb": 0,
            "max_objects": -1,
        },
    }


def _amounts(size: int, actual: int, objects: int) -> dict[str, int]:
    sizes = {"size": size, "size_actual": actual, "size_utilized": size}
    in_kib = {name.replace("size", "size_kb"): -(-amount // 1024) for name, amount in sizes.items()}
    return {**sizes, **in_kib, "num_objects": objects}


def _json(body: object) -> web.Response:
    return web.Response(body=json.dumps(body).encode(), headers={"Content-Type": "application/json"})
