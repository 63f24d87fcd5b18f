"""The S3 policy: listings and settings of the buckets, never an object. It is the same for every role."""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import urlsplit

from harbortui.probes.result import Grant, Role

BUCKET_ACTIONS = (
    "s3:ListBucket",
    "s3:GetBucketLocation",
    "s3:GetBucketVersioning",
    "s3:GetLifecycleConfiguration",
    "s3:ListBucketMultipartUploads",
    "s3:ListBucketVersions",
)
OBJECT_ACTIONS = ("s3:ListMultipartUploadParts",)


def policy(buckets: Sequence[str], *, cloudwatch: bool = False, partition: str = "aws") -> str:
    """The policy document; ``cloudwatch`` for AWS, which tells a bucket's size only there.

    ``partition`` is the part of AWS whose names the buckets have (``aws-cn`` in China, ``aws-us-gov``); other stores
    take ``aws``.
    """
    names = tuple(dict.fromkeys(buckets))
    statements: list[dict[str, object]] = [
        {
            "Sid": "HarborTuiLists",
            "Effect": "Allow",
            "Action": list(BUCKET_ACTIONS),
            "Resource": [f"arn:{partition}:s3:::{name}" for name in names],
        },
        {
            "Sid": "HarborTuiSizesUnfinishedUploads",
            "Effect": "Allow",
            "Action": list(OBJECT_ACTIONS),
            "Resource": [f"arn:{partition}:s3:::{name}/*" for name in names],
        },
    ]
    if cloudwatch:
        statements.append(
            {
                "Sid": "HarborTuiReadsBucketMetrics",
                "Effect": "Allow",
                "Action": ["cloudwatch:GetMetricData"],
                "Resource": ["*"],
            }
        )
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2) + "\n"


def grant(role: Role, buckets: Sequence[str], endpoint: str) -> Grant:
    """The policy with how to put it in place."""
    host = (urlsplit(endpoint).hostname or "").lower()
    aws = host.endswith((".amazonaws.com", ".amazonaws.com.cn"))
    partition = "aws-cn" if host.endswith(".cn") and aws else "aws-us-gov" if "us-gov-" in host and aws else "aws"
    # Policy and key in one step: an inline policy needs no account number in a name.
    commands = (
        (
            "aws iam create-user --user-name harbortui",
            "aws iam put-user-policy --user-name harbortui --policy-name harbortui "
            "--policy-document file://harbortui.json",
            "aws iam create-access-key --user-name harbortui",
        )
        if aws
        else (
            "mc admin policy create ALIAS harbortui harbortui.json",
            "mc admin user add ALIAS harbortui",
            "mc admin policy attach ALIAS harbortui --user harbortui",
        )
    )
    elsewhere = (
        "These commands are MinIO's; ALIAS is the store's name in mc, which asks for the new key's secret.",
        "Elsewhere (Ceph RGW) it becomes a bucket policy: add a Principal.",
    )
    notes = (
        *(() if aws else elsewhere),
        "Without s3:GetObject on purpose: blobs are the images of your users. Give the console a key of its own.",
    )
    return Grant(
        system="S3",
        role=role,
        title=f"S3 policy for {endpoint}",
        language="json",
        file="harbortui.json",
        text=policy(buckets, cloudwatch=aws, partition=partition),
        commands=commands,
        notes=notes,
    )
