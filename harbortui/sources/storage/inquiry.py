"""What `doctor` tries on a bucket with the console's key: listings of one entry each. No object is read or changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import quote

import msgspec
from msgspec import Raw

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Clean
from harbortui.sources.allowlist import AllowList, Rule
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.headers import clock_skew
from harbortui.sources.http import HttpHost, Reply
from harbortui.sources.lane import Lane
from harbortui.sources.origin import Origin
from harbortui.sources.rows import Unreadable, read_object
from harbortui.sources.storage.errors import CODES, SKEW_SECONDS
from harbortui.sources.storage.policy import ACCOUNT_INFO, BUCKET
from harbortui.sources.storage.signing import signed_headers
from harbortui.sources.tls import TlsSettings

TOTAL_SECONDS = 10.0
_CAP = 200_000
_CODE = re.compile(rb"<Code>([A-Za-z0-9]{1,64})</Code>")
_HAS_KEY = re.compile(rb"<Contents>")
_VERSIONED = re.compile(rb"<Status>(Enabled|Suspended)</Status>")

LISTING, VERSIONS, UPLOADS, VERSIONING, LIFECYCLE, LOCATION = (
    "ListBucket",
    "ListBucketVersions",
    "ListBucketMultipartUploads",
    "GetBucketVersioning",
    "GetLifecycleConfiguration",
    "GetBucketLocation",
)
QUERIES: Mapping[str, tuple[tuple[str, str], ...]] = {
    LISTING: (("list-type", "2"), ("max-keys", "1")),
    VERSIONS: (("max-keys", "1"), ("versions", "")),
    UPLOADS: (("max-uploads", "1"), ("uploads", "")),
    VERSIONING: (("versioning", ""),),
    LIFECYCLE: (("lifecycle", ""),),
    LOCATION: (("location", ""),),
}
"""The request of each S3 action, sorted by name as signatures want it."""

_PREFIX = r"[A-Za-z0-9._/-]{1,400}"
_NOT_THERE = frozenset({"NotImplemented", "MethodNotAllowed", "NoSuchLifecycleConfiguration"})


class Tried(msgspec.Struct, frozen=True):
    """What a listing of one entry brought."""

    empty: bool = False
    """A listing without any key under the prefix."""
    versioned: bool = False
    supported: bool = True
    """False when the store does not know the request, so that nothing follows about the right."""


class _Access(msgspec.Struct, frozen=True):
    read: bool = False
    write: bool = False


class _Bucket(msgspec.Struct, frozen=True):
    name: str = ""
    access: _Access | None = None


class _Account(msgspec.Struct, frozen=True, rename="pascal"):
    buckets: Raw = Raw(b"null")


def inquiry_reads(prefix: str = "") -> AllowList:
    """The declared requests: listings of one entry, settings of a bucket, and MinIO's account information."""
    base = re.escape(prefix)
    rules = [
        Rule(action, "GET", f"{base}/{BUCKET}", {**{name: re.escape(value) for name, value in query}, **_more(action)})
        for action, query in QUERIES.items()
    ]
    return AllowList((*rules, Rule("account-info", "GET", base + re.escape(ACCOUNT_INFO))))


def _more(action: str) -> dict[str, str]:
    return {"prefix": _PREFIX} if action == LISTING else {}


class BucketInquiry:
    """Tries one endpoint's rights. No method raises for what the store does."""

    def __init__(
        self,
        *,
        endpoint: str,
        clean: Clean,
        now: Callable[[], float],
        region: str = "us-east-1",
        tls: TlsSettings | None = None,
        proxy: str = "",
    ) -> None:
        """Raises ValueError when ``endpoint`` is no http(s) URL."""
        origin = Origin.of(endpoint)
        self._url = origin.url
        self._region = region
        self._clean = clean
        self._now = now
        self._lane = Lane(f"signing-{origin.host}", 1)
        self._host = HttpHost(
            url=origin.url, allow=inquiry_reads(origin.prefix), clean=clean, now=now, tls=tls, proxy=proxy
        )

    async def tried(self, action: str, bucket: str, credentials: Credentials, prefix: str = "") -> Answer[Tried]:
        """Whether the key may do one of :data:`QUERIES` on the bucket; ``prefix`` counts for the listing alone."""
        if re.fullmatch(BUCKET, bucket) is None or (prefix and re.fullmatch(_PREFIX, prefix) is None):
            return Failure(kind=FailureKind.LOCAL, detail="not a bucket's name or prefix", at=self._now())
        query = list(QUERIES[action])
        if action == LISTING and prefix:
            query = sorted([*query, ("prefix", prefix)])
        reply = await self._signed(f"/{bucket}", query, credentials)
        if isinstance(reply, Failure):
            return reply
        code = _code(reply)
        if reply.status == 200 or code in _NOT_THERE or reply.status == 501:
            tried = Tried(
                empty=action == LISTING and _HAS_KEY.search(reply.body) is None,
                versioned=_VERSIONED.search(reply.body) is not None,
                supported=reply.status == 200 or code == "NoSuchLifecycleConfiguration",
            )
            return Ok(tried, server_time=reply.server_time)
        return self._refused(action, reply, code)

    async def may_write(self, bucket: str, credentials: Credentials) -> bool | None:
        """What MinIO says of the key's own access to the bucket; None where no store tells."""
        reply = await self._signed(ACCOUNT_INFO, [], credentials)
        if isinstance(reply, Failure) or reply.status != 200:
            return None
        try:
            account = read_object(reply.body, _Account)
            rows = read_object(bytes(account.buckets), list[_Bucket])
        except Unreadable:
            return None
        return next((row.access.write for row in rows if row.name == bucket and row.access is not None), None)

    async def aclose(self) -> None:
        """Cut all connections."""
        self._lane.close()
        await self._host.aclose()

    async def _signed(self, path: str, query: list[tuple[str, str]], credentials: Credentials) -> Reply | Failure:
        encoded = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query)
        url = f"{self._url}{path}?{encoded}" if encoded else self._url + path
        try:
            headers = await self._lane.run(
                lambda: signed_headers(url, self._region, credentials), deadline=TOTAL_SECONDS
            )
        except Exception as error:  # noqa: BLE001 - whatever the library raises is a value here
            return self._host.failure(error)
        return await self._host.fetch(path, query=query, headers=headers, expect=(), cap=_CAP)

    def _refused(self, action: str, reply: Reply, code: str) -> Failure:
        skew = clock_skew(reply.server_time, self._now())
        kind, words = CODES.get(code) or CODES.get(str(reply.status)) or (FailureKind.SERVER, "the store refused")
        if kind is FailureKind.FORBIDDEN:
            words = f"the key may not do s3:{action} on this bucket"
        elif reply.status in (400, 403) and skew is not None and abs(skew) >= SKEW_SECONDS:
            kind, words = FailureKind.LOCAL, f"this host's clock is {abs(skew):.0f} s off the store's"
        needs = f"s3:{action}" if kind is FailureKind.FORBIDDEN else ""
        return Failure(kind=kind, detail=self._clean(words), at=self._now(), status=reply.status, needs=needs)


def _code(reply: Reply) -> str:
    found = _CODE.search(reply.body)
    return found[1].decode() if found else ""
