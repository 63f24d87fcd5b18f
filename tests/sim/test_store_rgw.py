"""The store as Ceph's gateway: usage in headers, ``?usage``, admin statistics, and its way to say no."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from botocore.exceptions import ClientError

from harbortui.sim.store import ADMIN_KEY, READONLY_KEY
from tests.sim.store_site import Site, site


@pytest.fixture
def store() -> Iterator[Site]:
    with site(provider="rgw", instances=2) as found:
        yield found


def held(store: Site, bucket: str = "harbor") -> tuple[int, int]:
    """Objects and bytes with everything that no listing shows, but delete markers."""
    stats = store.bucket(bucket).stats()
    parts = sum(len(upload.parts) for upload in store.bucket(bucket).multipart)
    objects = stats.objects + stats.version_objects + parts
    return objects, stats.bytes + stats.version_bytes + stats.multipart_bytes


def test_a_head_tells_more_than_a_listing(store: Site) -> None:
    head = store.client().head_bucket(Bucket="harbor")["ResponseMetadata"]["HTTPHeaders"]
    assert (int(head["x-rgw-object-count"]), int(head["x-rgw-bytes-used"])) == held(store)
    pages = store.client().get_paginator("list_objects_v2").paginate(Bucket="harbor")
    listed = sum(row["Size"] for page in pages for row in page["Contents"])
    assert int(head["x-rgw-bytes-used"]) - listed == store.bucket().stats().multipart_bytes > 0
    assert head["x-rgw-quota-bucket-size"] == "-1"
    assert head["x-amz-request-id"].startswith("tx")
    assert not [name for name in head if name.startswith("x-minio")]


def test_from_tentacle_on_statistics_are_told_only_when_asked_for(store: Site) -> None:
    assert "x-rgw-bytes-used" in store.get("/harbor?read-stats=true", method="HEAD").headers
    store.set(tentacle=True)
    assert "x-rgw-bytes-used" not in store.get("/harbor", method="HEAD").headers
    assert "x-rgw-bytes-used" in store.get("/harbor?read-stats=true", method="HEAD").headers


def test_usage_for_the_owner(store: Site) -> None:
    root = ElementTree.fromstring(store.get("/?usage").content)
    rows = {row.findtext("Bucket"): int(row.findtext("Bytes") or 0) for row in root.iter("Entry")}
    assert rows == {name: held(store, name)[1] for name in ("harbor", "harbor-05")}
    assert root.findtext("Summary/TotalBytes") == str(sum(rows.values()))
    assert root.findtext("Summary/TotalEntries") == str(sum(held(store, name)[0] for name in rows))
    assert root.findtext("Summary/QuotaMaxBytes") == "-1"
    rounded = [int(row.findtext("Bytes_Rounded") or 0) for row in root.iter("Entry")]
    assert all(size % 4096 == 0 for size in rounded)
    assert store.plain("/?usage").status_code == 403
    another = ElementTree.fromstring(store.get("/?usage", READONLY_KEY).content)
    assert (another.findtext("Summary/TotalBytes"), list(another.iter("Entry"))) == ("0", [])


def test_quotas_are_told_to_the_owner_alone(store: Site) -> None:
    head = store.get("/harbor?read-stats=true", READONLY_KEY, method="HEAD").headers
    assert "x-rgw-bytes-used" in head
    assert not [name for name in head if "quota" in name.lower()]
    assert "<Bucket>" not in store.get("/", READONLY_KEY).text


def test_bucket_statistics_for_an_administrator(store: Site) -> None:
    found = store.get("/admin/bucket?bucket=harbor&stats=true&format=json", ADMIN_KEY).json()
    main = found["usage"]["rgw.main"]
    assert (main["num_objects"], main["size"]) == held(store)
    assert main["size_actual"] > main["size"]
    assert found["usage"]["rgw.multimeta"]["num_objects"] == len(store.bucket().multipart)
    every = store.get("/admin/bucket?uid=harbor&stats=true", ADMIN_KEY).json()
    assert [row["bucket"] for row in every] == ["harbor", "harbor-05"]
    assert store.get("/admin/bucket?uid=harbor", ADMIN_KEY).json() == ["harbor", "harbor-05"]
    assert store.get("/admin/bucket?bucket=harbor&stats=true", READONLY_KEY).status_code == 403
    assert store.get("/admin/bucket?bucket=none", ADMIN_KEY).status_code == 404
    assert store.get("/admin/bucket?uid=none", ADMIN_KEY).status_code == 404


def test_errors_have_a_code_and_no_words(store: Site) -> None:
    for client, bucket, code in (
        (store.client(), "missing", "NoSuchBucket"),
        (store.client(secret="w" * 40), "harbor", "SignatureDoesNotMatch"),
    ):
        with pytest.raises(ClientError) as caught:
            client.list_objects_v2(Bucket=bucket)
        error = caught.value.response["Error"]
        assert (error["Code"], error["Message"]) == (code, None)


def test_regions_and_anonymous_requests(store: Site) -> None:
    client = store.client(region="anywhere")
    assert client.get_bucket_location(Bucket="harbor")["LocationConstraint"] == "default"
    anonymous = store.plain("/")
    assert (anonymous.status_code, "<Bucket>" in anonymous.text) == (200, False)
    assert store.plain("/harbor", "HEAD").status_code == 403
    assert store.plain("/swift/healthcheck").status_code == 200
    assert store.plain("/minio/health/live").status_code == 404
    assert store.plain("/minio/health/live").headers["x-amz-request-id"].startswith("tx")
