"""Multipart uploads as they are made: create, upload parts, complete, abort."""

from __future__ import annotations

import uuid
from hashlib import md5
from xml.etree import ElementTree

from aiohttp import web

from harbortui.sim.store.call import Call, xml
from harbortui.sim.store.contents import Stored, etag_of
from harbortui.sim.store.errors import Refused
from harbortui.sim.store.objects import check_digest, parse
from harbortui.sim.store.xml import document, tag
from harbortui.sim.world.bucket import Bucket
from harbortui.sim.world.store_types import MultipartUpload

LEAST_PART = 5 << 20
MAX_PARTS = 10_000


def find(bucket: Bucket, key: str, upload_id: str) -> MultipartUpload:
    """The upload; raises Refused (NoSuchUpload)."""
    for upload in bucket.multipart:
        if (upload.key, upload.upload_id) == (key, upload_id):
            return upload
    raise Refused("NoSuchUpload")


def part_etag(call: Call, upload: MultipartUpload, number: int) -> str:
    """A part's entity tag, without quotes; parts that were there before have one made up."""
    body = call.store.contents.parts.get((upload.upload_id, number))
    return etag_of(f"{upload.upload_id}:{number}".encode() if body is None else body)


def create(call: Call) -> web.Response:
    """``POST ?uploads``."""
    call.allow("s3:PutObject")
    bucket = call.bucket()
    upload = MultipartUpload(call.key, uuid.uuid4().hex, call.store.now, ())
    bucket.multipart.append(upload)
    call.store.world.touch()
    inner = tag("Bucket", bucket.name) + tag("Key", call.key) + tag("UploadId", upload.upload_id)
    return xml(document("InitiateMultipartUploadResult", inner))


def put_part(call: Call) -> web.Response:
    """``PUT ?partNumber=&uploadId=``; the same number again replaces the part."""
    call.allow("s3:PutObject")
    bucket = call.bucket()
    upload = find(bucket, call.key, call.query.get("uploadId", ""))
    number = call.number("partNumber", 0)
    if not 1 <= number <= MAX_PARTS:
        raise Refused("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
    if "x-amz-copy-source" in call.headers:
        raise Refused("NotImplemented")
    check_digest(call)
    others = tuple(part for part in upload.parts if part[0] != number)
    parts = tuple(sorted((*others, (number, len(call.body), call.store.now))))
    bucket.multipart[bucket.multipart.index(upload)] = upload._replace(parts=parts)
    call.store.contents.parts[upload.upload_id, number] = call.body
    call.store.world.touch()
    return web.Response(headers={"ETag": f'"{etag_of(call.body)}"'})


def complete(call: Call) -> web.Response:
    """``POST ?uploadId=``: the named parts, in rising order, become the object."""
    call.allow("s3:PutObject")
    bucket, contents = call.bucket(), call.store.contents
    upload = find(bucket, call.key, call.query.get("uploadId", ""))
    wanted = _wanted(call, upload)
    sizes = {number: size for number, size, _ in upload.parts}
    if any(sizes[number] < LEAST_PART for number in wanted[:-1]):
        raise Refused("EntityTooSmall")
    bodies = [contents.parts.get((upload.upload_id, number)) for number in wanted]
    known = [body for body in bodies if body is not None]
    digests = b"".join(bytes.fromhex(part_etag(call, upload, number)) for number in wanted)
    etag = f"{md5(digests, usedforsecurity=False).hexdigest()}-{len(wanted)}"
    if len(known) == len(bodies):
        contents.put(bucket, call.key, Stored(b"".join(known), etag, "application/octet-stream"))
    else:
        # Parts from before the store's start have a size but no bytes: the world makes some up when they are read.
        bucket.put(call.key, sum(sizes[number] for number in wanted))
    _forget(call, bucket, upload)
    inner = tag("Location", f"/{bucket.name}/{call.key}") + tag("Bucket", bucket.name) + tag("Key", call.key)
    return xml(document("CompleteMultipartUploadResult", f"{inner}<ETag>&#34;{etag}&#34;</ETag>"))


def abort(call: Call) -> web.Response:
    """``DELETE ?uploadId=``."""
    call.allow("s3:AbortMultipartUpload")
    bucket = call.bucket()
    _forget(call, bucket, find(bucket, call.key, call.query.get("uploadId", "")))
    return web.Response(status=204)


def _wanted(call: Call, upload: MultipartUpload) -> list[int]:
    root = parse(call.body, "CompleteMultipartUpload")
    rows = [{child.tag.rpartition("}")[2]: (child.text or "").strip() for child in row} for row in _parts(root)]
    there = {number for number, _, _ in upload.parts}
    numbers: list[int] = []
    for row in rows:
        text = row.get("PartNumber", "")
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
        if number not in there or row.get("ETag", "").strip('"') != part_etag(call, upload, number):
            raise Refused("InvalidPart")
        numbers.append(number)
    if not numbers:
        raise Refused("MalformedXML")
    if numbers != sorted(set(numbers)):
        raise Refused("InvalidPartOrder")
    return numbers


def _parts(root: ElementTree.Element) -> list[ElementTree.Element]:
    return [row for row in root if row.tag.rpartition("}")[2] == "Part"]


def _forget(call: Call, bucket: Bucket, upload: MultipartUpload) -> None:
    bucket.multipart.remove(upload)
    for number, _, _ in upload.parts:
        call.store.contents.parts.pop((upload.upload_id, number), None)
    call.store.world.touch()
