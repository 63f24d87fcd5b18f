"""Harbor's error answers as failures (goharbor/harbor src/lib/errors; 5xx texts are masked by Harbor itself)."""

from __future__ import annotations

import re

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Clean
from harbortui.sources.harbor.policy import NEEDS, NEEDS_OF_ONE
from harbortui.sources.harbor.wire import ErrorBody
from harbortui.sources.http import Reply
from harbortui.sources.rows import Unreadable, read_object

K = FailureKind

_KINDS: dict[int, FailureKind] = {
    401: K.AUTH,
    403: K.FORBIDDEN,
    404: K.NOT_FOUND,
    410: K.NOT_FOUND,
    407: K.LOCAL,
    409: K.CONFLICT,
    412: K.CONFLICT,
    429: K.RATE_LIMITED,
}
_WORDS: dict[FailureKind, str] = {
    K.AUTH: "Harbor does not accept the credentials",
    K.FORBIDDEN: "not permitted",
    K.NOT_FOUND: "not found",
    K.CONFLICT: "not possible in this state",
    K.RATE_LIMITED: "too many requests",
    K.SERVER: "internal server error",
    K.PROTOCOL: "Harbor refused the request",
    K.LOCAL: "the proxy wants credentials",
}
_GATEWAY = frozenset({502, 503, 504})
_WANTS_TLS = b"plain HTTP request was sent to HTTPS port"
"""nginx's page for plain HTTP at a port where it speaks TLS (nginx src/http/ngx_http_special_response.c)."""


def status_failure(reply: Reply, path: str, *, clean: Clean, at: float) -> Failure:
    """The failure of an answer that is not 200; ``path`` is relative to the API and tells which right was missing."""
    kind = _KINDS.get(reply.status, K.SERVER if reply.status >= 500 else K.PROTOCOL)
    if reply.status == 400 and reply.is_html and _WANTS_TLS in reply.body:
        kind, words = K.TLS, "the address says http, but Harbor's nginx speaks https there"
    elif reply.is_html and reply.status in _GATEWAY:
        words = f"nginx answers, core does not ({reply.status})"
    else:
        told = _told(reply.body)
        words = f"{_WORDS[kind]}: {told}" if told and told != _WORDS[kind] else _WORDS[kind]
    return Failure(
        kind=kind,
        detail=clean(words),
        at=at,
        status=reply.status,
        needs=needs(path) if kind is K.FORBIDDEN else "",
        retry_after=reply.retry_after,
    )


def needs(path: str) -> str:
    """The right an endpoint needs, in Harbor's words; empty when none is known."""
    general = re.sub(r"/\d+", "", path)
    if general in NEEDS_OF_ONE and general != path:
        return NEEDS_OF_ONE[general]
    return NEEDS.get(general, "")


def _told(body: bytes) -> str:
    try:
        errors = read_object(body, ErrorBody).errors
    except Unreadable:
        return ""
    return next((each.message or each.code for each in errors if each.message or each.code), "")
