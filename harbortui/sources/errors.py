"""One mapper: every exception of the HTTP libraries, of TLS, DNS and sockets, and of our own guards, to one failure.

Library classes are told by name, so that nothing is imported to map an error. No library's own text is shown: httpx's
``repr`` prints tokens and URLs. What is said comes from the kind, from OpenSSL's reason and from ``errno``.
"""

from __future__ import annotations

import errno
import http.client
import os
import socket
import ssl
from collections.abc import Callable, Iterator

from harbortui.model.failure import Failure, FailureKind
from harbortui.sources.allowlist import Blocked
from harbortui.sources.lane import LaneFull
from harbortui.sources.refusals import LoginPage, Overdue, Redirected, Refusal, TooLarge
from harbortui.sources.rows import Unreadable

K = FailureKind

HTTPX: dict[str, FailureKind] = {
    "CloseError": K.RESET,
    "ConnectError": K.REFUSED,
    "ConnectTimeout": K.TIMEOUT,
    "CookieConflict": K.PROTOCOL,
    "DecodingError": K.PROTOCOL,
    "HTTPError": K.PROTOCOL,
    "HTTPStatusError": K.SERVER,
    "InvalidURL": K.LOCAL,
    "LocalProtocolError": K.LOCAL,
    "NetworkError": K.RESET,
    "PoolTimeout": K.TIMEOUT,
    "ProtocolError": K.PROTOCOL,
    "ProxyError": K.REFUSED,
    "ReadError": K.RESET,
    "ReadTimeout": K.TIMEOUT,
    "RemoteProtocolError": K.PROTOCOL,
    "RequestError": K.PROTOCOL,
    "RequestNotRead": K.LOCAL,
    "ResponseNotRead": K.LOCAL,
    "StreamClosed": K.LOCAL,
    "StreamConsumed": K.LOCAL,
    "StreamError": K.LOCAL,
    "TimeoutException": K.TIMEOUT,
    "TooManyRedirects": K.REDIRECT,
    "TransportError": K.RESET,
    "UnsupportedProtocol": K.LOCAL,
    "WriteError": K.RESET,
    "WriteTimeout": K.TIMEOUT,
}
"""Every exception httpx exports."""

REQUESTS: dict[str, FailureKind] = {
    "ChunkedEncodingError": K.RESET,
    "ConnectTimeout": K.TIMEOUT,
    "ConnectionError": K.REFUSED,
    "ContentDecodingError": K.PROTOCOL,
    "HTTPError": K.SERVER,
    "InvalidHeader": K.LOCAL,
    "InvalidJSONError": K.PROTOCOL,
    "InvalidProxyURL": K.LOCAL,
    "InvalidSchema": K.LOCAL,
    "InvalidURL": K.LOCAL,
    "JSONDecodeError": K.PROTOCOL,
    "MissingSchema": K.LOCAL,
    "ProxyError": K.REFUSED,
    "ReadTimeout": K.TIMEOUT,
    "RequestException": K.PROTOCOL,
    "RetryError": K.SERVER,
    "SSLError": K.TLS,
    "StreamConsumedError": K.LOCAL,
    "Timeout": K.TIMEOUT,
    "TooManyRedirects": K.REDIRECT,
    "URLRequired": K.LOCAL,
    "UnrewindableBodyError": K.LOCAL,
}
"""Every exception of requests.exceptions."""

