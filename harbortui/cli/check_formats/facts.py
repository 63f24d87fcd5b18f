"""What several formats say about an instance, read from its snapshot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from harbortui.model.facet import Facet
from harbortui.model.harbor import COMPONENTS, NGINX
from harbortui.model.nomad import Allocation, TaskState
from harbortui.model.snapshot import INSTANCE_FACETS, InstanceSnapshot, Snapshot

ANSWERS, NO_ANSWER = "answers", "no answer"


class ComponentFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One component: Harbor's health joined with its Nomad task; None where one of them says nothing."""

    name: str
    health: str | None = None
    error: str | None = None
    task: str | None = None
    restarts: int | None = None

    @property
    def up(self) -> bool | None:
        """What is known of it: Harbor's word first, the task's where Harbor has none."""
        if self.health is not None:
            return self.health in ("healthy", ANSWERS)
        return None if self.task is None else self.task == "running"


def components_of(instance: InstanceSnapshot) -> tuple[ComponentFacts, ...]:
    """The eight components in their fixed order, then others that Harbor names."""
    health = {each.name: each for each in (instance.health.value.components if instance.health.value else ())}
    allocation = current_allocation(instance)
    tasks = {each.name: each for each in (allocation.tasks if allocation is not None else ())}
    names = [*COMPONENTS, *sorted(set(health) - set(COMPONENTS))]
    return tuple(
        ComponentFacts(
            name=name,
            health=_nginx(instance) if name == NGINX else health[name].status if name in health else None,
            error=(health[name].error or None) if name in health else None,
            task=tasks[name].state if name in tasks else None,
            restarts=tasks[name].restarts if name in tasks else None,
        )
        for name in names
    )


def _nginx(instance: InstanceSnapshot) -> str | None:
    answers = instance.nginx_answers
    return None if answers is None else ANSWERS if answers else NO_ANSWER


def current_allocation(instance: InstanceSnapshot) -> Allocation | None:
    """The newest allocation that Nomad wants to run."""
    current = [each for each in instance.allocations.value or () if each.is_current]
    return max(current, key=lambda each: each.create_time or 0.0, default=None)


def tasks_of(instance: InstanceSnapshot) -> tuple[TaskState, ...]:
    """The tasks of the current allocation."""
    allocation = current_allocation(instance)
    return allocation.tasks if allocation is not None else ()


def executions_by_status(instance: InstanceSnapshot) -> dict[str, int] | None:
    """The newest executions counted by status; those that Harbor skipped are their own kind. None when unknown."""
    if instance.executions.value is None:
        return None
    counts = Counter("Skipped" if each.skipped else each.status for each in instance.executions.value)
    return dict(sorted(counts.items()))


def facets_of(snapshot: Snapshot, instance: InstanceSnapshot) -> Iterator[tuple[str, Facet[object]]]:
    """Every facet that was collected for an instance, by name."""
    for name in INSTANCE_FACETS:
        facet: Facet[object] = getattr(instance, name)
        if facet.tried_at is not None:
            yield name, facet
