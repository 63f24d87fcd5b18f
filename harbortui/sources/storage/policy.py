"""The requests to an object store that may leave; none of them reads an object, for blobs are the customers' images."""

from __future__ import annotations

import re

from harbortui.sources.allowlist import AllowList, Rule

BUCKET = r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}"

LIVE = "/minio/health/live"
READY = "/minio/health/ready"
CLUSTER = "/minio/health/cluster"
CLUSTER_READ = "/minio/health/cluster/read"
GATEWAY = "/swift/healthcheck"
"""Ceph's gateway answers it by itself, without its storage."""
ACCOUNT_INFO = "/minio/admin/v3/accountinfo"
METRICS = ("/minio/v2/metrics/bucket", "/minio/metrics/v3/cluster/usage/buckets")
"""The metrics that name the usage of buckets: of MinIO since 2023-08, and since 2024-07."""


def s3_reads(prefix: str = "") -> AllowList:
    """What boto3 may send, path style; Ceph from Tentacle on tells a bucket's statistics only with ``read-stats``."""
    base = re.escape(prefix)
    return AllowList((Rule("head-bucket", "HEAD", f"{base}/{BUCKET}", {"read-stats": "true"}),))


_NUMBER = r"[0-9]{1,9}"
_TEXT = r"[\s\S]{0,4096}"
_PAGED = {"encoding-type": "url", "max-keys": _NUMBER, "prefix": _TEXT}


def listing_reads(prefix: str = "") -> AllowList:
    """What counting a bucket may send, path style.

    The parameter that makes a request a listing is required: without ``uploadId``, asking for the parts of an upload
    would be asking for an object.
    """
    base = re.escape(prefix)
    bucket = f"{base}/{BUCKET}"
    objects = {
        **_PAGED,
        "list-type": "2",
        "delimiter": "/",
        "continuation-token": r"[\s\S]{1,16384}",
        "start-after": _TEXT,
    }
    versions = {**_PAGED, "versions": "", "key-marker": _TEXT, "version-id-marker": _TEXT}
    uploads = {"encoding-type": "url", "uploads": "", "max-uploads": _NUMBER}
    uploads |= {"key-marker": _TEXT, "upload-id-marker": _TEXT}
    parts = {"uploadId": r"[\s\S]{1,4096}", "max-parts": _NUMBER, "part-number-marker": _NUMBER}
    return AllowList(
        (
            Rule("list-objects", "GET", bucket, objects, required=frozenset({"list-type"})),
            Rule("list-versions", "GET", bucket, versions, required=frozenset({"versions"})),
            Rule("list-uploads", "GET", bucket, uploads, required=frozenset({"uploads"})),
            Rule("bucket-versioning", "GET", bucket, {"versioning": ""}, required=frozenset({"versioning"})),
            Rule("list-parts", "GET", f"{bucket}/.+", parts, required=frozenset({"uploadId"})),
        )
    )


def store_reads(prefix: str = "") -> AllowList:
    """What is asked beside boto3: health, MinIO's account information and metrics; why a bucket refused (no keys)."""
    base = re.escape(prefix)
    asked = tuple(
        Rule(name, "GET", base + re.escape(path))
        for name, path in (
            ("live", LIVE),
            ("ready", READY),
            ("cluster", CLUSTER),
            ("cluster-read", CLUSTER_READ),
            ("gateway", GATEWAY),
            ("account-info", ACCOUNT_INFO),
            ("metrics-v2", METRICS[0]),
            ("metrics-v3", METRICS[1]),
        )
    )
    no_keys = {"list-type": "2", "max-keys": "0"}
    refusal = Rule("refusal", "GET", f"{base}/{BUCKET}", no_keys, required=frozenset(no_keys))
    return AllowList((*asked, refusal))
