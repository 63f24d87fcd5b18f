"""The administrator's ``[policy]``: honoured only in the system file, applied last, able only to tighten."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from harbortui.config.layers import Merged
from harbortui.config.schema import POLICY, KeyPath
from harbortui.config.settings import (
    InstanceSettings,
    Origin,
    PolicySettings,
    Settings,
    Source,
    Tls,
)


def is_policy(path: KeyPath) -> bool:
    """True for keys of the policy table."""
    return path[0] == "policy"


def read_policy(merged: Merged) -> PolicySettings:
    """The policy from the values of the system file; a key that is not given tightens nothing."""
    default = PolicySettings()

    def flag(key: str, otherwise: bool) -> bool:
        return merged.flag(("policy", key)) if ("policy", key) in merged.found else otherwise

    return PolicySettings(
        read_only=flag("read_only", default.read_only),
        arming=flag("arming", default.arming),
        tls_verify=flag("tls_verify", default.tls_verify),
        minimum_refresh=merged.number(("policy", "minimum_refresh")),
        hooks=flag("hooks", default.hooks),
    )


def apply_policy(settings: Settings, policy: PolicySettings, file: str) -> Settings:
    """``settings`` tightened by ``policy``; values that it changed name the policy's file as their source."""
    warnings = list(settings.warnings)
    values, sources = dict(settings.values), dict(settings.sources)
    by_policy = Source(Origin.POLICY, file)
    for key in POLICY if file else ():
        sources.setdefault(f"policy.{key}", by_policy)
    fleet = settings.fleet
    if fleet.refresh < policy.minimum_refresh:
        fleet = msgspec.structs.replace(fleet, refresh=policy.minimum_refresh)
        values["fleet.refresh"], sources["fleet.refresh"] = f"{policy.minimum_refresh:g}", by_policy
    tightened = msgspec.structs.replace(settings, fleet=fleet, policy=policy)
    if policy.tls_verify:
        tightened, changed = _verify_all(tightened)
        if changed:
            warnings = [each for each in warnings if "is not verified" not in each]
            warnings.append(
                "verify = false is overruled: the policy of this machine demands that certificates are verified"
            )
        for key in [key for key, value in values.items() if key.endswith("verify") and value == "false"]:
            values[key], sources[key] = "true", by_policy
    return msgspec.structs.replace(tightened, warnings=tuple(warnings), values=values, sources=sources)


def _verified(tls: Tls) -> Tls:
    return tls if tls.verify else msgspec.structs.replace(tls, verify=True)


def _verified_instance(each: InstanceSettings) -> InstanceSettings:
    replace = msgspec.structs.replace
    return replace(
        each,
        harbor=replace(each.harbor, tls=_verified(each.harbor.tls)),
        nomad=each.nomad and replace(each.nomad, tls=_verified(each.nomad.tls)),
        storage=each.storage and replace(each.storage, tls=_verified(each.storage.tls)),
    )


def _verify_all(settings: Settings) -> tuple[Settings, bool]:
    vault = settings.vault and msgspec.structs.replace(settings.vault, tls=_verified(settings.vault.tls))
    instances = tuple(map(_verified_instance, settings.instances))
    changed = vault != settings.vault or instances != settings.instances
    return msgspec.structs.replace(settings, vault=vault, instances=instances), changed


def policy_values(policy: PolicySettings) -> Mapping[str, object]:
    """The policy by key, for showing."""
    return {f"policy.{key}": getattr(policy, key) for key in POLICY}
