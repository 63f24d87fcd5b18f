"""What the console hands to its engine: the settings, and a password that was asked before the screen opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harbortui.config.settings import Settings
    from harbortui.model.secret import Secret

LIMIT_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Handover:
    """Inherited by a forked engine; sent over the private socket pair to one that is started anew."""

    settings: Settings
    vault_password: Secret | None = None


def encode_handover(handover: Handover) -> bytes:
    """Bytes for the socket pair, never for a file or an argument."""
    import msgspec

    password = handover.vault_password.reveal() if handover.vault_password is not None else None
    return msgspec.msgpack.encode((handover.settings, password))


def decode_handover(data: bytes) -> Handover:
    """What ``encode_handover`` made; raises msgspec.MsgspecError for anything else."""
    import msgspec

    from harbortui.config.settings import Settings
    from harbortui.model.secret import Secret

    settings, password = msgspec.msgpack.decode(data, type=tuple[Settings, str | None])
    return Handover(settings, None if password is None else Secret(password))
