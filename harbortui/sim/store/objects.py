"""Objects one by one: HEAD, GET, PUT, DELETE, and deleting many."""

from __future__ import annotations

import base64
import re
from email.utils import formatdate
from hashlib import md5
from xml.etree import ElementTree

from aiohttp import web

from harbortui.sim.store.call import Call, xml
from harbortui.sim.store.contents import Stored, etag_of
from harbortui.sim.store.errors import Refused
from harbortui.sim.store.xml import document, tag
from harbortui.sim.world.bucket import Bucket
from harbortui.sim.world.store_types import ObjectEntry

MAX_KEY_BYTES = 1024
MAX_DELETES = 1000
META = "x-amz-meta-"
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def read(call: Call) -> web.Response:
    """GET and HEAD, with one range and entity tags as conditions; of old versions only the head is kept."""
    call.allow("s3:GetObject")
    bucket = call.bucket()
    entry = _entry(call, bucket)
    etag = f'"{call.store.contents.etag(bucket, entry)}"'
    headers = {"ETag": etag, "Last-Modified": formatdate(entry.modified, usegmt=True)}
    if call.headers.get("if-match", etag) not in (etag, "*"):
        raise Refused("PreconditionFailed")
    if call.headers.get("if-none-match") in (etag, "*"):
        return web.Response(status=304, headers=headers)
    stored = call.store.contents.stored(bucket, call.key)
    headers["Content-Type"] = stored.content_type if stored else "application/octet-stream"
    headers |= {META + name: value for name, value in stored.metadata} if stored else {}
    start, length = 0, entry.size
    wanted = _range(call.headers.get("range", ""), entry.size)
    if wanted is not None:
        start, length = wanted
        headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{entry.size}"
    status = 200 if wanted is None else 206
    if call.method == "HEAD":
        return web.Response(status=status, headers={**headers, "Content-Length": str(length)})
    return web.Response(status=status, headers=headers, body=call.store.contents.read(bucket, entry, start, length))


def put(call: Call) -> web.Response:
    """Store an object."""
    call.allow("s3:PutObject")
    bucket = call.bucket()
    if len(call.key.encode(errors="surrogateescape")) > MAX_KEY_BYTES:
        raise Refused("KeyTooLongError")
    if "x-amz-copy-source" in call.headers:
        raise Refused("NotImplemented")
    check_digest(call)
    metadata = tuple((n.removeprefix(META), v) for n, v in call.headers.items() if n.startswith(META))
    kind = call.headers.get("content-type", "application/octet-stream")
    stored = Stored(call.body, etag_of(call.body), kind, metadata)
    call.store.contents.put(bucket, call.key, stored)
    return web.Response(headers={"ETag": f'"{stored.etag}"'})


def delete(call: Call) -> web.Response:
    """204 whether it was there or not, as S3 has it."""
    call.allow("s3:DeleteObject")
    bucket = call.bucket()
    if call.query.get("versionId", "null") != "null":
        raise Refused("NotImplemented")
    found = call.store.contents.delete(bucket, call.key)
    marked = found and bucket.version_state == "Enabled"
    return web.Response(status=204, headers={"x-amz-delete-marker": "true"} if marked else {})


def delete_many(call: Call) -> web.Response:
    """``POST ?delete`` with up to a thousand keys; what may not be deleted is named, the rest is deleted."""
    bucket = call.bucket()
    if call.caller is None:
        raise Refused("AccessDenied")
    check_digest(call)
    root = parse(call.body, "Delete")
    rows = [row for row in root if row.tag.endswith("Object")]
    if any(child.tag.endswith("VersionId") and child.text != "null" for row in rows for child in row):
        raise Refused("NotImplemented")
    keys = [_text(row, "Key") for row in rows]
    if not 0 < len(keys) <= MAX_DELETES:
        raise Refused("MalformedXML")
    quiet = any(row.tag.endswith("Quiet") and (row.text or "").strip() == "true" for row in root)
    allowed = "s3:DeleteObject" in call.caller.actions
    told: list[str] = []
    for key in keys:
        if not allowed:
            refused = Refused("AccessDenied")
            told.append(f"<Error>{tag('Key', key)}{tag('Code', refused.code)}{tag('Message', refused.message)}</Error>")
            continue
        call.store.contents.delete(bucket, key)
        if not quiet:
            told.append(f"<Deleted>{tag('Key', key)}</Deleted>")
    return xml(document("DeleteResult", "".join(told)))


def parse(body: bytes, root: str) -> ElementTree.Element:
    """A request's document; raises Refused (MalformedXML) when it is none or brings definitions of its own."""
    if b"<!" in body:
        raise Refused("MalformedXML")
    try:
        found = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        raise Refused("MalformedXML") from None
    if found.tag.rpartition("}")[2] != root:
        raise Refused("MalformedXML")
    return found


def check_digest(call: Call) -> None:
    """Raises Refused when Content-MD5 is given and is not the body's."""
    announced = call.headers.get("content-md5", "")
    if announced and announced != base64.b64encode(md5(call.body, usedforsecurity=False).digest()).decode():
        raise Refused("BadDigest")


def _entry(call: Call, bucket: Bucket) -> ObjectEntry:
    version = call.query.get("versionId", "")
    if version and version != "null":
        found = next(
            (v for v in bucket.versions(prefix=call.key) if (v.key, v.version_id) == (call.key, version)), None
        )
        if found is None:
            raise Refused("NoSuchVersion")
        if found.delete_marker or call.method != "HEAD":
            raise Refused("MethodNotAllowed")
        return ObjectEntry(found.key, found.size, found.modified, found.etag)
    entry = bucket.get(call.key)
    if entry is None:
        raise Refused("NoSuchKey")
    return entry


def _range(header: str, size: int) -> tuple[int, int] | None:
    """Start and length; None for the whole object (no range, or a form that S3 ignores)."""
    match = _RANGE.fullmatch(header)
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    if start >= size or end <= start:
        raise Refused("InvalidRange")
    return start, end - start


def _text(row: ElementTree.Element, name: str) -> str:
    found = next((child.text for child in row if child.tag.rpartition("}")[2] == name), None)
    if not found:
        raise Refused("MalformedXML")
    return found
