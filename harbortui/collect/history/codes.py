"""The allow-list: every word that the history may hold, as a number. Numbers are never given to another word."""

from __future__ import annotations

from enum import IntEnum

from harbortui.model.failure import FailureKind
from harbortui.model.history import Measure, Subject


class Metric(IntEnum):
    """What a series is about."""

    BUCKET_BYTES = 1
    BUCKET_OBJECTS = 2
    MEMORY_BYTES = 3
    ASKED = 10
    """A minute in which it became known whether the endpoint answers."""
    SEEN = 11
    """A minute in which the endpoint's states were learned."""
    LISTED = 12
    """A minute in which a Harbor's executions were listed."""
    COLLECTED = 13
    """A minute in which a Harbor's garbage collections were listed."""
    HARBOR = 20
    COMPONENT = 21
    TASK = 22
    RESTARTS = 23
    BUCKET = 24


METRIC_OF_MEASURE = {
    Measure.BUCKET_BYTES: Metric.BUCKET_BYTES,
    Measure.BUCKET_OBJECTS: Metric.BUCKET_OBJECTS,
    Measure.MEMORY_BYTES: Metric.MEMORY_BYTES,
}
METRIC_OF_SUBJECT = {
    Subject.HARBOR: Metric.HARBOR,
    Subject.COMPONENT: Metric.COMPONENT,
    Subject.TASK: Metric.TASK,
    Subject.RESTARTS: Metric.RESTARTS,
    Subject.BUCKET: Metric.BUCKET,
}
REACH = frozenset({Metric.HARBOR, Metric.BUCKET})
"""States that are known also when the endpoint does not answer: they are covered by ASKED, all others by SEEN."""

OTHER = 0
ANSWERS = 3
GONE = 7

STATES = {
    "other": OTHER,
    "healthy": 1,
    "unhealthy": 2,
    "answers": ANSWERS,
    "pending": 4,
    "running": 5,
    "dead": 6,
    "gone": GONE,
    FailureKind.DNS.value: 20,
    FailureKind.REFUSED.value: 21,
    FailureKind.RESET.value: 22,
    FailureKind.TIMEOUT.value: 23,
    FailureKind.TLS.value: 24,
    FailureKind.REDIRECT.value: 25,
    FailureKind.PROTOCOL.value: 26,
    FailureKind.LOGIN_PAGE.value: 27,
    FailureKind.TOO_LARGE.value: 28,
    FailureKind.SERVER.value: 29,
    FailureKind.NOT_FOUND.value: 30,
}
"""Words of components, tasks and ways to an endpoint; failures by our own rights or doing are no state of it."""

EXECUTION_STATUS = {"Other": OTHER, "InProgress": 1, "Succeed": 2, "Failed": 3, "Stopped": 4, "Skipped": 5}
GC_STATUS = {"Other": OTHER, "Running": 1, "Success": 2, "Error": 3, "Stopped": 4, "Pending": 5, "Scheduled": 6}
ALLOCATION_STATUS = {
    "other": OTHER,
    "pending": 1,
    "running": 2,
    "complete": 3,
    "failed": 4,
    "lost": 5,
    "unknown": 6,
}
EVENT_TYPES = {
    "Other": OTHER,
    "Received": 1,
    "Task Setup": 2,
    "Building Task Directory": 3,
    "Started": 4,
    "Terminated": 5,
    "Restarting": 6,
    "Not Restarting": 7,
    "Killing": 8,
    "Killed": 9,
    "Driver Failure": 10,
    "Failed Validation": 11,
    "Setup Failure": 12,
    "Signaling": 13,
    "Restart Signaled": 14,
    "Downloading Artifacts": 15,
    "Failed Artifact Download": 16,
    "Sibling Task Failed": 17,
    "Leader Task Dead": 18,
    "Main Tasks Dead": 19,
    "Driver": 20,
    "Template": 21,
    "Task hook failed": 22,
    "Alloc Unhealthy": 23,
    "Disk Resources Exceeded": 24,
    "Waiting for shutdown delay": 25,
    "Skipping Shutdown Delay": 26,
    "Reconnected": 27,
    "Disconnected": 28,
    "Failed Restoring Task": 29,
    "Plugin became healthy": 30,
    "Plugin became unhealthy": 31,
    "Environment": 32,
}
"""Nomad's words (hashicorp/nomad nomad/structs/structs.go, ``TaskSetup`` and the constants around it)."""


def code_of(words: dict[str, int], word: str) -> int:
    """The number of a word; that of "other" for a word that nobody allowed."""
    return words.get(word, OTHER)


def word_of(words: dict[str, int], code: object) -> str:
    """The word of a number read from a file; "other" for what this version does not know."""
    for word, number in words.items():
        if number == code and isinstance(code, int):
            return word
    return next(iter(words))
