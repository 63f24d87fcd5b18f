"""HEAD of a bucket through boto3, in lane threads."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harbortui.model.failure import Failure
from harbortui.sources.credentials import Credentials
from harbortui.sources.headers import clock_skew, http_date
from harbortui.sources.lane import Lane
from harbortui.sources.origin import Origin
from harbortui.sources.storage.errors import failure_of_s3, is_bare, skewed
from harbortui.sources.storage.policy import s3_reads
from harbortui.sources.storage.refusal import Explain
from harbortui.sources.tls import TlsSettings

if TYPE_CHECKING:
    from botocore.awsrequest import AWSRequest
    from mypy_boto3_s3 import S3Client

    from harbortui.sources.storage.guard_botocore import GuardedSending

WIDTH = 3
TOTAL_SECONDS = 10.0
_MAX_CLIENTS = 64


@dataclass(frozen=True, slots=True)
class Head:
    """The answer to a HEAD of a bucket: its headers, names in lower case."""

    headers: Mapping[str, str]
    server_time: float | None


class BucketClient:
    """One endpoint's buckets; one boto3 client for each access key."""

    def __init__(
        self,
        *,
        origin: Origin,
        region: str,
        tls: TlsSettings,
        proxy: str,
        clean: Callable[[str], str],
        now: Callable[[], float],
        deadline: float,
    ) -> None:
        self._origin = origin
        self._region = region
        self._tls = tls
        self._proxy = proxy
        self._clean = clean
        self._now = now
        self._deadline = deadline
        self.lane = Lane(f"store-{origin.host}", WIDTH)
        self._clients: dict[tuple[str, bytes], S3Client] = {}
        self._making = threading.Lock()
        self._sending: GuardedSending | None = None

    async def head(self, bucket: str, credentials: Credentials, explain: Explain) -> Head | Failure:
        """The bucket's headers within the total deadline; ``explain`` is asked for the reason of a bare refusal."""
        try:
            headers = await self.lane.run(
                lambda: self._head(bucket, credentials), deadline=self._deadline, abandon=self.cut
            )
        except Exception as error:  # noqa: BLE001 - whatever the library raises is a value here
            skewed = self._skewed(error)
            if skewed is not None:
                return skewed
            code = await explain(bucket, credentials) if is_bare(error) else ""
            return failure_of_s3(error, clean=self._clean, now=self._now(), code=code)
        return Head(headers, http_date(headers.get("date", "")))

    def cut(self) -> None:
        """Cut the open connections; the next call opens new ones."""
        if self._sending is not None:
            self._sending.abort()

    def close(self) -> None:
        """Cut the connections and let the threads end."""
        self.cut()
        self.lane.close()

    def _head(self, bucket: str, credentials: Credentials) -> Mapping[str, str]:
        answer = self._client(credentials).head_bucket(Bucket=bucket)
        return answer["ResponseMetadata"]["HTTPHeaders"]

    def _client(self, credentials: Credentials) -> S3Client:
        key = (credentials.user, hashlib.sha256(credentials.secret.reveal().encode()).digest())
        with self._making:
            client = self._clients.get(key)
            if client is None:
                if len(self._clients) >= _MAX_CLIENTS:
                    self._clients.clear()
                client = self._clients[key] = self._make(credentials)
        return client

    def _make(self, credentials: Credentials) -> S3Client:
        from harbortui.sources.storage.boto import make_client
        from harbortui.sources.storage.guard_botocore import GuardedSending

        if self._sending is None:
            self._sending = GuardedSending(
                allow=s3_reads(self._origin.prefix),
                origin=self._origin,
                tls=self._tls,
                proxy=self._proxy,
                connections=WIDTH,
                total=self._deadline,
            )
        client = make_client(self._origin, self._region, credentials)
        client.meta.events.register_first("before-sign.s3.HeadBucket", _ask_for_statistics)
        self._sending.attach(client)
        return client

    def _skewed(self, error: Exception) -> Failure | None:
        """The failure when the difference of the clocks is the reason: each signature carries our time."""
        now = self._now()
        failure = failure_of_s3(error, clean=self._clean, now=now)
        response = getattr(error, "response", None)
        if failure.status not in (400, 403) or not isinstance(response, Mapping):
            return None
        headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        skew = clock_skew(http_date(headers.get("date", "")), now)
        explained = skewed(failure, skew, self._clean)
        return None if explained is failure else explained


def _ask_for_statistics(request: AWSRequest, **_: object) -> None:
    """Ceph from Tentacle on tells a bucket's statistics only when asked; other stores ignore the parameter."""
    url = request.url or ""
    request.url = f"{url}{'&' if '?' in url else '?'}read-stats=true"
