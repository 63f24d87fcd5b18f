"""A job as /job/:id writes it: the whole specification of one version, secrets and all."""

from __future__ import annotations

from harbortui.sim.nomad.context import LOG_FILE_BYTES, LOG_FILES, NomadServer
from harbortui.sim.nomad.encoding import SECOND, Json, nanos
from harbortui.sim.nomad.job_blocks import NO_UPDATE, RESCHEDULE, RESTART, UPDATE, group_service
from harbortui.sim.nomad.templates import task_templates
from harbortui.sim.world.nomad_types import Job, JobVersion, TaskDef
from harbortui.sim.world.options import DATACENTER, GROUP, NAMESPACE, REGION

HTTP_PORT_TO = 8080
_IDENTITY: Json = {
    "Name": "default",
    "Audience": ["nomadproject.io"],
    "ChangeMode": "",
    "ChangeSignal": "",
    "Env": False,
    "File": False,
    "Filepath": "",
    "ServiceName": "",
    "TTL": 0,
}
PULLED_WITH_LOGIN = frozenset({"core", "jobservice"})


def job_meta(server: NomadServer, job_id: str) -> Json:
    """The job's meta block: what the fleet's jobs can be found by."""
    instance = server.instance_of(job_id)
    role = "primary" if instance is not None and instance.primary else "secondary"
    return {"app": "harbor", "fleet": server.options.fleet, "role": role}


def full_job(server: NomadServer, job: Job, version: JobVersion | None = None) -> Json:
    """One version of a job (the current one unless said), field by field."""
    shown = version or job.current
    current = shown is job.current
    return {
        "Stop": shown.stop,
        "Region": REGION,
        "Namespace": NAMESPACE,
        "ID": job.id,
        "ParentID": "",
        "Name": job.id,
        "Type": "service",
        "Priority": 50,
        "AllAtOnce": False,
        "Datacenters": [DATACENTER],
        "NodePool": "default",
        "Constraints": [{"LTarget": "${attr.kernel.name}", "RTarget": "linux", "Operand": "="}],
        "Affinities": None,
        "Spreads": None,
        "TaskGroups": [task_group(server, job, shown)],
        "Update": {"Stagger": 30 * SECOND, "MaxParallel": 1, **NO_UPDATE},
        "Multiregion": None,
        "Periodic": None,
        "ParameterizedJob": None,
        "Dispatched": False,
        "DispatchIdempotencyToken": "",
        "Payload": None,
        "Meta": job_meta(server, job.id),
        "ConsulNamespace": "",
        "VaultNamespace": "",
        "NomadTokenID": "",
        "Status": ("dead" if shown.stop else job.status) if current else ("dead" if shown.stop else "running"),
        "StatusDescription": "",
        "Stable": shown.stable,
        "Version": shown.version,
        "SubmitTime": nanos(shown.submit_time),
        "UI": None,
        **({"VersionTag": None} if server.at_least(1, 9) else {}),
        "CreateIndex": job.create_index,
        "ModifyIndex": job.modify_index if current else shown.modify_index,
        "JobModifyIndex": job.job_modify_index if current else shown.modify_index,
    }


def task_group(server: NomadServer, job: Job, version: JobVersion) -> Json:
    """The one task group of a Harbor job."""
    return {
        "Name": GROUP,
        "Count": version.count,
        "Update": dict(UPDATE),
        "Migrate": {
            "MaxParallel": 1,
            "HealthCheck": "checks",
            "MinHealthyTime": 10 * SECOND,
            "HealthyDeadline": 300 * SECOND,
        },
        "Constraints": _node_constraint(server, job.id),
        "Scaling": None,
        "RestartPolicy": dict(RESTART),
        "Disconnect": None,
        "Tasks": [task_json(server, job.id, task) for task in version.tasks],
        "EphemeralDisk": {"Sticky": False, "SizeMB": 300, "Migrate": False},
        "Meta": None,
        "ReschedulePolicy": dict(RESCHEDULE),
        "Affinities": None,
        "Spreads": None,
        "Networks": group_networks(server, job.id),
        "Consul": {"Namespace": "", "Cluster": "default", "Partition": ""},
        "Services": [group_service(job.id)],
        "Volumes": None,
        "ShutdownDelay": None,
        "StopAfterClientDisconnect": None,
        "MaxClientDisconnect": None,
        "PreventRescheduleOnLost": False,
    }


