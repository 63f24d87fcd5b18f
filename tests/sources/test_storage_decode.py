"""What stores tell about a bucket, and what boto3's exceptions mean."""

from __future__ import annotations

import contextlib
import inspect
import json
from typing import Any

import botocore.exceptions
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Cleaner, Redactor
from harbortui.model.storage import BucketUsage
from harbortui.sources.allowlist import Blocked
from harbortui.sources.lane import LaneFull
from harbortui.sources.refusals import Redirected
from harbortui.sources.rows import Unreadable
from harbortui.sources.storage.errors import BOTOCORE, OURSELVES, entry_of, failure_of_s3
from harbortui.sources.storage.policy import s3_reads, store_reads
from harbortui.sources.storage.prometheus import samples
from harbortui.sources.storage.provider import AWS, MINIO, RGW, provider_of
from harbortui.sources.storage.usage import account_usage, metrics_usage, rgw_usage

K = FailureKind
CLEAN = Cleaner(Redactor())
NOW = 1_768_399_200.0
EXCEPTIONS = [
    each
    for _, each in inspect.getmembers(botocore.exceptions, inspect.isclass)
    if issubclass(each, BaseException) and each.__module__ == "botocore.exceptions"
]


@pytest.mark.parametrize("kind", EXCEPTIONS, ids=lambda each: each.__name__)
def test_every_exception_of_botocore_has_its_own_entry(kind: type[BaseException]) -> None:
    assert entry_of(kind) is not None
    assert (kind.__name__ in BOTOCORE) != (kind.__name__ in OURSELVES)


def answered(code: str, status: int, **headers: str) -> botocore.exceptions.ClientError:
    meta = {"HTTPStatusCode": status, "HTTPHeaders": {k.replace("_", "-"): v for k, v in headers.items()}}
    return botocore.exceptions.ClientError({"Error": {"Code": code}, "ResponseMetadata": meta}, "HeadBucket")  # type: ignore[arg-type,typeddict-item]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (answered("404", 404), K.NOT_FOUND),
        (answered("NoSuchBucket", 404), K.NOT_FOUND),
        (answered("403", 403), K.FORBIDDEN),
        (answered("403", 403, x_minio_error_code="SignatureDoesNotMatch"), K.AUTH),
        (answered("403", 403, x_minio_error_code="RequestTimeTooSkewed"), K.LOCAL),
        (answered("InvalidAccessKeyId", 403), K.AUTH),
        (answered("400", 400), K.LOCAL),
        (answered("301", 301), K.REDIRECT),
        (answered("SlowDown", 503), K.RATE_LIMITED),
        (answered("503", 503), K.SERVER),
        (answered("500", 500), K.SERVER),
        (answered("418", 418), K.PROTOCOL),
        (Redirected("", 301), K.REDIRECT),
        (Redirected("other.example", 307), K.REDIRECT),
        (Blocked("no"), K.BLOCKED),
        (LaneFull("full"), K.TIMEOUT),
        (
            botocore.exceptions.EndpointConnectionError(endpoint_url="http://x", error=ConnectionRefusedError(111, "")),
            K.REFUSED,
        ),
        (botocore.exceptions.HTTPClientError(error=Blocked("no")), K.BLOCKED),
        (botocore.exceptions.ParamValidationError(report="x"), K.LOCAL),
        (ValueError("PLANTED"), K.LOCAL),
    ],
)
def test_what_an_exception_means(error: Exception, kind: FailureKind) -> None:
    found = failure_of_s3(error, clean=CLEAN, now=NOW)
    assert found.kind is kind
    assert found.detail
    assert "PLANTED" not in found.detail
    assert found.needs == ("s3:ListBucket" if kind is K.FORBIDDEN else "")


def test_a_service_exception_of_a_client_is_an_answer() -> None:
    made = type("NoSuchBucket", (botocore.exceptions.ClientError,), {"__module__": "botocore.errorfactory"})
    response = {"Error": {"Code": "NoSuchBucket"}, "ResponseMetadata": {"HTTPStatusCode": 404, "HTTPHeaders": {}}}
    found = failure_of_s3(made(response, "HeadBucket"), clean=CLEAN, now=NOW)
    assert (found.kind, found.status) == (K.NOT_FOUND, 404)


@pytest.mark.parametrize(
    ("headers", "provider"),
    [
        ({"server": "MinIO"}, MINIO),
        ({"server": "nginx", "x-minio-deployment-id": "1"}, MINIO),
        ({"x-amz-request-id": "tx0000-default"}, RGW),
        ({"x-rgw-object-count": "1"}, RGW),
        ({"server": "AmazonS3", "x-amz-bucket-region": "eu-west-1"}, AWS),
        ({"server": "AmazonS3", "x-amz-request-id": "ABCDEF0123456789"}, ""),
        ({"server": "rclone/v1.75.2"}, ""),
    ],
)
def test_providers_are_told_by_their_headers(headers: dict[str, str], provider: str) -> None:
    assert provider_of(headers) == provider


