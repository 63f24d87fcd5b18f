"""A deployment's page: how far it is, what happens when it fails, and the allocations it made."""

from __future__ import annotations

from collections.abc import Iterator

from harbortui.model.finding import State
from harbortui.model.nomad import Deployment
from harbortui.model.snapshot import InstanceSnapshot
from harbortui.ui import words
from harbortui.ui.cell import Block, Pane, Row
from harbortui.ui.facets import is_old
from harbortui.ui.panes.allocations import COLUMNS, allocation_row
from harbortui.ui.panes.parts import (
    FACTS,
    NOT_KNOWN,
    badge,
    empty_page,
    fact,
    facts,
    instance_of,
    link,
    not_there,
    said,
    told,
)
from harbortui.ui.panes.related import findings_block
from harbortui.ui.symbols import UNICODE
from harbortui.ui.things import Thing, key_of
from harbortui.ui.view import View

_STATES = {"successful": State.OK, "failed": State.CRITICAL, "cancelled": State.OK}
UNDER_WAY = frozenset({"running", "paused", "pending", "blocked", "unblocking", "initializing"})


def page(view: View, thing: Thing, width: int) -> Pane:
    """The job's newest deployment; older ones Nomad tells only raw."""
    instance = instance_of(view, thing)
    if instance is None:
        return empty_page(view, "Deployment", thing)
    facet, now = instance.deployment, view.now
    latest = facet.value.latest if facet.value is not None else None
    title = f"Deployment {thing.id[:8]}"
    if latest is None or latest.id != thing.id:
        rows = not_there(facet, now, f"deployment {thing.id[:8]}", width)
        newer = [link(Thing("deployment", thing.instance, latest.id), "Newest", latest.id[:8])] if latest else []
        return Pane(title, (Block(FACTS, (*rows, *newer)),), NOT_KNOWN)
    state = State.UNKNOWN if is_old(facet, now) else _STATES.get(latest.status, State.WARNING)
    rows = (*told((facet, instance.allocations), now, width), *_facts(instance, latest, now, width))
    made = [each for each in instance.allocations.value or () if each.job_version == latest.job_version]
    made.sort(key=lambda each: (not each.is_current, -(each.create_time or 0.0)))
    old = is_old(instance.allocations, now)
    listed = [(each, allocation_row(each, now, old=old)) for each in made]
    linked = tuple(row._replace(key=key_of(Thing("allocation", instance.name, each.id))) for each, row in listed)
    blocks = [Block(FACTS, rows), *findings_block(view, thing.instance, latest.id[:8])]
    if linked:
        blocks.append(Block(COLUMNS, linked, f"Allocations of version {latest.job_version}"))
    return Pane(title, tuple(blocks), badge(state, latest.status))


def crumb(thing: Thing) -> str:
    """What the header calls it."""
    return f"deployment {thing.id[:8]}"


def deployment_words(latest: Deployment) -> str:
    """How far it is."""
    text = f"{latest.placed} of {latest.desired} placed, {latest.healthy} healthy, {latest.unhealthy} unhealthy"
    return text + (", waits to be promoted" if latest.requires_promotion else "")


def _facts(instance: InstanceSnapshot, latest: Deployment, now: float, width: int) -> Iterator[Row]:
    if latest.description:
        style = "critical" if latest.status == "failed" else "text"
        yield from said("description", latest.description, width, style)
    under_way = latest.status in UNDER_WAY
    hurt = latest.unhealthy > 0
    yield fact("progress", "Allocations", deployment_words(latest), "warning" if hurt or under_way else "text")
    job = instance.job.value
    version = f"{latest.job_version}"
    if job is not None and job.version != latest.job_version:
        version += f", the job is at {job.version}"
    yield fact("version", "Job version", version)
    revert = "yes: Nomad goes back to the last stable version" if latest.auto_revert else "no: it stays as it failed"
    yield fact("revert", "When it fails", f"auto-revert {revert}")
    if under_way and latest.progress_by is not None:
        late = latest.progress_by < now
        text = f"{words.moment(latest.progress_by)} ({'passed' if late else words.until(latest.progress_by, now)})"
        yield fact("deadline", "Deadline", text, "warning" if late else "text")
    if latest.desired_canaries:
        how = "promoted by Nomad" if latest.auto_promote else "promoted by a person"
        text = f"{latest.canaries} of {latest.desired_canaries} placed {UNICODE.dot} {how}"
        yield fact("canaries", "Canaries", text, "warning" if latest.requires_promotion else "text")
    yield from facts(("id", "Id", latest.id))
    yield link(Thing("raw", instance.name, "", "job"), "Job", f"{instance.target.job}, as Nomad tells it")
