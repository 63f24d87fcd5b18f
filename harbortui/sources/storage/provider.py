"""Which product an object store is, from the headers of its answers: features are detected, never versions."""

from __future__ import annotations

import re
from collections.abc import Mapping

MINIO = "MinIO"
RGW = "Ceph RGW"
AWS = "AWS S3"

_AWS_HOST = re.compile(r"(?i)\.amazonaws\.(?:com|com\.cn|eu)$")


def provider_of(headers: Mapping[str, str], host: str = "") -> str:
    """``MinIO``, ``Ceph RGW``, ``AWS S3``, or empty when it cannot be told; header names in lower case.

    ``host`` is the endpoint's name: others call themselves ``AmazonS3`` too (rclone does), but only AWS's names end
    with its domain, and only AWS names the bucket's region where it says so.
    """
    server = headers.get("server", "")
    if server.startswith(MINIO) or any(name.startswith("x-minio-") for name in headers):
        return MINIO
    # RGW's request ids begin with "tx" as Swift's do; AWS's are sixteen upper-case characters.
    if any(name.startswith("x-rgw-") for name in headers) or headers.get("x-amz-request-id", "").startswith("tx"):
        return RGW
    if server == "AmazonS3" and ("x-amz-bucket-region" in headers or _AWS_HOST.search(host)):
        return AWS
    return ""
