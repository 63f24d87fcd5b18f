"""Pane 1: the eight containers, Harbor's word on each joined with Nomad's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harbortui.model.facet import FacetState
from harbortui.model.finding import State
from harbortui.model.harbor import COMPONENTS, NGINX, ComponentHealth
from harbortui.model.history import Since, Subject
from harbortui.model.nomad import TaskSpec, TaskState, TaskUsage
from harbortui.model.past import PastDetail, RestartCount
from harbortui.model.snapshot import InstanceSnapshot
from harbortui.ui import words
from harbortui.ui.cell import Block, Cell, Column, Pane, Row, note
from harbortui.ui.facets import badge_instead, is_old, notes
from harbortui.ui.panes.join import MIB, current_allocation, restarted_lately, task_specs, task_states, task_usage
from harbortui.ui.symbols import UNICODE, state_glyph, state_name
from harbortui.ui.trend import lasted, since_words

COLUMNS = (
    Column("", 1),
    Column("Component", 11, most=14),
    Column("Health", 9, most=12),
    Column("Task", 8, 1, most=10),
    Column("CPU MHz", 8, 4, right=True, most=9),
    Column("Memory MiB", 11, 2, right=True),
    Column("", 8, 5, most=16),
    Column("Rst", 3, 2, right=True),
    Column("Up", 5, 3, right=True),
    Column("Since", 5, 5, right=True, most=6),
    Column("24h", 3, 6, right=True),
    Column("Image", 16, 6, most=60),
)
NO_ANSWER = Cell("no answer", "critical")
SAMPLED_AFTER = 60.0
"""Seconds after a task's start by which its node would have sampled it."""


def parts_healthy(instance: InstanceSnapshot, now: float) -> tuple[int, bool]:
    """How many of the eight are healthy, and whether that can be said at all just now."""
    if instance.health.value is None or instance.health.state(now) is FacetState.STALE:
        return 0, False
    health = {each.name: each for each in instance.health.value.components}
    return sum(_healthy(name, health) for name in COMPONENTS), True


def components_pane(
    instance: InstanceSnapshot,
    now: float,
    past: PastDetail | None = None,
    judged: Mapping[str, State] | None = None,
) -> Pane:
    """Eight rows, always; what a source does not tell is said in its place.

    ``judged`` is the worst that the findings say of a component: a row must not look calmer than they do.
    """
    reported = instance.health.value.components if instance.health.value is not None else ()
    health = {each.name: each for each in reported}
    tasks = {each.name: each for each in task_states(instance)}
    specs, usage = task_specs(instance), task_usage(instance)
    names = (*COMPONENTS, *(name for name in health if name not in COMPONENTS))
    found = judged or {}
    rows = [
        _judged(
            _row(instance, name, health, tasks.get(name), specs.get(name), usage.get(name), now, past), found.get(name)
        )
        for name in names
    ]
    above = notes((instance.health, instance.allocations, instance.usage, instance.job), now)
    unmeasured = _unmeasured(instance, tasks.values(), now)
    return Pane("Components", (Block(COLUMNS, (*above, *unmeasured, *rows)),), _badge(instance, now, found))


def _unmeasured(instance: InstanceSnapshot, tasks: Iterable[TaskState], now: float) -> tuple[Row, ...]:
    """Why memory and CPU are empty although tasks run: Nomad's answer looks as if there were none."""
    usage = instance.usage.value
    runs = any(task.state == "running" and task.started_at and now - task.started_at > SAMPLED_AFTER for task in tasks)
    if usage is None or usage.collected or not runs:
        return ()
    text = "no memory and CPU: this node's Nomad collects none (telemetry: publish_allocation_metrics)"
    return (note("unmeasured", f"{UNICODE.unknown} {text}"),)


def _judged(row: Row, found: State | None) -> Row:
    """The row with the state of the findings about it where that is worse than its own."""
    own = next((state for state in State if state_glyph(state) == row.cells[0].text), State.OK)
    if found is None or found <= own:
        return row
    return row._replace(cells=(Cell(state_glyph(found), state_name(found)), *row.cells[1:]))


def _badge(instance: InstanceSnapshot, now: float, found: Mapping[str, State]) -> Cell:
    healthy, seen = parts_healthy(instance, now)
    if not seen:
        old = Cell(f"{UNICODE.unknown} stale", "unknown")
        return badge_instead(instance.health, now) if instance.health.value is None else old
    state = State.OK if healthy == len(COMPONENTS) else State.CRITICAL
    hurt = [name for name in COMPONENTS if found.get(name, State.OK) > State.OK]
    state = max([state, *(found[name] for name in hurt)])
    told = f" {UNICODE.dot} see {', '.join(hurt)}" if hurt and healthy == len(COMPONENTS) else ""
    return Cell(f"{state_glyph(state)} {healthy} of {len(COMPONENTS)} healthy{told}", state_name(state))


def _healthy(name: str, health: dict[str, ComponentHealth]) -> bool:
    if name == NGINX:
        return True  # Harbor never reports it, but the report itself came through it.
    return name in health and health[name].healthy


