"""How full a bucket is by Amazon's CloudWatch: asked seldom, since it is paid for and new once a day.

Only for endpoints under AWS's own names, at CloudWatch's address of the bucket's region, with one declared question.
Several consoles and timers of one person share what it said through a memo.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.record import Record
from harbortui.model.storage import BucketUsage
from harbortui.sources.credentials import Credentials
from harbortui.sources.headers import clock_skew
from harbortui.sources.http import HttpHost, Reply
from harbortui.sources.lane import Lane
from harbortui.sources.rows import Unreadable
from harbortui.sources.storage.cloudwatch_figures import SOURCE, error_code, figures
from harbortui.sources.storage.cloudwatch_request import CONTENT_TYPE, DAY, DAYS_BACK, TARGET, body_of, cloudwatch_reads
from harbortui.sources.storage.errors import SKEW_SECONDS
from harbortui.sources.storage.signing import signed_post
from harbortui.sources.tls import TlsSettings

ASK_EVERY = 21_600.0
"""Seconds between two questions about a bucket: one costs about 0.00026 USD, and the answer is new once a day."""
RETRY_EVERY = 3_600.0
"""The same after a question that was refused or failed."""
RIGHT = "cloudwatch:GetMetricData"
MEMO_SECONDS = 3.0
_CAP = 1_000_000
_REGION = re.compile(r"[a-z]{2,5}(?:-[a-z]{2,12}){1,3}-\d{1,2}")
_DOMAIN = re.compile(r"(?:.+\.)?(amazonaws\.(?:com\.cn|com|eu))")

K = FailureKind
_CODES: dict[str, tuple[FailureKind, str]] = {
    **dict.fromkeys(("AccessDenied", "AccessDeniedException"), (K.FORBIDDEN, f"the key may not do {RIGHT}")),
    **dict.fromkeys(
        ("UnrecognizedClientException", "InvalidClientTokenId", "MissingAuthenticationToken", "InvalidAccessKeyId"),
        (K.AUTH, "AWS does not know the access key"),
    ),
    **dict.fromkeys(
        ("InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignature", "RequestExpired"),
        (K.AUTH, "the secret key is wrong"),
    ),
    **dict.fromkeys(("ExpiredToken", "ExpiredTokenException"), (K.AUTH, "the access key has expired")),
    **dict.fromkeys(
        ("Throttling", "ThrottlingException", "LimitExceeded", "LimitExceededException"),
        (K.RATE_LIMITED, "CloudWatch asks to slow down"),
    ),
    "OptInRequired": (K.FORBIDDEN, "the account has no CloudWatch"),
}
_DATED = frozenset({"InvalidSignatureException", "SignatureDoesNotMatch", "RequestExpired"})
"""What AWS also says to a good signature of a wrong time."""


class Asked(Record, frozen=True, kw_only=True):
    """What CloudWatch said when it was last asked about a bucket."""

    at: float
    usage: BucketUsage | None = None
    """Kept from before where the newest question failed."""
    failure: Failure | None = None


class Memo(Protocol):
    """Keeps answers beyond this process; called in a thread, raises nothing."""

    def load(self, key: str) -> Asked | None:
        """What is kept under ``key``."""

    def keep(self, key: str, asked: Asked) -> None:
        """Keep it."""


def domain_of(host: str) -> str:
    """``amazonaws.com`` for ``s3.eu-west-1.amazonaws.com``; empty for what is not AWS's own name."""
    found = _DOMAIN.fullmatch(host.lower())
    return found[1] if found else ""


