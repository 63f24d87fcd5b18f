"""Where a source may send anything at all: one scheme, host and port."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port of a backend, with the path its API sits under (mostly empty)."""

    scheme: str
    host: str
    port: int
    prefix: str = ""

    @classmethod
    def of(cls, url: str) -> Origin:
        """The origin of an ``http`` or ``https`` URL.

        Raises:
            ValueError: another scheme, no host, a bad port, or credentials in the URL.
        """
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("not an http(s) URL with a host")
        if parts.username is not None or parts.password is not None:
            raise ValueError("credentials do not belong in a URL")
        return cls(parts.scheme, parts.hostname.lower(), _port(parts), parts.path.rstrip("/"))

    def holds(self, url: str) -> bool:
        """True when ``url`` goes to this very server."""
        try:
            other = Origin.of(url)
        except ValueError:
            return False
        return (other.scheme, other.host, other.port) == (self.scheme, self.host, self.port)

    @property
    def url(self) -> str:
        """``scheme://host:port`` and prefix, without a trailing slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.prefix}"


def _port(parts: SplitResult) -> int:
    return parts.port if parts.port is not None else _PORTS[parts.scheme]
