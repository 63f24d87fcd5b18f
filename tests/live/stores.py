"""boto3 as anybody would use it, to compare with and to prepare buckets."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

from harbortui.sources.credentials import Credentials
from tests.live.settings import LiveS3


def plain_client(live: LiveS3, given: Credentials) -> Any:
    """A client of this store with a key."""
    return _client(live, "s3", given.user, given.secret.reveal())


def session_client(live: LiveS3, given: Credentials, policy: str) -> Any:
    """A client with a key of a session (MinIO's AssumeRole): it may do what the policy and ``given`` both allow."""
    sts = _client(live, "sts", given.user, given.secret.reveal())
    # MinIO looks at neither name: whoever signs assumes a narrower self.
    made = sts.assume_role(
        RoleArn="arn:aws:iam::000000000000:role/any", RoleSessionName="harbortui-live", Policy=policy
    )
    key = made["Credentials"]
    return _client(live, "s3", key["AccessKeyId"], key["SecretAccessKey"], key["SessionToken"])


def _client(live: LiveS3, service: str, key: str, secret: str, token: str | None = None) -> Any:
    return boto3.client(
        service,
        endpoint_url=live.url,
        region_name=live.region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        verify=live.get("CA") or True,
        config=Config(
            s3={"addressing_style": "path"},
            retries={"total_max_attempts": 1},
            connect_timeout=5,
            read_timeout=15,
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
