"""Which keys a configuration file may hold, table by table."""

from __future__ import annotations

from typing import TypeAlias

from harbortui.config.kinds import (
    FLAG,
    IDENTITY,
    KEYS,
    LOCAL_SECRET,
    MOUNT,
    NAME,
    NAMES,
    ORIGIN_URL,
    PATH,
    PREFIX,
    SECRET,
    TEXT,
    TIMEZONE,
    URL,
    VAULT_PATH,
    Kind,
    choice,
    duration,
    number,
)

KeyPath: TypeAlias = tuple[str, ...]
"""Where a value stands: ``("nomad", "address")``; an instance's keys begin with ``("instance", NAME)``."""

Table: TypeAlias = "dict[str, Kind | Table]"

ANY = "*"
"""In a table: whatever name a person writes; who uses the value knows which there are."""

MINIMUM_REFRESH = 10.0
"""Seconds; below, the console would ask an instance more often than a good guest does."""

BACKENDS = ("harbor", "nomad", "vault", "storage")

_TLS: Table = {
    "ca_file": PATH,
    "ca_path": PATH,
    "client_cert": PATH,
    "client_key": PATH,
    "server_name": NAME,
    "verify": FLAG,
}
_HARBOR: Table = {"username": IDENTITY, "password": SECRET, "tls": _TLS}
_NOMAD: Table = {"address": URL, "region": TEXT, "namespace": NAME, "token": SECRET, "tls": _TLS}
_STORAGE: Table = {
    "endpoint": ORIGIN_URL,
    "region": NAME,
    "access_key": IDENTITY,
    "secret_key": SECRET,
    "metrics_token": SECRET,
    "tls": _TLS,
}
_VAULT: Table = {
    "address": URL,
    "namespace": TEXT,
    "path": VAULT_PATH,
    "auth": choice("token", "approle", "userpass"),
    "token": LOCAL_SECRET,
    "token_file": PATH,
    "role_id": NAME,
    "secret_id": LOCAL_SECRET,
    "username": NAME,
    "password": LOCAL_SECRET,
    "mount": MOUNT,
    "tls": _TLS,
}

INSTANCE: Table = {
    "name": NAME,
    "url": ORIGIN_URL,
    "external_url": ORIGIN_URL,
    "job": NAME,
    "namespace": NAME,
    "region": TEXT,
    "bucket": NAME,
    "prefix": PREFIX,
    "production": FLAG,
    "vault_path": VAULT_PATH,
    "harbor": _HARBOR,
    "nomad": _NOMAD,
    "storage": _STORAGE,
    "proxy": {"harbor": ORIGIN_URL, "nomad": ORIGIN_URL, "storage": ORIGIN_URL},
}
"""One ``[[instance]]``; its ``harbor``, ``nomad``, ``storage`` and ``proxy`` tables override the fleet's key by key."""

POLICY: Table = {
    "read_only": FLAG,
    "arming": FLAG,
    "tls_verify": FLAG,
    "minimum_refresh": duration(0, 3600),
    "hooks": FLAG,
}

SCHEMA: Table = {
    "fleet": {"name": NAME, "refresh": duration(MINIMUM_REFRESH, 3600), "production": FLAG, "simulated": FLAG},
    "vault": _VAULT,
    "nomad": _NOMAD,
    "storage": _STORAGE,
    "harbor": _HARBOR,
    "thresholds": {
        "restarts": number(1, 1000, whole=True),
        "failed_executions": number(1, 1000, whole=True),
        "gc_overdue_factor": number(1, 100),
        "memory_percent": number(1, 100),
        "bucket_percent": number(1, 100),
        "clock_skew": duration(1, 86_400),
    },
    "history": {
        "enabled": FLAG,
        "directory": PATH,
        "keep": number(1, 3650, whole=True),
        "megabytes": number(1, 100_000, whole=True),
    },
    "ui": {"theme": NAME, "mouse": FLAG, "timezone": TIMEZONE, "restore": FLAG},
    "keys": {ANY: KEYS},
    "proxy": {name: ORIGIN_URL for name in BACKENDS},
    "tls": {**_TLS, "unverified_hosts": NAMES},
    "policy": POLICY,
}
"""The top level; ``[[instance]]`` is read beside it."""

SECRET_WORDS = ("password", "passwd", "token", "secret", "credential", "apikey", "api_key", "private_key")
"""A key whose name holds one of these is told about references, whatever it was meant to be."""


def kind_of(path: KeyPath) -> Kind | None:
    """The kind of the value at a key path; None when there is no such key."""
    table: Kind | Table = INSTANCE if path[0] == "instance" else SCHEMA
    for key in path[2:] if path[0] == "instance" else path:
        if isinstance(table, Kind) or key not in table:
            return None
        table = table[key]
    return table if isinstance(table, Kind) else None
