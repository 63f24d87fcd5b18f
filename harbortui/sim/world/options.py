"""What a simulated fleet is asked to be, and the constants of the reference fleet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Provider = Literal["minio", "rgw"]

DAY = 86_400.0
HOUR = 3_600.0
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class SimOptions:
    """Options of one simulated fleet; equal options give an equal fleet.

    `start` is unix seconds (UTC): the moment at which the fleet's history ends and its life under the clock begins.
    `speed` is world seconds per real second; 0 holds the clock. `bulk_blobs` adds that many synthetic blobs to the
    primary's bucket, made on the fly.
    """

    start: float
    instances: int = 3
    seed: int = 1
    speed: float = 1.0
    harbor_version: str = "v2.11.2"
    provider: Provider = "minio"
    acl: bool = True
    fleet: str = "ackermann"
    history_days: int = 21
    bulk_blobs: int = 0
    versioning: bool = False

    @property
    def version_tuple(self) -> tuple[int, int, int]:
        """Harbor's version as numbers, e.g. (2, 11, 2)."""
        major, minor, patch = self.harbor_version.lstrip("v").split(".")[:3]
        return int(major), int(minor), int(patch)

    @property
    def console_user(self) -> str:
        """The account the console logs in with.

        A system robot that only reads, in every version: 2.11 grants all that it needs but the reading of robots
        (goharbor/harbor src/pkg/permission/types: NolimitProvider is 2.12+).
        """
        return "robot$ops-console"


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """One task of the Harbor job: name, image without tag, MHz, MB reserved, MB limit, kill timeout in seconds."""

    name: str
    image: str
    cpu: int
    memory: int
    memory_max: int
    kill_timeout: float = 5.0


TASK_SPECS: tuple[TaskSpec, ...] = (
    TaskSpec("database", "goharbor/harbor-db", 200, 512, 1024, 60.0),
    TaskSpec("redis", "goharbor/redis-photon", 100, 256, 512, 10.0),
    TaskSpec("registry", "goharbor/registry-photon", 200, 256, 512),
    TaskSpec("registryctl", "goharbor/harbor-registryctl", 100, 128, 256),
    TaskSpec("core", "goharbor/harbor-core", 300, 512, 1024),
    TaskSpec("portal", "goharbor/harbor-portal", 100, 128, 256),
    TaskSpec("jobservice", "goharbor/harbor-jobservice", 200, 256, 512, 30.0),
    TaskSpec("nginx", "goharbor/nginx-photon", 100, 128, 256),
)
TASK_NAMES: tuple[str, ...] = tuple(spec.name for spec in TASK_SPECS)

REGION = "global"
DATACENTER = "dc1"
NAMESPACE = "default"
GROUP = "harbor"
ROOT_DIRECTORY = "/registry"
S3_REGION = "us-east-1"
S3_ACCESS_KEY = "harbor-5dd6a6b7"
STORE_ADDRESS = "10.0.0.200:9000"
VAULT_PATH = "kv/data/harbor"
GC_CRON = "0 0 3 * * 0"
