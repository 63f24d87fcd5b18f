"""What the environment says: our own variables, and those of Vault's and Nomad's tools as a fallback."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from pathlib import Path

from harbortui.config.errors import ConfigError, Problem, nearest
from harbortui.config.files import Layer
from harbortui.config.kinds import Value
from harbortui.config.schema import KeyPath, kind_of
from harbortui.config.settings import CredentialRef, Origin
from harbortui.model.text import safe_text

PREFIX = "HARBORTUI_"

VARIABLES: dict[str, KeyPath] = {
    "HARBORTUI_FLEET_NAME": ("fleet", "name"),
    "HARBORTUI_REFRESH": ("fleet", "refresh"),
    "HARBORTUI_PRODUCTION": ("fleet", "production"),
    "HARBORTUI_VAULT_ADDRESS": ("vault", "address"),
    "HARBORTUI_VAULT_NAMESPACE": ("vault", "namespace"),
    "HARBORTUI_NOMAD_ADDRESS": ("nomad", "address"),
    "HARBORTUI_NOMAD_REGION": ("nomad", "region"),
    "HARBORTUI_NOMAD_NAMESPACE": ("nomad", "namespace"),
    "HARBORTUI_STORAGE_ENDPOINT": ("storage", "endpoint"),
    "HARBORTUI_STORAGE_REGION": ("storage", "region"),
    "HARBORTUI_THEME": ("ui", "theme"),
    "HARBORTUI_MOUSE": ("ui", "mouse"),
    "HARBORTUI_TIMEZONE": ("ui", "timezone"),
}
"""The variables that set a key; ``HARBORTUI_CONFIG`` names the file when ``--config`` does not."""

CONFIG_VARIABLE = "HARBORTUI_CONFIG"

_NOT_SETTINGS = frozenset({CONFIG_VARIABLE, "HARBORTUI_SPECS", "HARBORTUI_PRISM"})
_LIVE_SUITE = "HARBORTUI_LIVE_"

TOOL_VARIABLES: dict[str, KeyPath] = {
    "VAULT_ADDR": ("vault", "address"),
    "VAULT_NAMESPACE": ("vault", "namespace"),
    "VAULT_CACERT": ("vault", "tls", "ca_file"),
    "VAULT_CAPATH": ("vault", "tls", "ca_path"),
    "VAULT_CLIENT_CERT": ("vault", "tls", "client_cert"),
    "VAULT_CLIENT_KEY": ("vault", "tls", "client_key"),
    "VAULT_TLS_SERVER_NAME": ("vault", "tls", "server_name"),
    "NOMAD_ADDR": ("nomad", "address"),
    "NOMAD_REGION": ("nomad", "region"),
    "NOMAD_NAMESPACE": ("nomad", "namespace"),
    "NOMAD_CACERT": ("nomad", "tls", "ca_file"),
    "NOMAD_CAPATH": ("nomad", "tls", "ca_path"),
    "NOMAD_CLIENT_CERT": ("nomad", "tls", "client_cert"),
    "NOMAD_CLIENT_KEY": ("nomad", "tls", "client_key"),
    "NOMAD_TLS_SERVER_NAME": ("nomad", "tls", "server_name"),
}
"""As ``vault`` and ``nomad`` themselves read them; an empty variable counts as unset, as it does there."""

_REFUSED = ("VAULT_SKIP_VERIFY", "NOMAD_SKIP_VERIFY")


def own_layers(environ: Mapping[str, str], referenced: Set[str]) -> tuple[list[Layer], list[str]]:
    """One layer for each ``HARBORTUI_*`` variable, and warnings about those nobody knows.

    ``referenced`` are variables that hold a credential by the files' own words. Raises :class:`ConfigError` for a wrong
    value.
    """
    layers: list[Layer] = []
    warnings: list[str] = []
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name.startswith(_LIVE_SUITE) or not environ[name]:
            continue
        if name in _NOT_SETTINGS | referenced:
            continue
        path = VARIABLES.get(name)
        if path is None:
            hint = nearest(name, (*VARIABLES, CONFIG_VARIABLE))
            warnings.append(
                f"{safe_text(name, limit=60)} is not a variable of HarborTUI" + (f" ({hint})" if hint else "")
            )
            continue
        layers.append(Layer(Origin.ENVIRONMENT, name, {path: read_text(path, environ[name], name)}))
    return layers, warnings


def read_text(path: KeyPath, text: str, name: str) -> Value:
    """A value given as text by a variable or flag called ``name``; raises :class:`ConfigError`."""
    kind = kind_of(path)
    if kind is None or kind.secret:
        raise ConfigError([Problem(f"{name} cannot be given this way")])
    try:
        return kind.read(text, Path.cwd())
    except ValueError as error:
        raise ConfigError([Problem(f"{name}: {error}")]) from None


def tool_layers(environ: Mapping[str, str], home: Path | None) -> tuple[list[Layer], list[str]]:
    """What Vault's and Nomad's own tools would use, a layer for each variable, and warnings for what is not obeyed."""
    layers: list[Layer] = []
    warnings = [
        f"{name} is not obeyed: certificates are verified; give the CA, or name the host in [tls] unverified_hosts"
        for name in _REFUSED
        if environ.get(name, "").lower() in ("1", "t", "true")
    ]
    for name, path in TOOL_VARIABLES.items():
        if not environ.get(name):
            continue
        try:
            layers.append(Layer(Origin.TOOL, name, {path: read_text(path, environ[name], name)}))
        except ConfigError as error:
            warnings.append(f"{error}; it is not used")
    layers += _tool_tokens(environ, home)
    return layers, warnings


def _tool_tokens(environ: Mapping[str, str], home: Path | None) -> Iterator[Layer]:
    if environ.get("VAULT_TOKEN"):
        yield Layer(Origin.TOOL, "VAULT_TOKEN", {("vault", "token"): CredentialRef(env="VAULT_TOKEN")})
    elif home is not None and (home / ".vault-token").is_file():
        found = home / ".vault-token"
        yield Layer(Origin.TOOL, str(found), {("vault", "token"): CredentialRef(file=str(found))})
    if environ.get("NOMAD_TOKEN"):
        yield Layer(Origin.TOOL, "NOMAD_TOKEN", {("nomad", "token"): CredentialRef(env="NOMAD_TOKEN")})
