"""The configuration's TLS settings as the sources take them."""

from __future__ import annotations

from harbortui.config.settings import Tls
from harbortui.sources.tls import TlsSettings


def tls_of(tls: Tls) -> TlsSettings:
    """The configuration's TLS settings as the sources take them."""
    return TlsSettings(
        ca_file=tls.ca_file,
        ca_path=tls.ca_path,
        client_cert=tls.client_cert,
        client_key=tls.client_key,
        server_name=tls.server_name,
        verify=tls.verify,
    )
