"""Planted secrets: recognisable values wherever a real fleet has real ones, so that a scanner can prove a leak."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass

MARK = "PLANTED"


@dataclass(frozen=True, slots=True)
class PlantedSecrets:
    """Every secret of a simulated fleet; each value contains "PLANTED"."""

    admin_password: str
    console_password: str
    db_password: str
    redis_password: str
    s3_secret_key: str
    s3_readonly_secret: str
    s3_admin_secret: str
    robot_secret: str
    nomad_token: str
    nomad_read_token: str
    nomad_operator_token: str
    nomad_nologs_token: str
    nomad_deployer_token: str
    nomad_expired_token: str
    vault_token: str
    core_secret: str
    jobservice_secret: str
    registry_password: str
    registry_http_secret: str
    csrf_key: str
    secret_key: str
    peer_password: str
    dockerhub_token: str
    ghcr_token: str
    log_token: str

    def all(self) -> dict[str, str]:
        """Name -> value of every planted secret, for scanners."""
        return {name: str(value) for name, value in asdict(self).items()}


_FORMS: dict[str, tuple[str, int]] = {
    "vault_token": ("hvs.", 40),
    "csrf_key": ("", 32),
    "secret_key": ("", 16),
    "dockerhub_token": ("dckr_pat_", 40),
    "ghcr_token": ("ghp_", 40),
    "s3_secret_key": ("", 40),
    "s3_readonly_secret": ("", 40),
    "s3_admin_secret": ("", 40),
}


def plant(seed: int) -> PlantedSecrets:
    """The planted secrets of a seed: a prefix as the real thing has, the mark, then digits of a hash."""
    values: dict[str, str] = {}
    for name in PlantedSecrets.__dataclass_fields__:
        prefix, length = _FORMS.get(name, ("", 28))
        tail = hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()
        values[name] = (prefix + MARK + tail)[:length]
    return PlantedSecrets(**values)
