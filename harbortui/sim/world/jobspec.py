"""The task definitions of a Harbor job, with environments that hold (planted) secrets as real jobs do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harbortui.sim.world.nomad_types import TaskDef
from harbortui.sim.world.options import ROOT_DIRECTORY, S3_ACCESS_KEY, S3_REGION, STORE_ADDRESS, TASK_SPECS

if TYPE_CHECKING:
    from harbortui.sim.world.world import World


def make_tasks(
    world: World, job_id: str, harbor_version: str, memory: dict[str, tuple[int, int]]
) -> tuple[TaskDef, ...]:
    """The eight tasks of one job version; `memory` overrides (MB reserved, MB limit) by task name."""
    tasks = []
    for spec in TASK_SPECS:
        reserved, limit = memory.get(spec.name, (spec.memory, spec.memory_max))
        image = f"{spec.image}:{harbor_version}"
        env = _environment(world, job_id, spec.name)
        tasks.append(TaskDef(spec.name, image, spec.cpu, reserved, limit, spec.kill_timeout, env))
    return tuple(tasks)


def _environment(world: World, job_id: str, task: str) -> dict[str, str]:
    s = world.secrets
    redis = f"redis://:{s.redis_password}@127.0.0.1:6379"
    if task == "database":
        return {"POSTGRES_PASSWORD": s.db_password, "PGDATA": "/var/lib/postgresql/data"}
    if task in ("registry", "registryctl"):
        return {
            "REGISTRY_STORAGE_S3_ACCESSKEY": S3_ACCESS_KEY,
            "REGISTRY_STORAGE_S3_SECRETKEY": s.s3_secret_key,
            "REGISTRY_STORAGE_S3_REGION": S3_REGION,
            "REGISTRY_STORAGE_S3_REGIONENDPOINT": f"http://{STORE_ADDRESS}",
            "REGISTRY_STORAGE_S3_BUCKET": world.instance(job_id).bucket_name,
            "REGISTRY_STORAGE_S3_ROOTDIRECTORY": ROOT_DIRECTORY,
            "REGISTRY_HTTP_SECRET": s.registry_http_secret,
            "REGISTRY_REDIS_PASSWORD": s.redis_password,
        }
    if task == "core":
        return {
            "HARBOR_ADMIN_PASSWORD": s.admin_password,
            "POSTGRESQL_PASSWORD": s.db_password,
            "CORE_SECRET": s.core_secret,
            "JOBSERVICE_SECRET": s.jobservice_secret,
            "CSRF_KEY": s.csrf_key,
            "REGISTRY_CREDENTIAL_PASSWORD": s.registry_password,
            "_REDIS_URL_CORE": f"{redis}/0",
            "_REDIS_URL_REG": f"{redis}/1",
            "EXT_ENDPOINT": world.instance(job_id).external_url,
        }
    if task == "jobservice":
        return {
            "CORE_SECRET": s.core_secret,
            "JOBSERVICE_SECRET": s.jobservice_secret,
            "CORE_URL": "http://127.0.0.1:8080",
            "JOB_SERVICE_POOL_REDIS_URL": f"{redis}/2",
        }
    return {"LOG_LEVEL": "info"}
