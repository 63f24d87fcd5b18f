"""The console's configuration for a simulated fleet, and the token file beside it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from harbortui.sim.world.options import NAMESPACE, REGION, ROOT_DIRECTORY, S3_REGION, VAULT_PATH

if TYPE_CHECKING:
    from harbortui.sim.world import World


def config_text(world: World, urls: dict[str, str], token_file: str) -> str:
    """The TOML text; `urls` maps backend names to addresses. Secrets are only named, they come from Vault."""

    def from_vault(key: str) -> str:
        return f'{{ vault = "{VAULT_PATH}", key = "{key}" }}'

    lines = [
        "[fleet]",
        f"name = {json.dumps(world.options.fleet)}",
        "simulated = true",
        "",
        "[vault]",
        f"address = {json.dumps(urls['vault'])}",
        f"token_file = {json.dumps(token_file)}",
        "",
        "[nomad]",
        f"address = {json.dumps(urls['nomad'])}",
        f'region = "{REGION}"',
        f'namespace = "{NAMESPACE}"',
        f"token = {from_vault('nomad_read_token')}",
        "",
        "[storage]",
        f"endpoint = {json.dumps(urls['s3'])}",
        f'region = "{S3_REGION}"',
        f"access_key = {from_vault('s3_access_key')}",
        f"secret_key = {from_vault('s3_secret_key')}",
        "",
        "[harbor]",
        f"username = {json.dumps(world.options.console_user)}",
        f"password = {from_vault('console_password')}",
    ]
    return "\n".join(lines + _instances(world, urls)) + "\n"


def _instances(world: World, urls: dict[str, str]) -> list[str]:
    lines: list[str] = []
    for instance in world.instances:
        lines += [
            "",
            "[[instance]]",
            f"name = {json.dumps(instance.name)}",
            f"url = {json.dumps(urls[f'harbor:{instance.name}'])}",
            f"external_url = {json.dumps(instance.external_url)}",
            f"job = {json.dumps(instance.job_id)}",
            f"bucket = {json.dumps(instance.bucket_name)}",
            f"prefix = {json.dumps(ROOT_DIRECTORY)}",
        ]
    return lines


def write_config(world: World, urls: dict[str, str], path: Path) -> Path:
    """Write the configuration to `path` and the Vault token beside it, both readable by their owner only."""
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    token = path.with_name(path.stem + ".vault-token")
    _private(token, world.secrets.vault_token + "\n")
    _private(path, config_text(world, urls, str(token)))
    return path


def _private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
