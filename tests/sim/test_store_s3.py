"""Buckets, listings and refusals of the simulated store, asked by boto3 and with plain HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
import requests
from botocore.exceptions import ClientError

from harbortui.sim.store import READONLY_KEY
from harbortui.sim.world.store_types import MultipartUpload
from tests.sim.store_site import START, Site, site

BASE = "registry/docker/registry/v2/"


@pytest.fixture(scope="module")
def store() -> Iterator[Site]:
    with site() as found:
        yield found


@pytest.fixture
def versioned() -> Iterator[Site]:
    with site(instances=1, versioning=True) as found:
        yield found


def code_of(caught: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    return caught.value.response["Error"]["Code"], caught.value.response["ResponseMetadata"]["HTTPStatusCode"]


def test_the_buckets_of_the_fleet(store: Site) -> None:
    client = store.client()
    assert [row["Name"] for row in client.list_buckets()["Buckets"]] == ["harbor", "harbor-05", "harbor-nas"]
    head = client.head_bucket(Bucket="harbor")["ResponseMetadata"]["HTTPHeaders"]
    assert head["server"] == "MinIO"
    assert head["date"] == "Wed, 14 Jan 2026 14:00:00 GMT"
    assert not [name for name in head if name.startswith("x-rgw")]
    assert client.get_bucket_location(Bucket="harbor")["LocationConstraint"] is None
    assert "Status" not in client.get_bucket_versioning(Bucket="harbor")
    with pytest.raises(ClientError) as caught:
        client.get_bucket_lifecycle_configuration(Bucket="harbor")
    assert code_of(caught) == ("NoSuchLifecycleConfiguration", 404)


def test_botocore_signs_anew_for_the_region_that_minio_names(store: Site) -> None:
    answer = store.client(region="eu-west-1").head_bucket(Bucket="harbor")["ResponseMetadata"]
    assert (answer["HTTPStatusCode"], answer["HTTPHeaders"]["x-amz-bucket-region"]) == (200, "us-east-1")
    with pytest.raises(ClientError) as caught:
        store.client(region="eu-west-1").list_buckets()
    assert caught.value.response["Error"]["Code"] == "AuthorizationHeaderMalformed"


def test_heads_that_fail_tell_by_status_and_header_alone(store: Site) -> None:
    for client, bucket, status, code in (
        (store.client(), "missing", 404, "NoSuchBucket"),
        (store.client(secret="w" * 40), "harbor", 403, "SignatureDoesNotMatch"),
        (store.client("nobody"), "harbor", 403, "InvalidAccessKeyId"),
    ):
        with pytest.raises(ClientError) as caught:
            client.head_bucket(Bucket=bucket)
        assert code_of(caught) == (str(status), status)
        assert caught.value.response["ResponseMetadata"]["HTTPHeaders"]["x-minio-error-code"] == code


def test_a_bucket_in_another_region_redirects(store: Site) -> None:
    store.set(elsewhere={"harbor-us": "us-west-2"})
    with pytest.raises(ClientError) as caught:
        store.client().list_objects_v2(Bucket="harbor-us")
    assert code_of(caught)[1] == 301
    answer = store.get("/harbor-us", method="HEAD")
    assert (answer.status_code, answer.headers["x-amz-bucket-region"]) == (301, "us-west-2")


def test_errors_are_xml_with_an_id(store: Site) -> None:
    answer = store.plain("/harbor?list-type=2")
    root = ElementTree.fromstring(answer.content)
    assert answer.status_code == 403
    assert root.tag == "Error"
    assert root.findtext("Code") == "AccessDenied"
    assert root.findtext("BucketName") == "harbor"
    assert root.findtext("RequestId") == answer.headers["x-amz-request-id"]


def test_a_clock_far_off_is_refused_by_the_worlds_clock(store: Site) -> None:
    store.set(host_time=None)
    try:
        with pytest.raises(ClientError) as caught:
            store.client().list_buckets()
        assert code_of(caught) == ("RequestTimeTooSkewed", 403)
        assert caught.value.response["ResponseMetadata"]["HTTPHeaders"]["date"] == "Wed, 14 Jan 2026 14:00:00 GMT"
    finally:
        store.set(host_time=time.time)


def keys_of(store: Site, operation: str = "list_objects_v2", **more: object) -> tuple[list[str], list[str], int]:
    keys: list[str] = []
    prefixes: list[str] = []
    size = 0
    for page in store.client().get_paginator(operation).paginate(Bucket="harbor", **more):
        rows = page.get("Contents", [])
        keys += [row["Key"] for row in rows]
        size += sum(row["Size"] for row in rows)
        prefixes += [row["Prefix"] for row in page.get("CommonPrefixes", [])]
        if operation == "list_objects_v2":
            assert page["KeyCount"] == len(rows) + len(page.get("CommonPrefixes", []))
    return keys, prefixes, size


@pytest.mark.parametrize("operation", ["list_objects_v2", "list_objects"])
@pytest.mark.parametrize("size", [333, 1000])
def test_a_listing_is_the_worlds_bucket(store: Site, operation: str, size: int) -> None:
    keys, prefixes, total = keys_of(store, operation, PaginationConfig={"PageSize": size})
    stats = store.bucket().stats()
    assert keys == [entry.key for entry in store.bucket().list()]
    assert (len(keys), total, prefixes) == (stats.objects, stats.bytes, [])


@pytest.mark.parametrize("operation", ["list_objects_v2", "list_objects"])
def test_delimiters_prefixes_and_starts(store: Site, operation: str) -> None:
    shards = keys_of(store, operation, Prefix=f"{BASE}blobs/sha256/", Delimiter="/", PaginationConfig={"PageSize": 7})
    blobs = keys_of(store, operation, Prefix=f"{BASE}blobs/")[0]
    assert shards[0] == []
    assert shards[1] == sorted({key.rpartition("/")[0].rpartition("/")[0] + "/" for key in blobs})
    partial = [keys_of(store, operation, Prefix=f"{BASE}blobs/sha256/{digit}")[0] for digit in "0123456789abcdef"]
    assert [key for part in partial for key in part] == blobs
    assert keys_of(store, operation, Prefix="nothing/") == ([], [], 0)


def test_small_matters_of_a_listing(store: Site) -> None:
    client = store.client()
    first = client.list_objects_v2(Bucket="harbor", MaxKeys=2, FetchOwner=True)
    assert first["Contents"][0]["Owner"]["DisplayName"] == "minio"
    assert (first["MaxKeys"], first["IsTruncated"]) == (2, True)
    behind = client.list_objects_v2(Bucket="harbor", MaxKeys=1, StartAfter=first["Contents"][0]["Key"])
    assert behind["Contents"][0] == {k: v for k, v in first["Contents"][1].items() if k != "Owner"}
    assert client.list_objects_v2(Bucket="harbor", MaxKeys=0).get("Contents") is None
    assert client.list_objects_v2(Bucket="harbor", MaxKeys=5000)["MaxKeys"] == 1000
    for words in ("max-keys=x", "max-keys=-1", "continuation-token=%21", "continuation-token=", "encoding-type=x"):
        answer = store.get(f"/harbor?list-type=2&{words}")
        assert (answer.status_code, "InvalidArgument" in answer.text) == (400, True), words


def test_keys_with_markup_and_control_characters(store: Site) -> None:
    client = store.client()
    odd = ["odd/<Size>1</Size>&amp;", "odd/a b+c%2F", "odd/\x01\x1b[31m", "odd/ümlaut 😀", "odd/trailing//double"]
    for key in odd:
        client.put_object(Bucket="harbor-05", Key=key, Body=b"x")
    try:
        rows = client.list_objects_v2(Bucket="harbor-05", Prefix="odd/")["Contents"]
        assert [row["Key"] for row in rows] == sorted(odd)
        plain = ElementTree.fromstring(store.get("/harbor-05?list-type=2&prefix=odd%2F").content)
        keys = [node.text for node in plain.iter("{http://s3.amazonaws.com/doc/2006-03-01/}Key")]
        assert "odd/\ufffd\ufffd[31m" in keys
        for key in odd:
            assert client.get_object(Bucket="harbor-05", Key=key)["Body"].read() == b"x"
    finally:
        sendable = [{"Key": key} for key in odd if "\x01" not in key]
        client.delete_objects(Bucket="harbor-05", Delete={"Objects": sendable})
        client.delete_object(Bucket="harbor-05", Key="odd/\x01\x1b[31m")
    assert "Contents" not in client.list_objects_v2(Bucket="harbor-05", Prefix="odd/")


def test_a_key_that_may_only_list(store: Site) -> None:
    client, key = store.client(READONLY_KEY), next(iter(store.bucket().list())).key
    assert client.list_objects_v2(Bucket="harbor", MaxKeys=1)["KeyCount"] == 1
    assert client.list_object_versions(Bucket="harbor", MaxKeys=1)["Versions"]
    refused = (
        lambda: client.get_object(Bucket="harbor", Key=key),
        lambda: client.head_object(Bucket="harbor", Key=key),
        lambda: client.put_object(Bucket="harbor", Key="probe", Body=b""),
        lambda: client.delete_object(Bucket="harbor", Key=key),
        lambda: client.create_multipart_upload(Bucket="harbor", Key="probe"),
        lambda: client.put_bucket_versioning(Bucket="harbor", VersioningConfiguration={"Status": "Enabled"}),
        lambda: client.delete_bucket(Bucket="harbor"),
        lambda: client.create_bucket(Bucket="another"),
    )
    for operation in refused:
        with pytest.raises(ClientError) as caught:
            operation()
        assert code_of(caught)[1] == 403
    errors = client.delete_objects(Bucket="harbor", Delete={"Objects": [{"Key": key}]})["Errors"]
    assert [row["Code"] for row in errors] == ["AccessDenied"]
    assert store.bucket().get(key) is not None


def test_presigned_urls(store: Site) -> None:
    url = store.client().generate_presigned_url("list_objects_v2", {"Bucket": "harbor", "MaxKeys": 1}, ExpiresIn=60)
    with requests.Session() as session:
        session.trust_env = False
        assert "<KeyCount>1</KeyCount>" in session.get(url, timeout=10).text
        assert session.get(url.replace("max-keys=1", "max-keys=2"), timeout=10).status_code == 403


def test_versions_and_delete_markers(versioned: Site) -> None:
    client, bucket = versioned.client(), versioned.bucket()
    assert client.get_bucket_versioning(Bucket="harbor")["Status"] == "Enabled"
    before = bucket.stats()
    blob = next(iter(bucket.list(prefix=f"{BASE}blobs/")))
    assert client.delete_object(Bucket="harbor", Key=blob.key)["DeleteMarker"] is True
    client.put_object(Bucket="harbor", Key="probe", Body=b"one")
    client.put_object(Bucket="harbor", Key="probe", Body=b"three")
    after = bucket.stats()
    assert (after.objects, after.bytes) == (before.objects, before.bytes - blob.size + 5)
    rows: list[tuple[str, str]] = []
    markers: list[str] = []
    size = 0
    for page in client.get_paginator("list_object_versions").paginate(
        Bucket="harbor", PaginationConfig={"PageSize": 97}
    ):
        rows += [(row["Key"], row["VersionId"]) for row in page.get("Versions", [])]
        size += sum(row["Size"] for row in page.get("Versions", []))
        markers += [row["Key"] for row in page.get("DeleteMarkers", [])]
    assert len(set(rows)) == len(rows) == after.objects + after.version_objects
    assert size == after.bytes + after.version_bytes
    assert blob.key in markers
    assert len(set(markers)) == len(markers) == after.delete_markers == before.delete_markers + 1
    assert [row["Size"] for row in client.list_object_versions(Bucket="harbor", Prefix="probe")["Versions"]] == [5, 3]
    with pytest.raises(ClientError) as caught:
        client.head_object(Bucket="harbor", Key=blob.key)
    assert code_of(caught)[1] == 404


def test_every_version_once_with_pages_of_one(versioned: Site) -> None:
    client = versioned.client()
    for body in (b"1", b"22", b"333"):
        client.put_object(Bucket="harbor", Key="same", Body=body)
    client.delete_object(Bucket="harbor", Key="same")
    pages = client.get_paginator("list_object_versions").paginate(
        Bucket="harbor", Prefix="same", PaginationConfig={"PageSize": 1}
    )
    sizes = [row.get("Size") for page in pages for row in page.get("Versions", []) + page.get("DeleteMarkers", [])]
    assert sizes == [None, 3, 2, 1]


def test_garbage_collection_of_a_versioned_bucket_frees_nothing(versioned: Site) -> None:
    def collect(fleet: object) -> None:
        instance = versioned.sim.world.instances[0]
        name = next(r.name for r in instance.repositories.values() if len(r.artifacts) > 1)
        repository = instance.repository(name)
        assert repository is not None
        instance.delete_artifact(name, repository.artifacts[0].image.digest)
        versioned.sim.world.advance(START + 4 * 3600)
        instance.start_gc(dry_run=False, delete_untagged=True, workers=1)
        versioned.sim.world.advance(START + 6 * 3600)

    def blobs() -> int:
        return sum(entry.size for entry in versioned.bucket().list(prefix=f"{BASE}blobs/"))

    before, listed = versioned.bucket().stats(), blobs()
    versioned.sim.call(collect)
    after = versioned.bucket().stats()
    assert after.delete_markers > before.delete_markers
    assert after.version_bytes > before.version_bytes
    assert after.version_bytes - before.version_bytes == listed - blobs()


def test_uploads_as_minio_lists_them(store: Site) -> None:
    client, bucket = store.client(), store.bucket("harbor-nas")
    upload: MultipartUpload = bucket.multipart[0]
    assert "Uploads" not in client.list_multipart_uploads(Bucket="harbor-nas")
    assert "Uploads" not in client.list_multipart_uploads(Bucket="harbor-nas", Prefix=BASE)
    found = client.list_multipart_uploads(Bucket="harbor-nas", Prefix=upload.key)["Uploads"]
    assert [row["UploadId"] for row in found] == [upload.upload_id]
    started = client.create_multipart_upload(Bucket="harbor-nas", Key="new")
    ids = [row["UploadId"] for row in client.list_multipart_uploads(Bucket="harbor-nas")["Uploads"]]
    assert ids == [started["UploadId"]]
    client.abort_multipart_upload(Bucket="harbor-nas", Key="new", UploadId=started["UploadId"])
    store.set(exact_uploads=True)
    try:
        rows = client.list_multipart_uploads(Bucket="harbor-nas", Prefix=BASE)["Uploads"]
        assert [(row["UploadId"], row["Initiated"].timestamp()) for row in rows] == [
            (upload.upload_id, pytest.approx(upload.initiated, abs=1))
        ]
    finally:
        store.set(exact_uploads=False)


def test_the_whole_address_in_the_request_line(store: Site) -> None:
    with requests.Session() as session:
        session.trust_env = False
        session.proxies = {"http": store.url}
        answer = session.get("http://store.example/minio/health/live", timeout=10)
        assert (answer.status_code, answer.headers["Server"]) == (200, "MinIO")
        assert session.get("http://store.example", timeout=10).status_code == 403


def test_what_no_registry_needs_is_refused_by_name(store: Site) -> None:
    for path, method, status in (
        ("/harbor?acl", "GET", 501),
        ("/harbor?policy", "GET", 501),
        ("/harbor?versioning", "PUT", 403),
        ("/harbor/key?uploads", "GET", 403),
        ("/harbor", "POST", 405),
        ("/", "DELETE", 405),
    ):
        assert store.get(path, method=method).status_code == status, path
    assert store.get("/harbor", method="PUT").status_code == 409
