"""Findings and verdicts: what the rules conclude from a snapshot."""

from __future__ import annotations

from enum import IntEnum

from harbortui.model.record import Record


class State(IntEnum):
    """How something is, ordered so that ``max`` gives the verdict: critical > unknown > warning > ok."""

    OK = 0
    WARNING = 1
    UNKNOWN = 2
    CRITICAL = 3

    @property
    def word(self) -> str:
        """The state as a word."""
        return self.name.lower()


class Finding(Record, frozen=True, kw_only=True):
    """One observation worth a person's attention; texts are plain, sanitised and one line each."""

    rule: str
    """Stable id of the rule: ``component-unhealthy``."""
    state: State
    instance: str
    """Empty when it concerns the whole fleet."""
    subject: str
    """The thing it is about: a component, a task, a policy, a bucket."""
    title: str
    """What was observed, in one sentence without the instance's name."""
    evidence: tuple[str, ...] = ()
    """Source and age included where it matters."""
    since: float | None = None
    """When it began, when the data says so."""


class InstanceVerdict(Record, frozen=True, kw_only=True):
    """The state of one instance."""

    name: str
    state: State
    sentence: str
    not_visible: tuple[str, ...] = ()
    """What could not be seen, in words: ``replication (needs replication:list)``."""


class Verdict(Record, frozen=True, kw_only=True):
    """The fleet's verdict, led by one sentence."""

    state: State
    sentence: str
    instances: tuple[InstanceVerdict, ...] = ()
    findings: tuple[Finding, ...] = ()
    """Worst first."""
