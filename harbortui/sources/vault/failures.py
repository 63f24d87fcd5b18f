"""Vault's error answers as failures (hashicorp/vault api status codes)."""

from __future__ import annotations

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Clean
from harbortui.sources.rows import Unreadable, read_object
from harbortui.sources.vault.client import VaultReply
from harbortui.sources.vault.wire import ErrorBody, VersionedData

K = FailureKind

_KINDS: dict[int, FailureKind] = {
    401: K.AUTH,
    403: K.FORBIDDEN,
    404: K.NOT_FOUND,
    412: K.CONFLICT,
    429: K.RATE_LIMITED,
    472: K.SERVER,
    473: K.SERVER,
    501: K.SEALED,
}
_WORDS: dict[FailureKind, str] = {
    K.AUTH: "Vault does not accept the token",
    K.FORBIDDEN: "permission denied",
    K.NOT_FOUND: "no such secret",
    K.CONFLICT: "this Vault node lags behind",
    K.RATE_LIMITED: "too many requests",
    K.SERVER: "Vault failed",
    K.SEALED: "Vault is not initialised",
    K.PROTOCOL: "Vault refused the request",
}


def status_failure(reply: VaultReply, *, clean: Clean, at: float) -> Failure:
    """The failure of an answer that is not 200."""
    kind = _KINDS.get(reply.status, K.SERVER if reply.status >= 500 else K.PROTOCOL)
    body = _body(reply.body)
    told = "; ".join(body.errors or ())
    if reply.status == 503 and "sealed" in told.lower():
        kind, words = K.SEALED, "Vault is sealed"
    elif kind is K.NOT_FOUND:
        words = _missing(body)
    else:
        words = f"{_WORDS[kind]}: {told}" if told and told != _WORDS[kind] else _WORDS[kind]
    return Failure(kind=kind, detail=clean(words), at=at, status=reply.status, retry_after=reply.retry_after)


def _missing(body: ErrorBody) -> str:
    if any("versioned" in each.lower() for each in body.warnings or ()):
        return "no such secret: a version 2 store is read at <mount>/data/<path>"
    try:
        version = read_object(bytes(body.data), VersionedData).metadata
    except Unreadable:
        return _WORDS[K.NOT_FOUND]
    return f"version {version.version} of the secret was {'destroyed' if version.destroyed else 'deleted'}"


def _body(body: bytes) -> ErrorBody:
    try:
        return read_object(body, ErrorBody)
    except Unreadable:
        return ErrorBody()
