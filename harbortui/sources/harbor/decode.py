"""From Harbor's wire structs to the model; every text that came from outside is cleaned here."""

from __future__ import annotations

import msgspec

from harbortui.model.harbor import (
    Account,
    AccountKind,
    ComponentHealth,
    Execution,
    ExecutionTask,
    GcRun,
    GcSchedule,
    Health,
    Policy,
    Quota,
    RegistryEndpoint,
    SystemInfo,
)
from harbortui.model.redact import Clean
from harbortui.sources.harbor import wire
from harbortui.sources.rows import Unreadable, read_object, unix

_FINAL_GC = frozenset({"Success", "Error", "Stopped"})


def health(body: bytes, clean: Clean) -> tuple[Health, tuple[str, ...]]:
    """Core's view of the components, and what was wrong with rows that could not be read.

    Raises:
        Unreadable: not a health answer, or an object that names a key twice.
    """
    answer = read_object(body, wire.HealthAnswer, unique=True)
    found: dict[str, ComponentHealth] = {}
    lost: list[str] = []
    for position, raw in enumerate(answer.components or ()):
        try:
            row = read_object(bytes(raw), wire.Component)
        except Unreadable as error:
            lost.append(clean(f"component {position + 1}: {error}"))
            continue
        component = ComponentHealth(name=clean(row.name), status=clean(row.status), error=clean(row.error or ""))
        twin = found.get(component.name)
        if twin is not None:
            lost.append(f"component {component.name} is listed twice")
        if twin is None or twin.healthy:
            found[component.name] = component
    return Health(status=clean(answer.status), components=tuple(found.values())), tuple(lost)


def system(body: bytes, clean: Clean) -> tuple[SystemInfo, float | None]:
    """What Harbor says of itself, and its own time in unix seconds when it tells it."""
    info = read_object(body, wire.GeneralInfo, unique=True)
    told = SystemInfo(
        auth_mode=clean(info.auth_mode or ""),
        version=clean(info.harbor_version or ""),
        external_url=clean(info.external_url or ""),
        read_only=info.read_only,
        storage_provider=clean(info.registry_storage_provider_name or ""),
    )
    return told, unix(info.current_time)


def user(body: bytes, clean: Clean) -> Account:
    """The account behind the credentials, for a person's account."""
    row = read_object(body, wire.User, unique=True)
    admin = row.sysadmin_flag or row.admin_role_in_auth
    return Account(kind=AccountKind.ADMIN if admin else AccountKind.USER, name=clean(row.username))


def quota(row: wire.QuotaRow, clean: Clean) -> Quota:
    """One project's quota."""
    return Quota(project=clean(row.ref.name), used=row.used.storage, hard=row.hard.storage)


def registry(row: wire.RegistryRow, clean: Clean) -> RegistryEndpoint:
    """One replication endpoint."""
    return RegistryEndpoint(
        id=row.id,
        name=clean(row.name),
        type=clean(row.type),
        url=clean(row.url),
        status=clean(row.status),
        insecure=row.insecure,
    )


def policy(row: wire.PolicyRow, clean: Clean) -> Policy:
    """One replication policy; the local side (absent, or id 0) is left empty."""
    source = row.src_registry if row.src_registry is not None and row.src_registry.id else wire.RegistryRow()
    destination = row.dest_registry if row.dest_registry is not None and row.dest_registry.id else wire.RegistryRow()
    trigger = row.trigger or wire.Trigger()
    return Policy(
        id=row.id,
        name=clean(row.name),
        enabled=row.enabled,
        trigger=clean(trigger.type),
        cron=clean(trigger.trigger_settings.cron if trigger.trigger_settings else ""),
        source_registry=clean(source.name),
        source_url=clean(source.url),
        destination_registry=clean(destination.name),
        destination_url=clean(destination.url),
        filters=tuple(clean(_filter_words(each)) for each in row.filters or ()),
        override=row.override,
        replicate_deletion=row.replicate_deletion,
        updated=unix(row.update_time),
    )


def execution(row: wire.ExecutionRow, clean: Clean) -> Execution:
    """One replication execution."""
    return Execution(
        id=row.id,
        policy_id=row.policy_id,
        status=clean(row.status),
        status_text=clean(row.status_text),
        trigger=clean(row.trigger),
        start_time=unix(row.start_time),
        end_time=unix(row.end_time),
        total=row.total,
        failed=row.failed,
        succeed=row.succeed,
        in_progress=row.in_progress,
        stopped=row.stopped,
    )


def task(row: wire.TaskRow, clean: Clean) -> ExecutionTask:
    """One task of an execution."""
    return ExecutionTask(
        id=row.id,
        execution_id=row.execution_id,
        status=clean(row.status),
        operation=clean(row.operation),
        resource_type=clean(row.resource_type),
        source=clean(row.src_resource),
        destination=clean(row.dst_resource),
        job_id=clean(row.job_id),
        start_time=unix(row.start_time),
        end_time=unix(row.end_time),
    )


def gc_run(row: wire.GcRow, clean: Clean) -> tuple[GcRun, str]:
    """One garbage collection, and what was wrong with its parameters; it is of use without them too."""
    wrong = ""
    try:
        parameters = _parameters(row.job_parameters)
    except Unreadable as error:
        parameters, wrong = wire.GcParameters(), clean(f"parameters of garbage collection {row.id}: {error}")
    run = GcRun(
        id=row.id,
        status=clean(row.job_status),
        kind=clean(row.job_kind),
        start_time=unix(row.creation_time),
        end_time=unix(row.update_time) if row.job_status in _FINAL_GC else None,
        dry_run=parameters.dry_run,
        delete_untagged=parameters.delete_untagged,
        workers=_workers(parameters),
        freed_bytes=parameters.freed_space,
        purged_blobs=parameters.purged_blobs,
        purged_manifests=parameters.purged_manifests,
    )
    return run, wrong


def gc_schedule(body: bytes, clean: Clean) -> GcSchedule:
    """The schedule of the garbage collection; an empty one for an empty body."""
    answer = read_object(body, wire.ScheduleAnswer, unique=True) if body.strip() else wire.ScheduleAnswer()
    times = answer.schedule or wire.ScheduleTimes()
    return GcSchedule(
        type=clean(times.type),
        cron=clean(times.cron),
        next_time=unix(times.next_scheduled_time),
        workers=_workers(_parameters(answer.job_parameters)),
    )


def _parameters(text: str) -> wire.GcParameters:
    return read_object(text.encode(errors="replace"), wire.GcParameters) if text else wire.GcParameters()


def _workers(parameters: wire.GcParameters) -> int:
    """Harbor ignores a string here and uses its default, which 0 stands for."""
    return parameters.workers if isinstance(parameters.workers, int) else 0


def _filter_words(row: wire.Filter) -> str:
    """``name library/**`` or ``tag excludes latest``."""
    try:
        value = msgspec.json.decode(row.value, type=str | list[str] | None)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        value = "?"
    words = ", ".join(value) if isinstance(value, list) else value or ""
    return f"{row.type} excludes {words}" if row.decoration == "excludes" else f"{row.type} {words}"
