"""A configuration of one instance made of whatever servers the environment names; no secret is written into it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tests.live.settings import PREFIX, LiveHarbor, LiveNomad, LiveS3, LiveVault, server

NAME = "live"


def configuration(environment: Mapping[str, str]) -> str:
    """The TOML text; empty when no Harbor is named, for an instance cannot be without one."""
    harbor = server("HARBOR", environment)
    if not isinstance(harbor, LiveHarbor):
        return ""
    nomad, vault, s3 = (server(system, environment) for system in ("NOMAD", "VAULT", "S3"))
    lines = [
        "[harbor]",
        f"username = {_text(harbor.get('USERNAME'))}",
        _from("password", "HARBOR_PASSWORD"),
        *_ca("harbor", harbor),
    ]
    instance = ["[[instance]]", f"name = {_text(NAME)}", f"url = {_text(harbor.url)}"]
    if isinstance(nomad, LiveNomad) and nomad.jobs:
        lines += ["[nomad]", f"address = {_text(nomad.url)}", f"namespace = {_text(nomad.namespace)}"]
        lines += [f"region = {_text(nomad.region)}"] if nomad.region else []
        lines += [_from("token", "NOMAD_TOKEN")] if nomad.token is not None else []
        lines += _ca("nomad", nomad)
        instance.append(f"job = {_text(nomad.jobs[0])}")
    if isinstance(vault, LiveVault) and vault.get("TOKEN"):
        lines += ["[vault]", f"address = {_text(vault.url)}", _from("token", "VAULT_TOKEN"), *_ca("vault", vault)]
    if isinstance(s3, LiveS3) and s3.bucket:
        lines += ["[storage]", f"endpoint = {_text(s3.url)}", f"region = {_text(s3.region)}"]
        lines += [f"access_key = {_text(s3.get('ACCESS_KEY'))}", _from("secret_key", "S3_SECRET_KEY")]
        lines += [_from("metrics_token", "S3_METRICS_TOKEN")] if s3.get("METRICS_TOKEN") else []
        lines += _ca("storage", s3)
        instance.append(f"bucket = {_text(s3.bucket)}")
    return "\n".join([*lines, *instance, ""])


def _from(key: str, variable: str) -> str:
    return f'{key} = {{ env = "{PREFIX}{variable}" }}'


def _ca(table: str, server: LiveHarbor | LiveNomad | LiveVault | LiveS3) -> list[str]:
    return [f"{table}.tls.ca_file = {_text(server.get('CA'))}"] if server.get("CA") else []


def _text(value: str) -> str:
    # A JSON string is a TOML basic string too.
    return json.dumps(value)
