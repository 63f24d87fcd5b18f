"""Reading the certificates of a connection, verified or not."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable
from typing import Any

from harbortui.model.reached import Certificate

_NAMED = ("commonName", "organizationName")
_MAX_CHAIN = 10
_MAX_NAMES = 20


def chain_of(tls: ssl.SSLObject, clean: Callable[[str], str], *, verified: bool) -> tuple[Certificate, ...]:
    """The chain, the server's own certificate first; only that one where this Python does not show the others."""
    # Public only from Python 3.13 on, and there as bytes; the object beneath has had both, decoded, since 3.10.
    beneath = getattr(tls, "_sslobj", None)
    get = getattr(beneath, "get_verified_chain" if verified else "get_unverified_chain", None)
    found: list[dict[str, Any]] = [each.get_info() for each in (get() or ())] if get is not None else []
    if not found and verified:
        own: Any = tls.getpeercert()
        found = [own] if own else []
    return tuple(_certificate(each, clean) for each in found[:_MAX_CHAIN])


def _certificate(info: dict[str, Any], clean: Callable[[str], str]) -> Certificate:
    names = tuple(clean(str(value)) for _, value in tuple(info.get("subjectAltName", ()))[:_MAX_NAMES])
    return Certificate(
        subject=clean(_name(info.get("subject", ()))),
        issuer=clean(_name(info.get("issuer", ()))),
        not_before=_time(info.get("notBefore")),
        not_after=_time(info.get("notAfter")),
        names=names,
    )


def _name(parts: Iterable[Iterable[tuple[str, str]]]) -> str:
    """``harbor.example.org, Example Inc.``"""
    found = {key: value for part in parts for key, value in part}
    return ", ".join(found[key] for key in _NAMED if found.get(key)) or "without a name"


def _time(text: object) -> float | None:
    try:
        return float(ssl.cert_time_to_seconds(str(text)))
    except ValueError:
        return None