URLLIB3: dict[str, FailureKind] = {
    "BodyNotHttplibCompatible": K.PROTOCOL,
    "ClosedPoolError": K.LOCAL,
    "ConnectTimeoutError": K.TIMEOUT,
    "DecodeError": K.PROTOCOL,
    "EmptyPoolError": K.TIMEOUT,
    "FullPoolError": K.LOCAL,
    "HTTPError": K.PROTOCOL,
    "HeaderParsingError": K.PROTOCOL,
    "HostChangedError": K.LOCAL,
    "IncompleteRead": K.RESET,
    "InvalidChunkLength": K.PROTOCOL,
    "InvalidHeader": K.PROTOCOL,
    "LocationParseError": K.LOCAL,
    "LocationValueError": K.LOCAL,
    "MaxRetryError": K.REFUSED,
    "NameResolutionError": K.DNS,
    "NewConnectionError": K.REFUSED,
    "PoolError": K.LOCAL,
    "ProtocolError": K.RESET,
    "ProxyError": K.REFUSED,
    "ProxySchemeUnknown": K.LOCAL,
    "ProxySchemeUnsupported": K.LOCAL,
    "ReadTimeoutError": K.TIMEOUT,
    "RequestError": K.PROTOCOL,
    "ResponseError": K.SERVER,
    "ResponseNotChunked": K.PROTOCOL,
    "SSLError": K.TLS,
    "TimeoutError": K.TIMEOUT,
    "TimeoutStateError": K.LOCAL,
    "URLSchemeUnknown": K.LOCAL,
    "UnrewindableBodyError": K.LOCAL,
}
"""Every exception of urllib3.exceptions; requests lets some of them through."""

HVAC: dict[str, FailureKind] = {
    "BadGateway": K.SERVER,
    "Forbidden": K.FORBIDDEN,
    "InternalServerError": K.SERVER,
    "InvalidPath": K.NOT_FOUND,
    "InvalidRequest": K.PROTOCOL,
    "ParamValidationError": K.LOCAL,
    "PreconditionFailed": K.CONFLICT,
    "RateLimitExceeded": K.RATE_LIMITED,
    "Unauthorized": K.AUTH,
    "UnexpectedError": K.PROTOCOL,
    "UnsupportedOperation": K.PROTOCOL,
    "VaultDown": K.SERVER,
    "VaultError": K.PROTOCOL,
    "VaultNotInitialized": K.SEALED,
}
"""Every exception of hvac.exceptions; we ask hvac not to raise them, since they carry whole answers."""

_LIBRARIES = {"httpx": HTTPX, "requests": REQUESTS, "urllib3": URLLIB3, "hvac": HVAC}

_WORDS: dict[FailureKind, str] = {
    K.DNS: "the name cannot be resolved",
    K.REFUSED: "connection refused",
    K.RESET: "the connection broke",
    K.TIMEOUT: "no answer in time",
    K.TLS: "TLS failed",
    K.REDIRECT: "redirected",
    K.PROTOCOL: "not a valid answer",
    K.SERVER: "the server failed",
    K.AUTH: "the credentials are not accepted",
    K.FORBIDDEN: "not permitted",
    K.NOT_FOUND: "not found",
    K.CONFLICT: "not possible in this state",
    K.RATE_LIMITED: "too many requests",
    K.SEALED: "Vault is sealed or not initialised",
    K.LOCAL: "could not ask",
}

_TLS_WORDS: dict[str, str] = {
    "WRONG_VERSION_NUMBER": "the server does not speak TLS on this port",
    "HTTP_REQUEST": "the server does not speak TLS on this port",
    "TLSV1_ALERT_PROTOCOL_VERSION": "no common TLS version",
    "UNSUPPORTED_PROTOCOL": "no common TLS version",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "the server demands a client certificate",
    "SSLV3_ALERT_BAD_CERTIFICATE": "the server refused our client certificate",
    "TLSV1_ALERT_UNKNOWN_CA": "the server does not know the authority of our client certificate",
}

_UNREACHABLE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.ENETDOWN, errno.EHOSTDOWN})
_BROKEN = frozenset({errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED, errno.ENOTCONN, errno.ESHUTDOWN})


def failure_of(error: BaseException, *, clean: Callable[[str], str], at: float) -> Failure:
    """The failure an exception stands for; unknown ones become ``LOCAL`` with the name of their class."""
    kind, words = _own(error) or _beneath(error) or _by_library(error) or (K.LOCAL, f"unexpected {_name(type(error))}")
    status = error.status if isinstance(error, Redirected | LoginPage) else None
    return Failure(kind=kind, detail=clean(words), at=at, status=status)


