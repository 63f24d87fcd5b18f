"""The simulated world: fleet, contents and history, without any HTTP."""

from __future__ import annotations

from harbortui.sim.world.harbor_types import (
    Artifact,
    AuditRow,
    Blob,
    Execution,
    Image,
    JobRun,
    Policy,
    PoolView,
    Project,
    QueueView,
    RegistryEndpoint,
    ReplicationTask,
    Repository,
    Schedule,
    WorkerView,
)
from harbortui.sim.world.history import build_world
from harbortui.sim.world.instance import Instance, Place, Robot
from harbortui.sim.world.logs import ContainerLogs, LogStream
from harbortui.sim.world.nomad import NomadState
from harbortui.sim.world.nomad_errors import NomadError
from harbortui.sim.world.nomad_types import (
    Allocation,
    ClusterEvent,
    Deployment,
    Evaluation,
    Job,
    JobVersion,
    Node,
    PlacementFailure,
    TaskDef,
    TaskEvent,
    TaskState,
)
from harbortui.sim.world.options import SimOptions, TaskSpec
from harbortui.sim.world.stats import TaskSample, TaskStats
from harbortui.sim.world.store_types import BucketStats, MultipartUpload, ObjectEntry, VersionEntry
from harbortui.sim.world.vault_state import VaultState
from harbortui.sim.world.world import World

__all__ = [
    "Allocation",
    "Artifact",
    "AuditRow",
    "Blob",
    "BucketStats",
    "ClusterEvent",
    "ContainerLogs",
    "Deployment",
    "Evaluation",
    "Execution",
    "Image",
    "Instance",
    "Job",
    "JobRun",
    "JobVersion",
    "LogStream",
    "MultipartUpload",
    "Node",
    "NomadError",
    "NomadState",
    "ObjectEntry",
    "Place",
    "PlacementFailure",
    "Policy",
    "PoolView",
    "Project",
    "QueueView",
    "RegistryEndpoint",
    "ReplicationTask",
    "Repository",
    "Robot",
    "Schedule",
    "SimOptions",
    "TaskDef",
    "TaskEvent",
    "TaskSample",
    "TaskSpec",
    "TaskState",
    "TaskStats",
    "VaultState",
    "VersionEntry",
    "WorkerView",
    "World",
    "build_world",
]
