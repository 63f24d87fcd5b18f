"""What Vault tells about itself and about our token."""

from __future__ import annotations

from harbortui.model.record import Record


class VaultState(Record, frozen=True, kw_only=True):
    """``GET /v1/sys/health`` joined with ``token/lookup-self``; the token itself is never part of it."""

    initialized: bool = True
    sealed: bool = False
    standby: bool = False
    removed: bool = False
    """True when this node no longer belongs to its cluster."""
    version: str = ""
    token_ttl: float | None = None
    """Seconds the token still lives; None when it never ends or we have none."""
    token_renewable: bool = False
    token_uses: int | None = None
    """How many more requests the token is good for; None when that is not limited."""
    token_policies: tuple[str, ...] = ()
    token_blind: bool = False
    """True when the token works but may not look itself up, so that its end cannot be foreseen."""
    token_unknown: str = ""
    """Why nothing could be learned of our token, in words; it may be good all the same."""
    token_failure: str = ""
    """Why our token is of no use, in words; empty when it is, or when none is needed."""
