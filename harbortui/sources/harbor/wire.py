"""Harbor's JSON as it is on the wire: only the fields that may be kept, strict in type, absent meaning zero.

go-swagger leaves out zero values (``omitempty``), so a missing field is its zero; a field that is always there has no
default. Never declared, hence never in memory as a value: ``credential`` of registries, ``redis_url_reg`` of garbage
collections (it holds the Redis password up to 2.15.1).
"""

from __future__ import annotations

import msgspec

from harbortui.sources.rows import Int64, UtcTime


class Component(msgspec.Struct):
    """One component of ``GET /health``."""

    name: str
    status: str
    error: str | None = None


class HealthAnswer(msgspec.Struct):
    """``GET /health``; components stay raw to be read one by one."""

    status: str
    components: list[msgspec.Raw] | None = None


class GeneralInfo(msgspec.Struct):
    """``GET /systeminfo``; all fields are nullable in Harbor's own description."""

    auth_mode: str | None = None
    harbor_version: str | None = None
    external_url: str | None = None
    read_only: bool | None = None
    registry_storage_provider_name: str | None = None
    current_time: UtcTime | None = None


class User(msgspec.Struct):
    """``GET /users/current``."""

    username: str
    sysadmin_flag: bool = False
    admin_role_in_auth: bool = False


class QuotaRef(msgspec.Struct):
    """The project a quota belongs to."""

    name: str


class Resources(msgspec.Struct):
    """Amounts of a quota in bytes; -1 is unlimited."""

    storage: Int64 = 0


class QuotaRow(msgspec.Struct):
    """One row of ``GET /quotas``; a quota whose project is gone has no ``ref``."""

    ref: QuotaRef
    used: Resources = msgspec.field(default_factory=Resources)
    hard: Resources = msgspec.field(default_factory=Resources)


class AccessoryRow(msgspec.Struct):
    """A signature, SBOM or the like of an artifact."""

    size: Int64 = 0


class ArtifactRow(msgspec.Struct):
    """One row of ``GET /projects/{project}/artifacts``; the configuration it comes with is never decoded."""

    id: Int64
    repository_name: str
    size: Int64 = 0
    accessories: list[AccessoryRow] | None = None


class RegistryRow(msgspec.Struct):
    """One row of ``GET /registries``, also the two sides of a policy (id 0 is this Harbor itself)."""

    id: Int64 = 0
    name: str = ""
    type: str = ""
    url: str = ""
    status: str = ""
    insecure: bool = False


class TriggerSettings(msgspec.Struct):
    """When a scheduled policy runs."""

    cron: str = ""


class Trigger(msgspec.Struct):
    """What starts a policy."""

    type: str = "manual"
    trigger_settings: TriggerSettings | None = None


class Filter(msgspec.Struct):
    """One filter of a policy; ``value`` is a string, or a list of them for labels."""

    type: str = ""
    value: msgspec.Raw = msgspec.Raw(b"null")
    decoration: str = ""


class PolicyRow(msgspec.Struct):
    """One row of ``GET /replication/policies``."""

    id: Int64
    name: str = ""
    enabled: bool = False
    src_registry: RegistryRow | None = None
    dest_registry: RegistryRow | None = None
    trigger: Trigger | None = None
    filters: list[Filter] | None = None
    override: bool = False
    replicate_deletion: bool = False
    update_time: UtcTime | None = None


class ExecutionRow(msgspec.Struct):
    """One row of ``GET /replication/executions``."""

    id: Int64
    policy_id: Int64 = 0
    status: str = ""
    status_text: str = ""
    trigger: str = ""
    start_time: UtcTime | None = None
    end_time: UtcTime | None = None
    total: Int64 = 0
    failed: Int64 = 0
    succeed: Int64 = 0
    in_progress: Int64 = 0
    stopped: Int64 = 0


class TaskRow(msgspec.Struct):
    """One row of ``GET /replication/executions/{id}/tasks``."""

    id: Int64
    execution_id: Int64 = 0
    status: str = ""
    operation: str = ""
    resource_type: str = ""
    src_resource: str = ""
    dst_resource: str = ""
    job_id: str = ""
    start_time: UtcTime | None = None
    end_time: UtcTime | None = None


class GcRow(msgspec.Struct):
    """One row of ``GET /system/gc``; ``job_parameters`` is JSON inside a string."""

    id: Int64
    job_status: str = ""
    job_kind: str = ""
    job_parameters: str = ""
    creation_time: UtcTime | None = None
    update_time: UtcTime | None = None


class GcParameters(msgspec.Struct):
    """What of ``job_parameters`` may be kept; Harbor stores ``workers`` as it was posted, also when it was a string."""

    dry_run: bool = False
    delete_untagged: bool = False
    workers: Int64 | str = 0
    freed_space: Int64 | None = None
    purged_blobs: Int64 | None = None
    purged_manifests: Int64 | None = None


class ScheduleTimes(msgspec.Struct):
    """When the garbage collection runs by itself."""

    type: str = ""
    cron: str = ""
    next_scheduled_time: UtcTime | None = None


class ScheduleAnswer(msgspec.Struct):
    """``GET /system/gc/schedule``; 200 with an empty body when there is none."""

    schedule: ScheduleTimes | None = None
    job_parameters: str = ""


class ErrorRow(msgspec.Struct):
    """One error of Harbor's error body."""

    code: str = ""
    message: str = ""


class ErrorBody(msgspec.Struct):
    """Harbor's error body."""

    errors: list[ErrorRow] = []