def library_kind(kind: type[BaseException]) -> FailureKind | None:
    """The kind of a library's exception class by its own entry, not by its base's; None when it has none."""
    table = _LIBRARIES.get(kind.__module__.partition(".")[0])
    return table.get(kind.__name__) if table is not None else None


def _own(error: BaseException) -> tuple[FailureKind, str] | None:
    """Exceptions our own modules raise; their texts are ours."""
    for kind, classes in _OWN:
        if isinstance(error, classes):
            return kind, str(error)
    if isinstance(error, TimeoutError) and not error.errno:
        return K.TIMEOUT, _WORDS[K.TIMEOUT]
    return None


_OWN: tuple[tuple[FailureKind, tuple[type[BaseException], ...]], ...] = (
    (K.BLOCKED, (Blocked,)),
    (K.TIMEOUT, (LaneFull, Overdue)),
    (K.TOO_LARGE, (TooLarge,)),
    (K.REDIRECT, (Redirected,)),
    (K.LOGIN_PAGE, (LoginPage,)),
    (K.PROTOCOL, (Refusal, Unreadable)),
)


def _beneath(error: BaseException) -> tuple[FailureKind, str] | None:
    """What TLS, the resolver or the socket said, wherever in the chain it is; libraries hide it under vague classes."""
    chain = list(_chain(error))
    for each in chain:
        if isinstance(each, ssl.SSLError):
            return _tls(each)
    for each in chain:
        if isinstance(each, socket.gaierror):
            return K.DNS, _WORDS[K.DNS]
    for each in chain:
        if isinstance(each, OSError) and each.errno is not None:
            return _os(each)
    # http.client tells a connection that was closed instead of answered without a number.
    if any(isinstance(each, ConnectionResetError) for each in chain):
        return K.RESET, _WORDS[K.RESET]
    if any(isinstance(each, http.client.HTTPException) for each in chain):
        return K.PROTOCOL, _WORDS[K.PROTOCOL]
    return None


def _tls(error: ssl.SSLError) -> tuple[FailureKind, str]:
    if isinstance(error, ssl.SSLCertVerificationError):
        return K.TLS, f"certificate refused: {error.verify_message}"
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return K.RESET, "the connection broke in TLS"
    known = _TLS_WORDS.get(error.reason or "")
    return K.TLS, known or f"TLS failed: {(error.reason or 'unknown reason').replace('_', ' ').lower()}"


def _os(error: OSError) -> tuple[FailureKind, str]:
    code = error.errno or 0
    if isinstance(error, ConnectionRefusedError):
        return K.REFUSED, _WORDS[K.REFUSED]
    if code in _UNREACHABLE:
        return K.REFUSED, os.strerror(code).lower()
    if code in _BROKEN:
        return K.RESET, _WORDS[K.RESET]
    if code == errno.ETIMEDOUT:
        return K.TIMEOUT, _WORDS[K.TIMEOUT]
    return K.LOCAL, os.strerror(code).lower()


def _by_library(error: BaseException) -> tuple[FailureKind, str] | None:
    for each in type(error).__mro__:
        kind = library_kind(each)
        if kind is not None:
            if kind is K.PROTOCOL and _cut_off(error):
                kind = K.RESET
            return kind, _WORDS[kind]
    return None


def _cut_off(error: BaseException) -> bool:
    """httpx reports a connection that ended early as a protocol error; only its text tells."""
    text = error.args[0] if error.args else None
    return isinstance(text, str) and text.startswith(("Server disconnected", "peer closed connection"))


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and everything beneath: causes, contexts, urllib3's ``reason``, arguments, members of groups."""
    seen: set[int] = set()
    todo: list[object] = [error]
    while todo:
        each = todo.pop(0)
        if not isinstance(each, BaseException) or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        todo += [each.__cause__, each.__context__, getattr(each, "reason", None), *each.args]
        if isinstance(each, BaseExceptionGroup):
            todo += each.exceptions


def _name(kind: type[BaseException]) -> str:
    return f"{kind.__module__.partition('.')[0]}.{kind.__name__}"
