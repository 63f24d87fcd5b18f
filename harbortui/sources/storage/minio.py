"""What only MinIO has: health without credentials, account information, metrics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.secret import Secret
from harbortui.model.storage import BucketUsage, StoreHealth
from harbortui.sources.credentials import Credentials
from harbortui.sources.http import HttpHost, Reply
from harbortui.sources.lane import Lane
from harbortui.sources.rows import Unreadable
from harbortui.sources.storage.policy import ACCOUNT_INFO, LIVE, METRICS, READY
from harbortui.sources.storage.provider import MINIO, provider_of
from harbortui.sources.storage.signing import signed_headers
from harbortui.sources.storage.usage import account_usage, metrics_usage

METRICS_RETRY_SECONDS = 600.0
"""How long metrics that refused or do not exist are not asked again: most installations keep them private."""

TokenSource = Callable[[], Awaitable[Secret | Failure | None]]

_NOT_INITIALISED = "answers 200 but says that it is offline: its storage is not initialised"


async def health(host: HttpHost) -> StoreHealth | Failure:
    """MinIO's liveness and readiness; a store that is no MinIO has neither, and says so with its answer.

    Both answer 200 while the storage is not initialised; the truth is then in ``x-minio-server-status``
    (minio/minio cmd/healthcheck-handler.go).
    """
    live = await host.fetch(LIVE, expect=())
    if isinstance(live, Failure):
        return live
    provider = provider_of(live.headers)
    if provider != MINIO:
        broken = live.status >= 500
        words = f"the store answers {live.status}" if broken else "no health of its own; only a signed request tells"
        return StoreHealth(provider=provider, live=False if broken else None, detail=words)
    if _offline(live):
        return StoreHealth(provider=MINIO, live=False, ready=False, detail=_NOT_INITIALISED)
    if live.status != 200:
        return StoreHealth(provider=MINIO, live=False, ready=False, detail=f"liveness answers {live.status}")
    ready = await host.fetch(READY, expect=())
    if isinstance(ready, Failure):
        return StoreHealth(provider=MINIO, live=True, detail=f"readiness: {ready.detail}")
    if _offline(ready):
        return StoreHealth(provider=MINIO, live=True, ready=False, detail=_NOT_INITIALISED)
    words = "" if ready.status == 200 else f"readiness answers {ready.status}"
    return StoreHealth(provider=MINIO, live=True, ready=ready.status == 200, detail=words)


def _offline(reply: Reply) -> bool:
    return reply.headers.get("x-minio-server-status", "").strip().lower() == "offline"


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
            return measured if isinstance(measured, BucketUsage) else await self._account(bucket, credentials)
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
