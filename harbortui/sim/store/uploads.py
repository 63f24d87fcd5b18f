"""Multipart uploads as they are listed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, dropwhile
from operator import attrgetter

from aiohttp import web

from harbortui.sim.store.call import Call, xml
from harbortui.sim.store.listing import IDENTITY, OWNER, common_prefixes, encoded, limit
from harbortui.sim.store.multipart import find, part_etag
from harbortui.sim.store.paging import Page, page
from harbortui.sim.store.xml import document, escape, key_text, moment, tag
from harbortui.sim.world.bucket import Bucket
from harbortui.sim.world.store_types import MultipartUpload

INITIATOR = f"<Initiator>{IDENTITY}</Initiator>"


def list_uploads(call: Call) -> web.Response:
    """``GET ?uploads``.

    MinIO answers an empty prefix from the memory of this one node since its start, and takes any other prefix for a
    whole key (minio/minio cmd/erasure-server-pool.go ListMultipartUploads, cmd/erasure-multipart.go).
    """
    call.allow("s3:ListBucketMultipartUploads")
    bucket, url, size = call.bucket(), encoded(call), limit(call, "max-uploads")
    prefix, delimiter, marker = (call.query.get(name, "") for name in ("prefix", "delimiter", "key-marker"))
    id_marker = call.query.get("upload-id-marker", "") if marker else ""
    rows = _known(call, bucket, prefix)

    def source(after: str, begin: str) -> Iterator[MultipartUpload]:
        rest = (row for row in rows if row.key > after and row.key.startswith(begin))
        if not id_marker or after != marker:
            return rest
        same = (row for row in rows if row.key == marker and marker.startswith(begin))
        behind = dropwhile(lambda row: row.upload_id != id_marker, same)
        next(behind, None)
        return chain(behind, rest)

    return _answer(call, page(source, prefix, delimiter, marker, size), url, size)


def _answer(call: Call, found: Page[MultipartUpload], url: bool, size: int) -> web.Response:
    prefix, delimiter, marker = (call.query.get(name, "") for name in ("prefix", "delimiter", "key-marker"))
    rgw = call.store.rgw
    last = found.rows[-1] if rgw and found.rows else found.last_row if found.last else None
    given = {
        "KeyMarker": key_text(marker, url),
        "UploadIdMarker": escape(call.query.get("upload-id-marker", "")),
        "NextKeyMarker": key_text(last.key if rgw and last else found.last, url),
        "NextUploadIdMarker": escape(last.upload_id if last else ""),
        "Delimiter": key_text(delimiter, url),
        "Prefix": key_text(prefix, url),
    }
    # RGW leaves out what is empty and names the last upload even on the last page; MinIO leaves out a delimiter.
    shown = {name: text for name, text in given.items() if text or not (rgw or name == "Delimiter")}
    parts = [
        tag("Bucket", call.bucket_name),
        *(f"<{name}>{text}</{name}>" for name, text in shown.items()),
        tag("MaxUploads", size),
        tag("IsTruncated", bool(found.last)),
    ]
    parts += [
        f"<Upload><Key>{key_text(row.key, url)}</Key>{tag('UploadId', row.upload_id)}{INITIATOR}{OWNER}"
        f"<StorageClass>STANDARD</StorageClass><Initiated>{moment(row.initiated)}</Initiated></Upload>"
        for row in found.rows
    ]
    parts += common_prefixes(found.prefixes, url)
    if url:
        parts.append("<EncodingType>url</EncodingType>")
    return xml(document("ListMultipartUploadsResult", "".join(parts)))


def _known(call: Call, bucket: Bucket, prefix: str) -> list[MultipartUpload]:
    store = call.store
    rows = sorted(bucket.multipart, key=attrgetter("key", "initiated", "upload_id"))
    if store.rgw or store.settings.exact_uploads:
        return rows
    if prefix:
        return [row for row in rows if row.key == prefix]
    started = store.world.options.start - store.settings.node_uptime
    return [row for row in rows if row.initiated >= started]


def list_parts(call: Call) -> web.Response:
    """``GET ?uploadId=``: the parts that have arrived, by number."""
    call.allow("s3:ListMultipartUploadParts")
    bucket = call.bucket()
    upload = find(bucket, call.key, call.query.get("uploadId", ""))
    size = min(call.number("max-parts", 1000), 1000)
    marker = call.number("part-number-marker", 0)
    rest = [part for part in sorted(upload.parts) if part[0] > marker]
    shown = rest[:size]
    more = len(rest) > len(shown) and bool(shown)
    rows = [
        f"<Part>{tag('PartNumber', number)}{tag('LastModified', moment(at))}"
        f"<ETag>&#34;{part_etag(call, upload, number)}&#34;</ETag>{tag('Size', length)}</Part>"
        for number, length, at in shown
    ]
    head = [
        tag("Bucket", call.bucket_name) + tag("Key", call.key) + tag("UploadId", upload.upload_id),
        INITIATOR + OWNER + tag("StorageClass", "STANDARD") + tag("PartNumberMarker", marker),
        tag("NextPartNumberMarker", shown[-1][0] if shown else 0),
        tag("MaxParts", size) + tag("IsTruncated", more),
    ]
    return xml(document("ListPartsResult", "".join(head + rows)))
