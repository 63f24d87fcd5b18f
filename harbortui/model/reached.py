"""How far a connection to a backend came: name, port, TLS, HTTP."""

from __future__ import annotations

from harbortui.model.failure import Failure
from harbortui.model.record import Record


class Certificate(Record, frozen=True, kw_only=True):
    """One certificate of a chain; names are sanitised."""

    subject: str = ""
    issuer: str = ""
    not_before: float | None = None
    not_after: float | None = None
    names: tuple[str, ...] = ()
    """The host names and addresses it is for."""


class Reached(Record, frozen=True, kw_only=True):
    """One attempt, step by step; a step after the one that failed is empty."""

    url: str
    proxy: str = ""
    """Host of the proxy in between; then name, port and certificate are not ours to see."""
    addresses: tuple[str, ...] = ()
    """What the name means, in the resolver's order."""
    connected: str = ""
    """The address that took our connection."""
    tls_version: str = ""
    verified: bool = False
    chain: tuple[Certificate, ...] = ()
    """The server's own certificate first. Of a refused chain it is what the server sent."""
    status: int | None = None
    """Of the HTTP answer; any status says that a server is there."""
    clock_skew: float | None = None
    """Server time minus ours in seconds, to five seconds."""
    seconds: float = 0.0
    failed_at: str = ""
    """``name``, ``port``, ``tls``, ``http`` or empty."""
    failure: Failure | None = None
