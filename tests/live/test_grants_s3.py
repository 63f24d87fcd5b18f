"""The S3 policy that `harbortui doctor` prints allows exactly what it claims and nothing more.

It is tried on a bucket made for it, as the store applies it: Ceph as the policy of the bucket, for the reader's key,
which owns nothing there; MinIO, which holds a bucket's policy against anonymous callers only, as the policy of a
session of the administrator's key (AssumeRole), which may then do what both allow.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from harbortui.model.redact import Clean
from harbortui.probes.grants import s3 as s3_grants
from harbortui.sources.answer import Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.storage.inquiry import QUERIES, BucketInquiry
from tests.live.settings import LiveS3
from tests.live.stores import plain_client, session_client

BLOB = "registry/blob"
PART = "registry/part"
FORBIDDEN = "forbidden"


class Narrow(NamedTuple):
    """A client that may do what the policy says."""

    client: Any
    bucket: str
    upload: str
    beside: str
    """A bucket that the policy does not name."""
    credentials: Credentials | None
    """Its key, unless it is one of a session, which the console does not take."""


@pytest.fixture
def narrow(live_s3: LiveS3, live_change: str) -> Iterator[Narrow]:
    if live_s3.admin is None or live_s3.credentials is None or live_s3.admin.user == live_s3.credentials.user:
        pytest.skip("two keys are needed: the reader's, and an administrator's")
    owner = plain_client(live_s3, live_s3.admin)
    bucket, beside = live_change, f"{live_change}-beside"
    with contextlib.ExitStack() as stack:
        for name in (bucket, beside):
            owner.create_bucket(Bucket=name)
            stack.callback(owner.delete_bucket, Bucket=name)
            owner.put_object(Bucket=name, Key=BLOB, Body=b"x")
            stack.callback(owner.delete_object, Bucket=name, Key=BLOB)
        upload = owner.create_multipart_upload(Bucket=bucket, Key=PART)["UploadId"]
        stack.callback(owner.abort_multipart_upload, Bucket=bucket, Key=PART, UploadId=upload)
        if live_s3.get("PROVIDER") == "minio":
            client = session_client(live_s3, live_s3.admin, s3_grants.policy([bucket]))
            yield Narrow(client, bucket, upload, beside, None)
            return
        try:
            # To everybody, for the suite does not know the name that belongs to the reader's key.
            owner.put_bucket_policy(Bucket=bucket, Policy=s3_grants.policy([bucket], principal="*"))
        except ClientError as error:
            pytest.skip(f"this store takes no bucket policy: {error.response['Error'].get('Code')}")
        yield Narrow(plain_client(live_s3, live_s3.credentials), bucket, upload, beside, live_s3.credentials)


def outcome(attempt: Callable[[], object]) -> str:
    """``allowed`` when it was done or there was nothing to answer with, ``forbidden``, or another refusal's code."""
    try:
        attempt()
    except ClientError as error:
        code = str(error.response["Error"].get("Code"))
        if code == "NoSuchLifecycleConfiguration":
            return "allowed"
        return FORBIDDEN if error.response["ResponseMetadata"]["HTTPStatusCode"] == 403 else code
    return "allowed"


def test_what_the_policy_names_is_allowed(narrow: Narrow) -> None:
    client, at = narrow.client, {"Bucket": narrow.bucket}
    tried = {
        "s3:ListBucket": lambda: client.list_objects_v2(**at, MaxKeys=1),
        "s3:GetBucketLocation": lambda: client.get_bucket_location(**at),
        "s3:GetBucketVersioning": lambda: client.get_bucket_versioning(**at),
        "s3:GetLifecycleConfiguration": lambda: client.get_bucket_lifecycle_configuration(**at),
        "s3:ListBucketMultipartUploads": lambda: client.list_multipart_uploads(**at, MaxUploads=1),
        "s3:ListBucketVersions": lambda: client.list_object_versions(**at, MaxKeys=1),
        "s3:ListMultipartUploadParts": lambda: client.list_parts(**at, Key=PART, UploadId=narrow.upload),
    }
    assert set(tried) == {*s3_grants.BUCKET_ACTIONS, *s3_grants.OBJECT_ACTIONS}
    assert {action: outcome(attempt) for action, attempt in tried.items()} == dict.fromkeys(tried, "allowed")


def test_what_the_policy_does_not_name_is_refused(narrow: Narrow) -> None:
    client, at = narrow.client, {"Bucket": narrow.bucket}
    blob, part = {**at, "Key": BLOB}, {**at, "Key": PART, "UploadId": narrow.upload}
    rule = {"ID": "none", "Status": "Disabled", "Filter": {"Prefix": "none/"}, "Expiration": {"Days": 9999}}
    tried = {
        "get": lambda: client.get_object(**blob),
        "head": lambda: client.head_object(**blob),
        "tags": lambda: client.get_object_tagging(**blob),
        "put": lambda: client.put_object(**at, Key="registry/other", Body=b"y"),
        "copy": lambda: client.copy_object(**at, Key="registry/copy", CopySource=f"{narrow.bucket}/{BLOB}"),
        "delete": lambda: client.delete_object(**blob),
        "begin an upload": lambda: client.create_multipart_upload(**at, Key="registry/more"),
        "add a part": lambda: client.upload_part(**part, PartNumber=1, Body=b"z"),
        "abort an upload": lambda: client.abort_multipart_upload(**part),
        "versioning": lambda: client.put_bucket_versioning(**at, VersioningConfiguration={"Status": "Enabled"}),
        "lifecycle": lambda: client.put_bucket_lifecycle_configuration(
            **at, LifecycleConfiguration={"Rules": [rule]}
        ),
        "policy": lambda: client.get_bucket_policy(**at),
        "drop the policy": lambda: client.delete_bucket_policy(**at),
        "drop the bucket": lambda: client.delete_bucket(**at),
        "list another": lambda: client.list_objects_v2(Bucket=narrow.beside, MaxKeys=1),
        "get from another": lambda: client.get_object(Bucket=narrow.beside, Key=BLOB),
    }  # fmt: skip
    assert {what: outcome(attempt) for what, attempt in tried.items()} == dict.fromkeys(tried, FORBIDDEN)


def test_doctor_sees_with_it_whatever_it_asks(
    live_s3: LiveS3, narrow: Narrow, clean: Clean, now: Callable[[], float]
) -> None:
    """Each request as doctor signs and reads it."""
    given = narrow.credentials
    if given is None:
        pytest.skip("the console takes no session's key")

    async def ask() -> dict[str, object]:
        inquiry = BucketInquiry(endpoint=live_s3.url, region=live_s3.region, tls=live_s3.tls, clean=clean, now=now)
        try:
            return {action: await inquiry.tried(action, narrow.bucket, given) for action in QUERIES}
        finally:
            await inquiry.aclose()

    answers = asyncio.run(ask())
    assert {action for action, answer in answers.items() if not isinstance(answer, Ok)} == set(), answers
