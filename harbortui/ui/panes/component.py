"""A component's page: Harbor's word on it, its task, what it takes, its image, what it needs, what happened to it."""

from __future__ import annotations

from collections.abc import Iterator

from harbortui.model.finding import State
from harbortui.model.harbor import ComponentHealth
from harbortui.model.nomad import TaskSpec, TaskState, TaskUsage
from harbortui.model.snapshot import InstanceSnapshot
from harbortui.ui import words
from harbortui.ui.cell import Block, Cell, Pane, Row
from harbortui.ui.facets import is_old
from harbortui.ui.panes.components import components_pane
from harbortui.ui.panes.events import exit_words, happened, timeline
from harbortui.ui.panes.join import (
    MIB,
    current_allocation,
    restarted_lately,
    task_specs,
    task_states,
    task_usage,
)
from harbortui.ui.panes.lore import NEEDS, USES_BUCKET, WITHOUT, needed_by
from harbortui.ui.panes.older import older_events
from harbortui.ui.panes.parts import (
    FACTS,
    empty_page,
    fact,
    facts,
    instance_of,
    joined,
    link,
    node_of,
    node_state,
    node_trouble,
    nodes_of,
    past_of,
    said,
    told,
)
from harbortui.ui.panes.related import findings_block
from harbortui.ui.sorting import STATES
from harbortui.ui.symbols import UNICODE
from harbortui.ui.things import Thing
from harbortui.ui.view import View

MAX_EVENTS = 60
BAR = 20
ABOUT = ("component", "task", "core", "database", "read-only")
"""How the names of rules about components begin."""
TICK = "|"
_BY_GLYPH = {UNICODE.ok: State.OK, UNICODE.warning: State.WARNING, UNICODE.unknown: State.UNKNOWN}


def page(view: View, thing: Thing, width: int) -> Pane:
    """Everything that is known of one of the eight, joined."""
    instance = instance_of(view, thing)
    if instance is None:
        return empty_page(view, thing.id, thing)
    now, past, name = view.now, past_of(view, thing.instance), thing.id
    states = {row.key: row for row in components_pane(instance, now, past).blocks[0].rows if not row.wide}
    row = states.get(name)
    rows = [*told((instance.health, instance.allocations, instance.usage, instance.job), now, width)]
    error = next((each.error for each in _reported(instance) if each.name == name and not each.healthy), "")
    if error:
        rows += said("error", f"{UNICODE.critical} {error}", width, "critical")
    if row is None:
        text = f"{UNICODE.unknown} neither Harbor nor Nomad tells of a component {name} now"
        rows += said("gone", text, width, "unknown")
    rows += [*_state(view, instance, name, row), *_where(view, instance, name), *_order(instance, name, states)]
    older = [each for each in older_events(past, instance.allocations.value or (), now) if _is_of(each, name)]
    events = timeline(happened(instance.allocations.value or (), name), older, now, MAX_EVENTS)
    blocks = (Block(FACTS, tuple(rows)), *findings_block(view, thing.instance, name, rules=ABOUT), *events)
    shown = Cell("") if row is None else Cell(f"{row.cells[0].text} {row.cells[2].text}", row.cells[0].style)
    return Pane(name, blocks, shown)


def crumb(thing: Thing) -> str:
    """What the header calls it."""
    return thing.id


def _reported(instance: InstanceSnapshot) -> tuple[ComponentHealth, ...]:
    return instance.health.value.components if instance.health.value is not None else ()


def _is_of(row: Row, name: str) -> bool:
    return not row.wide and row.cells[1].text == name


