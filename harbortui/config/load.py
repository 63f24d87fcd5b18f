"""Finding the files, laying them over each other, and the settings that come out.

Lowest first: built-in values, variables of Vault's and Nomad's tools, system file, user file (or the file named by
``--config`` or ``HARBORTUI_CONFIG`` in its place), ``HARBORTUI_*`` variables, flags; and then the policy, which can
only tighten.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from harbortui.config.build import Builder
from harbortui.config.environment import CONFIG_VARIABLE, own_layers, read_text, tool_layers
from harbortui.config.errors import ConfigError, NoConfig, Problem
from harbortui.config.files import Layer, read_layer
from harbortui.config.kinds import Value
from harbortui.config.layers import Merged, default_layer
from harbortui.config.policy import apply_policy, is_policy, policy_values, read_policy
from harbortui.config.schema import KeyPath
from harbortui.config.settings import (
    CredentialRef,
    InstanceSettings,
    NomadSettings,
    Origin,
    PolicySettings,
    Settings,
    Source,
    VaultSettings,
)
from harbortui.config.trust import ROOT, Mistrust, Rules, config_rules, policy_rules, read_trusted

SYSTEM_FILE = Path("/etc/harbortui/config.toml")

FLAGS: dict[str, KeyPath] = {
    "--theme": ("ui", "theme"),
    "--mouse": ("ui", "mouse"),
    "--history": ("history", "directory"),
}
"""Command line flags that set a key."""


class Places(NamedTuple):
    """Where files are looked for; only tests choose other places, by argument and never by a variable."""

    system_file: Path | None
    user_file: Path | None
    home: Path | None
    """Where Vault's tool keeps its token; None to look nowhere."""
    uid: int
    administrator: int = ROOT

    @classmethod
    def usual(cls) -> Places:
        """The places of this machine and user."""
        from platformdirs import user_config_path

        return cls(SYSTEM_FILE, user_config_path("harbortui") / "config.toml", Path.home(), os.geteuid())

    @classmethod
    def nowhere(cls) -> Places:
        """No place but the file that is named."""
        return cls(None, None, None, os.geteuid())


def load(
    *,
    config: str | Path | None = None,
    flags: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
    places: Places | None = None,
) -> Settings:
    """The settings. ``flags`` are texts by their name on the command line (``{"--theme": "light"}``).

    Raises :class:`ConfigError` with every problem found, :class:`NoConfig` when there is no file.
    """
    environ = os.environ if environ is None else environ
    places = places or Places.usual()
    system, user = _read_files(config, environ, places)
    policy, policy_file = _policy(system, user, places)
    files = [layer for layer in (system, user) if layer is not None]
    own, warnings = own_layers(environ, _referenced(files))
    given = [
        Layer(Origin.FLAG, flag, {FLAGS[flag]: read_text(FLAGS[flag], text, flag)})
        for flag, text in (flags or {}).items()
    ]
    upper = [*files, *own, *given]
    tools: list[Layer] = []
    if not Merged(upper).flag(("fleet", "simulated")):
        tools, more = tool_layers(environ, places.home)
        warnings += more
    settings = _build(Merged([default_layer(), *tools, *upper]), files, warnings)
    return apply_policy(settings, policy, policy_file)


class Ways(NamedTuple):
    """How the backends are reached that do not belong to an instance."""

    nomad: NomadSettings | None
    vault: VaultSettings | None
    warnings: tuple[str, ...] = ()


def ways(
    *,
    file: Path | None,
    nomad_address: str = "",
    environ: Mapping[str, str] | None = None,
    places: Places | None = None,
) -> Ways:
    """Nomad and Vault as ``file`` (when it is there), the system file and the environment have them; no instance is
    needed. Raises :class:`ConfigError`."""
    environ = os.environ if environ is None else environ
    places = places or Places.usual()
    system = _read_if_there(places.system_file, Origin.SYSTEM, config_rules(places.administrator))
    named = _read_if_there(file, Origin.FILE, config_rules(places.uid))
    policy, _ = _policy(system, named, places)
    files = [layer for layer in (system, named) if layer is not None]
    own, warnings = own_layers(environ, _referenced(files))
    flag: dict[KeyPath, Value] = (
        {("nomad", "address"): read_text(("nomad", "address"), nomad_address, "--nomad")} if nomad_address else {}
    )
    upper = [*files, *own, *([Layer(Origin.FLAG, "--nomad", flag)] if flag else [])]
    tools: list[Layer] = []
    if not Merged(upper).flag(("fleet", "simulated")):
        tools, more = tool_layers(environ, places.home)
        warnings += more
    builder = Builder(Merged([default_layer(), *tools, *upper]))
    nomad, vault = builder.nomad(), builder.vault()
    if builder.problems:
        raise ConfigError(builder.problems)
    if policy.tls_verify:
        nomad = nomad and msgspec.structs.replace(nomad, tls=msgspec.structs.replace(nomad.tls, verify=True))
        vault = vault and msgspec.structs.replace(vault, tls=msgspec.structs.replace(vault.tls, verify=True))
    return Ways(nomad, vault, (*warnings, *builder.warnings))


