"""Which product an object store is, from the headers of its answers: features are detected, never versions."""

from __future__ import annotations

from collections.abc import Mapping

MINIO = "MinIO"
RGW = "Ceph RGW"
AWS = "AWS S3"


def provider_of(headers: Mapping[str, str]) -> str:
    """``MinIO``, ``Ceph RGW``, ``AWS S3``, or empty when it cannot be told; header names in lower case."""
    server = headers.get("server", "")
    if server.startswith(MINIO) or any(name.startswith("x-minio-") for name in headers):
        return MINIO
    # RGW's request ids begin with "tx" as Swift's do; AWS's are sixteen upper-case characters.
    if any(name.startswith("x-rgw-") for name in headers) or headers.get("x-amz-request-id", "").startswith("tx"):
        return RGW
    return AWS if server == "AmazonS3" else ""
