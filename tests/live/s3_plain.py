"""What the live suite asks an object store by itself, with a whole boto3 that knows nothing of the console's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from harbortui.sources.credentials import Credentials
from tests.live.settings import LiveS3

MOST_PAGES = 50
"""Of 1000 keys each: a larger bucket is not counted."""


@dataclass(frozen=True)
class Counted:
    """What listings add up to; None where the store refuses the listing or does not know it."""

    objects: int
    bytes: int
    versions: int | None
    version_bytes: int | None
    parts: int | None
    part_bytes: int | None

    @property
    def everything(self) -> int | None:
        """Bytes of all versions and all parts of open uploads."""
        known = self.bytes if self.version_bytes is None else self.version_bytes
        return None if self.part_bytes is None else known + self.part_bytes


def client(live_s3: LiveS3, credentials: Credentials) -> Any:
    """A boto3 client of the endpoint."""
    return boto3.session.Session().client(
        "s3",
        endpoint_url=live_s3.url,
        region_name=live_s3.region,
        aws_access_key_id=credentials.user,
        aws_secret_access_key=credentials.secret.reveal(),
        verify=live_s3.get("CA") or None,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            retries={"mode": "standard", "total_max_attempts": 2},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            proxies={},
        ),
    )


def counted(s3: Any, bucket: str) -> Counted | None:
    """The bucket by full listings; None when it has too many keys for that."""
    objects = _pages(s3, "list_objects_v2", bucket)
    if objects is None or len(objects) >= MOST_PAGES:
        return None
    rows = [row for page in objects for row in page.get("Contents", ())]
    versions = _pages(s3, "list_object_versions", bucket)
    old = None if versions is None else [row for page in versions for row in page.get("Versions", ())]
    parts = _parts(s3, bucket)
    return Counted(
        objects=len(rows),
        bytes=sum(row["Size"] for row in rows),
        versions=None if old is None else len(old),
        version_bytes=None if old is None else sum(row["Size"] for row in old),
        parts=None if parts is None else len(parts),
        part_bytes=None if parts is None else sum(parts),
    )


def _parts(s3: Any, bucket: str) -> list[int] | None:
    uploads = _pages(s3, "list_multipart_uploads", bucket)
    if uploads is None:
        return None
    try:
        return [
            part["Size"]
            for page in uploads
            for row in page.get("Uploads", ())
            for part in s3.list_parts(Bucket=bucket, Key=row["Key"], UploadId=row["UploadId"]).get("Parts", ())
        ]
    except ClientError:
        return None


def _pages(s3: Any, operation: str, bucket: str) -> list[dict[str, Any]] | None:
    try:
        return list(_some(s3.get_paginator(operation).paginate(Bucket=bucket)))
    except ClientError as error:
        # rclone's word for no unfinished upload at all.
        return [] if error.response["Error"]["Code"] == "NoSuchUpload" else None


def _some(pages: Any) -> Iterator[dict[str, Any]]:
    for number, page in enumerate(pages, 1):
        yield page
        if number >= MOST_PAGES:
            return
