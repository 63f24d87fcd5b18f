"""The object store's sources as the live suite opens them."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from harbortui.model.failure import Failure
from harbortui.model.redact import Clean
from harbortui.model.secret import Secret
from harbortui.sources.credentials import Credentials
from harbortui.sources.storage.source import StoreSource
from tests.live.settings import LiveS3

PROVIDERS = {"minio": "MinIO", "rgw": "Ceph RGW"}
"""What the console calls them; ``s3`` is AWS or a store that nobody can tell apart from others."""


@asynccontextmanager
async def opened(
    live_s3: LiveS3, clean: Clean, *, token: Secret | None = None, **more: Any
) -> AsyncIterator[StoreSource]:
    """The store's source; with ``token`` it may ask MinIO's metrics."""

    async def metrics_token() -> Secret | Failure | None:
        return token

    now: Callable[[], float] = more.pop("now", time.time)
    source = StoreSource(
        endpoint=live_s3.url,
        clean=clean,
        now=now,
        region=more.pop("region", live_s3.region),
        tls=more.pop("tls", live_s3.tls),
        metrics_token=None if token is None else metrics_token,
        **more,
    )
    try:
        yield source
    finally:
        await source.aclose()


def reader(live_s3: LiveS3) -> Credentials:
    """The reader's key; skips when it is not given, or no bucket to look at."""
    if live_s3.credentials is None or not live_s3.bucket:
        pytest.skip("no key of a reader, or no bucket")
    return live_s3.credentials
