"""The S3 policy: listings and settings of the buckets, never an object. It is the same for every role."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from harbortui.probes.result import Grant, Role
from harbortui.sources.storage.provider import RGW

BUCKET_ACTIONS = (
    "s3:ListBucket",
    "s3:GetBucketLocation",
    "s3:GetBucketVersioning",
    "s3:GetLifecycleConfiguration",
    "s3:ListBucketMultipartUploads",
    "s3:ListBucketVersions",
)
OBJECT_ACTIONS = ("s3:ListMultipartUploadParts",)
USER = "harbortui"
_NO_OBJECTS = "Without s3:GetObject on purpose: blobs are the images of your users. Give the console a key of its own."


def policy(buckets: Sequence[str], *, cloudwatch: bool = False, partition: str = "aws", principal: str = "") -> str:
    """The policy document.

    ``cloudwatch`` is for AWS, which tells a bucket's size only there; ``partition`` the part of AWS whose names the
    buckets have (``aws-cn`` in China, ``aws-us-gov``), other stores take ``aws``; with a ``principal`` (an ARN) it is
    the policy of the bucket rather than of a user.
    """
    names = tuple(dict.fromkeys(buckets))
    whom: dict[str, object] = {"Principal": {"AWS": [principal]}} if principal else {}
    statements: list[dict[str, object]] = [
        {
            "Sid": "HarborTuiLists",
            "Effect": "Allow",
            **whom,
            "Action": list(BUCKET_ACTIONS),
            "Resource": [f"arn:{partition}:s3:::{name}" for name in names],
        },
        {
            "Sid": "HarborTuiSizesUnfinishedUploads",
            "Effect": "Allow",
            **whom,
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


def grants(role: Role, buckets: Sequence[str], endpoint: str, provider: str = "") -> Iterator[Grant]:
    """What to put in place at one endpoint; ``provider`` as the store was recognised, empty when it was not."""
    if provider == RGW:
        yield from (_bucket_policy(role, bucket, endpoint) for bucket in dict.fromkeys(buckets))
    else:
        yield _user_policy(role, buckets, endpoint)


def _user_policy(role: Role, buckets: Sequence[str], endpoint: str) -> Grant:
    host = (urlsplit(endpoint).hostname or "").lower()
    aws = host.endswith((".amazonaws.com", ".amazonaws.com.cn"))
    partition = "aws-cn" if host.endswith(".cn") and aws else "aws-us-gov" if "us-gov-" in host and aws else "aws"
    commands: tuple[str, ...] = (
        f"mc admin policy create ALIAS {USER} {USER}.json",
        f"mc admin user add ALIAS {USER}",
        f"mc admin policy attach ALIAS {USER} --user {USER}",
    )
    if aws:
        # Policy and key in one step: an inline policy needs no account number in a name.
        commands = (
            f"aws iam create-user --user-name {USER}",
            f"aws iam put-user-policy --user-name {USER} --policy-name {USER} --policy-document file://{USER}.json",
            f"aws iam create-access-key --user-name {USER}",
        )
    elsewhere = (
        "These commands are MinIO's; ALIAS is the store's name in mc, which asks for the new key's secret.",
        "Elsewhere it becomes a bucket policy: add a Principal.",
    )
    return Grant(
        system="S3",
        role=role,
        title=f"S3 policy for {endpoint}",
        language="json",
        file=f"{USER}.json",
        text=policy(buckets, cloudwatch=aws, partition=partition),
        commands=commands,
        notes=(*(() if aws else elsewhere), _NO_OBJECTS),
    )


def _bucket_policy(role: Role, bucket: str, endpoint: str) -> Grant:
    """Ceph's gateway knows policies of buckets, not of users."""
    file = f"{USER}-{bucket}.json"
    return Grant(
        system="S3",
        role=role,
        title=f"S3 bucket policy of {bucket} at {endpoint}",
        language="json",
        file=file,
        text=policy([bucket], principal=f"arn:aws:iam:::user/{USER}"),
        commands=(
            f"radosgw-admin user create --uid={USER} --display-name=HarborTUI --max-buckets=-1",
            f"aws --endpoint-url {endpoint} s3api get-bucket-policy --bucket {bucket}",
            f"aws --endpoint-url {endpoint} s3api put-bucket-policy --bucket {bucket} --policy file://{file}",
        ),
        notes=(
            "The last command, with the key of the bucket's owner, replaces the policy of the bucket: where the second "
            "shows one, add these statements to it.",
            _NO_OBJECTS,
        ),
    )