def group_networks(server: NomadServer, job_id: str, address: str = "") -> list[Json]:
    """The group's network: the host's port 8880 to nginx. Nomad leaves out what is empty in it."""
    port = {"Label": "http", "Value": _port(server, job_id), "To": HTTP_PORT_TO, "HostNetwork": "default"}
    return [{"Mode": "host", **({"IP": address} if address else {}), "ReservedPorts": [port]}]


def task_json(server: NomadServer, job_id: str, task: TaskDef) -> Json:
    """One task. Env, Config and Templates hold secrets."""
    instance = server.instance_of(job_id)
    return {
        "Name": task.name,
        "Driver": "docker",
        "User": "",
        "Config": _docker_config(server, job_id, task),
        "Env": dict(task.env),
        "Services": None,
        "Vault": _vault() if task.name in ("core", "database") else None,
        "Consul": None,
        "Templates": task_templates(task.name, instance, server.world.secrets),
        "Constraints": None,
        "Affinities": None,
        "Resources": task_resources(server, task),
        "RestartPolicy": dict(RESTART),
        "DispatchPayload": None,
        "Lifecycle": None,
        "Meta": None,
        "KillTimeout": int(task.kill_timeout * SECOND),
        "LogConfig": {
            "MaxFiles": LOG_FILES,
            "MaxFileSizeMB": LOG_FILE_BYTES // 1_048_576,
            "Disabled": False,
        },
        "Artifacts": None,
        "Leader": False,
        "ShutdownDelay": 0,
        "VolumeMounts": None,
        "ScalingPolicies": None,
        "KillSignal": "",
        "Kind": "",
        "CSIPluginConfig": None,
        "Identity": dict(_IDENTITY),
        "Identities": None,
        "Actions": None,
        "Schedule": None,
    }


def task_resources(server: NomadServer, task: TaskDef) -> Json:
    """The Resources block of a task (MHz, MB)."""
    return {
        **({"SecretsMB": 0} if server.at_least(1, 10) else {}),
        "CPU": task.cpu,
        "Cores": 0,
        "MemoryMB": task.memory,
        "MemoryMaxMB": task.memory_max,
        "DiskMB": 0,
        "IOPS": 0,
        "Networks": None,
        "Devices": None,
        "NUMA": None,
    }


def _docker_config(server: NomadServer, job_id: str, task: TaskDef) -> Json:
    config: Json = {"image": task.image, "network_mode": "harbor-net", "hostname": task.name}
    config["volumes"] = [f"/nfs/docker/{job_id}/{task.name}:/data"]
    if task.name == "nginx":
        config["ports"] = ["http"]
    if task.name in PULLED_WITH_LOGIN:
        config["auth"] = [{"username": "ackermann-ci", "password": server.world.secrets.dockerhub_token}]
    return config


def _vault() -> Json:
    return {
        "Role": "",
        "Policies": ["harbor"],
        "Namespace": "",
        "Cluster": "default",
        "Env": True,
        "DisableFile": False,
        "ChangeMode": "restart",
        "ChangeSignal": "",
        "AllowTokenExpiration": False,
    }


def _node_constraint(server: NomadServer, job_id: str) -> list[Json] | None:
    instance = server.instance_of(job_id)
    if instance is None:
        return None
    return [{"LTarget": "${node.unique.name}", "RTarget": instance.node_name, "Operand": "="}]


def _port(server: NomadServer, job_id: str) -> int:
    instance = server.instance_of(job_id)
    return instance.port if instance is not None else 0