def _read_files(
    config: str | Path | None, environ: Mapping[str, str], places: Places
) -> tuple[Layer | None, Layer | None]:
    """The system file's layer and the user's, or that of the file which was named instead."""
    named = str(config) if config else environ.get(CONFIG_VARIABLE, "")
    rules = config_rules(places.uid)
    system = _read_if_there(places.system_file, Origin.SYSTEM, config_rules(places.administrator))
    if named:
        path = Path(named).expanduser().absolute()
        try:
            return system, read_layer(path, Origin.FILE, rules)
        except FileNotFoundError:
            by = "--config" if config else CONFIG_VARIABLE
            raise ConfigError([Problem(f"there is no such file, named by {by}", str(path))]) from None
    user = _read_if_there(places.user_file, Origin.USER, rules)
    if system is None and user is None:
        raise NoConfig(str(each) for each in (places.user_file, places.system_file) if each)
    return system, user


def _read_if_there(path: Path | None, origin: Origin, rules: Rules) -> Layer | None:
    if path is None:
        return None
    try:
        return read_layer(path, origin, rules)
    except FileNotFoundError:
        return None


def _policy(system: Layer | None, user: Layer | None, places: Places) -> tuple[PolicySettings, str]:
    """The policy and the file it stands in; raises :class:`ConfigError` where a policy may not stand."""
    if user is not None and any(map(is_policy, user.values)):
        at = next(filter(is_policy, user.values))
        problem = Merged([user]).problem("[policy] is only honoured in the system file", at, f"that is {SYSTEM_FILE}")
        raise ConfigError([problem])
    if system is None or not any(map(is_policy, system.values)):
        return PolicySettings(), ""
    try:
        read_trusted(Path(system.where), policy_rules(places.administrator))
    except (Mistrust, OSError) as error:
        raise ConfigError([Problem(f"[policy] is refused: {error}", system.where)]) from None
    return read_policy(Merged([system])), system.where


def _referenced(layers: Iterable[Layer]) -> frozenset[str]:
    values = (value for layer in layers for value in layer.values.values())
    return frozenset(value.env for value in values if isinstance(value, CredentialRef) and value.env)


def _build(merged: Merged, files: list[Layer], warnings: list[str]) -> Settings:
    builder = Builder(merged)
    fleet = builder.fleet()
    instances = builder.instances(fleet)
    if not instances:
        where = files[-1].where if files else ""
        builder.problems.append(
            Problem('no instance is configured: add [[instance]] with name = "…" and url = "…"', where)
        )
    vault = builder.vault()
    if builder.problems:
        raise ConfigError(builder.problems)
    values, sources = _shown(merged)
    return Settings(
        fleet=fleet,
        instances=instances,
        vault=vault,
        thresholds=builder.thresholds(),
        history=builder.history(),
        ui=builder.ui(),
        keys=builder.keys(),
        warnings=(*warnings, *builder.warnings, *_odd(instances, vault)),
        files=tuple(layer.where for layer in files),
        values=values,
        sources=sources,
    )


def _odd(instances: tuple[InstanceSettings, ...], vault: VaultSettings | None) -> Iterable[str]:
    """What is allowed but hardly meant."""
    urls: dict[str, str] = {}
    stores: dict[tuple[str, str, str], str] = {}
    for each in instances:
        if (other := urls.setdefault(each.url, each.name)) != each.name:
            yield f"{other} and {each.name} have the same url"
        if each.storage:
            place = (each.storage.endpoint, each.bucket, each.prefix)
            if (other := stores.setdefault(place, each.name)) != each.name:
                yield f"{other} and {each.name} have the same bucket and prefix"
    if vault is None and any(_uses_vault(each) for each in instances):
        yield "credentials are in Vault, but no Vault address is known: set [vault] address or VAULT_ADDR"


def _uses_vault(each: InstanceSettings) -> bool:
    refs = [each.harbor.username, each.harbor.password, each.nomad and each.nomad.token]
    if each.storage:
        refs += [each.storage.access_key, each.storage.secret_key, each.storage.metrics_token]
    return any(ref and ref.vault for ref in refs)


def _shown(merged: Merged) -> tuple[dict[str, str], dict[str, Source]]:
    found = {".".join(path): each for path, each in merged.found.items()}
    return {key: as_text(each.value) for key, each in found.items()}, {key: each.source for key, each in found.items()}


def as_text(value: Value) -> str:
    """A value as it is shown to a person."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def shown_policy(settings: Settings) -> dict[str, str]:
    """The policy in effect, as text by key."""
    return {
        key: as_text(value if isinstance(value, bool | float) else str(value))
        for key, value in policy_values(settings.policy).items()
    }
