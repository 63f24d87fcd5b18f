"""MinIO's own paths: health, metrics, account information; read by the console's own parser where there is one."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbortui.sim.store import ADMIN_KEY, READONLY_KEY
from harbortui.sim.store.exposition import Sample, number, render
from harbortui.sim.store.minio_token import checked, metrics_token
from harbortui.sim.world.options import S3_ACCESS_KEY
from tests.sim.store_site import START, Site, server, site

HEALTH = "/minio/health/"
V2 = "/minio/v2/metrics/bucket"
V3 = "/minio/metrics/v3/cluster/usage/buckets"
ALL_METRICS = (
    V2,
    V3,
    "/minio/v2/metrics/cluster",
    "/minio/v2/metrics/node",
    "/minio/metrics/v3",
    "/minio/metrics/v3/cluster",
    "/minio/metrics/v3/cluster/usage",
    "/minio/metrics/v3/cluster/usage/objects",
    "/minio/metrics/v3/cluster/health",
)
LINE = re.compile(r'([a-z0-9_]+)(?:\{((?:[a-z]+="[^"]*",?)*)\})? (-?[0-9.e+-]+)')


@pytest.fixture
def store() -> Iterator[Site]:
    with site() as found:
        yield found


def token(store: Site, key: str = ADMIN_KEY, expires: float = START + 60) -> str:
    made: str = store.sim.call(lambda fleet: metrics_token(server(fleet).keys[key], expires))
    return f"Bearer {made}"


def samples(store: Site, path: str) -> dict[tuple[str, str], float]:
    """(name, bucket) -> value; every line must be one of the format's."""
    answer = store.plain(path, Authorization=token(store))
    assert answer.status_code == 200, answer.text
    found: dict[tuple[str, str], float] = {}
    for line in answer.text.splitlines():
        if line.startswith("#"):
            continue
        match = LINE.fullmatch(line)
        assert match, line
        labels = dict(part.split("=") for part in (match[2] or "").split(",") if part)
        found[match[1], labels.get("bucket", "").strip('"')] = float(match[3])
    return found


def test_a_healthy_store_answers_anybody(store: Site) -> None:
    for path in ("live", "ready", "cluster", "cluster/read"):
        for method in ("GET", "HEAD"):
            answer = store.plain(HEALTH + path, method)
            assert (answer.status_code, answer.content) == (200, b""), path
            assert answer.headers["Server"] == "MinIO"
            assert "x-minio-server-status" not in answer.headers
    assert store.plain(HEALTH + "live", Authorization="AWS4-HMAC-SHA256 nonsense").status_code == 200
    assert store.plain(HEALTH + "cluster").headers["x-minio-write-quorum"] == "1"


def test_a_store_that_is_not_initialised_is_alive_but_offline(store: Site) -> None:
    store.set(initialised=False)
    for path, status in (("live", 200), ("ready", 200), ("cluster", 503), ("cluster/read", 503)):
        answer = store.plain(HEALTH + path)
        assert (answer.status_code, answer.headers["x-minio-server-status"]) == (status, "offline")
    answer = store.get("/harbor", method="HEAD")
    assert (answer.status_code, answer.headers["x-minio-error-code"]) == (503, "XMinioServerNotInitialized")
    assert store.get("/minio/admin/v3/accountinfo").json()["Code"] == "XMinioServerNotInitialized"


def test_whether_a_node_may_be_taken_down(store: Site) -> None:
    gate = HEALTH + "cluster?maintenance=true"
    assert store.plain(gate).status_code == 412
    store.set(maintenance_safe=True)
    assert store.plain(gate).status_code == 200
    store.set(write_quorum=False)
    assert store.plain(gate).status_code == 412
    assert store.plain(HEALTH + "cluster").status_code == 503
    assert store.plain(HEALTH + "cluster/read").status_code == 200


