"""TLS settings and the one SSL context made of them; verification is on unless someone asked otherwise in writing."""

from __future__ import annotations

import functools
import ssl
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """How to trust a server and how to show who we are; equal settings share one context."""

    ca_file: str = ""
    """PEM bundle; with ``ca_path`` empty too, the system's trust store is used."""
    ca_path: str = ""
    """Directory of hashed PEM files."""
    client_cert: str = ""
    client_key: str = ""
    """Empty when the key is in the ``client_cert`` file."""
    server_name: str = ""
    """Name to expect instead of the URL's host (``NOMAD_TLS_SERVER_NAME``, ``VAULT_TLS_SERVER_NAME``)."""
    verify: bool = True


@functools.lru_cache(maxsize=64)
def ssl_context(settings: TlsSettings) -> ssl.SSLContext:
    """The context of these settings, made once: loading the system's roots costs several milliseconds.

    Raises:
        OSError: a named file is missing or unreadable (``ssl.SSLError`` when it is not PEM).
    """
    context = ssl.create_default_context(
        cafile=settings.ca_file or None,
        capath=settings.ca_path or None,
    )
    if settings.client_cert:
        context.load_cert_chain(settings.client_cert, settings.client_key or None, password=_no_password)
    if not settings.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _no_password() -> str:
    """Keep OpenSSL from asking on the terminal for the password of an encrypted key; an empty one is refused."""
    return ""
