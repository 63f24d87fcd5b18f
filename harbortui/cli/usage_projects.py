"""``harbortui usage --projects`` and ``--repositories``: what Harbor knows of projects, without the object store."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import aclosing
from typing import TYPE_CHECKING

from harbortui.cli.usage_formats import Told
from harbortui.collect.lookup import FacetKey
from harbortui.collect.store import INSTANCE, SnapshotStore
from harbortui.model.failure import Failure
from harbortui.model.harbor import Quota
from harbortui.model.project_usage import REFERENCED, ProjectUsage
from harbortui.model.snapshot import InstanceSnapshot, Origin, Snapshot
from harbortui.sources.answer import Ok
from harbortui.ui import words
from harbortui.ui.facets import failure_words
from harbortui.ui.sums import plan_words

if TYPE_CHECKING:
    from harbortui.cli.arguments import Arguments
    from harbortui.collect.projects import Summer

DECLINED = "not summed, because nobody said yes"
PROGRESS_EVERY = 10.0
"""Seconds between two lines of progress."""


async def sum_project(summer: Summer, store: SnapshotStore, name: str, args: Arguments) -> str:
    """Plan, ask and sum; the result is in the store, what went wrong is the answer, empty when nothing did."""
    from harbortui.cli.usage import said_yes

    project = args.repositories or ""
    plan = await summer.plan(project)
    if isinstance(plan, Failure):
        return _failed(name, plan)
    _say(f"{name}: summing {project}: {plan_words(plan.value)}; {REFERENCED}")
    if not said_yes(args):
        return DECLINED
    next_at = time.monotonic() + PROGRESS_EVERY
    async with aclosing(summer.sums(project)) as events:
        async for event in events:
            if isinstance(event, Failure):
                return _failed(name, event)
            if isinstance(event, ProjectUsage):
                store.learn(FacetKey(INSTANCE, name, "project_usage"), Ok((event,)), time.time())
                return "" if event.complete else "; ".join(event.notes)
            if time.monotonic() >= next_at:
                next_at += PROGRESS_EVERY
                _say(f"{name}: {event.artifacts:,} of {event.total:,} artifacts")
    raise AssertionError("a sum without an end")


def projects_text(snapshot: Snapshot, told: list[Told], now: float) -> str:
    """A paragraph for each instance: its projects, or the repositories of the one asked about."""
    lines: list[str] = []
    for each in told:
        instance = snapshot.instance(each.name)
        if instance is not None:
            mark = " [SIMULATED]" if snapshot.origin is Origin.SIMULATED else ""
            lines += [f"{each.name}{mark}", *(f"  {line}" for line in _lines(instance, each)), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _lines(instance: InstanceSnapshot, told: Told) -> Iterator[str]:
    sums = instance.project_usage.value
    if sums:
        yield from _sums(sums[0], instance.quotas.value or ())
    elif not told.problem:
        yield from _projects(instance)
    if told.problem:
        yield f"missing  {told.problem}"


def _projects(instance: InstanceSnapshot) -> Iterator[str]:
    quotas, failure = instance.quotas.value, instance.quotas.failure
    if quotas is None:
        yield f"not known: {failure_words(failure) if failure is not None else 'no answer in time'}"
        return
    width = max((len(each.project) for each in quotas), default=0)
    for each in sorted(quotas, key=lambda each: (-each.used, each.project)):
        limit = f" of {words.size(each.hard)}, {words.percent(each.used, each.hard)}" if each.hard > 0 else ""
        yield f"{each.project:<{width}}  {words.size(each.used)}{limit}"


def _sums(usage: ProjectUsage, quotas: tuple[Quota, ...]) -> Iterator[str]:
    used = next((each.used for each in quotas if each.project == usage.project), None)
    if used is not None:
        yield f"{usage.project} uses {words.size(used)}; its repositories:"
    yield f"{words.size(usage.bytes)} in {usage.artifacts:,} artifacts ({REFERENCED})"
    width = max((len(each.name) for each in usage.repositories), default=0)
    for each in usage.repositories:
        extra = f", {words.size(each.accessory_bytes)} of it accessories" if each.accessories else ""
        yield f"  {each.name:<{width}}  {words.size(each.bytes)}, {words.plural(each.artifacts, 'artifact')}{extra}"
    if usage.smaller:
        yield f"  {words.plural(usage.smaller, 'smaller repository', 'smaller repositories')} more"


def _failed(name: str, failure: Failure) -> str:
    said = failure_words(failure)
    _say(f"{name}: {said}")
    return said


def _say(text: str) -> None:
    print(f"harbortui: {text}", file=sys.stderr)
