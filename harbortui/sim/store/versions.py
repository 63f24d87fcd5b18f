"""``GET /bucket?versions``: all versions and delete markers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, dropwhile

from aiohttp import web

from harbortui.sim.store.call import Call, xml
from harbortui.sim.store.errors import Refused
from harbortui.sim.store.listing import OWNER, common_prefixes, encoded, limit, rgw_type
from harbortui.sim.store.paging import page
from harbortui.sim.store.xml import document, key_text, moment, tag
from harbortui.sim.world.bucket import Bucket
from harbortui.sim.world.store_types import VersionEntry


def list_versions(call: Call) -> web.Response:
    """Newest first within a key; a page may end between two versions of one key."""
    call.allow("s3:ListBucketVersions")
    bucket, url, size = call.bucket(), encoded(call), limit(call)
    prefix, delimiter, marker = (call.query.get(name, "") for name in ("prefix", "delimiter", "key-marker"))
    version = call.query.get("version-id-marker", "")
    if version and not marker:
        raise Refused("InvalidArgument", "A version-id marker cannot be specified without a key marker.")

    def source(after: str, begin: str) -> Iterator[VersionEntry]:
        rest = bucket.versions(after, begin)
        return chain(_rest_of_key(bucket, marker, version, begin), rest) if version and after == marker else rest

    found = page(source, prefix, delimiter, marker, size)
    parts = [
        tag("Name", bucket.name),
        f"<Prefix>{key_text(prefix, url)}</Prefix>",
        f"<KeyMarker>{key_text(marker, url)}</KeyMarker>",
        tag("VersionIdMarker", version),
        tag("MaxKeys", size),
    ]
    if delimiter:
        parts.append(f"<Delimiter>{key_text(delimiter, url)}</Delimiter>")
    parts.append(tag("IsTruncated", bool(found.last)))
    following = found.last_row.version_id if found.last and found.last_row is not None else ""
    if found.last:
        parts.append(f"<NextKeyMarker>{key_text(found.last, url)}</NextKeyMarker>")
    if following or not call.store.rgw:
        parts.append(tag("NextVersionIdMarker", following))
    parts += [_row(call, bucket, row, url) for row in found.rows]
    parts += common_prefixes(found.prefixes, url)
    if url:
        parts.append("<EncodingType>url</EncodingType>")
    return xml(document("ListVersionsResult", "".join(parts)))


def _rest_of_key(bucket: Bucket, key: str, version: str, prefix: str) -> Iterator[VersionEntry]:
    same = (row for row in bucket.versions(prefix=key) if row.key == key and key.startswith(prefix))
    behind = dropwhile(lambda row: row.version_id != version, same)
    next(behind, None)
    return behind


def _row(call: Call, bucket: Bucket, row: VersionEntry, url: bool) -> str:
    head = (
        f"<Key>{key_text(row.key, url)}</Key><VersionId>{row.version_id}</VersionId>"
        f"<IsLatest>{str(row.latest).lower()}</IsLatest><LastModified>{moment(row.modified)}</LastModified>"
    )
    if row.delete_marker:
        blank = "" if call.store.rgw else "<ETag></ETag><Size>0</Size><StorageClass>STANDARD</StorageClass>"
        return f"<DeleteMarker>{head}{blank}{OWNER}{rgw_type(call)}</DeleteMarker>"
    stored = call.store.contents.stored(bucket, row.key) if row.latest else None
    etag = row.etag if stored is None else stored.etag
    return (
        f"<Version>{head}<ETag>&#34;{etag}&#34;</ETag><Size>{row.size}</Size>"
        f"<StorageClass>STANDARD</StorageClass>{OWNER}{rgw_type(call)}</Version>"
    )
