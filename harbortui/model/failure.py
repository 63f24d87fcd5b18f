"""Errors as values: what a source says when it could not learn something.

The tree of kinds, by where the fault lies::

    FailureKind
    ├── the way      dns, refused, reset, timeout, tls, redirect
    ├── the answer   protocol, login_page, too_large, server, rate_limited, sealed
    ├── the rights   auth, forbidden, no_credentials
    ├── the thing    not_found, conflict
    └── ourselves    blocked (the read-only allow-list refused), cancelled, local
"""

from __future__ import annotations

from enum import Enum

from harbortui.model.record import Record


class FailureKind(Enum):
    """Why a call brought no value; every library's exceptions map to exactly one of these."""

    DNS = "dns"
    REFUSED = "refused"
    RESET = "reset"
    TIMEOUT = "timeout"
    TLS = "tls"
    REDIRECT = "redirect"
    PROTOCOL = "protocol"
    LOGIN_PAGE = "login_page"
    TOO_LARGE = "too_large"
    SERVER = "server"
    RATE_LIMITED = "rate_limited"
    SEALED = "sealed"
    AUTH = "auth"
    FORBIDDEN = "forbidden"
    NO_CREDENTIALS = "no_credentials"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"
    LOCAL = "local"


DENIED = frozenset({FailureKind.AUTH, FailureKind.FORBIDDEN, FailureKind.NO_CREDENTIALS, FailureKind.SEALED})
"""Kinds that mean "not visible to us" rather than "broken over there"."""

UNREACHABLE = frozenset(
    {
        FailureKind.DNS,
        FailureKind.REFUSED,
        FailureKind.RESET,
        FailureKind.TIMEOUT,
        FailureKind.TLS,
        FailureKind.REDIRECT,
        FailureKind.LOGIN_PAGE,
    }
)
"""Kinds that mean the backend itself did not answer us."""


KIND_WORDS = {
    FailureKind.DNS: "name not found",
    FailureKind.REFUSED: "connection refused",
    FailureKind.RESET: "connection lost",
    FailureKind.TIMEOUT: "no answer in time",
    FailureKind.TLS: "TLS failed",
    FailureKind.REDIRECT: "redirected elsewhere",
    FailureKind.PROTOCOL: "unreadable answer",
    FailureKind.LOGIN_PAGE: "a login page answered",
    FailureKind.TOO_LARGE: "answer too large",
    FailureKind.SERVER: "server error",
    FailureKind.RATE_LIMITED: "asked too often",
    FailureKind.SEALED: "Vault is sealed",
    FailureKind.AUTH: "credentials not accepted",
    FailureKind.FORBIDDEN: "not permitted",
    FailureKind.NO_CREDENTIALS: "no credentials",
    FailureKind.NOT_FOUND: "not found",
    FailureKind.CONFLICT: "conflict",
    FailureKind.BLOCKED: "refused by this console's read-only list",
    FailureKind.CANCELLED: "cancelled",
    FailureKind.LOCAL: "a problem on this host",
}
"""Each kind in two or three words, for a person."""


class Failure(Record, frozen=True, kw_only=True):
    """A typed error value; ``detail`` is sanitised, redacted, one line, and safe to show."""

    kind: FailureKind
    detail: str
    at: float = 0.0
    status: int | None = None
    """HTTP status, when there was an answer."""
    needs: str = ""
    """The right that is missing, in the backend's own words (``replication:list``, ``read-logs``), when known."""
    secret: str = ""
    """The Vault path that should have brought the credentials, when that is what failed."""
    retry_after: float | None = None
    """Seconds the server asked us to wait."""
    outcome_unknown: bool = False
    """True when a change may have happened although no answer arrived; never true for reads."""

    @property
    def words(self) -> str:
        """The kind for a person."""
        return KIND_WORDS[self.kind]
