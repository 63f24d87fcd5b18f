"""Bodies in the ``aws-chunked`` framing, with signed chunks, trailers, or neither.

Format: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and …/sigv4-streaming-trailers.html.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from harbortui.sim.store.errors import Refused
from harbortui.sim.store.sigv4 import STREAMING, Signed, mac

EMPTY = hashlib.sha256(b"").hexdigest()
SIGNED_CHUNKS = ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")


def plain_body(body: bytes, headers: Mapping[str, str], signed: Signed) -> bytes:
    """The content without its framing; a body that is not framed comes back as it is.

    Raises:
        Refused: broken framing, a chunk whose signature is wrong, or not the length that was announced.
    """
    if not signed.payload.startswith(STREAMING):
        return body
    parts: list[bytes] = []
    at, previous = 0, signed.signature
    while True:
        end = body.find(b"\r\n", at)
        size, extension = _chunk_head(body[at:end] if end >= 0 else b"")
        data = body[end + 2 : end + 2 + size]
        if len(data) != size:
            raise Refused("IncompleteBody")
        if signed.payload in SIGNED_CHUNKS:
            previous = _check(data, extension, previous, signed)
        if size == 0:
            break
        parts.append(data)
        at = end + 2 + size + 2
    content = b"".join(parts)
    announced = headers.get("x-amz-decoded-content-length", "")
    if announced != str(len(content)):
        raise Refused("IncompleteBody")
    return content


def _chunk_head(line: bytes) -> tuple[int, str]:
    size, _, extension = line.decode("latin-1").partition(";")
    try:
        return int(size, 16), extension
    except ValueError:
        raise Refused("IncompleteBody") from None


def _check(data: bytes, extension: str, previous: str, signed: Signed) -> str:
    name, _, signature = extension.partition("=")
    text = "\n".join(
        [
            "AWS4-HMAC-SHA256-PAYLOAD",
            signed.at,
            signed.scope,
            previous,
            EMPTY,
            hashlib.sha256(data).hexdigest(),
        ]
    )
    expected = mac(signed.key, text).hex()
    if name != "chunk-signature" or not hmac.compare_digest(expected.encode(), signature.encode()):
        raise Refused("SignatureDoesNotMatch")
    return expected