class CloudWatch:
    """Answers for the buckets of one endpoint; knows when it last asked."""

    def __init__(
        self,
        *,
        endpoint: str,
        clean: Callable[[str], str],
        now: Callable[[], float],
        lane: Lane,
        tls: TlsSettings,
        proxy: str,
        deadline: float,
        memo: Memo | None,
        address: Callable[[str, str], str],
    ) -> None:
        """``endpoint`` is the object store's host name; ``address`` gives CloudWatch's by region and domain."""
        self._domain = domain_of(endpoint)
        self._endpoint = endpoint
        self._clean = clean
        self._now = now
        self._lane = lane
        # CloudWatch has another name than the store, so the name to expect in the certificate is its own.
        self._tls = replace(tls, server_name="", client_cert="", client_key="")
        self._proxy = proxy
        self._deadline = deadline
        self._memo = memo
        self._address = address
        self._hosts: dict[str, HttpHost] = {}
        self._asked: dict[str, Asked] = {}
        self._turn = asyncio.Lock()

    async def of(self, bucket: str, region: str, credentials: Credentials) -> Asked:
        """What it says, or last said; ``region`` is the bucket's."""
        now = self._now()
        if not self._domain:
            words = "CloudWatch is asked only where the endpoint has a name of AWS"
            return Asked(at=now, failure=Failure(kind=K.NOT_FOUND, detail=words, at=now))
        if _REGION.fullmatch(region) is None:
            return Asked(at=now, failure=Failure(kind=K.LOCAL, detail="the bucket's region is not known", at=now))
        key = _key(self._endpoint, bucket, region, credentials.user)
        async with self._turn:  # Instances may share a bucket, and each question is paid for.
            return await self._once(key, bucket, region, credentials, now)

    async def _once(self, key: str, bucket: str, region: str, credentials: Credentials, now: float) -> Asked:
        last = self._asked.get(key) or await self._remembered(key)
        if last is not None and self._is_fresh(last, now):
            self._asked[key] = last
            return last
        found = await self._question(bucket, region, credentials)
        kept = last.usage if last is not None else None
        asked = Asked(at=now, usage=kept, failure=found) if isinstance(found, Failure) else Asked(at=now, usage=found)
        self._asked[key] = asked
        await self._keep(key, asked)
        return asked

    async def aclose(self) -> None:
        """Close the connections."""
        for host in self._hosts.values():
            await host.aclose()

    def _is_fresh(self, asked: Asked, now: float) -> bool:
        every = RETRY_EVERY if asked.failure is not None or asked.usage is None else ASK_EVERY
        return 0 <= now - asked.at < every

    async def _question(self, bucket: str, region: str, credentials: Credentials) -> BucketUsage | Failure | None:
        host = self._host(region)
        midnight = int(self._now() // DAY) * DAY
        body = body_of(bucket, midnight - DAYS_BACK * DAY)
        plain = {"Content-Type": CONTENT_TYPE, "X-Amz-Target": TARGET}
        url = f"{self._address(region, self._domain)}/"
        try:
            headers = await self._lane.run(
                lambda: signed_post(url, "monitoring", region, body, plain, credentials), deadline=self._deadline
            )
        except Exception as error:  # noqa: BLE001 - whatever the library raises is a value here
            return host.failure(error)
        reply = await host.fetch(
            "/", method="POST", headers=headers, body=body, expect=(), cap=_CAP, deadline=self._deadline
        )
        if isinstance(reply, Failure):
            return reply
        if reply.status != 200:
            return self._refused(reply)
        try:
            return figures(reply.body)
        except Unreadable as error:
            return Failure(kind=K.PROTOCOL, detail=self._clean(f"{SOURCE}: {error}"), at=self._now())

    def _host(self, region: str) -> HttpHost:
        host = self._hosts.get(region)
        if host is None:
            host = self._hosts[region] = HttpHost(
                url=self._address(region, self._domain),
                allow=cloudwatch_reads(),
                clean=self._clean,
                now=self._now,
                tls=self._tls,
                proxy=self._proxy,
                connections=1,
            )
        return host

    def _refused(self, reply: Reply) -> Failure:
        now, code = self._now(), error_code(reply.body)
        kind, words = _CODES.get(code, (K.SERVER if reply.status >= 500 else K.PROTOCOL, ""))
        skew = clock_skew(reply.server_time, now)
        if code in _DATED and skew is not None and abs(skew) >= SKEW_SECONDS:
            kind, words = K.LOCAL, f"this host's clock is {abs(skew):.0f} s off AWS's"
        return Failure(
            kind=kind,
            detail=self._clean(words or f"CloudWatch answers {reply.status} {code}".rstrip()),
            at=now,
            status=reply.status,
            needs=RIGHT if kind is K.FORBIDDEN else "",
            retry_after=reply.retry_after,
        )

    async def _remembered(self, key: str) -> Asked | None:
        memo = self._memo
        if memo is None:
            return None
        try:
            return await self._lane.run(lambda: memo.load(key), deadline=MEMO_SECONDS)
        except Exception:  # noqa: BLE001 - a disk that hangs costs a question, nothing else
            return None

    async def _keep(self, key: str, asked: Asked) -> None:
        memo = self._memo
        if memo is None:
            return
        try:
            await self._lane.run(lambda: memo.keep(key, asked), deadline=MEMO_SECONDS)
        except Exception:  # noqa: BLE001 - see above
            return


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
