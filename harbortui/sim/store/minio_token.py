"""The bearer token of MinIO's metrics: a JWT signed with the secret key of the access key it names.

``mc admin prometheus generate`` makes it (minio/mc cmd/admin-prometheus-generate.go), minio/minio cmd/jwt.go checks it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping

from harbortui.sim.store.errors import Refused
from harbortui.sim.store.keys import AccessKey

REFUSED = "Access Denied. (Authentication failed, check your access credentials)"
ISSUER = "prometheus"
HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def metrics_token(key: AccessKey, expires: float) -> str:
    """A token of this key that is valid until `expires` (unix seconds)."""
    head = _pack({"alg": "HS512", "typ": "JWT"})
    body = _pack({"exp": int(expires), "iss": ISSUER, "sub": key.name})
    signature = hmac.new(key.secret.encode(), f"{head}.{body}".encode(), hashlib.sha512).digest()
    return f"{head}.{body}.{_encode(signature)}"


def checked(authorization: str, keys: Mapping[str, AccessKey], now: float) -> str:
    """The access key whose token it is; raises Refused (AccessDenied) for anything but a good one."""
    kind, _, token = authorization.partition(" ")
    parts = token.strip().split(".")
    if kind != "Bearer" or len(parts) != 3:
        raise Refused("AccessDenied", REFUSED)
    head, claims = _unpack(parts[0]), _unpack(parts[1])
    key = keys.get(str(claims.get("sub", "")))
    hashing = HASHES.get(str(head.get("alg", "")))
    expires = claims.get("exp")
    if key is None or hashing is None or claims.get("iss") != ISSUER or not isinstance(expires, int | float):
        raise Refused("AccessDenied", REFUSED)
    expected = _encode(hmac.new(key.secret.encode(), f"{parts[0]}.{parts[1]}".encode(), hashing).digest())
    if expires < now or not hmac.compare_digest(expected.encode(), parts[2].encode()):
        raise Refused("AccessDenied", REFUSED)
    return key.name


def _pack(value: object) -> str:
    return _encode(json.dumps(value, separators=(",", ":")).encode())


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unpack(text: str) -> dict[str, object]:
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise Refused("AccessDenied", REFUSED) from None
    if not isinstance(found, dict):
        raise Refused("AccessDenied", REFUSED)
    return found