def _state(view: View, instance: InstanceSnapshot, name: str, row: Row | None) -> Iterator[Row]:
    """Health, task, restarts, the last end, CPU and memory."""
    now, past = view.now, past_of(view, instance.name)
    task = next((each for each in task_states(instance) if each.name == name), None)
    if row is not None:
        more = dict(row.more)
        yield fact("health", "Health", joined(row.cells[2].text, more.get("health", "")), row.cells[2].style)
        if row.cells[3].text:
            up = f"since {words.moment(task.started_at)}" if task is not None and task.started_at else ""
            yield fact("task", "Task", joined(row.cells[3].text, up), row.cells[3].style)
    if task is not None:
        lately = past.restarts_of(name) if past is not None else None
        day = f"{lately.count} within a day" if lately is not None and lately.count else ""
        last = f"the last at {words.moment(task.last_restart)}" if task.last_restart and task.restarts else ""
        style = "warning" if restarted_lately(task, now) else "text"
        yield fact("restarts", "Restarts", joined(f"{task.restarts} in this allocation", last, day), style)
        yield from _last_end(task)
    yield from _taken(instance, name, task, now)


def _last_end(task: TaskState) -> Iterator[Row]:
    ends = [event for event in task.events if event.type == "Terminated"]
    if ends:
        last = max(ends, key=lambda event: event.at)
        bad = last.oom_killed or bool(last.exit_code)
        text = joined(", ".join(exit_words(last)) or "ended", words.moment(last.at), _beyond_exit(last.message))
        yield fact("ended", "Last end", text, "critical" if last.oom_killed else "warning" if bad else "text")


def _beyond_exit(message: str) -> str:
    """What Nomad says of an end, unless that is the exit code once more."""
    return "" if message.startswith("Exit Code: ") and "," not in message else message


def _taken(instance: InstanceSnapshot, name: str, task: TaskState | None, now: float) -> Iterator[Row]:
    sample, spec = task_usage(instance).get(name), task_specs(instance).get(name)
    if task is not None and task.state != "running":
        sample = None
    old = is_old(instance.usage, now)
    yield from _cpu(sample, spec, old)
    yield from _memory(sample, spec, old)


def _cpu(sample: TaskUsage | None, spec: TaskSpec | None, old: bool) -> Iterator[Row]:
    reserved = f"reserved {spec.cpu_mhz} MHz (a share, no limit)" if spec is not None and spec.cpu_mhz else ""
    used = f"{sample.cpu_mhz:.0f} MHz{'?' if old else ''}" if sample is not None and sample.cpu_mhz is not None else ""
    if used or reserved:
        yield fact("cpu", "CPU", joined(used or "not measured", reserved), "muted" if old else "text")


def _memory(sample: TaskUsage | None, spec: TaskSpec | None, old: bool) -> Iterator[Row]:
    limit = spec.memory_limit_mb if spec is not None else None
    reserved = spec.memory_mb if spec is not None else 0
    if sample is None or sample.memory_bytes is None:
        if spec is not None:
            text = joined("not measured", f"reserved {reserved} MiB", _limit_words(limit))
            yield fact("memory", "Memory", text, "muted")
        return
    used = sample.memory_bytes / MIB
    share = used / limit if limit else 0.0
    style = "muted" if old else "critical" if share >= 0.95 else "warning" if share >= 0.8 else "text"
    drawn = f"{memory_bar(used, reserved, limit)} " if limit else ""
    text = f"{drawn}{used:.0f} MiB{'?' if old else ''}"
    told_reserved = (
        f"reserved {reserved} MiB" + (f" ({TICK})" if limit and reserved < limit else "") if reserved else ""
    )
    yield fact("memory", "Memory", joined(text, _limit_words(limit), told_reserved), style)


def _limit_words(limit: int | None) -> str:
    return f"limit {limit} MiB" if limit else "no limit"


def memory_bar(used: float, reserved: float, limit: float, cells: int = BAR) -> str:
    """Used of the hard limit, with a tick where the reservation ends; no tick when that is the limit itself."""
    filled = max(0, min(cells, round(used / limit * cells)))
    bar = list(UNICODE.full * filled + UNICODE.empty * (cells - filled))
    if 0 < reserved < limit:
        bar[min(cells - 1, int(reserved / limit * cells))] = TICK
    return "".join(bar)


