"""boto3 as anybody would use it, to compare with and to prepare buckets."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

from harbortui.sources.credentials import Credentials
from tests.live.settings import LiveS3


def plain_client(live: LiveS3, given: Credentials) -> Any:
    """A client of this store with a key."""
    return boto3.client(
        "s3",
        endpoint_url=live.url,
        region_name=live.region,
        aws_access_key_id=given.user,
        aws_secret_access_key=given.secret.reveal(),
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
