"""AWS Signature Version 4 as a server checks it: headers, presigned queries, and the key that chunks are signed with.

Algorithm: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html and
…/sigv4-query-string-auth.html. S3 does not normalise paths and encodes every segment once.
"""

from __future__ import annotations

import hashlib
import hmac
from calendar import timegm
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import strptime
from urllib.parse import quote, unquote

from harbortui.sim.store.errors import Refused

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
STREAMING = "STREAMING-"
SKEW_SECONDS = 15 * 60
MAX_PRESIGNED_SECONDS = 7 * 86_400
SAFE = "-_.~"
USE = f"Please use {ALGORITHM}."


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """What is signed: everything exactly as it came over the wire."""

    method: str
    raw_path: str
    """Still percent-encoded."""
    raw_query: str
    headers: Mapping[str, str]
    """Names in lower case, repeated headers joined with commas."""
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed, and with what: enough to check the signatures of a streamed body's chunks."""

    access_key: str
    scope: str
    at: str
    payload: str
    signature: str
    key: bytes


@dataclass(frozen=True, slots=True)
class _Claim:
    access_key: str
    scope: str
    signed_headers: Sequence[str]
    signature: str
    at: str
    payload: str
    presigned_for: int | None = None


def is_signed(request: SignedRequest) -> bool:
    """False for an anonymous request."""
    return "authorization" in request.headers or "X-Amz-Signature=" in request.raw_query


def verify(request: SignedRequest, secrets: Mapping[str, str], clocks: Sequence[float], region: str = "") -> Signed:
    """Who signed the request.

    `clocks` are unix seconds of the server's clocks: agreeing with one of them is enough. `region` is the one the
    scope must name; empty takes any.

    Raises:
        Refused: no signature, an unknown key, a clock more than 15 minutes off, or a signature that does not match.
    """
    pairs = _pairs(request.raw_query)
    presigned = any(name == "X-Amz-Signature" for name, _ in pairs)
    claim = _from_query(pairs) if presigned else _from_header(request)
    secret = secrets.get(claim.access_key)
    if secret is None:
        raise Refused("InvalidAccessKeyId")
    _check_scope(claim, region)
    _check_time(claim, clocks)
    _check_headers(claim, request.headers)
    _check_payload(claim, request.body)
    key = _signing_key(secret, claim.scope)
    if not hmac.compare_digest(_signature(request, claim, pairs, key).encode(), claim.signature.encode()):
        raise Refused("SignatureDoesNotMatch")
    return Signed(claim.access_key, claim.scope, claim.at, claim.payload, claim.signature, key)