def test_account_information_is_what_the_scanner_saw(store: Site) -> None:
    store.sim.call(lambda fleet: fleet.world.instances[0].push("library/fresh", "v1"))
    answer = store.get("/minio/admin/v3/accountinfo", READONLY_KEY).json()
    assert answer["AccountName"] == READONLY_KEY
    rows = {row["name"]: row for row in answer["Buckets"]}
    assert list(rows) == ["harbor", "harbor-05", "harbor-nas"]
    assert rows["harbor"]["access"] == {"read": True, "write": False}
    seen, live = store.bucket().scanned()[1], store.bucket().stats()
    assert (rows["harbor"]["size"], rows["harbor"]["objects"]) == (seen.bytes, seen.objects)
    assert seen.objects < live.objects
    store.set(scanned=False)
    rows = store.get("/minio/admin/v3/accountinfo").json()["Buckets"]
    assert {(row["size"], row["objects"], row["objectHistogram"]) for row in rows} == {(0, 0, None)}


def test_account_information_wants_a_signed_body_and_usage_an_administrator(store: Site) -> None:
    assert store.plain("/minio/admin/v3/accountinfo").json()["Code"] == "AccessDenied"
    url = store.client().generate_presigned_url("list_buckets")
    presigned = url.removeprefix(store.url).replace("/?", "/minio/admin/v3/accountinfo?", 1)
    assert store.plain(presigned).status_code in (400, 403)
    for key in (S3_ACCESS_KEY, READONLY_KEY):
        refused = store.get("/minio/admin/v3/datausageinfo", key)
        assert (refused.status_code, refused.json()["Code"]) == (403, "AccessDenied")
    usage = store.get("/minio/admin/v3/datausageinfo", ADMIN_KEY).json()
    at, seen = store.bucket().scanned()
    assert usage["bucketsUsageInfo"]["harbor"]["size"] == usage["bucketsSizes"]["harbor"] == seen.bytes
    assert datetime.fromisoformat(usage["lastUpdate"]).timestamp() <= at
    store.set(scanned=False)
    unknown = store.get("/minio/admin/v3/datausageinfo", ADMIN_KEY).json()
    assert (unknown["lastUpdate"], unknown["bucketsUsageInfo"]) == ("0001-01-01T00:00:00Z", None)


def test_metrics_need_a_good_token(store: Site) -> None:
    good = token(store)
    for path in ALL_METRICS:
        assert store.plain(path).status_code == 403
        assert store.plain(path, Authorization=good).status_code == 200
    for bad in (
        token(store, S3_ACCESS_KEY),
        token(store, expires=START - 1),
        good[:-4] + "AAAA",
        "Bearer a.b.c",
        "Bearer " + "W10.W10.W10",
        "Bearer",
        "Basic eDp5",
    ):
        answer = store.plain(V2, Authorization=bad)
        assert (answer.status_code, answer.json()["Code"]) == (403, "AccessDenied")
    store.set(public_metrics=True)
    assert store.plain(V2).status_code == 200


@given(text=st.text(max_size=60))
def test_hostile_tokens_are_refused(text: str) -> None:
    from harbortui.sim.store.errors import Refused

    for token in (text, f"Bearer {text}", f"Bearer {text}.{text}.{text}"):
        with pytest.raises(Refused):
            checked(token, {}, START)


def test_both_versions_of_the_metrics_tell_the_same(store: Site) -> None:
    second, third = samples(store, V2), samples(store, V3)
    for bucket in ("harbor", "harbor-05", "harbor-nas"):
        seen = store.bucket(bucket).scanned()[1]
        assert second["minio_bucket_usage_total_bytes", bucket] == seen.bytes
        assert third["minio_cluster_usage_buckets_total_bytes", bucket] == seen.bytes
        assert second["minio_bucket_usage_object_total", bucket] == seen.objects
        assert third["minio_cluster_usage_buckets_objects_count", bucket] == seen.objects
    cluster = samples(store, "/minio/v2/metrics/cluster")
    total = sum(value for (name, _), value in second.items() if name == "minio_bucket_usage_total_bytes")
    assert cluster["minio_cluster_usage_total_bytes", ""] == total
    objects = samples(store, "/minio/metrics/v3/cluster/usage/objects")
    assert objects["minio_cluster_usage_objects_total_bytes", ""] == total


