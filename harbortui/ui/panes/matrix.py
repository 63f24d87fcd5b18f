"""The fleet's replication: from whom to whom as a matrix where it has room, else the ways that fail as a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from harbortui.model.finding import State, Verdict
from harbortui.model.snapshot import Snapshot
from harbortui.ui import words
from harbortui.ui.cell import Block, Cell, Column, Pane, Row, note
from harbortui.ui.fit import fit_name
from harbortui.ui.panes.ways import Way, unseen, ways
from harbortui.ui.symbols import UNICODE, state_glyph, state_name
from harbortui.ui.things import Thing, key_of
from harbortui.ui.widgets.table_draw import GUTTER

TITLE = "Replication"
MOST = 8
"""Registries from which on a matrix is no help."""
NAME, NAME_MOST = 14, 30
CELL, CELL_MOST = 12, 30
LIST = (
    Column("State", 10),
    Column("From", 12, most=28, names=True),
    Column("To", 12, most=28, names=True),
    Column("Last ok", 10, 1, most=12, right=True),
    Column("Failed", 6, 2, right=True),
    Column("Policy", 10, 4, most=40),
    Column("Why", 12, 3, most=120),
)


def matrix_pane(snapshot: Snapshot, verdict: Verdict, now: float, width: int) -> Pane:
    """Who replicates to whom; without blocks where nobody does, so that the pane can stay away."""
    found = ways(snapshot, verdict, now)
    hidden = {each.name: why for each in snapshot.instances if (why := unseen(each, now))}
    if not found and not (hidden and len(snapshot.instances) > 1):
        return Pane(TITLE, ())
    names = dict.fromkeys(each.name for each in snapshot.instances)
    names.update((end, None) for way in found if way.is_on for end in (way.origin, way.to))
    badge = _badge(found, hidden)
    if len(names) <= MOST and _needs(names) <= width - GUTTER:
        return Pane(TITLE, (_matrix(found, tuple(names), hidden, now),), badge)
    return Pane(TITLE, (Block(LIST, _list(found, hidden, now)),), badge)


def _badge(found: Sequence[Way], hidden: dict[str, str]) -> Cell:
    on = [way for way in found if way.is_on or way.state is State.CRITICAL]
    failing = [way for way in on if way.state in (State.WARNING, State.CRITICAL)]
    dark = sum(way.state is State.UNKNOWN for way in on)
    if failing:
        worst = max(way.state for way in failing)
        are = "fails" if len(failing) == 1 else "fail"
        return Cell(f"{state_glyph(worst)} {len(failing)} of {words.plural(len(on), 'way')} {are}", state_name(worst))
    if dark or hidden:
        text = (
            f"{dark} of {words.plural(len(on), 'way')}" if dark else f"ways of {words.plural(len(hidden), 'instance')}"
        )
        return Cell(f"{UNICODE.unknown} {text} not visible", "unknown")
    return Cell(f"{UNICODE.ok} {words.plural(len(on), 'way')}, none fails", "ok")


# Matrix


def _needs(names: Iterable[str]) -> int:
    return NAME + sum(1 + _cell_width(name) for name in names)


def _cell_width(name: str) -> int:
    return max(CELL, min(cell_len(name), CELL_MOST))


def _matrix(found: Sequence[Way], names: Sequence[str], hidden: dict[str, str], now: float) -> Block:
    columns = (
        Column(f"From {UNICODE.right} to", NAME, most=NAME_MOST, names=True),
        *(Column(fit_name(name, _cell_width(name)).rstrip(), _cell_width(name), most=CELL_MOST) for name in names),
    )
    senders = [name for name in names if name in hidden or any(way.origin == name for way in found)]
    ends: dict[tuple[str, str], list[Way]] = {}
    for way in found:
        ends.setdefault((way.origin, way.to), []).append(way)
    return Block(columns, tuple(_row(name, names, ends, hidden.get(name, ""), now) for name in senders))


def _row(name: str, names: Sequence[str], ends: dict[tuple[str, str], list[Way]], why: str, now: float) -> Row:
    mine = [way for other in names for way in ends.get((name, other), ())]
    worst = max(mine, key=lambda way: way.state, default=None)
    cells = [Cell(name, "strong")]
    for other in names:
        both = ends.get((name, other), [])
        if both:
            cells.append(_way(max(both, key=lambda way: (way.state, way.is_on)), now))
        elif why and other != name:
            cells.append(Cell(f"{UNICODE.unknown} {why}", "unknown"))
        else:
            cells.append(Cell("" if other == name else f"{UNICODE.dot} no policy", "muted"))
    more = [(way.to, _told(way, now)) for way in mine]
    thing = Thing(
        "replication", worst.holder if worst is not None else name, str(worst.worst.policy.id) if worst else ""
    )
    return Row(key_of(thing, name), tuple(cells), more=tuple(more))


def _way(way: Way, now: float) -> Cell:
    """One field: a sign, how many failed, when it last went well."""
    ok = words.since(way.ok_at, now)
    if way.state is State.UNKNOWN:
        return Cell(f"{UNICODE.unknown} {way.veil}" + (f", ok {ok} ago" if ok else ""), "unknown")
    if way.state is not State.OK:
        last = f"ok {ok} ago" if ok else "no success"
        return Cell(f"{state_glyph(way.state)} {way.failed} failed, {last}", state_name(way.state))
    if not way.is_on:
        return Cell(f"{UNICODE.dot} disabled", "muted")
    if not ok:
        return Cell(f"{UNICODE.dot} {_why_never(way)}", "muted")
    return Cell(f"{UNICODE.ok} {ok} ago" + (f", {way.failed} failed before" if way.failed else ""), "ok")


def _why_never(way: Way) -> str:
    if any(run.is_running for run in way.runs):
        return "runs"
    return "not lately" if any(run.is_out_of_sight for run in way.runs) else "no run yet"


def _told(way: Way, now: float) -> str:
    """The same in full, with the reason and the policies."""
    named = ", ".join(f"{run.policy.name}{'' if run.policy.enabled else ' (disabled)'}" for run in way.runs)
    why = f": {way.worst.reason}" if way.worst.is_failing and way.worst.reason else ""
    return f"{_way(way, now).text}{why} {UNICODE.dot} {named}"


# List


def _list(found: Sequence[Way], hidden: dict[str, str], now: float) -> tuple[Row, ...]:
    """What fails or is not visible, the worst first, and a sentence about the rest."""
    shown = sorted((way for way in found if way.state > State.OK), key=lambda way: -way.state)
    rows = [_edge(way, now) for way in shown]
    rows += (
        note(f"unseen/{name}", f"{UNICODE.unknown} where {name} replicates to is not visible: {why}", "unknown")
        for name, why in hidden.items()
    )
    rest = sum(way.is_on for way in found) - len(shown)
    if rest > 0:
        others = "other way" if shown else "way"
        rows.append(note("rest", f"{words.plural(rest, others)} without a failure"))
    return tuple(rows)


def _edge(way: Way, now: float) -> Row:
    run, style = way.worst, state_name(way.state)
    ok = words.since(way.ok_at, now)
    cells = (
        Cell(f"{state_glyph(way.state)} {way.state.word}", style),
        Cell(way.origin, "strong"),
        Cell(way.to, "strong"),
        Cell(f"{ok} ago" if ok else "none seen", "muted"),
        Cell(str(way.failed) if way.failed else "", style),
        Cell(run.policy.name),
        Cell(way.veil or run.reason, "muted"),
    )
    return Row(key_of(Thing("policy", way.holder, str(run.policy.id)), f"{way.origin}/{way.to}"), cells)
