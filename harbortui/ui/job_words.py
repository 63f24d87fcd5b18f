"""Types of Harbor's jobs in words (goharbor/harbor src/jobservice/job/known_jobs.go)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

JOBS: Mapping[str, str] = MappingProxyType(
    {
        "GARBAGE_COLLECTION": "garbage collection",
        "REPLICATION": "replication",
        "RETENTION": "tag retention",
        "IMAGE_SCAN": "vulnerability scan",
        "SCAN_ALL": "scan of everything",
        "SCAN_DATA_EXPORT": "export of scan results",
        "PURGE_AUDIT_LOG": "purge of the audit log",
        "EXECUTION_SWEEP": "sweep of old executions",
        "SYSTEM_ARTIFACT_CLEANUP": "clean-up of system artifacts",
        "SCHEDULER": "scheduler",
        "WEBHOOK": "webhook",
        "SLACK": "Slack message",
        "P2P_PREHEAT": "preheat of peers",
        "AUDIT_LOGS_GDPR_COMPLIANT": "anonymising of the audit log",
    }
)
ONE_AT_A_TIME = frozenset(
    {"GARBAGE_COLLECTION", "PURGE_AUDIT_LOG", "EXECUTION_SWEEP", "SYSTEM_ARTIFACT_CLEANUP", "SCAN_DATA_EXPORT"}
)
"""Types of which one Harbor runs one job at most, whatever is queued."""


def job_words(job_type: str) -> str:
    """The type in words; one that we do not know as Harbor writes it."""
    return JOBS.get(job_type, job_type)