def test_the_age_is_in_nanoseconds_even_where_it_is_called_seconds(store: Site) -> None:
    oldest = min(store.bucket(name).scanned()[0] for name in ("harbor", "harbor-05", "harbor-nas"))
    age = START - oldest
    assert samples(store, V2)["minio_bucket_usage_last_activity_nano_seconds", ""] == pytest.approx(age * 1e9)
    assert samples(store, V3)["minio_cluster_usage_buckets_since_last_update_seconds", ""] == pytest.approx(age * 1e9)
    objects = samples(store, "/minio/metrics/v3/cluster/usage/objects")
    assert objects["minio_cluster_usage_objects_since_last_update_seconds", ""] == pytest.approx(age)


def test_before_the_first_scan_there_are_no_figures(store: Site) -> None:
    store.set(scanned=False)
    assert samples(store, V2) == {}
    assert samples(store, V3) == {}
    assert not [name for name, _ in samples(store, "/minio/v2/metrics/cluster") if "usage" in name]


def test_versions_count_in_the_usage_but_unfinished_uploads_do_not() -> None:
    with site(instances=1, versioning=True) as store:
        client, blob = store.client(), next(iter(store.bucket().list()))
        client.delete_object(Bucket="harbor", Key=blob.key)
        found, stats = samples(store, V2), store.bucket().stats()
        assert stats.version_bytes > 0
        assert stats.multipart_bytes > 0
        seen = store.bucket().scanned()[1]
        assert found["minio_bucket_usage_total_bytes", "harbor"] == seen.bytes + stats.version_bytes
        assert found["minio_bucket_usage_deletemarker_total", "harbor"] == stats.delete_markers


def test_unknown_paths_are_refused(store: Site) -> None:
    for path in ("/minio/", "/minio/health/other", "/minio/admin/v3/info", "/minio/v2/metrics/other"):
        assert store.plain(path).status_code == 403
    assert store.get("/minio/admin/v3/info", ADMIN_KEY).status_code == 405


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1712, "1712"),
        (999999, "999999"),
        (1e6, "1e+06"),
        (4777755973, "4.777755973e+09"),
        (0.5, "0.5"),
        (-0.00001, "-1e-05"),
        (5.6046668864e10, "5.6046668864e+10"),
    ],
)
def test_numbers_as_go_writes_them(value: float, text: str) -> None:
    assert number(value) == text


def test_labels_are_escaped() -> None:
    assert render([Sample("a", "h", 1, {"x": 'q"\\\n'})]).decode().splitlines()[2] == 'a{x="q\\"\\\\\\n"} 1'


def test_a_host_whose_clock_agrees_with_the_worlds_needs_no_second_clock(store: Site) -> None:
    store.set(host_time=lambda: time.time())
    assert store.get("/harbor", method="HEAD").status_code == 200
    store.set(host_time=lambda: time.time() - 1000)
    assert store.get("/harbor", method="HEAD").status_code == 403


def test_the_scanner_catches_up_after_a_while(store: Site) -> None:
    def size() -> int:
        row = store.get("/minio/admin/v3/accountinfo").json()["Buckets"][0]
        total: int = row["size"]
        return total

    before, blob = size(), next(iter(store.bucket().list(prefix="registry/docker/registry/v2/blobs/")))
    store.client().delete_object(Bucket="harbor", Key=blob.key)
    assert size() == before
    store.sim.call(lambda fleet: fleet.set_clock({"advance": 3600}))
    at, seen = store.bucket().scanned()
    assert START < at < START + 3600
    assert size() == seen.bytes != before
    assert blob.key not in {entry.key for entry in store.bucket().list()}
