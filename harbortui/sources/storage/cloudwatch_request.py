"""The one question that Amazon's CloudWatch is asked: how full a bucket is, for every class of storage.

The daily metrics of S3 have a figure for each class of storage, and none for all of them together
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html).
"""

from __future__ import annotations

import json
import re

from harbortui.sources.allowlist import AllowList, Rule
from harbortui.sources.storage.policy import BUCKET

TARGET = "GraniteServiceVersion20100801.GetMetricData"
CONTENT_TYPE = "application/x-amz-json-1.0"
DAY = 86_400
DAYS_BACK = 4
CLASSES = (
    "StandardStorage",
    "StandardIAStorage",
    "StandardIASizeOverhead",
    "OneZoneIAStorage",
    "OneZoneIASizeOverhead",
    "ReducedRedundancyStorage",
    "IntelligentTieringFAStorage",
    "IntelligentTieringIAStorage",
    "IntelligentTieringAAStorage",
    "IntelligentTieringAIAStorage",
    "IntelligentTieringDAAStorage",
    "IntAAObjectOverhead",
    "IntAAS3ObjectOverhead",
    "IntDAAObjectOverhead",
    "IntDAAS3ObjectOverhead",
    "GlacierInstantRetrievalStorage",
    "GlacierIRSizeOverhead",
    "GlacierStorage",
    "GlacierStagingStorage",
    "GlacierObjectOverhead",
    "GlacierS3ObjectOverhead",
    "DeepArchiveStorage",
    "DeepArchiveStagingStorage",
    "DeepArchiveObjectOverhead",
    "DeepArchiveS3ObjectOverhead",
)
OBJECTS = "objects"
"""The id of the number of objects; the classes are ``c0``, ``c1``…"""
_MOST = 16_384


def body_of(bucket: str, start: int) -> bytes:
    """The question for the days from ``start`` (unix seconds, a midnight UTC)."""
    queries = [_query(f"c{at}", bucket, "BucketSizeBytes", name) for at, name in enumerate(CLASSES)]
    queries.append(_query(OBJECTS, bucket, "NumberOfObjects", "AllStorageTypes"))
    question = {
        "EndTime": start + (DAYS_BACK + 1) * DAY,
        "MetricDataQueries": queries,
        "ScanBy": "TimestampDescending",
        "StartTime": start,
    }
    return json.dumps(question, separators=(",", ":")).encode()


def is_question(body: bytes) -> bool:
    """True for what :func:`body_of` makes, and nothing else."""
    if len(body) > _MOST:
        return False
    try:
        told = json.loads(body)
        start = told["StartTime"]
        bucket = told["MetricDataQueries"][0]["MetricStat"]["Metric"]["Dimensions"][1]["Value"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return False
    if type(start) is not int or start % DAY or not isinstance(bucket, str) or re.fullmatch(BUCKET, bucket) is None:
        return False
    return body == body_of(bucket, start)


def cloudwatch_reads() -> AllowList:
    """What may be sent to CloudWatch; its action is named in a header, so that is declared too."""
    headers = {"x-amz-target": re.escape(TARGET), "content-type": re.escape(CONTENT_TYPE)}
    return AllowList((Rule("metric-data", "POST", "/", body=is_question, headers=headers),))


def _query(id: str, bucket: str, metric: str, storage: str) -> dict[str, object]:
    dimensions = [{"Name": "StorageType", "Value": storage}, {"Name": "BucketName", "Value": bucket}]
    named = {"Dimensions": dimensions, "MetricName": metric, "Namespace": "AWS/S3"}
    return {"Id": id, "MetricStat": {"Metric": named, "Period": DAY, "Stat": "Average"}, "ReturnData": True}
