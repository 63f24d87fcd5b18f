"""What only MinIO tells of a bucket: account information and metrics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.secret import Secret
from harbortui.model.storage import BucketUsage
from harbortui.sources.credentials import Credentials
from harbortui.sources.http import HttpHost, Reply
from harbortui.sources.lane import Lane
from harbortui.sources.rows import Unreadable
from harbortui.sources.storage.policy import ACCOUNT_INFO, METRICS
from harbortui.sources.storage.signing import signed_headers
from harbortui.sources.storage.usage import account_usage, metrics_usage

METRICS_RETRY_SECONDS = 600.0
"""How long metrics that refused or do not exist are not asked again: most installations keep them private."""

TokenSource = Callable[[], Awaitable[Secret | Failure | None]]


class MinioUsage:
    """A bucket's usage from MinIO: metrics when a token is configured, account information, then public metrics."""

    def __init__(
        self,
        *,
        host: HttpHost,
        url: str,
        region: str,
        lane: Lane,
        metrics_token: TokenSource | None,
        now: Callable[[], float],
        deadline: float,
    ) -> None:
        self._host = host
        self._url = url
        self._region = region
        self._lane = lane
        self._metrics_token = metrics_token
        self._now = now
        self._deadline = deadline
        self._refused: dict[str, float] = {}

    async def of(self, bucket: str, credentials: Credentials) -> BucketUsage | str:
        """The usage, or why there is none, in words."""
        token = await self._metrics_token() if self._metrics_token is not None else None
        if isinstance(token, Secret) and token:
            measured = await self._metrics(bucket, token)
            told = await self._account(bucket, credentials)
            return _with_quota(measured, told) if isinstance(measured, BucketUsage) else told
        told = await self._account(bucket, credentials)
        if isinstance(told, BucketUsage):
            return told
        if isinstance(token, Failure):
            return f"{told}; metrics: {token.detail}"
        measured = await self._metrics(bucket, None)
        return measured if isinstance(measured, BucketUsage) else told

    async def _account(self, bucket: str, credentials: Credentials) -> BucketUsage | str:
        url = self._url + ACCOUNT_INFO
        try:
            headers = await self._lane.run(
                lambda: signed_headers(url, self._region, credentials), deadline=self._deadline
            )
        except Exception as error:  # noqa: BLE001 - whatever the library raises is a value here
            return f"account information: {self._host.failure(error).detail}"
        reply = await self._host.fetch(ACCOUNT_INFO, headers=headers)
        if isinstance(reply, Failure):
            return f"account information: {reply.detail}"
        if reply.status != 200:
            return f"MinIO answers {reply.status} to account information"
        try:
            return account_usage(reply.body, bucket)
        except Unreadable as error:
            return f"account information: {self._host.failure(error).detail}"

    async def _metrics(self, bucket: str, token: Secret | None) -> BucketUsage | str:
        """One request at most: the first kind of metrics that has not refused lately."""
        path = next((each for each in METRICS if self._now() >= self._refused.get(each, 0.0)), None)
        if path is None:
            return "MinIO's metrics are not open to us"
        headers = {"Authorization": f"Bearer {token.reveal()}"} if token else {}
        reply = await self._host.fetch(path, headers=headers, expect=("text/plain",))
        if isinstance(reply, Failure) and reply.kind not in (FailureKind.LOGIN_PAGE, FailureKind.PROTOCOL):
            return f"metrics: {reply.detail}"
        found = (
            metrics_usage(reply.body, bucket, self._now()) if isinstance(reply, Reply) and reply.status == 200 else ""
        )
        if not found:
            self._refused[path] = self._now() + METRICS_RETRY_SECONDS
        return found or "MinIO's metrics are not open to us"


def _with_quota(measured: BucketUsage, told: BucketUsage | str) -> BucketUsage:
    """Metrics name only quotas set the old way, account information every one (minio/minio cmd/metrics-v2.go)."""
    if measured.quota_bytes or not isinstance(told, BucketUsage) or not told.quota_bytes:
        return measured
    return replace(measured, quota_bytes=told.quota_bytes)
