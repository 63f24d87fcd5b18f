"""The report: every part judged, what is blind, what to grant, and one sentence first."""

from __future__ import annotations

from collections.abc import Iterator

from harbortui.config.settings import InstanceSettings, NomadSettings, Settings
from harbortui.model.storage import BucketState
from harbortui.probes import plan
from harbortui.probes.grants import harbor as harbor_grants
from harbortui.probes.grants import nomad as nomad_grants
from harbortui.probes.grants import s3 as s3_grants
from harbortui.probes.grants import vault as vault_grants
from harbortui.probes.judge import door, files, harbor, jobs, nomad, s3, vault
from harbortui.probes.judge.blind import blind_of, untold
from harbortui.probes.judge.common import listed
from harbortui.probes.learned import Door, Learned, of_bucket
from harbortui.probes.result import Blind, Check, Grant, Level, Part, Report, Role

_RIGHTS = frozenset(
    """right-missing right-too-many nomad-management nomad-token harbor-account harbor-admin secret-admin
    vault-root vault-powers vault-wide vault-writes secret-shared s3-writes s3-key""".split()  # noqa: SIM905
)
"""Checks that a grant would mend, when they are no OK."""


def report(settings: Settings, learned: Learned, role: Role, *, uid: int) -> Report:
    """Everything there is to say; pure."""
    limit = settings.thresholds.clock_skew
    parts = tuple(_parts(settings, learned, role, limit, uid))
    blind = tuple(each for instance in settings.instances for each in blind_of(learned, instance, role))
    level = max((part.level for part in parts), default=Level.OK)
    level = max(level, Level.MISSING if any(_is_missing(each, settings) for each in blind) else Level.OK)
    wanted = {part.source for part in parts for each in part.checks if each.id in _RIGHTS and each.level > Level.NOTE}
    return Report(
        role=role,
        at=learned.at,
        level=level,
        sentence=_sentence(parts, blind, len(settings.instances), level, role),
        parts=parts,
        blind=blind,
        grants=tuple(grant for each in Role for grant in _grants(settings, learned, each, parts)),
        wanted=tuple(sorted(wanted)),
    )


def _is_missing(blind: Blind, settings: Settings) -> bool:
    """A pane without a configured source is a choice; one without a right is not."""
    instance = settings.instance(blind.instance)
    return bool(blind.needs) and instance is not None


def _parts(settings: Settings, learned: Learned, role: Role, limit: float, uid: int) -> Iterator[Part]:
    def of(source: str, at: Door, instances: tuple[str, ...], more: list[Check]) -> Part:
        checks = door.judge(at, learned, skew_limit=limit)
        # Behind a closed door everything else fails for the same reason.
        closed = any(each.id == "reachable" and each.level is Level.MISSING for each in checks)
        return Part(source=source, address=at.url, instances=instances, checks=(*checks, *([] if closed else more)))

    yield files.part(learned.files, uid=uid)
    names = tuple(each.name for each in settings.instances)
    if settings.vault is not None:
        yield of("Vault", plan.vault_door(settings), names, vault.judge(settings, learned))
    elif plan.vault_fields(settings):
        text = "credentials are in Vault, but no Vault address is known"
        check = Check(id="vault-address", level=Level.MISSING, text=text, hint="set [vault] address or VAULT_ADDR")
        yield Part(source="Vault", instances=names, checks=(check,))
    for each in plan.nomads(settings):
        users = _users(settings, each)
        spaces = tuple(dict.fromkeys(user.nomad.namespace for user in users if user.nomad))
        checks = nomad.judge(learned, each, spaces, role)
        # Without a good token every job fails for the same reason.
        if not any(check.id == "nomad-token" and check.level is Level.MISSING for check in checks):
            checks += _jobs(learned, users, role)
        yield of("Nomad", plan.nomad_door(each), tuple(user.name for user in users), checks)
    for instance in settings.instances:
        checks = harbor.judge(learned, instance, role)
        keys = tuple(untold(learned, instance, role))
        if keys:
            text = f"whether these keys will work shows only when they are used: {'; '.join(keys)}"
            checks.append(Check(id="keys-untold", level=Level.NOTE, text=text))
        yield of("Harbor", plan.harbor_door(instance), (instance.name,), checks)
    for storage, bucket, prefix in plan.buckets(settings):
        subject = of_bucket(storage, bucket)
        served = tuple(
            each.name
            for each in settings.instances
            if each.storage is not None and of_bucket(each.storage, each.bucket) == subject
        )
        yield of("S3", plan.storage_door(storage), served, s3.judge(learned, storage, bucket, prefix))


