"""MinIO's metrics of version 2 and 3 about usage and health.

Names: minio/minio cmd/metrics-v2.go, cmd/metrics-v3-cluster-usage.go, cmd/metrics-v3-cluster-health.go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from aiohttp import web

from harbortui.sim.store.call import Call
from harbortui.sim.store.errors import Refused
from harbortui.sim.store.exposition import Sample, render
from harbortui.sim.store.minio_admin import USABLE_BYTES, names, used_bytes, versions
from harbortui.sim.store.minio_token import REFUSED, checked
from harbortui.sim.world.bucket import Bucket
from harbortui.sim.world.options import STORE_ADDRESS
from harbortui.sim.world.store_types import BucketStats

Group = Callable[[Call], Iterator[Sample]]
AGE_V2 = "Time elapsed (in nano seconds) since last scan activity"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"
ALL_VERSIONS = "Total object versions (including delete markers)"
AGE_V3 = "Time since last update of usage metrics in seconds"


def metrics(call: Call, groups: tuple[Group, ...]) -> web.Response:
    """One set of groups as text; a bearer token is needed unless metrics are public."""
    if not call.store.settings.public_metrics:
        name = checked(call.headers.get("authorization", ""), call.store.keys, call.store.now)
        if "admin:Prometheus" not in call.store.keys[name].actions:
            raise Refused("AccessDenied", REFUSED)
    # Version 3 leaves out what is zero, so an empty bucket has no size there.
    zeros = "/v2/" in call.path
    body = render(sample for group in groups for sample in group(call) if zeros or sample.value)
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})


def _scans(call: Call) -> list[tuple[Bucket, float, BucketStats]]:
    """Bucket, seconds since it was counted, figures; nothing before the scanner's first round."""
    if not call.store.settings.scanned:
        return []
    found = [(bucket, *bucket.scanned()) for bucket in call.store.buckets.values()]
    return [(bucket, call.store.now - at, stats) for bucket, at, stats in found]


def _age(call: Call) -> float | None:
    """Seconds since the oldest of the figures: MinIO has one time for all buckets."""
    return max((age for _, age, _ in _scans(call)), default=None)


def v2_bucket(call: Call) -> Iterator[Sample]:
    """``/minio/v2/metrics/bucket``."""
    server = {"server": STORE_ADDRESS}
    age = _age(call)
    if age is None:
        return
    yield Sample("minio_bucket_usage_last_activity_nano_seconds", AGE_V2, age * 1e9, server)
    for bucket, _, stats in _scans(call):
        labels = {**server, "bucket": bucket.name}
        for suffix, words, value in (
            ("total_bytes", "Total bucket size in bytes", stats.bytes + stats.version_bytes),
            ("object_total", "Total number of objects", names(stats)),
            ("version_total", "Total number of versions (includes delete marker)", versions(bucket, stats)),
            ("deletemarker_total", "Total number of delete markers", stats.delete_markers),
        ):
            yield Sample(f"minio_bucket_usage_{suffix}", words, value, labels)


def v2_cluster(call: Call) -> Iterator[Sample]:
    """``/minio/v2/metrics/cluster``."""
    server = {"server": STORE_ADDRESS}
    free = USABLE_BYTES - used_bytes(call)
    for suffix, words, value in (
        ("capacity_raw_total_bytes", "Total capacity online in the cluster", USABLE_BYTES),
        ("capacity_raw_free_bytes", "Total free capacity online in the cluster", free),
        ("capacity_usable_total_bytes", "Total usable capacity online in the cluster", USABLE_BYTES),
        ("capacity_usable_free_bytes", "Total free usable capacity online in the cluster", free),
        ("drive_offline_total", "Total drives offline in this cluster", 0),
        ("drive_online_total", "Total drives online in this cluster", 1),
        ("drive_total", "Total drives in this cluster", 1),
        ("health_status", "Get current cluster health status", int(call.store.settings.write_quorum)),
        ("nodes_offline_total", "Total number of MinIO nodes offline", 0),
        ("nodes_online_total", "Total number of MinIO nodes online", 1),
    ):
        yield Sample(f"minio_cluster_{suffix}", words, value, server)
    age = _age(call)
    if age is None:
        return
    all_stats = [stats for _, _, stats in _scans(call)]
    every = sum(versions(bucket, stats) for bucket, _, stats in _scans(call))
    yield Sample("minio_usage_last_activity_nano_seconds", AGE_V2, age * 1e9, server)
    for suffix, words, value in (
        ("total_bytes", "Total cluster usage in bytes", sum(s.bytes + s.version_bytes for s in all_stats)),
        ("object_total", "Total number of objects in a cluster", sum(map(names, all_stats))),
        ("version_total", "Total number of versions (includes delete marker)", every),
        ("deletemarker_total", "Total number of delete markers", sum(s.delete_markers for s in all_stats)),
    ):
        yield Sample(f"minio_cluster_usage_{suffix}", words, value, server)
    yield Sample("minio_cluster_bucket_total", "Total number of buckets in the cluster", len(all_stats), server)


