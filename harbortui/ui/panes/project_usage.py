"""Usage per project, with the sums of its repositories where a person asked for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from harbortui.model.finding import State
from harbortui.model.harbor import Quota
from harbortui.model.project_usage import INEXACT, REFERENCED, ProjectUsage
from harbortui.model.snapshot import InstanceSnapshot
from harbortui.ui import words
from harbortui.ui.cell import Block, Cell, Row
from harbortui.ui.panes.fact import COLUMNS, fact, listed_fact
from harbortui.ui.sums import progress_words
from harbortui.ui.symbols import UNICODE

if TYPE_CHECKING:
    from harbortui.engine.messages import SumState

DOT = f" {UNICODE.dot} "
MAX_PROJECTS = 500
MAX_REPOSITORIES = 50
"""Of one project, in rows; ``enter`` shows all that are known."""
PREFIX, UNDER = "project/", "repository/"


def project_at(key: str) -> str:
    """The project that a row is about; empty for other rows."""
    if not key.startswith((PREFIX, UNDER)):
        return ""
    return key.removeprefix(PREFIX).removeprefix(UNDER).partition("/")[0]


def project_words(quota: Quota) -> str:
    """What a project uses, of how much."""
    if quota.hard <= 0:
        return words.size(quota.used)
    return f"{words.size(quota.used)} of {words.size(quota.hard)} ({words.percent(quota.used, quota.hard)})"


def projects_block(instance: InstanceSnapshot, now: float, sums: Mapping[tuple[str, str], SumState]) -> list[Block]:
    """The projects, the fullest first, each with its repositories below it; none where the quotas are not known."""
    quotas = instance.quotas.value
    if quotas is None:
        return []
    known = {each.project: each for each in instance.project_usage.value or ()}
    rows: list[Row] = []
    ordered = sorted(quotas, key=lambda each: (-each.used, each.project))
    for quota in ordered[:MAX_PROJECTS]:
        usage = known.get(quota.project)
        rows.append(_project(instance, quota, usage, now))
        rows += summing(sums.get((instance.name, quota.project)), instance.project_usage.source)
        if usage is not None:
            rows += repositories(usage, instance.project_usage.source, now)
    if len(ordered) > MAX_PROJECTS:
        rows.append(fact("projects-more", None, "More", Cell(f"{len(ordered) - MAX_PROJECTS} smaller projects")))
    return [Block(COLUMNS, tuple(rows), f"Projects{DOT}u sums one's repositories")] if rows else []


def _project(instance: InstanceSnapshot, quota: Quota, usage: ProjectUsage | None, now: float) -> Row:
    full = quota.used / quota.hard if quota.hard > 0 else 0.0
    style = "critical" if full >= 0.95 else "warning" if full >= 0.8 else "text"
    more = [("uses", "Harbor's own figure: each of its blobs once"), ("again", "u sums its repositories")]
    if usage is not None:
        more += in_full(usage)
    facet = instance.quotas
    value = Cell(f"{quota.project}{DOT}{project_words(quota)}", style)
    return listed_fact(
        f"{PREFIX}{quota.project}", None, "Project", value, facet.source, words.age(facet.age(now)), tuple(more)
    )


def in_full(usage: ProjectUsage) -> list[tuple[str, str]]:
    """All repositories that are known, for the project's row in full."""
    listed = [(f"  {each.name}", _repository(each.bytes, each.artifacts)) for each in usage.repositories]
    return [("repositories", f"{words.size(usage.bytes)} {REFERENCED}"), *listed]


def summing(state: SumState | None, source: str) -> list[Row]:
    """How a sum that was begun is; nothing without one."""
    if state is None or state.stage.is_plan:
        return []
    glyph, value = progress_words(state)
    return [fact(f"{UNDER}{state.project}/sum", glyph, "  Summing", value, source)]


def repositories(usage: ProjectUsage, source: str, now: float) -> list[Row]:
    """The sums of one project's repositories, the largest first."""
    age = words.since(usage.ended_at, now)
    begin = f"{UNDER}{usage.project}"
    total = f"{words.size(usage.bytes)} {REFERENCED}"
    inexact = tuple(("inexact", each) for each in (*usage.notes, *INEXACT))
    state = None if usage.complete else State.UNKNOWN
    rows = [listed_fact(f"{begin}/all", state, "  Repositories", Cell(total), source, age, inexact)]
    shown = usage.repositories[:MAX_REPOSITORIES]
    for each in shown:
        extra = f"{each.accessories}, {words.size(each.accessory_bytes)}" if each.accessories else ""
        text = f"{each.name}{DOT}{_repository(each.bytes, each.artifacts)}"
        rows.append(fact(f"{begin}/of/{each.name}", None, "", Cell(text), source, age, accessories=extra))
    rest = len(usage.repositories) - len(shown) + usage.smaller
    if rest:
        said = Cell(f"{words.plural(rest, 'smaller repository', 'smaller repositories')}", "muted")
        rows.append(fact(f"{begin}/more", None, "", said))
    return rows


def _repository(size: int, artifacts: int) -> str:
    return f"{words.size(size)}, {words.plural(artifacts, 'artifact')}"