def mac(key: bytes, text: str) -> bytes:
    """HMAC-SHA256 of a text."""
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _from_header(request: SignedRequest) -> _Claim:
    header = request.headers.get("authorization", "")
    if not header:
        raise Refused("AccessDenied")
    kind, _, rest = header.partition(" ")
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    if kind != ALGORITHM:
        raise Refused("InvalidRequest", f"The authorization mechanism you have provided is not supported. {USE}")
    if not {"Credential", "SignedHeaders", "Signature"} <= parts.keys():
        raise Refused("AuthorizationHeaderMalformed")
    access_key, _, scope = parts["Credential"].partition("/")
    at = request.headers.get("x-amz-date", "")
    payload = request.headers.get("x-amz-content-sha256", "")
    if not payload:
        raise Refused("InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
    return _Claim(access_key, scope, parts["SignedHeaders"].split(";"), parts["Signature"], at, payload)


def _from_query(pairs: Sequence[tuple[str, str]]) -> _Claim:
    query = {name: unquote(value) for name, value in pairs}
    needed = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders")
    seconds = query.get("X-Amz-Expires", "")
    if any(name not in query for name in needed) or not (seconds.isascii() and seconds.isdigit()):
        raise Refused("AuthorizationQueryParametersError")
    if query["X-Amz-Algorithm"] != ALGORITHM:
        raise Refused("AuthorizationQueryParametersError", "X-Amz-Algorithm only supports AWS4-HMAC-SHA256")
    if len(seconds) > 9 or not 1 <= int(seconds) <= MAX_PRESIGNED_SECONDS:
        raise Refused("AuthorizationQueryParametersError", "X-Amz-Expires must be less than a week (in seconds)")
    access_key, _, scope = query["X-Amz-Credential"].partition("/")
    signed = query["X-Amz-SignedHeaders"].split(";")
    payload = query.get("X-Amz-Content-Sha256", UNSIGNED)
    return _Claim(access_key, scope, signed, query["X-Amz-Signature"], query["X-Amz-Date"], payload, int(seconds))


def _check_scope(claim: _Claim, region: str) -> None:
    parts = claim.scope.split("/")
    code = "AuthorizationHeaderMalformed" if claim.presigned_for is None else "AuthorizationQueryParametersError"
    if len(parts) != 4 or parts[2] != "s3" or parts[3] != "aws4_request" or parts[0] != claim.at[:8]:
        raise Refused(code)
    if region and parts[1] != region:
        raise Refused(code, f"The authorization header is malformed; the region is wrong; expecting '{region}'.")


def _check_time(claim: _Claim, clocks: Sequence[float]) -> None:
    try:
        at = timegm(strptime(claim.at, "%Y%m%dT%H%M%SZ"))
    except ValueError:
        raise Refused("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header") from None
    late = SKEW_SECONDS if claim.presigned_for is None else claim.presigned_for
    if any(-SKEW_SECONDS <= now - at <= late for now in clocks):
        return
    if claim.presigned_for is None:
        raise Refused("RequestTimeTooSkewed")
    early = all(now < at for now in clocks)
    raise Refused("AccessDenied", "Request is not valid yet" if early else "Request has expired")


def _check_headers(claim: _Claim, headers: Mapping[str, str]) -> None:
    signed = set(claim.signed_headers)
    # A presigned URL signs only what its maker knew of; headers of the sender's own are not covered.
    free = claim.presigned_for is not None
    if "host" not in signed or not (free or all(name in signed for name in headers if name.startswith("x-amz-"))):
        raise Refused("AccessDenied", "There were headers present in the request which were not signed")


def _check_payload(claim: _Claim, body: bytes) -> None:
    if claim.payload == UNSIGNED or claim.payload.startswith(STREAMING):
        return
    if hashlib.sha256(body).hexdigest() != claim.payload:
        raise Refused("XAmzContentSHA256Mismatch")


def _signature(request: SignedRequest, claim: _Claim, pairs: Sequence[tuple[str, str]], key: bytes) -> str:
    encoded = sorted((_encode(name), _encode(value)) for name, value in pairs if name != "X-Amz-Signature")
    query = "&".join(f"{name}={value}" for name, value in encoded)
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in claim.signed_headers)
    # Clients differ in what they leave unescaped on the wire; what is signed is one form.
    path = quote(unquote(request.raw_path, errors="surrogateescape"), safe="/" + SAFE, errors="surrogateescape")
    canonical = "\n".join([request.method, path, query, headers, ";".join(claim.signed_headers), claim.payload])
    digest = hashlib.sha256(canonical.encode(errors="surrogateescape")).hexdigest()
    return mac(key, "\n".join([ALGORITHM, claim.at, claim.scope, digest])).hex()


def _signing_key(secret: str, scope: str) -> bytes:
    key = b"AWS4" + secret.encode()
    for part in scope.split("/"):
        key = mac(key, part)
    return key


def _pairs(raw_query: str) -> list[tuple[str, str]]:
    found = []
    for part in raw_query.split("&"):
        name, _, value = part.partition("=")
        if part:
            found.append((name, value))
    return found


def _encode(raw: str) -> str:
    return quote(unquote(raw, errors="surrogateescape"), safe=SAFE, errors="surrogateescape")