def _row(
    instance: InstanceSnapshot,
    name: str,
    health: dict[str, ComponentHealth],
    task: TaskState | None,
    spec: TaskSpec | None,
    sample: TaskUsage | None,
    now: float,
    past: PastDetail | None,
) -> Row:
    if task is not None and task.state != "running":
        sample = None  # Nomad still tells the last sample of a task that has ended.
    said, state = _health_cell(instance, name, health, now)
    task_cell, task_state = _task_cell(instance, task, now)
    state = max(state, task_state)
    error = health[name].error if name in health else ""
    standing = _standing(past, name, said)
    lately = past.restarts_of(name) if past is not None else None
    cells = (
        Cell(state_glyph(state), state_name(state)),
        Cell(name, "strong"),
        said,
        task_cell,
        *_used(sample, spec, old=is_old(instance.usage, now)),
        Cell(str(task.restarts) if task else "", "warning" if task and restarted_lately(task, now) else "text"),
        Cell(words.since(task.started_at, now) if task and task.state == "running" else "", "muted"),
        Cell(lasted(standing, now) if standing is not None else "", "muted"),
        Cell(str(lately.count) if lately is not None and lately.count else "", "warning"),
        Cell(spec.image if spec else "", "muted"),
    )
    more = (
        ("error", error),
        ("health", since_words(standing) if standing is not None else ""),
        ("restarts", _restarts(lately)),
        ("started", words.moment(task.started_at) if task else ""),
        *_limits(spec),
    )
    return Row(name, cells, more=tuple(pair for pair in more if pair[1]))


def _standing(past: PastDetail | None, name: str, said: Cell) -> Since | None:
    """The component's health as the history knows it, unless it is another one by now."""
    known = past.past.standing(Subject.COMPONENT, name) if past is not None else None
    if known is None:
        return None
    words_of = {"answers": "healthy", NO_ANSWER.text: "unhealthy"}
    return known if words_of.get(said.text, said.text) == known.state else None


def _restarts(lately: RestartCount | None) -> str:
    if lately is None:
        return ""
    reach = "within a day" if lately.reach >= 86_000 else f"in the {words.age(lately.reach)} the history reaches back"
    return f"{lately.count} {reach}"


def _health_cell(
    instance: InstanceSnapshot, name: str, health: dict[str, ComponentHealth], now: float
) -> tuple[Cell, State]:
    facet = instance.health
    if name == NGINX and facet.failure is not None and instance.nginx_answers:
        return Cell("answers"), State.OK
    if facet.value is None:
        if name == NGINX and instance.nginx_answers is not None:
            return NO_ANSWER, State.CRITICAL
        return Cell("unknown" if facet.failure else "loading", "muted"), State.UNKNOWN
    if facet.state(now) is FacetState.STALE:
        word = "answered" if name == NGINX else health[name].status if name in health else "unknown"
        return Cell(f"{word}?", "muted"), State.UNKNOWN
    if name == NGINX:
        return Cell("answers"), State.OK
    if name not in health:
        return Cell("not told", "unknown"), State.UNKNOWN
    if health[name].healthy:
        return Cell("healthy"), State.OK
    return Cell(health[name].status or "unhealthy", "critical"), State.CRITICAL


def _task_cell(instance: InstanceSnapshot, task: TaskState | None, now: float) -> tuple[Cell, State]:
    if task is None:
        if instance.allocations.state(now) is FacetState.ABSENT:
            return Cell(""), State.OK
        if instance.allocations.value is None:
            return Cell("unknown" if instance.allocations.failure else "loading", "muted"), State.OK
        if is_old(instance.allocations, now):
            return Cell("none?", "muted"), State.UNKNOWN
        return Cell("none", "critical"), State.CRITICAL if current_allocation(instance) is None else State.WARNING
    if instance.allocations.state(now) is FacetState.STALE:
        return Cell(f"{task.state}?", "muted"), State.UNKNOWN
    if task.state == "running":
        return Cell("running"), State.OK
    if task.state == "pending":
        return Cell("pending", "warning"), State.WARNING
    return Cell("failed" if task.failed else task.state, "critical"), State.CRITICAL


def _cpu(sample: TaskUsage | None, spec: TaskSpec | None) -> str:
    if sample is None or sample.cpu_mhz is None:
        return ""
    return f"{sample.cpu_mhz:.0f}" + (f"/{spec.cpu_mhz}" if spec and spec.cpu_mhz else "")


def _used(sample: TaskUsage | None, spec: TaskSpec | None, *, old: bool) -> tuple[Cell, Cell, Cell]:
    """CPU, memory, and memory as a bar; all of it subdued when the sample is not the present one."""
    cells = (Cell(_cpu(sample, spec)), *_memory(sample, spec))
    return (cells[0]._replace(style="muted"), cells[1]._replace(style="muted"), Cell("")) if old else cells


def _memory(sample: TaskUsage | None, spec: TaskSpec | None) -> tuple[Cell, Cell]:
    """Used of the hard limit, and the same as a bar; no bar without a limit."""
    if sample is None or sample.memory_bytes is None:
        return Cell("", "muted"), Cell("")
    used = sample.memory_bytes / MIB
    limit = spec.memory_limit_mb if spec else None
    if not limit:
        return Cell(f"{used:.0f}"), Cell("")
    share = used / limit
    style = "critical" if share >= 0.95 else "warning" if share >= 0.8 else "ok"
    filled = min(8, round(share * 8))
    bar = UNICODE.full * filled + UNICODE.empty * (8 - filled)
    return Cell(f"{used:.0f}/{limit}", "text" if style == "ok" else style), Cell(bar, style)


def _limits(spec: TaskSpec | None) -> tuple[tuple[str, str], ...]:
    if spec is None:
        return ()
    limit = "no limit" if spec.memory_limit_mb is None else f"{spec.memory_limit_mb} MiB"
    return (("memory reserved", f"{spec.memory_mb} MiB"), ("memory limit", limit), ("driver", spec.driver))
