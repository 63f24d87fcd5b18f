"""What is looked at on demand: the questions a page asks while it is open, and what answers them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any

from harbortui.model.audit import AuditPage
from harbortui.model.harbor import ExecutionTask
from harbortui.model.jobservice import JobService
from harbortui.model.projects import ProjectList
from harbortui.model.record import Record


class Topic(Enum):
    """What can be looked at; beside each, what :class:`Query` needs for it."""

    EXECUTION_TASKS = "execution-tasks"
    """``id``: a replication execution."""
    TASK_LOG = "task-log"
    """``id``: a replication execution, ``sub``: one of its tasks."""
    GC_LOG = "gc-log"
    """``id``: a garbage collection."""
    JOB_SERVICE = "job-service"
    PROJECTS = "projects"
    AUDIT = "audit"
    """``page`` and ``find``."""
    RAW = "raw"
    """``sub``: a kind of :data:`RAW_KINDS`; ``id`` as it says there."""


class Query(Record, frozen=True, kw_only=True):
    """One question about one instance."""

    topic: Topic
    instance: str = ""
    id: str = ""
    sub: str = ""
    page: int = 1
    find: str = ""
    """Of the audit log: words searched for in the resource, and ``user:``, ``op:``, ``type:``, ``days:`` with theirs;
    see :mod:`harbortui.sources.harbor.audit`."""


class LogText(Record, frozen=True, kw_only=True):
    """A job's log: sanitised, redacted, without line ends; the newest lines when it was cut."""

    lines: tuple[str, ...] = ()
    cut: bool = False


class RawObject(Record, frozen=True, kw_only=True):
    """An object as its API tells it, as indented JSON in safe lines; what may be secret is masked."""

    title: str
    source: str
    """The request that brought it: ``GET /api/v2.0/replication/policies/3``."""
    lines: tuple[str, ...] = ()
    cut: bool = False
    """True when it was longer."""
    masked: int = 0
    """How many values were masked for what they are, whatever they hold."""


RAW_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "execution": "a replication execution's number",
        "policy": "a replication policy's number",
        "registry": "a registry's number",
        "gc-run": "a garbage collection's number",
        "project": "a project's number",
        "system": "",
        "health": "",
        "job": "",
        "allocation": "an allocation's full id",
        "deployment": "a deployment's full id",
        "node": "a node's full id",
        "evaluation": "an evaluation's full id",
        "bucket": "",
    }
)
"""What each kind of :attr:`Topic.RAW` needs as ``id``; nothing where an instance has only one of it."""

ANSWERS: Mapping[Topic, Any] = MappingProxyType(
    {
        Topic.EXECUTION_TASKS: tuple[ExecutionTask, ...],
        Topic.TASK_LOG: LogText,
        Topic.GC_LOG: LogText,
        Topic.JOB_SERVICE: JobService,
        Topic.PROJECTS: ProjectList,
        Topic.AUDIT: AuditPage,
        Topic.RAW: RawObject,
    }
)
"""The type of each topic's value; a look is a ``Facet`` of it."""
