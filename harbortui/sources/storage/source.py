"""One object store endpoint: what the console asks of it."""

from __future__ import annotations

import re
from collections.abc import Callable

from harbortui.model.asked import RawObject
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.storage import BucketState, BucketUsage, StoreHealth
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.headers import clock_skew
from harbortui.sources.http import HttpHost
from harbortui.sources.origin import Origin
from harbortui.sources.raw import raw_headers
from harbortui.sources.storage import minio
from harbortui.sources.storage.bucket import TOTAL_SECONDS, BucketClient, Head
from harbortui.sources.storage.health import health as store_health
from harbortui.sources.storage.policy import BUCKET, store_reads
from harbortui.sources.storage.provider import AWS, MINIO, RGW, provider_of
from harbortui.sources.storage.refusal import explaining
from harbortui.sources.storage.usage import rgw_usage
from harbortui.sources.tls import TlsSettings

CONNECTIONS = 2

_NOTES = {
    RGW: "this Ceph RGW does not tell a bucket's statistics",
    AWS: "AWS tells a bucket's size in CloudWatch only",
    "": "this store does not tell how full a bucket is",
}


class StoreSource:
    """Reads of one endpoint. No method raises for what the store does."""

    def __init__(
        self,
        *,
        endpoint: str,
        clean: Callable[[str], str],
        now: Callable[[], float],
        region: str = "us-east-1",
        metrics_token: minio.TokenSource | None = None,
        tls: TlsSettings | None = None,
        proxy: str = "",
        deadline: float = TOTAL_SECONDS,
    ) -> None:
        """Raises ValueError when ``endpoint`` is no http(s) URL."""
        origin = Origin.of(endpoint)
        tls = tls or TlsSettings()
        self._clean = clean
        self._now = now
        self._endpoint = origin.host
        self._deadline = deadline
        self._provider = ""
        self._host = HttpHost(
            url=origin.url,
            allow=store_reads(origin.prefix),
            clean=clean,
            now=now,
            tls=tls,
            proxy=proxy,
            connections=CONNECTIONS,
        )
        self._buckets = BucketClient(
            origin=origin, region=region, tls=tls, proxy=proxy, clean=clean, now=now, deadline=deadline
        )
        self._explain = explaining(self._host, origin.url, region, self._buckets.lane)
        self._minio = minio.MinioUsage(
            host=self._host,
            url=origin.url,
            region=region,
            lane=self._buckets.lane,
            metrics_token=metrics_token,
            now=now,
            deadline=deadline,
        )

    async def health(self) -> Answer[StoreHealth]:
        """The store's own health, unauthenticated. Only MinIO has one; elsewhere ``live`` is None unless it fails."""
        health = await store_health(self._host, self._now, self._deadline)
        if isinstance(health, Failure):
            return health
        self._provider = health.provider or self._provider
        return Ok(health)

    async def bucket(self, name: str, credentials: Credentials | None) -> Answer[BucketState]:
        """HEAD of the bucket, and how full it is as far as the store knows it by itself."""
        head = await self._head(name, credentials)
        if isinstance(head, Failure) or credentials is None:
            return head if isinstance(head, Failure) else self._without_key()
        self._provider = provider = provider_of(head.headers, self._endpoint) or self._provider
        skew = clock_skew(head.server_time, self._now())
        usage, note = await self._usage(name, credentials, provider, head)
        state = BucketState(name=name, provider=provider, usage=usage, usage_note=self._clean(note), clock_skew=skew)
        return Ok(state, server_time=head.server_time)

    async def raw(self, name: str, credentials: Credentials | None) -> Answer[RawObject]:
        """What the store answers to a HEAD of the bucket: headers, masked like everything raw."""
        head = await self._head(name, credentials)
        if isinstance(head, Failure):
            return head
        found = raw_headers(head.headers, self._clean, title=f"bucket {name}", source=f"HEAD /{name}")
        return Ok(found, server_time=head.server_time)

    async def aclose(self) -> None:
        """Cut all connections."""
        self._buckets.close()
        await self._host.aclose()

    async def _head(self, name: str, credentials: Credentials | None) -> Head | Failure:
        if credentials is None or not credentials.user or not credentials.secret:
            return self._without_key()
        if re.fullmatch(BUCKET, name) is None:
            return self._failure(FailureKind.LOCAL, "not a bucket's name")
        return await self._buckets.head(name, credentials, self._explain)

    def _without_key(self) -> Failure:
        return self._failure(FailureKind.NO_CREDENTIALS, "no access key for the object store")

    async def _usage(
        self, name: str, credentials: Credentials, provider: str, head: Head
    ) -> tuple[BucketUsage | None, str]:
        told = rgw_usage(head.headers)
        if told is not None:
            return told, ""
        if provider != MINIO:
            return None, _NOTES[provider]
        found = await self._minio.of(name, credentials)
        return (found, "") if isinstance(found, BucketUsage) else (None, found)

    def _failure(self, kind: FailureKind, words: str) -> Failure:
        return Failure(kind=kind, detail=words, at=self._now())
