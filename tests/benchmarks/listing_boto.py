"""boto3's paginator over the same bucket: ``python -m … URL`` prints what it took as JSON."""

from __future__ import annotations

import json
import sys
import time

import boto3
from botocore.config import Config


def main(url: str) -> None:
    """Add up all sizes, page after page."""
    client = boto3.session.Session().client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="bench",
        aws_secret_access_key="a-secret-key-for-the-benchmark",
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, proxies={}),
    )
    began = time.perf_counter()
    objects = size = 0
    for page in client.get_paginator("list_objects_v2").paginate(Bucket="harbor"):
        objects += len(page.get("Contents", ()))
        size += sum(each["Size"] for each in page.get("Contents", ()))
    print(json.dumps({"objects": objects, "bytes": size, "wall": time.perf_counter() - began}))


if __name__ == "__main__":
    main(sys.argv[1])
