"""Unfinished multipart uploads: which there are, and the bytes of their parts."""

from __future__ import annotations

from harbortui.model.failure import FailureKind
from harbortui.model.listing import HiddenKind, HiddenPart
from harbortui.sources.storage.listing.access import Access
from harbortui.sources.storage.listing.pages import Query
from harbortui.sources.storage.listing.stopped import UNTOLD, Stopped, Unruly, untold
from harbortui.sources.storage.listing.table import Rows, TableParser, Unreadable
from harbortui.sources.storage.listing.together import together
from harbortui.sources.storage.provider import AWS, MINIO, RGW

MAX_UPLOADS = 1000
"""Uploads whose parts are asked for, one call each at least."""
MAX_PAGES = 100
"""Of a thousand uploads each, all of which are kept in mind until their parts have been asked for."""

_LIST = "s3:ListBucketMultipartUploads"
_PARTS = "s3:ListMultipartUploadParts"
_MINIO = (
    "MinIO lists only the uploads that began through this node since its start, so an empty list proves nothing; "
    "it removes unfinished ones after 24 h by itself"
)
Upload = tuple[str, str]
"""Key and upload id."""


async def unfinished(access: Access) -> HiddenPart:
    """Their number and bytes, as far as the store can be trusted on them; raises Stopped when the way fails.

    MinIO cannot (minio/minio cmd/erasure-server-pool.go ListMultipartUploads).
    """
    if access.provider == MINIO:
        return _part(inexact=_MINIO)
    try:
        uploads, whole = await _uploads(access)
        sizes = await together(*(_bytes(access, *each) for each in uploads[:MAX_UPLOADS]))
    except Stopped as error:
        if error.failure.kind not in UNTOLD | {FailureKind.NOT_FOUND}:
            raise  # rclone answers 404 where it has no such listing
        return _part(inexact=untold(error.failure))
    except (Unreadable, Unruly) as error:
        return _part(inexact=access.fetcher.clean(f"not tellable: {error}"))
    inexact = "" if access.provider in (AWS, RGW) else "as far as this store lists them"
    if len(uploads) > MAX_UPLOADS:
        inexact = f"bytes of {MAX_UPLOADS} of {len(uploads)} uploads"
    if not whole:
        inexact = "there are more than were listed"
    return _part(len(uploads), sum(sizes), inexact)


def _part(objects: int | None = None, size: int | None = None, inexact: str = "") -> HiddenPart:
    return HiddenPart(kind=HiddenKind.UNFINISHED_MULTIPARTS, objects=objects, bytes=size, inexact=inexact)


async def _uploads(access: Access) -> tuple[list[Upload], bool]:
    """All of them, and whether that is all."""
    found: dict[Upload, None] = {}
    marker = ("", "")
    for _ in range(MAX_PAGES):
        query: Query = [("encoding-type", "url"), ("max-uploads", "1000"), ("uploads", "")]
        if marker[0]:
            query += [("key-marker", marker[0]), ("upload-id-marker", marker[1])]
        parser = await access.asking(_LIST)(sorted(query), _uploads_parser)
        page = list(zip(parser.names("Upload", "Key"), parser.rows["Upload"].columns["UploadId"], strict=True))
        before = len(found)
        found.update(dict.fromkeys(page))
        if not parser.is_truncated:
            return list(found), True
        if len(found) == before:
            raise Unruly("the store repeats itself")
        marker = page[-1]
    return list(found), False


async def _bytes(access: Access, key: str, upload: str) -> int:
    """Bytes of the parts of one upload; 0 when it is gone meanwhile."""
    total, marker = 0, 0
    while True:
        query: Query = [("max-parts", "1000"), ("uploadId", upload)]
        if marker:
            query.append(("part-number-marker", str(marker)))
        try:
            parser = await access.parts(key, sorted(query), _parts_parser, _PARTS)
        except Stopped as error:
            if error.failure.kind is FailureKind.NOT_FOUND:
                return total
            raise
        numbers, sizes = parser.numbers("Part", "PartNumber"), parser.numbers("Part", "Size")
        total += sum(sizes)
        if not parser.is_truncated:
            return total
        if not numbers or numbers[-1] <= marker:
            raise Unruly("the store repeats itself")
        marker = numbers[-1]


def _uploads_parser() -> TableParser:
    return TableParser({"Upload": Rows(("Key", "UploadId"))}, ("ListMultipartUploadsResult",))


def _parts_parser() -> TableParser:
    return TableParser({"Part": Rows(("PartNumber", "Size"))}, ("ListPartsResult",))
