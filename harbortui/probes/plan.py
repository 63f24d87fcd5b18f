"""What is to be asked of a configuration, each thing once: pure functions of the settings."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from harbortui.config.settings import CredentialRef, InstanceSettings, NomadSettings, Settings, StorageSettings
from harbortui.probes.learned import Door, of_bucket, of_nomad

PROBE = "harbortui-doctor"
"""A name that nothing has: what the token may do there tells whether its policy is wider than it should be."""

SENSITIVE: dict[str, str] = {
    f"sys/policies/acl/{PROBE}": "write Vault's policies",
    f"sys/auth/{PROBE}": "change Vault's logins",
    f"sys/mounts/{PROBE}": "change Vault's stores",
    "auth/token/create": "make other tokens",
    "auth/token/create-orphan": "make tokens that outlive it",
}
"""Vault paths where a console's token has no business, with what it could do there."""


def doors(settings: Settings) -> tuple[Door, ...]:
    """Every address, each with the TLS settings it is spoken to with."""
    return tuple(dict.fromkeys(_doors(settings)))


def _doors(settings: Settings) -> Iterator[Door]:
    if settings.vault is not None:
        yield vault_door(settings)
    for each in settings.instances:
        yield harbor_door(each)
        if each.nomad is not None:
            yield nomad_door(each.nomad)
        if each.storage is not None:
            yield storage_door(each.storage)


def vault_door(settings: Settings) -> Door:
    """Vault's; there must be one."""
    vault = settings.vault
    assert vault is not None
    return Door("vault", vault.address, vault.tls, vault.proxy)


def harbor_door(instance: InstanceSettings) -> Door:
    """An instance's own."""
    return Door("harbor", instance.url, instance.harbor.tls, instance.harbor.proxy)


def nomad_door(nomad: NomadSettings) -> Door:
    """Nomad's."""
    return Door("nomad", nomad.address, nomad.tls, nomad.proxy)


def storage_door(storage: StorageSettings) -> Door:
    """The object store's."""
    return Door("storage", storage.endpoint, storage.tls, storage.proxy)


def nomads(settings: Settings) -> tuple[NomadSettings, ...]:
    """Each address with its token once, whatever the namespaces."""
    found = (each.nomad for each in settings.instances)
    return tuple(dict.fromkeys(msgspec.structs.replace(each, namespace="default") for each in found if each))


def jobs(settings: Settings, nomad: NomadSettings) -> tuple[tuple[InstanceSettings, str], ...]:
    """The instances at one address with one token, each with its job's namespace."""
    subject = of_nomad(nomad)
    return tuple(
        (each, each.nomad.namespace)
        for each in settings.instances
        if each.nomad is not None and of_nomad(each.nomad) == subject
    )


def buckets(settings: Settings) -> tuple[tuple[StorageSettings, str, str], ...]:
    """Each bucket with its key once: the store, the bucket, the prefix of the first instance in it."""
    found: dict[str, tuple[StorageSettings, str, str]] = {}
    for each in settings.instances:
        if each.storage is not None and each.bucket:
            found.setdefault(of_bucket(each.storage, each.bucket), (each.storage, each.bucket, each.prefix))
    return tuple(found.values())


def references(settings: Settings) -> Iterator[tuple[str, CredentialRef]]:
    """Every credential that the settings point to, with what it is (``harbor username``)."""
    for each in settings.instances:
        pairs = [("harbor username", each.harbor.username), ("harbor password", each.harbor.password)]
        if each.nomad is not None:
            pairs.append(("nomad token", each.nomad.token))
        if each.storage is not None:
            pairs.append(("storage access_key", each.storage.access_key))
            pairs.append(("storage secret_key", each.storage.secret_key))
            pairs.append(("storage metrics_token", each.storage.metrics_token))
        yield from ((what, ref) for what, ref in pairs if ref is not None)


def vault_fields(settings: Settings) -> dict[str, tuple[str, ...]]:
    """Each Vault path that is read, with the fields that are taken from it."""
    found: dict[str, dict[str, None]] = {}
    for _, ref in references(settings):
        if ref.vault:
            found.setdefault(ref.vault, {})[ref.key] = None
    return {path: tuple(fields) for path, fields in sorted(found.items())}


def vault_paths(settings: Settings) -> tuple[str, ...]:
    """The Vault paths that are read."""
    return tuple(vault_fields(settings))


def neighbour(path: str) -> str:
    """A path beside a secret that nothing has, in the same store."""
    mount, data, _ = path.partition("/data/")
    return f"{mount}/data/{PROBE}" if data else f"{path.partition('/')[0]}/{PROBE}"


def inspected(settings: Settings) -> tuple[str, ...]:
    """Every path of which Vault is asked what our token may do there."""
    own = vault_paths(settings)
    return tuple(dict.fromkeys((*own, *map(neighbour, own), *SENSITIVE)))
