"""Every exception of the libraries maps to one failure, by an entry of its own: a new class fails here."""

from __future__ import annotations

import errno
import inspect
import socket
import ssl

import httpx
import hvac.exceptions
import pytest
import requests.exceptions
import urllib3.exceptions

from harbortui.model.failure import FailureKind
from harbortui.model.redact import Clean
from harbortui.sources import errors
from harbortui.sources.allowlist import Blocked
from harbortui.sources.errors import failure_of, library_kind
from harbortui.sources.lane import LaneFull
from harbortui.sources.refusals import LoginPage, Overdue, Redirected, Refusal, TooLarge
from harbortui.sources.rows import Unreadable

K = FailureKind


def exceptions_of(module: object, root: str) -> list[type[BaseException]]:
    """The exception classes a library exports, without warnings."""
    found = [each for _, each in inspect.getmembers(module, inspect.isclass) if issubclass(each, Exception)]
    return [each for each in found if each.__module__.split(".")[0] == root and not issubclass(each, Warning)]


LIBRARIES = {"httpx": httpx, "requests": requests.exceptions, "urllib3": urllib3.exceptions, "hvac": hvac.exceptions}
CLASSES = [each for root, module in LIBRARIES.items() for each in exceptions_of(module, root)]


def test_the_libraries_export_what_is_tested() -> None:
    assert len(CLASSES) > 90


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_exported_exception_has_its_own_entry(kind: type[BaseException]) -> None:
    assert library_kind(kind) is not None, f"unmapped: {kind}"


def test_no_entry_is_left_of_a_class_that_is_gone() -> None:
    known = {(each.__module__.split(".")[0], each.__name__) for each in CLASSES}
    tables = {"httpx": errors.HTTPX, "requests": errors.REQUESTS, "urllib3": errors.URLLIB3, "hvac": errors.HVAC}
    entries = {(root, name) for root, table in tables.items() for name in table}
    assert entries - known <= {("urllib3", "HTTPWarning")}


OWN = [
    (Blocked("GET /x is not a declared read"), K.BLOCKED),
    (LaneFull("all 2 connections of vault are stuck"), K.TIMEOUT),
    (Overdue("no complete answer within 10 s"), K.TIMEOUT),
    (TooLarge(8), K.TOO_LARGE),
    (Redirected("login.example", 302), K.REDIRECT),
    (LoginPage("harbor.example", 200), K.LOGIN_PAGE),
    (Refusal("an encoding nobody asked for"), K.PROTOCOL),
    (Unreadable("Expected `int`, got `str` - at `$.id`"), K.PROTOCOL),
]


@pytest.mark.parametrize(("error", "kind"), OWN, ids=lambda value: type(value).__name__)
def test_our_own_refusals_keep_their_words(error: Exception, kind: FailureKind, clean: Clean) -> None:
    failure = failure_of(error, clean=clean, at=5.0)
    assert (failure.kind, failure.detail, failure.at) == (kind, str(error), 5.0)


def hidden(error: BaseException, inside: BaseException) -> BaseException:
    """``error`` with ``inside`` as its cause, as the libraries nest them."""
    error.__cause__ = inside
    return error


def verification(message: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = message
    return error


def tls(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, "odd")
    error.reason = reason
    return error


NESTED = [
    (hidden(httpx.ConnectError("x"), socket.gaierror(-2, "Name or service not known")), K.DNS, "resolved"),
    (hidden(httpx.ConnectError("x"), ConnectionRefusedError(errno.ECONNREFUSED, "x")), K.REFUSED, "refused"),
    (hidden(httpx.ConnectError("x"), OSError(errno.EHOSTUNREACH, "x")), K.REFUSED, "no route"),
    (hidden(httpx.ConnectError("x"), OSError(errno.EMFILE, "x")), K.LOCAL, "too many open files"),
    (hidden(httpx.ReadError("x"), ConnectionResetError(errno.ECONNRESET, "x")), K.RESET, "broke"),
    (hidden(httpx.ConnectError("x"), verification("certificate has expired")), K.TLS, "has expired"),
    (hidden(httpx.ReadError("x"), tls("TLSV13_ALERT_CERTIFICATE_REQUIRED")), K.TLS, "client certificate"),
    (hidden(httpx.ConnectError("x"), tls("WRONG_VERSION_NUMBER")), K.TLS, "does not speak TLS"),
    (hidden(httpx.ConnectError("x"), tls("SOMETHING_NEW")), K.TLS, "something new"),
    (hidden(httpx.ConnectError("x"), ssl.SSLEOFError(8, "x")), K.RESET, "TLS"),
    (hidden(httpx.ConnectError("x"), ExceptionGroup("x", [OSError(errno.ECONNREFUSED, "x")])), K.REFUSED, "refused"),
    (requests.exceptions.ConnectionError(OSError(errno.EPIPE, "x")), K.RESET, "broke"),
    (httpx.RemoteProtocolError("Server disconnected without sending a response."), K.RESET, "broke"),
    (httpx.RemoteProtocolError("illegal status line"), K.PROTOCOL, "valid"),
    (httpx.ConnectTimeout("x"), K.TIMEOUT, "in time"),
    (TimeoutError(), K.TIMEOUT, "in time"),
    (FileNotFoundError(errno.ENOENT, "x", "/ca.pem"), K.LOCAL, "no such file"),
]


@pytest.mark.parametrize(("error", "kind", "words"), NESTED)
def test_what_lies_beneath_decides(error: BaseException, kind: FailureKind, words: str, clean: Clean) -> None:
    failure = failure_of(error, clean=clean, at=0.0)
    assert failure.kind is kind
    assert words in failure.detail


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_no_text_of_a_library_is_shown(kind: type[BaseException], clean: Clean) -> None:
    error = kind.__new__(kind)
    error.args = ("https://user:PLANTED@host/?token=PLANTED",)
    assert "PLANTED" not in failure_of(error, clean=clean, at=0.0).detail


def test_an_unknown_exception_names_its_class_only(clean: Clean) -> None:
    failure = failure_of(RuntimeError("PLANTED"), clean=clean, at=0.0)
    assert (failure.kind, failure.detail) == (K.LOCAL, "unexpected builtins.RuntimeError")
