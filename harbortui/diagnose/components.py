"""Rules about Harbor's components, from its own health view."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harbortui.diagnose.past import began
from harbortui.diagnose.view import View, failure_words, is_lost
from harbortui.model.facet import Facet
from harbortui.model.failure import FailureKind
from harbortui.model.finding import Finding, State
from harbortui.model.history import Subject

VITAL = frozenset({"core", "registry", "database", "redis", "nginx"})
"""Without these nobody pulls or pushes; without the others something else stops."""

OUR_SIDE = frozenset({FailureKind.DNS, FailureKind.TLS, FailureKind.REDIRECT, FailureKind.LOGIN_PAGE})
"""Failures that say more about the way to Harbor than about Harbor."""

SILENT = frozenset(
    {FailureKind.REFUSED, FailureKind.RESET, FailureKind.TIMEOUT, FailureKind.SERVER, FailureKind.PROTOCOL}
)

SILENT_BY = 3.0
"""Refresh intervals after a facet's last answer by which its first failure was seen, the slow call itself included."""


def component_rules(view: View) -> Iterator[Finding]:
    """Unhealthy components; with core silent, its components are unknown and only that is said."""
    facet = view.instance.health
    if facet.failure is not None:
        yield from _unanswered(view)
        return
    health = view.known(facet)
    if health is None:
        return
    for component in health.components:
        if component.healthy:
            continue
        evidence = (f"Harbor /health: {component.error}",) if component.error else ()
        if component.status != "unhealthy":
            title = f"the state of {component.name} is {component.status or 'not said'}"
            yield view.finding("component-unknown", State.UNKNOWN, component.name, title, evidence=evidence)
            continue
        state = State.CRITICAL if component.name in VITAL else State.WARNING
        title = f"{component.name} is unhealthy"
        start = began(view, Subject.COMPONENT, component.name, "unhealthy")
        yield view.finding(
            "component-unhealthy",
            state,
            component.name,
            title,
            evidence=(*evidence, *start.evidence),
            since=start.since,
        )


def _unanswered(view: View) -> Iterator[Finding]:
    failure = view.instance.health.failure
    if failure is None or failure.kind not in SILENT | OUR_SIDE:
        return
    if not is_lost(view.instance.health, view.now):
        state, title = State.WARNING, "Harbor did not answer the newest health request"
    elif failure.kind in OUR_SIDE:
        state, title = State.UNKNOWN, "Harbor cannot be reached from here"
    else:
        state, title = State.CRITICAL, "Harbor does not answer; its components are unknown"
    start = began(view, Subject.HARBOR, "", failure.kind.value)
    evidence = (failure_words(view.instance.health), *start.evidence)
    since = start.since if start.since is not None else failure.at or None
    yield view.finding("core-unreachable", state, "core", title, evidence=evidence, since=since)


def database_rules(view: View) -> Iterator[Finding]:
    """A database that hangs: health is anonymous and repeats what it last saw, what needs an account gets no answer.

    Not said when any of those calls was answered after the first that was not; while one of them was never answered,
    so that nobody knows since when it is silent, not beside any that is answered.
    """
    instance = view.instance
    asked: tuple[Facet[Any], ...] = (
        instance.system,
        instance.executions,
        instance.policies,
        instance.gc_runs,
        instance.gc_schedule,
    )
    health = view.known(instance.health)
    if health is None or instance.health.failure is not None:
        return
    silent = [each for each in asked if each.failure is not None and each.failure.kind is FailureKind.TIMEOUT]
    since = min((_silent_since(each) for each in silent), default=0.0)
    if len(silent) < 2 or any(each.at is not None and each.at > since for each in asked):
        return
    if any(each.at is None for each in silent) and any(
        view.known(each) is not None and each.failure is None for each in asked
    ):
        return
    state = State.CRITICAL if any(is_lost(each, view.now) for each in silent) else State.WARNING
    title = "Harbor answers /health, but nothing that needs its database"
    evidence = (failure_words(silent[0]), "Harbor /health repeats what it last saw of a database that hangs")
    yield view.finding("database-hanging", state, "database", title, evidence=evidence, since=since or None)


def _silent_since(facet: Facet[Any]) -> float:
    """When its silence began, at the latest: the failure is the newest of many, only the value tells how many."""
    newest = facet.failure.at if facet.failure is not None else 0.0
    return min(newest, facet.at + SILENT_BY * facet.every) if facet.at is not None and facet.every > 0 else newest


def system_rules(view: View) -> Iterator[Finding]:
    """Read-only mode, in which every push is refused."""
    system = view.known(view.instance.system)
    if system is not None and system.read_only:
        yield view.finding("read-only", State.WARNING, "core", "Harbor is in read-only mode: pushes are refused")