def _users(settings: Settings, at: NomadSettings) -> tuple[InstanceSettings, ...]:
    return tuple(each for each, _ in plan.jobs(settings, at))


def _jobs(learned: Learned, users: tuple[InstanceSettings, ...], role: Role) -> Iterator[Check]:
    """What Nomad says of each instance's job."""
    for each in users:
        told = nomad.lacking(learned, each.nomad, each.nomad.namespace, role) if each.nomad is not None else ()
        yield from jobs.judge(learned, each, told)


def _sentence(parts: tuple[Part, ...], blind: tuple[Blind, ...], count: int, level: Level, role: Role) -> str:
    lacking = [part for part in parts if part.level is Level.MISSING]
    warned = sum(each.level is Level.WARNING for part in parts for each in part.checks)
    hurt = {name for part in lacking for name in part.instances}
    seen = [each for each in blind if each.instance in hurt and each.kind == "pane"]
    used = [each for each in blind if each.instance in hurt and each.kind == "key"]
    noun = "instance" if count == 1 else "instances"
    everything = "the one instance" if count == 1 else f"all {count} instances"
    full = "as far as it is configured" if blind else "in full"
    by = f"by {role.one}"
    if level is Level.OK or level is Level.NOTE:
        return f"{everything} can be seen {full} {by}; no credential may do more than it should, as far as is told"
    if level is Level.WARNING:
        words = "1 thing deserves" if warned == 1 else f"{warned} things deserve"
        return f"{everything} can be seen {full} {by}; {words} a change"
    where = dict.fromkeys(part.source for part in lacking)
    number = len({each.instance for each in seen or used}) or len(hurt) or count
    at = f": something is missing at {listed(where)}" if where else ""
    if used and not seen:
        return f"not every key works for {role.one} in {number} of {count} {noun}{at}"
    return f"{number} of {count} {noun} cannot be seen in full {by}{at}"


def _grants(settings: Settings, learned: Learned, role: Role, parts: tuple[Part, ...]) -> Iterator[Grant]:
    for each in plan.nomads(settings):
        spaces = tuple(dict.fromkeys(user.nomad.namespace for user in _users(settings, each) if user.nomad))
        yield nomad_grants.grant(role, spaces, nomad.version(learned, each), each.address)
    robots: dict[tuple[str, ...], list[tuple[tuple[int, ...] | None, str]]] = {}
    for instance in settings.instances:
        version = harbor.version(learned, instance)
        alike = harbor_grants.permissions(role, version or harbor_grants.NEWEST)
        robots.setdefault(alike, []).append((version, instance.url))
    for found in robots.values():
        yield harbor_grants.grant(role, [version for version, _ in found if version], [url for _, url in found])
    fields = plan.vault_fields(settings)
    if fields:
        shared = any(each.id == "secret-shared" for part in parts for each in part.checks)
        yield vault_grants.grant(role, fields, move=shared or role is not Role.VIEWER)
    stores: dict[str, list[str]] = {}
    providers: dict[str, str] = {}
    for storage, bucket, _ in plan.buckets(settings):
        stores.setdefault(storage.endpoint, []).append(bucket)
        state: BucketState | None = learned.value(of_bucket(storage, bucket), "bucket")
        if state is not None and state.provider:
            providers[storage.endpoint] = state.provider
    for endpoint, names in stores.items():
        yield from s3_grants.grants(role, names, endpoint, providers.get(endpoint, ""))
