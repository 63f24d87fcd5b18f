"""Screen 7: the projects of one instance, their quotas and proxy caches, and how far scans are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from harbortui.model.asked import Query, Topic
from harbortui.model.facet import FacetState
from harbortui.model.finding import State
from harbortui.model.project_usage import ProjectUsage
from harbortui.model.projects import Project, ProjectList, ScanBacklog
from harbortui.ui import words
from harbortui.ui.cell import Block, Cell, Column, Pane, Ranked, Row
from harbortui.ui.modes import ListPage
from harbortui.ui.panes import fact
from harbortui.ui.panes.asked_for import answer, beside, missing, nothing_yet, sentences
from harbortui.ui.panes.project_usage import UNDER, in_full, project_at, repositories, summing
from harbortui.ui.symbols import UNICODE, state_glyph, state_name

if TYPE_CHECKING:
    from harbortui.ui.view import View

TITLE = "Projects"
COLUMNS = (
    Column("", 1),
    Column("Project", 16, most=48),
    Column("Used", 8, right=True),
    Column("Quota", 13),
    Column("Of", 8, 1, right=True),
    Column("Repos", 5, 3, right=True),
    Column("Access", 7, 4),
    Column("Proxy cache of", 19, 1, most=60),
)
BAR = 8
"""Cells of a bar."""
FULL, NEARLY = 0.95, 0.8
"""Shares of a quota from which on a project is critical, and a warning."""
HEALTHY = "healthy"
MOST_NAME = 24
"""Characters of a name in the badge."""


def _query(view: View) -> Query:
    return Query(topic=Topic.PROJECTS, instance=view.instance)


def looks(view: View) -> tuple[Query, ...]:
    """The projects of the instance looked at."""
    return (_query(view),) if view.instance else ()


def page(view: View, width: int) -> Pane:
    """The projects, those in trouble first, then the fullest."""
    facet = answer(view, _query(view))
    found: ProjectList | None = facet.value if facet is not None else None
    if facet is None or found is None:
        return nothing_yet(view, facet, TITLE, "the projects", width)
    above = (*beside(view, facet, width), *sentences("part", _parts(found), width))
    ordered = sorted(found.projects, key=lambda each: (-project_state(each), -(each.used or 0), each.name))
    instance = view.looked_at
    sums = {each.project: each for each in instance.project_usage.value or ()} if instance is not None else {}
    rows = [_row(each, view.now, sums.get(each.name), quotas=found.quota_failure is None) for each in ordered]
    if not rows:
        rows = list(sentences("none", (("no project that our account may see", "muted"),), width))
    blocks = [Block(COLUMNS, (*above, *rows))]
    if scans := _scans(found, words.age(facet.age(view.now))):
        blocks.append(Block(fact.COLUMNS, scans, "Scans"))
    blocks += _sums(view, sums.values(), {each.name for each in found.projects})
    stale = facet.state(view.now) is FacetState.STALE
    return Pane(TITLE, tuple(blocks), _badge(found, stale=stale))


def raw_of(view: View, row: Row) -> Query | None:
    """The project as Harbor tells it."""
    number = row.key.removeprefix("project/")
    if number == row.key or not number.isdigit():
        return None
    return Query(topic=Topic.RAW, instance=view.instance, sub="project", id=number)


def project_of(view: View, row: Row) -> str:
    """The name of the project that a row is about, its own or one of a repository; empty for other rows."""
    facet = answer(view, _query(view))
    listed: ProjectList | None = facet.value if facet is not None else None
    known = {f"project/{each.id}": each.name for each in listed.projects} if listed is not None else {}
    return known.get(row.key) or (project_at(row.key) if row.key.startswith(UNDER) else "")


def project_state(project: Project) -> State:
    """How a project is: by its quota, and by the upstream of a proxy cache."""
    share = project.used_share or 0.0
    if share >= FULL:
        return State.CRITICAL
    broken = project.is_proxy_cache and project.registry_status not in ("", HEALTHY)
    return State.WARNING if broken or share >= NEARLY else State.OK


def _badge(found: ProjectList, *, stale: bool) -> Cell:
    if stale:
        return Cell(f"{UNICODE.unknown} stale", "unknown")
    states = [project_state(each) for each in found.projects]
    worst = max(states, default=State.OK)
    hurt = sorted((each for each in found.projects if project_state(each) is not State.OK), key=project_state)
    said = words.plural(len(states), "project")
    if hurt:
        more = f" {UNICODE.dot} {len(hurt) - 1} more" if len(hurt) > 1 else ""
        said = f"{_trouble(hurt[-1])}{more}"
    elif found.quota_failure is not None or found.unseen:
        return Cell(f"{UNICODE.unknown} {said}, not all visible", "unknown")
    return Cell(f"{state_glyph(worst)} {said}", state_name(worst))


def _parts(found: ProjectList) -> Iterator[tuple[str, str]]:
    """What is not known beside the list."""
    yield from missing(found.quota_failure, "quotas and usage")
    yield from missing(found.registry_failure, "upstreams of proxy caches")
    yield from missing(found.scan_failure, "scan backlog")
    if found.unseen:
        count = words.plural(found.unseen, "project")
        text = f"{count} more: our account lacks project:list; harbortui doctor prints what to grant"
        yield f"{UNICODE.unknown} {text}", "unknown"


def _sums(view: View, sums: Iterable[ProjectUsage], listed: Collection[str]) -> Iterator[Block]:
    """What a person asked for: sums that are under way or failed, then the repositories that are known."""
    source = view.looked_at.project_usage.source if view.looked_at is not None else ""
    states = [state for (name, _), state in view.sums.items() if name == view.instance]
    for state in states:
        if under_way := summing(state, source):
            yield Block(fact.COLUMNS, tuple(under_way), state.project)
    for usage in sums:
        if usage.project in listed:
            yield Block(fact.COLUMNS, tuple(repositories(usage, source, view.now)), usage.project)


def _row(project: Project, now: float, usage: ProjectUsage | None, *, quotas: bool) -> Row:
    state = project_state(project)
    share = project.used_share
    full = "text" if share is None or share < NEARLY else state_name(State.CRITICAL if share >= FULL else State.WARNING)
    unknown = Cell("?", "unknown") if not quotas else Cell("")
    cells = (
        Cell(state_glyph(state), state_name(state)),
        Cell(project.name, "strong"),
        unknown if project.used is None else Ranked(words.size(project.used), full, rank=project.used),
        unknown if share is None else Ranked(quota_bar(share), full, rank=share),
        _limit(project.hard),
        Ranked(str(project.repositories), rank=project.repositories),
        Cell("public" if project.public else "private", "text" if project.public else "muted"),
        _upstream(project),
    )
    return Row(f"project/{project.id}", cells, more=_more(project, now, usage))


def quota_bar(share: float) -> str:
    """A bar and the share; only what is used up fills it, and beyond that the number tells the rest."""
    filled = int(BAR * min(1.0, share))
    return f"{UNICODE.full * filled}{UNICODE.empty * (BAR - filled)} {100 * share:.0f}%"


def _limit(hard: int | None) -> Cell:
    if hard is None:
        return Cell("")
    return Cell("no limit", "muted") if hard < 0 else Ranked(words.size(hard), "muted", rank=hard)


def _upstream(project: Project) -> Cell:
    """The upstream and its health; all that tells on narrow screens why a proxy cache is in trouble."""
    if not project.is_proxy_cache:
        return Cell("")
    status = project.registry_status
    style = "text" if status == HEALTHY else "warning" if status else "unknown"
    return Cell(f"{project.registry or f'registry {project.registry_id}'}, {status or 'health unknown'}", style)


def _trouble(project: Project) -> str:
    share = project.used_share or 0.0
    what = f"{100 * share:.0f}% of its quota" if share >= NEARLY else f"upstream {project.registry_status}"
    return f"{project.name[:MOST_NAME]}: {what}"


def _more(project: Project, now: float, usage: ProjectUsage | None) -> tuple[tuple[str, str], ...]:
    pairs = [
        ("owner", project.owner),
        ("created", words.moment(project.created)),
        ("bytes used", "" if project.used is None else f"{project.used}, each blob once, those shared in each project"),
        ("scans on push", "yes" if project.auto_scan else "no"),
        ("tag retention", "yes" if project.retention_id else "no"),
    ]
    if project.is_proxy_cache:
        speed = project.proxy_speed_kb
        if speed is not None:
            pairs.append(("upstream speed", "no limit" if speed < 0 else f"{speed} kilobits/s"))
        pairs.append(("serves", _serves(project)))
        pairs.append(("upstream health", "as Harbor saw it, every 5 min; of a Harbor that is down it keeps the last"))
    pairs += in_full(usage) if usage is not None else [("again", "u sums its repositories")]
    return tuple(pair for pair in pairs if pair[1])


def _serves(project: Project) -> str:
    if project.registry_status == HEALTHY:
        return "what it has, and what the upstream has"
    return "only what it has: anything new is not found" if project.registry_status else ""


def _scans(found: ProjectList, age: str) -> tuple[Row, ...]:
    source = "Harbor /scans"
    if found.has_scanner is False:
        return (fact.fact("scan", None, "Scanner", Cell("none: this Harbor scans nothing", "muted"), source, age),)
    return (_backlog(found.scan, source, age),) if found.scan is not None else ()


def _backlog(scan: ScanBacklog, source: str, age: str) -> Row:
    if not scan.total:
        return fact.fact("scan", None, "Scan of all", Cell("none has run", "muted"), source, age)
    failed = scan.by_status.get("Error", 0)
    state = State.WARNING if failed else State.OK
    text = f"{words.number(scan.completed)} of {words.number(scan.total)} artifacts"
    if scan.ongoing:
        text += f", {words.number(scan.waiting)} to go"
    if failed:
        text += f", {words.number(failed)} failed"
    cell = Cell(text, "text" if state is State.OK else state_name(state))
    counts = ", ".join(f"{name} {count}" for name, count in scan.by_status.items())
    return fact.fact("scan", state, "Scan of all", cell, source, age, started=scan.trigger, by_status=counts)


LIST = ListPage(page, looks, raw_of=raw_of)
