"""Vault's error answers as failures (hashicorp/vault api status codes; openbao sdk/logical/response_util.go)."""

from __future__ import annotations

import re

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


_LIST = re.compile(r"\d+ errors? occurred:\s*\*\s*")
_TLS_PORT = b"HTTP request to an HTTPS server"


def refuses_only_this(reply: VaultReply) -> bool:
    """True when the token lives and its policies alone say no.

    A token that Vault does not know gets the bare words ``permission denied`` (OpenBao, Vault until 1.15) or a list of
    two errors with ``invalid token`` (Vault since 1.16); a policy's no is always a list of one.
    """
    return reply.status == 403 and any("1 error occurred" in each for each in _body(reply.body).errors or ())


def told(reply: VaultReply) -> str:
    """What Vault itself says about an error, its lists flattened; may be empty."""
    return "; ".join(_LIST.sub("", each).strip().replace("\n\t* ", "; ") for each in _body(reply.body).errors or ())


def status_failure(reply: VaultReply, *, clean: Clean, at: float) -> Failure:
    """The failure of an answer that is not 200."""
    kind = _KINDS.get(reply.status, K.SERVER if reply.status >= 500 else K.PROTOCOL)
    said = told(reply)
    if reply.status == 503 and "sealed" in said.lower():
        kind, words = K.SEALED, "Vault is sealed"
    elif reply.status == 400 and _TLS_PORT in reply.body:
        kind, words = K.TLS, "this port speaks TLS: the address has to begin with https://"
    elif kind is K.NOT_FOUND:
        words = said or _missing(_body(reply.body))
    else:
        words = f"{_WORDS[kind]}: {said}" if said and said != _WORDS[kind] else _WORDS[kind]
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
