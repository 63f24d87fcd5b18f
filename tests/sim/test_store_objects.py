"""Objects and multipart uploads of the simulated store, by boto3 and by rclone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from harbortui.sim.world.options import S3_ACCESS_KEY
from tests.sim.store_site import Site, site

BASE = "registry/docker/registry/v2/"
PART = b"p" * (5 << 20)


@pytest.fixture(scope="module")
def store() -> Iterator[Site]:
    with site(provider="rgw", instances=2) as found:
        yield found


def refused(caught: pytest.ExceptionInfo[ClientError]) -> str:
    code: str = caught.value.response["Error"]["Code"]
    return code


def test_an_object_comes_back_as_it_was_put(store: Site) -> None:
    client, before = store.client(), store.bucket().stats()
    put = client.put_object(
        Bucket="harbor", Key="probe/a", Body=b"0123456789", ContentType="text/x", Metadata={"why": "probe"}
    )
    got = client.get_object(Bucket="harbor", Key="probe/a")
    assert (got["Body"].read(), got["ContentType"], got["Metadata"]) == (b"0123456789", "text/x", {"why": "probe"})
    assert got["ETag"] == put["ETag"] == '"781e5e245d69b566979b86e28d23f2c7"'
    head = client.head_object(Bucket="harbor", Key="probe/a")
    assert (head["ContentLength"], head["ETag"]) == (10, put["ETag"])
    part = client.get_object(Bucket="harbor", Key="probe/a", Range="bytes=2-4")
    assert (part["Body"].read(), part["ContentRange"]) == (b"234", "bytes 2-4/10")
    assert client.get_object(Bucket="harbor", Key="probe/a", Range="bytes=-3")["Body"].read() == b"789"
    listed = client.list_objects_v2(Bucket="harbor", Prefix="probe/")["Contents"][0]
    assert (listed["Size"], listed["ETag"]) == (10, put["ETag"])
    for arguments, code in (
        ({"Range": "bytes=10-"}, "InvalidRange"),
        ({"IfMatch": '"other"'}, "PreconditionFailed"),
        ({"IfNoneMatch": put["ETag"]}, "304"),
    ):
        with pytest.raises(ClientError) as caught:
            client.get_object(Bucket="harbor", Key="probe/a", **arguments)
        assert refused(caught) == code
    client.delete_object(Bucket="harbor", Key="probe/a")
    assert store.bucket().stats() == before
    with pytest.raises(ClientError) as caught:
        client.get_object(Bucket="harbor", Key="probe/a")
    assert refused(caught) == "NoSuchKey"


def test_the_registrys_objects_have_content_of_their_length(store: Site) -> None:
    client = store.client()
    link = next(entry for entry in store.bucket().list(prefix=f"{BASE}repositories/") if entry.key.endswith("/link"))
    assert client.get_object(Bucket="harbor", Key=link.key)["Body"].read().startswith(b"sha256:")
    blob = min(store.bucket().list(prefix=f"{BASE}blobs/"), key=lambda entry: entry.size)
    whole = client.get_object(Bucket="harbor", Key=blob.key)["Body"].read()
    assert len(whole) == blob.size
    assert client.get_object(Bucket="harbor", Key=blob.key, Range="bytes=5-20")["Body"].read() == whole[5:21]


def test_a_blob_deleted_from_the_store_is_missing_there(store: Site) -> None:
    bucket = store.bucket("harbor-05")
    before, blob = bucket.stats(), next(iter(bucket.list(prefix=f"{BASE}blobs/")))
    store.client().delete_object(Bucket="harbor-05", Key=blob.key)
    after = bucket.stats()
    assert (before.objects - after.objects, before.bytes - after.bytes) == (1, blob.size)
    assert blob.key not in {entry.key for entry in bucket.list()}


def test_a_multipart_upload_from_begin_to_end(store: Site) -> None:
    client = store.client()
    upload = {"Bucket": "harbor", "Key": "big"}
    upload["UploadId"] = client.create_multipart_upload(**upload)["UploadId"]
    tags = [client.upload_part(**upload, PartNumber=n, Body=body)["ETag"] for n, body in ((1, PART), (2, b"end"))]
    parts = client.get_paginator("list_parts").paginate(**upload, PaginationConfig={"PageSize": 1})
    rows = [row for page in parts for row in page.get("Parts", [])]
    assert [(row["PartNumber"], row["Size"], row["ETag"]) for row in rows] == [(1, len(PART), tags[0]), (2, 3, tags[1])]
    wanted = [{"PartNumber": n, "ETag": etag} for n, etag in enumerate(tags, 1)]
    for chosen, code in (
        (list(reversed(wanted)), "InvalidPartOrder"),
        ([{"PartNumber": 1, "ETag": '"0"'}], "InvalidPart"),
        ([{"PartNumber": 3, "ETag": tags[0]}], "InvalidPart"),
    ):
        with pytest.raises(ClientError) as caught:
            client.complete_multipart_upload(**upload, MultipartUpload={"Parts": chosen})
        assert refused(caught) == code
    done = client.complete_multipart_upload(**upload, MultipartUpload={"Parts": wanted})
    assert done["ETag"].endswith('-2"')
    assert client.get_object(Bucket="harbor", Key="big")["Body"].read() == PART + b"end"
    with pytest.raises(ClientError) as caught:
        client.list_parts(**upload)
    assert refused(caught) == "NoSuchUpload"
    client.delete_object(Bucket="harbor", Key="big")


def test_small_parts_are_refused_and_an_abort_leaves_nothing(store: Site) -> None:
    client, before = store.client(), store.bucket().stats()
    upload = {"Bucket": "harbor", "Key": "small"}
    upload["UploadId"] = client.create_multipart_upload(**upload)["UploadId"]
    tags = [client.upload_part(**upload, PartNumber=n, Body=b"x")["ETag"] for n in (1, 2)]
    assert store.bucket().stats().multipart_bytes == before.multipart_bytes + 2
    parts = {"Parts": [{"PartNumber": n, "ETag": etag} for n, etag in enumerate(tags, 1)]}
    with pytest.raises(ClientError) as caught:
        client.complete_multipart_upload(**upload, MultipartUpload=parts)
    assert refused(caught) == "EntityTooSmall"
    client.abort_multipart_upload(**upload)
    assert store.bucket().stats() == before


def test_uploads_are_listed_exactly_by_other_stores(store: Site) -> None:
    client = store.client()
    old = store.bucket().multipart[0]
    ids = {client.create_multipart_upload(Bucket="harbor", Key="twice")["UploadId"] for _ in range(3)}
    pages = client.get_paginator("list_multipart_uploads").paginate(Bucket="harbor", PaginationConfig={"PageSize": 1})
    rows = [row["UploadId"] for page in pages for row in page.get("Uploads", [])]
    assert rows[0] == old.upload_id
    assert len(rows) == 4
    assert set(rows[1:]) == ids
    sizes = [part["Size"] for part in client.list_parts(Bucket="harbor", Key=old.key, UploadId=old.upload_id)["Parts"]]
    assert sizes == [size for _, size, _ in old.parts]
    for each in ids:
        client.abort_multipart_upload(Bucket="harbor", Key="twice", UploadId=each)


def test_an_upload_left_by_an_interrupted_push_can_be_completed(store: Site) -> None:
    client, old = store.client(), store.bucket("harbor-05").multipart[0]
    where = {"Bucket": "harbor-05", "Key": old.key, "UploadId": old.upload_id}
    rows = client.list_parts(**where)["Parts"]
    parts = {"Parts": [{"PartNumber": row["PartNumber"], "ETag": row["ETag"]} for row in rows]}
    client.complete_multipart_upload(**where, MultipartUpload=parts)
    assert client.head_object(Bucket="harbor-05", Key=old.key)["ContentLength"] == sum(row["Size"] for row in rows)


@pytest.mark.parametrize(
    "body",
    [b"", b"<Delete/>", b"<Other/>", b"<Delete><Object/></Delete>", b'<!DOCTYPE x [<!ENTITY a "b">]><Delete/>'],
)
def test_broken_documents_are_refused(store: Site, body: bytes) -> None:
    answer = store.get("/harbor?delete", method="POST", body=body)
    assert (answer.status_code, "MalformedXML" in answer.text) == (400, True)


def rclone(store: Site, *words: str) -> str:
    beside = Path(sys.executable).parent / "rclone"
    program = str(beside) if beside.exists() else shutil.which("rclone")
    if program is None:
        pytest.skip("rclone is not installed")
    flags = {
        "RCLONE_S3_PROVIDER": "Ceph",
        "RCLONE_S3_ENDPOINT": store.url,
        "RCLONE_S3_ACCESS_KEY_ID": S3_ACCESS_KEY,
        "RCLONE_S3_SECRET_ACCESS_KEY": store.keys[S3_ACCESS_KEY],
        "RCLONE_S3_REGION": "us-east-1",
        "RCLONE_CONFIG": os.devnull,
        "RCLONE_S3_CHUNK_SIZE": "5Mi",
        "RCLONE_S3_UPLOAD_CUTOFF": "5Mi",
        "PATH": os.environ.get("PATH", ""),
        "HOME": os.devnull,
    }
    done = subprocess.run([program, *words], env=flags, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_rclone_counts_what_the_world_counts(store: Site) -> None:
    for flags in ((), ("--fast-list",), ("--s3-list-version", "1"), ("--s3-list-chunk", "50")):
        found = json.loads(rclone(store, "size", "--json", ":s3:harbor", *flags))
        stats = store.bucket().stats()
        assert (found["count"], found["bytes"]) == (stats.objects, stats.bytes), flags


def test_rclone_copies_both_ways_and_checks_the_sums(store: Site, tmp_path: Path) -> None:
    (tmp_path / "up").mkdir()
    (tmp_path / "up" / "small.txt").write_bytes(b"small")
    (tmp_path / "up" / "big file.bin").write_bytes(bytes(range(256)) * 30_000)
    rclone(store, "copy", str(tmp_path / "up"), ":s3:harbor/copied")
    rclone(store, "copy", ":s3:harbor/copied", str(tmp_path / "down"))
    rclone(store, "check", str(tmp_path / "up"), ":s3:harbor/copied", "--download")
    for name in ("small.txt", "big file.bin"):
        assert (tmp_path / "down" / name).read_bytes() == (tmp_path / "up" / name).read_bytes()
    rclone(store, "purge", ":s3:harbor/copied")
    assert not list(store.bucket().list(prefix="copied"))
