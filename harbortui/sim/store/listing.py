"""Listings of objects, version 1 and 2."""

from __future__ import annotations

import base64
import binascii

from aiohttp import web

from harbortui.sim.store.call import Call, xml
from harbortui.sim.store.errors import Refused
from harbortui.sim.store.paging import Page, page
from harbortui.sim.store.xml import document, key_text, moment, tag
from harbortui.sim.world.bucket import Bucket
from harbortui.sim.world.store_types import ObjectEntry

MAX_KEYS = 1000
IDENTITY = "<ID>02d6176db174dc93cb1b899f7c6078f08654445fe8cf1b6ce98d8855f66bdbf4</ID><DisplayName>minio</DisplayName>"
OWNER = f"<Owner>{IDENTITY}</Owner>"


def encoded(call: Call) -> bool:
    """Whether keys are to be percent-encoded; raises Refused for a kind that does not exist."""
    kind = call.query.get("encoding-type", "")
    if kind and kind.lower() != "url":
        raise Refused("InvalidArgument", "Invalid Encoding Method specified in Request")
    return bool(kind)


def limit(call: Call, name: str = "max-keys") -> int:
    """The page size: a thousand unless less is asked for."""
    return min(call.number(name, MAX_KEYS), MAX_KEYS)


def list_v2(call: Call) -> web.Response:
    """``GET /bucket?list-type=2``."""
    call.allow("s3:ListBucket")
    bucket, url, size = call.bucket(), encoded(call), limit(call)
    query = call.query
    prefix, delimiter, start = query.get("prefix", ""), query.get("delimiter", ""), query.get("start-after", "")
    token = query.get("continuation-token")
    marker = start if token is None else _marker(token)
    found = page(bucket.list, prefix, delimiter, marker, size)
    owner = OWNER if query.get("fetch-owner") == "true" else ""
    parts = [tag("Name", bucket.name), f"<Prefix>{key_text(prefix, url)}</Prefix>"]
    if token is not None:
        parts.append(tag("ContinuationToken", token))
    if found.last:
        parts.append(tag("NextContinuationToken", _token(found.last)))
    if start:
        parts.append(f"<StartAfter>{key_text(start, url)}</StartAfter>")
    parts.append(f"<KeyCount>{len(found.rows) + len(found.prefixes)}</KeyCount>")
    return _answer(call, bucket, found, parts, owner)


def list_v1(call: Call) -> web.Response:
    """``GET /bucket``. NextMarker is given with a delimiter alone, as S3 does; without one it is the last key."""
    call.allow("s3:ListBucket")
    bucket, url, size = call.bucket(), encoded(call), limit(call)
    prefix, delimiter, marker = (call.query.get(name, "") for name in ("prefix", "delimiter", "marker"))
    found = page(bucket.list, prefix, delimiter, marker, size)
    parts = [
        tag("Name", bucket.name),
        f"<Prefix>{key_text(prefix, url)}</Prefix>",
        f"<Marker>{key_text(marker, url)}</Marker>",
    ]
    if found.last and delimiter:
        parts.append(f"<NextMarker>{key_text(found.last, url)}</NextMarker>")
    return _answer(call, bucket, found, parts, OWNER)


def _answer(call: Call, bucket: Bucket, found: Page[ObjectEntry], parts: list[str], owner: str) -> web.Response:
    url = encoded(call)
    parts.append(f"<MaxKeys>{limit(call)}</MaxKeys>")
    if delimiter := call.query.get("delimiter", ""):
        parts.append(f"<Delimiter>{key_text(delimiter, url)}</Delimiter>")
    parts.append(tag("IsTruncated", bool(found.last)))
    etag = call.store.contents.etag
    for row in found.rows:
        parts.append(
            f"<Contents><Key>{key_text(row.key, url)}</Key><LastModified>{moment(row.modified)}</LastModified>"
            f"<ETag>&#34;{etag(bucket, row)}&#34;</ETag><Size>{row.size}</Size>{owner}"
            f"<StorageClass>STANDARD</StorageClass>{rgw_type(call)}</Contents>"
        )
    parts += common_prefixes(found.prefixes, url)
    if url:
        parts.append("<EncodingType>url</EncodingType>")
    return xml(document("ListBucketResult", "".join(parts)))


def rgw_type(call: Call) -> str:
    """What RGW says of each object beyond S3."""
    return "<Type>Normal</Type>" if call.store.rgw else ""


def common_prefixes(prefixes: list[str], url: bool) -> list[str]:
    """The elements of the prefixes that a delimiter rolled up."""
    return [f"<CommonPrefixes><Prefix>{key_text(each, url)}</Prefix></CommonPrefixes>" for each in prefixes]


def _token(last: str) -> str:
    """Opaque to clients: the name the next page goes on behind."""
    return base64.urlsafe_b64encode(last.encode(errors="surrogateescape")).decode()


def _marker(token: str) -> str:
    try:
        if token:
            return base64.b64decode(token.encode(), altchars=b"-_", validate=True).decode(errors="surrogateescape")
    except (binascii.Error, ValueError):
        pass
    raise Refused("InvalidArgument", "The continuation token provided is incorrect")
