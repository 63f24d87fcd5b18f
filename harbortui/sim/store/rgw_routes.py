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


def answer(call: Call) -> web.StreamResponse | None:
    """The answer of RGW's own operations; None when it is plain S3."""
    if call.path == "/swift/healthcheck" and call.method in ("GET", "HEAD"):
        return web.Response()
    if call.path == "/" and call.method == "GET" and "usage" in call.query:
        return usage(call)
    if call.path.rstrip("/") == "/admin/bucket" and call.method == "GET":
        return bucket_stats(call)
    return None


def held(bucket: Bucket) -> tuple[int, int]:
    """Objects and bytes as the bucket's index counts them: old versions and each part of an unfinished upload too."""
    stats = bucket.stats()
    parts = sum(len(upload.parts) for upload in bucket.multipart)
    objects = stats.objects + stats.version_objects + stats.delete_markers + parts
    return objects, stats.bytes + stats.version_bytes + stats.multipart_bytes


def rounded(bucket: Bucket) -> int:
    """Bytes with each object rounded up to 4 KiB (about: half a block each)."""
    objects, size = held(bucket)
    return (size + objects * BLOCK // 2) // BLOCK * BLOCK


def usage(call: Call) -> web.Response:
    """``GET /?usage`` for the owner's own key: totals, quotas (-1: none) and each bucket's bytes."""
    call.allow("s3:ListAllMyBuckets")
    buckets = call.store.buckets
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
    actual = rounded(bucket)
    uploads = len(bucket.multipart)
    main = {"size": size, "size_actual": actual, "size_utilized": size, "num_objects": objects}
    main |= {name.replace("size", "size_kb"): -(-main[name] // 1024) for name in ("size", "size_actual")}
    none = {"size": 0, "size_actual": 0, "size_utilized": 0}
    return {
        "bucket": bucket.name,
        "num_shards": 11,
        "zonegroup": "default",
        "placement_rule": "default-placement",
        "id": f"{bucket.name}.4155.1",
        "marker": f"{bucket.name}.4155.1",
        "index_type": "Normal",
        "versioning": {"": "off", "Enabled": "enabled"}.get(bucket.version_state, "suspended"),
        "owner": OWNER,
        "mtime": iso_millis(call.store.now),
        "usage": {"rgw.main": main, "rgw.multimeta": {**none, "num_objects": uploads}},
        "bucket_quota": {"enabled": False, "check_on_raw": False, "max_size": -1, "max_objects": -1},
    }


def _json(body: object) -> web.Response:
    return web.Response(body=json.dumps(body).encode(), headers={"Content-Type": "application/json"})
