"""The templates of a Harbor job's tasks, with secrets in clear where people leave them in real jobs.

Most values come from Vault when the template is rendered; some are pasted in, and those are in every job dump.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harbortui.sim.nomad.encoding import SECOND, Json
from harbortui.sim.world.options import ROOT_DIRECTORY, S3_ACCESS_KEY, S3_REGION, STORE_ADDRESS, VAULT_PATH

if TYPE_CHECKING:
    from harbortui.sim.secrets import PlantedSecrets
    from harbortui.sim.world import Instance


def _registry(instance: Instance, secrets: PlantedSecrets) -> tuple[str, str]:
    text = (
        "version: 0.1\nlog:\n  level: info\nstorage:\n  s3:\n"
        f"    accesskey: {S3_ACCESS_KEY}\n    secretkey: {secrets.s3_secret_key}\n    region: {S3_REGION}\n"
        f"    regionendpoint: http://{STORE_ADDRESS}\n    bucket: {instance.bucket_name}\n    secure: false\n"
        f"    v4auth: true\n    rootdirectory: {ROOT_DIRECTORY}\n  delete:\n    enabled: true\n"
        f"redis:\n  addr: 127.0.0.1:6379\n  password: {secrets.redis_password}\n  db: 1\n"
        f"http:\n  addr: :5000\n  secret: {secrets.registry_http_secret}\n"
    )
    return "local/registry/config.yml", text


def _core(instance: Instance, secrets: PlantedSecrets) -> tuple[str, str]:
    text = (
        f'{{{{ with secret "{VAULT_PATH}" }}}}\nPOSTGRESQL_PASSWORD={{{{ .Data.data.db_password }}}}\n{{{{ end }}}}\n'
        f"CORE_SECRET={secrets.core_secret}\nKEY={secrets.secret_key}\nEXT_ENDPOINT={instance.external_url}\n"
    )
    return "secrets/core.env", text


def _jobservice(instance: Instance, secrets: PlantedSecrets) -> tuple[str, str]:
    text = (
        "protocol: http\nport: 8080\nworker_pool:\n  workers: 10\n  backend: redis\n  redis_pool:\n"
        f"    redis_url: redis://:{secrets.redis_password}@127.0.0.1:6379/2?idle_timeout_seconds=30\n"
        "    namespace: harbor_job_service_namespace\nreaper:\n  max_update_hours: 24\n"
        f"core_secret: {secrets.jobservice_secret}\n"
    )
    return "local/jobservice/config.yml", text


def _nginx(instance: Instance, _secrets: PlantedSecrets) -> tuple[str, str]:
    text = (
        "events { worker_connections 3096; }\nhttp {\n  server {\n    listen 8080;\n"
        f"    server_name {instance.external_url.partition('://')[2]};\n    client_max_body_size 0;\n  }}\n}}\n"
    )
    return "local/nginx/nginx.conf", text


_WRITERS = {"registry": _registry, "registryctl": _registry, "core": _core, "jobservice": _jobservice, "nginx": _nginx}


def task_templates(task: str, instance: Instance | None, secrets: PlantedSecrets) -> list[Json] | None:
    """The Templates field of a task; null when it has none."""
    writer = _WRITERS.get(task)
    if writer is None or instance is None:
        return None
    destination, text = writer(instance, secrets)
    return [
        {
            "SourcePath": "",
            "DestPath": destination,
            "EmbeddedTmpl": text,
            "ChangeMode": "restart",
            "ChangeSignal": "",
            "ChangeScript": None,
            "Splay": 5 * SECOND,
            "Perms": "0644",
            "Uid": None,
            "Gid": None,
            "LeftDelim": "{{",
            "RightDelim": "}}",
            "Envvars": destination.endswith(".env"),
            "VaultGrace": 0,
            "Once": False,
            "Wait": None,
            "ErrMissingKey": False,
        }
    ]