def v2_node(call: Call) -> Iterator[Sample]:
    """``/minio/v2/metrics/node``."""
    labels = {"server": STORE_ADDRESS, "drive": "/data"}
    used = used_bytes(call)
    yield Sample("minio_node_drive_total_bytes", "Total storage on a drive", USABLE_BYTES, labels)
    yield Sample("minio_node_drive_used_bytes", "Total storage used on a drive", used, labels)
    yield Sample("minio_node_drive_free_bytes", "Total storage available on a drive", USABLE_BYTES - used, labels)


def v3_buckets(call: Call) -> Iterator[Sample]:
    """``/minio/metrics/v3/cluster/usage/buckets``; its "seconds" since the last update are nanoseconds."""
    age = _age(call)
    if age is None:
        return
    yield Sample("minio_cluster_usage_buckets_since_last_update_seconds", AGE_V3, age * 1e9, {})
    for bucket, _, stats in _scans(call):
        for suffix, words, value in (
            ("total_bytes", "Total bucket size in bytes", stats.bytes + stats.version_bytes),
            ("objects_count", "Total objects count in bucket", names(stats)),
            ("versions_count", f"{ALL_VERSIONS} count in bucket", versions(bucket, stats)),
            ("delete_markers_count", "Total delete markers count in bucket", stats.delete_markers),
        ):
            yield Sample(f"minio_cluster_usage_buckets_{suffix}", words, value, {"bucket": bucket.name})


def v3_objects(call: Call) -> Iterator[Sample]:
    """``/minio/metrics/v3/cluster/usage/objects``; here the seconds are seconds."""
    age = _age(call)
    if age is None:
        return
    all_stats = [stats for _, _, stats in _scans(call)]
    for suffix, words, value in (
        ("since_last_update_seconds", AGE_V3, age),
        ("total_bytes", "Total cluster usage in bytes", sum(s.bytes + s.version_bytes for s in all_stats)),
        ("count", "Total cluster objects count", sum(map(names, all_stats))),
        (
            "versions_count",
            "Total cluster object versions (including delete markers) count",
            sum(versions(bucket, stats) for bucket, _, stats in _scans(call)),
        ),
        ("delete_markers_count", "Total cluster delete markers count", sum(s.delete_markers for s in all_stats)),
        ("buckets_count", "Total cluster buckets count", len(all_stats)),
    ):
        yield Sample(f"minio_cluster_usage_objects_{suffix}", words, value, {})


def v3_health(call: Call) -> Iterator[Sample]:
    """``/minio/metrics/v3/cluster/health``."""
    free = USABLE_BYTES - used_bytes(call)
    for suffix, words, value in (
        ("drives_offline_count", "Count of offline drives in the cluster", 0),
        ("drives_online_count", "Count of online drives in the cluster", 1),
        ("drives_count", "Count of all drives in the cluster", 1),
        ("nodes_offline_count", "Count of offline nodes in the cluster", 0),
        ("nodes_online_count", "Count of online nodes in the cluster", 1),
        ("capacity_raw_total_bytes", "Total cluster raw storage capacity in bytes", USABLE_BYTES),
        ("capacity_raw_free_bytes", "Total cluster raw storage free in bytes", free),
        ("capacity_usable_total_bytes", "Total cluster usable storage capacity in bytes", USABLE_BYTES),
        ("capacity_usable_free_bytes", "Total cluster usable storage free in bytes", free),
    ):
        yield Sample(f"minio_cluster_health_{suffix}", words, value, {})


PATHS: dict[str, tuple[Group, ...]] = {
    "v2/metrics/bucket": (v2_bucket,),
    "v2/metrics/cluster": (v2_cluster,),
    "v2/metrics/node": (v2_node,),
    "metrics/v3": (v3_buckets, v3_objects, v3_health),
    "metrics/v3/cluster": (v3_buckets, v3_objects, v3_health),
    "metrics/v3/cluster/usage": (v3_buckets, v3_objects),
    "metrics/v3/cluster/usage/buckets": (v3_buckets,),
    "metrics/v3/cluster/usage/objects": (v3_objects,),
    "metrics/v3/cluster/health": (v3_health,),
}
