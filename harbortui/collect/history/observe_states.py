"""States and the minutes in which they were seen: ways to endpoints, components, tasks, restarts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harbortui.collect.history.codes import ANSWERS, STATES, Metric, code_of
from harbortui.collect.history.keys import bounded, count, harbor_of, job_of
from harbortui.collect.history.look import NAMES_PER_LOOK, Look, current
from harbortui.collect.history.rows import Listed, Place, Row, Sample, StateRow
from harbortui.model.facet import Facet
from harbortui.model.failure import FailureKind
from harbortui.model.harbor import NGINX


def reach(look: Look, name: str, endpoint: str, metric: Metric) -> Iterator[Row]:
    """Whether the endpoint answers, and the minutes in which that became known."""
    facet = look.facet(name)
    state = ANSWERS if facet.failure is None else STATES.get(facet.failure.kind.value)
    if facet.tried_at is None or state is None or not current(facet.tried_at, look.now):
        return
    if (minute := look.minute(name, "tried_at")) is not None:
        yield Sample(Place(endpoint, Metric.ASKED), minute, 1)
    before = look.recorded(name, "tried_at")
    if before is None or _kind(before) is not _kind(facet):
        yield StateRow(Place(endpoint, metric), int(facet.tried_at * 1000), state)


def _kind(facet: Facet[Any]) -> FailureKind | None:
    return None if facet.failure is None else facet.failure.kind


def harbor(look: Look) -> Iterator[Row]:
    """Whether Harbor answers, and its components."""
    endpoint = harbor_of(look.instance.target)
    yield from reach(look, "health", endpoint, Metric.HARBOR)
    facet = look.instance.health
    if (minute := look.minute("health")) is not None:
        yield Sample(Place(endpoint, Metric.SEEN), minute, 1)
    if look.news("health") and facet.value is not None and facet.at is not None:
        told = {bounded(each.name): each.status for each in facet.value.components[:NAMES_PER_LOOK]}
        for name, status in told.items():
            yield StateRow(Place(endpoint, Metric.COMPONENT, name), int(facet.at * 1000), code_of(STATES, status))
        yield Listed(endpoint, Metric.COMPONENT, int(facet.at * 1000), (*told, NGINX))
    yield from _nginx(look, endpoint)


def _nginx(look: Look, endpoint: str) -> Iterator[Row]:
    """Harbor never names nginx; what came through it, or did not, says how it is."""
    tried, answers = look.instance.health.tried_at, look.instance.nginx_answers
    if answers is None or tried is None or not current(tried, look.now):
        return
    recorded = look.recorded("health", "tried_at") is not None and look.before is not None
    if not recorded or (look.before is not None and look.before.nginx_answers is not answers):
        state = STATES["healthy" if answers else "unhealthy"]
        yield StateRow(Place(endpoint, Metric.COMPONENT, NGINX), int(tried * 1000), state)


def tasks(look: Look) -> Iterator[Row]:
    """The tasks of the newest allocation that is to run."""
    endpoint = job_of(look.instance.target)
    facet = look.instance.allocations
    if not endpoint or facet.value is None or facet.at is None:
        return
    if (minute := look.minute("allocations")) is not None:
        yield Sample(Place(endpoint, Metric.SEEN), minute, 1)
    if not look.news("allocations"):
        return
    newest = max(
        (each for each in facet.value if each.is_current), key=lambda each: each.create_time or 0.0, default=None
    )
    at = int(facet.at * 1000)
    found = {bounded(task.name): task for task in newest.tasks[:NAMES_PER_LOOK]} if newest is not None else {}
    for name, task in found.items():
        yield StateRow(Place(endpoint, Metric.TASK, name), at, code_of(STATES, task.state))
        yield StateRow(Place(endpoint, Metric.RESTARTS, name), at, count(task.restarts))
    yield Listed(endpoint, Metric.TASK, at, tuple(found))