def _where(view: View, instance: InstanceSnapshot, name: str) -> Iterator[Row]:
    """Image, allocation, node, log."""
    spec, allocation, job = task_specs(instance).get(name), current_allocation(instance), instance.job.value
    if spec is not None and spec.image:
        yield from _image(instance, spec.image)
    if job is not None and allocation is not None and allocation.job_version != job.version:
        text = f"the job is at version {job.version}, what runs is version {allocation.job_version}: it may differ"
        yield fact("version", "Job version", text, "warning", State.WARNING)
    if spec is not None:
        lifecycle = f"runs as {spec.lifecycle}" if spec.lifecycle else ""
        kill = f"gets {words.duration(spec.kill_timeout)} to stop"
        yield fact("driver", "Driver", joined(spec.driver, lifecycle, kill))
    if allocation is not None:
        thing = Thing("allocation", instance.name, allocation.id)
        yield link(
            thing, "Allocation", joined(allocation.short_id, allocation.status, f"version {allocation.job_version}")
        )
        node = node_of(nodes_of(view.snapshot, instance).value or (), allocation.node_id, allocation.node_name)
        if node is not None:
            trouble = node_trouble(node)
            style = "warning" if trouble else "text"
            text = joined(node.name, trouble)
            yield link(Thing("node", instance.name, node.id), "Node", text, style, node_state(node))
        elif allocation.node_name:
            yield fact("node", "Node", allocation.node_name)
        yield link(Thing("live-log", instance.name, name), "Log", "its live log (l)")


def _image(instance: InstanceSnapshot, image: str) -> Iterator[Row]:
    name, _, digest = image.partition("@")
    head, slash, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    pinned = f"pinned to {digest}" if digest else "no digest: the tag may be moved"
    yield fact("image", "Image", f"{head}{slash}{last}")
    yield fact("tag", "Tag", joined(tag or "latest", pinned))
    version = instance.system.value.version if instance.system.value is not None else ""
    ours = head.split("/")[-1] == "goharbor"
    if ours and tag.startswith("v") and version and version.split("-")[0] != tag.split("-")[0]:
        text = f"Harbor says it is {version}, the job asks for {tag}"
        yield fact("differs", "Version", text, "warning", State.WARNING)


def _order(instance: InstanceSnapshot, name: str, states: dict[str, Row]) -> Iterator[Row]:
    """What it needs and what needs it, each with how that is."""
    if name not in NEEDS:
        return
    yield fact("without", "Without it", WITHOUT[name])
    if not NEEDS[name] and name not in USES_BUCKET:
        yield fact("needs", "Needs", "nothing else of Harbor: it starts first")
    for each in NEEDS[name]:
        yield _other(instance, "Needs", each, states.get(each))
    if name in USES_BUCKET and instance.target.bucket:
        failure = instance.bucket.failure
        text = joined(f"bucket {instance.target.bucket}", failure.words if failure is not None else "")
        state = State.UNKNOWN if failure is not None else State.OK if instance.bucket.value is not None else None
        yield link(Thing("bucket", instance.name), "Needs", text, "unknown" if failure is not None else "text", state)
    for each in needed_by(name):
        yield _other(instance, "Needed by", each, states.get(each))
    yield from facts(("nobody", "Needed by", "" if needed_by(name) else "no other component: only users"))


def _other(instance: InstanceSnapshot, how: str, name: str, row: Row | None) -> Row:
    glyph = row.cells[0].text if row is not None else UNICODE.unknown
    state = _BY_GLYPH.get(glyph, State.CRITICAL) if glyph in STATES else State.UNKNOWN
    health = row.cells[2].text if row is not None else "unknown"
    style = "text" if state is State.OK else row.cells[0].style if row is not None else "unknown"
    return link(Thing("component", instance.name, name), how, joined(name, health), style, state, how)