@pytest.mark.parametrize(
    ("host", "provider"),
    [
        ("s3.eu-central-1.amazonaws.com", AWS),
        ("s3.cn-north-1.amazonaws.com.cn", AWS),
        ("amazonaws.com.example.org", ""),
        ("127.0.0.1", ""),
    ],
)
def test_calling_itself_amazon_is_not_enough(host: str, provider: str) -> None:
    assert provider_of({"server": "AmazonS3"}, host) == provider


def test_rgw_tells_usage_and_quota_in_headers() -> None:
    headers = {"x-rgw-bytes-used": "5272880", "x-rgw-object-count": "31", "x-rgw-quota-bucket-size": "-1"}
    found = rgw_usage(headers)
    assert found is not None
    assert (found.bytes, found.objects, found.quota_bytes, found.measured_at) == (5_272_880, 31, None, None)
    assert "unfinished uploads" in found.includes
    assert rgw_usage({"x-rgw-object-count": "31"}) is None


def account(*buckets: object) -> bytes:
    return json.dumps({"AccountName": "k", "Policy": {"x": 1}, "Buckets": list(buckets)}).encode()


def test_account_information_names_the_bucket() -> None:
    wire = {"name": "harbor", "size": 10, "objects": 2, "details": {"quota": {"quota": 0, "size": 99}}}
    found = account_usage(account({"name": "other", "size": 7}, wire), "harbor")
    assert isinstance(found, BucketUsage)
    assert (found.bytes, found.objects, found.quota_bytes) == (10, 2, 99)


@pytest.mark.parametrize("buckets", [[], [{"name": "other", "size": 5}], [{"name": "harbor", "size": 0, "objects": 0}]])
def test_no_data_yet_is_words_and_not_zero(buckets: list[object]) -> None:
    assert isinstance(account_usage(account(*buckets), "harbor"), str)


V2 = """# HELP minio_bucket_usage_total_bytes Total bucket size in bytes
# TYPE minio_bucket_usage_total_bytes gauge
minio_bucket_usage_total_bytes{bucket="harbor",server="a:9000"} 1.234e+09
minio_bucket_usage_total_bytes{bucket="other",server="a:9000"} 5
minio_bucket_usage_object_total{bucket="harbor",server="a:9000"} 321
minio_bucket_quota_total_bytes{bucket="harbor",server="a:9000"} 0
minio_usage_last_activity_nano_seconds{server="a:9000"} 6e+11
"""
V3 = """minio_cluster_usage_buckets_total_bytes{bucket="harbor"} 1234000000
minio_cluster_usage_buckets_objects_count{bucket="harbor"} 321
minio_cluster_usage_buckets_since_last_update_seconds %s
"""


@pytest.mark.parametrize("text", [V2, V3 % "600", V3 % "6e+11"])
def test_metrics_tell_usage_and_its_true_age(text: str) -> None:
    found = metrics_usage(text.encode(), "harbor", NOW)
    assert isinstance(found, BucketUsage)
    assert (found.bytes, found.objects, found.quota_bytes) == (1_234_000_000, 321, None)
    assert found.measured_at == pytest.approx(NOW - 600)


@pytest.mark.parametrize("text", ["", "# nothing", V2.replace('"harbor"', '"x"'), V2.replace("1.234e+09", "NaN")])
def test_metrics_without_the_bucket_tell_nothing(text: str) -> None:
    assert isinstance(metrics_usage(text.encode(), "harbor", NOW), str)


def test_labels_are_unescaped() -> None:
    (found,) = samples(r'm{a="x\"y\\n",b="1"} 2 1700000000000', "m")
    assert found == ("m", {"a": 'x"y\\n', "b": "1"}, 2.0)


@given(st.binary(max_size=300))
def test_any_bytes_are_usage_words_or_unreadable(data: bytes) -> None:
    assert isinstance(metrics_usage(b"minio_" + data, "harbor", NOW), str | BucketUsage)
    with contextlib.suppress(Unreadable):
        assert isinstance(account_usage(data, "harbor"), str | BucketUsage)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/harbor"),
        ("GET", "/harbor/registry/blob"),
        ("HEAD", "/harbor/registry/blob"),
        ("PUT", "/harbor"),
        ("DELETE", "/harbor"),
        ("GET", "/minio/admin/v3/service"),
        ("POST", "/minio/admin/v3/accountinfo"),
        ("GET", "/"),
    ],
)
def test_nothing_but_a_head_and_statistics_is_declared(method: str, path: str) -> None:
    for allow in (s3_reads(), store_reads()):
        with pytest.raises(Blocked):
            allow.check(method, path, [], None)


@pytest.mark.parametrize(
    "query",
    [
        [("list-type", "2")],
        [("max-keys", "0")],
        [("list-type", "2"), ("max-keys", "1")],
        [("list-type", "2"), ("max-keys", "0"), ("prefix", "docker")],
        [("uploads", "")],
    ],
)
def test_no_key_of_a_bucket_is_listed(query: list[tuple[str, str]]) -> None:
    with pytest.raises(Blocked):
        store_reads().check("GET", "/harbor", query, None)
    assert store_reads().check("GET", "/harbor", [("list-type", "2"), ("max-keys", "0")], None).name == "refusal"


def test_failures_are_values() -> None:
    found: Any = failure_of_s3(RuntimeError(), clean=CLEAN, now=NOW)
    assert isinstance(found, Failure)
