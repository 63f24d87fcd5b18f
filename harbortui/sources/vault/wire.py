"""Vault's JSON as it is on the wire (hashicorp/vault vault/logical_system.go, token_store.go, kv plugin)."""

from __future__ import annotations

import msgspec

from harbortui.sources.rows import Int64


class HealthAnswer(msgspec.Struct):
    """``GET /v1/sys/health``; the same body with every status."""

    initialized: bool
    sealed: bool
    standby: bool = False
    performance_standby: bool = False
    removed_from_cluster: bool | None = None
    version: str = ""


class TokenData(msgspec.Struct):
    """What ``lookup-self`` tells; ``id`` is the token itself and is not declared, so never kept."""

    ttl: Int64 = 0
    num_uses: Int64 = 0
    """Requests left after this one; 0 for a token that is not counted, -1 when this one was its last."""
    renewable: bool = False
    policies: list[str] | None = None
    identity_policies: list[str] | None = None


class TokenAnswer(msgspec.Struct):
    """``GET /v1/auth/token/lookup-self``."""

    data: TokenData


class Auth(msgspec.Struct):
    """A token just given or renewed; ``lease_duration`` in seconds, 0 for one that never ends."""

    client_token: str
    lease_duration: Int64 = 0
    renewable: bool = False


class AuthAnswer(msgspec.Struct):
    """The answer to a login or a renewal; a login that wants a second factor has no ``auth`` of use."""

    auth: Auth


class SecretAnswer(msgspec.Struct):
    """A secret of either key-value version; ``data`` stays raw, since its shape tells the version."""

    data: msgspec.Raw = msgspec.Raw(b"null")


class VersionInfo(msgspec.Struct):
    """Of a version 2 secret: which version, and whether it was deleted."""

    version: Int64 = 0
    deletion_time: str = ""
    destroyed: bool = False


class VersionedData(msgspec.Struct, forbid_unknown_fields=True):
    """``data`` of a version 2 secret: exactly these two keys."""

    metadata: VersionInfo
    data: dict[str, msgspec.Raw] | None = None


class ErrorBody(msgspec.Struct):
    """Vault's error body; a deleted version is a 404 with ``data`` instead."""

    errors: list[str] | None = None
    warnings: list[str] | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")
