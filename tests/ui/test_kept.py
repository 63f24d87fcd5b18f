"""Rows are built anew when something they show from is another thing, and only then."""

from __future__ import annotations

import msgspec
import pytest

from harbortui.ui.cell import Row
from harbortui.ui.panes import kept
from harbortui.ui.panes.fleet import fleet_pane
from harbortui.ui.panes.kept import KeptRows, Seen
from tests.ui import pasts, samples
from tests.ui.samples import NAMES, NOW


def test_only_what_changed_is_built_anew() -> None:
    snapshot, verdict = samples.hurt()
    before = {row.key: row for row in fleet_pane(snapshot, verdict, NOW).blocks[0].rows}
    changed = msgspec.structs.replace(
        snapshot.instances[0], health=samples.fresh("Harbor /health", snapshot.instances[0].health.value, at=NOW - 1)
    )
    moved = msgspec.structs.replace(snapshot, instances=(changed, *snapshot.instances[1:]))
    after = {row.key: row for row in fleet_pane(moved, verdict, NOW).blocks[0].rows}
    assert after == before
    assert [after[name] is before[name] for name in NAMES] == [False, True, True]


def test_time_verdict_and_history_make_another_row() -> None:
    built: list[Seen] = []

    def build(seen: Seen) -> Row:
        built.append(seen)
        return Row(seen.instance.name, ())

    snapshot, verdict = samples.hurt()
    first = Seen(snapshot.instances[0], verdict.instances[0], None, NOW, False)
    rows = KeptRows(build)
    same = first._replace(verdict=msgspec.structs.replace(verdict.instances[0]))
    past = pasts.past(NAMES[0])
    seen = [first, first, same, first._replace(now=NOW + 60), first._replace(verdict=None)]
    seen += [
        first._replace(past=past),
        first._replace(past=past),
        first._replace(trends=True),
        first._replace(zone=None),
    ]
    for each in seen:
        rows.row(each)
    assert built == [seen[0], seen[3], seen[4], seen[5], seen[7], seen[8]]


def test_it_does_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 2)
    rows = KeptRows(lambda seen: Row(seen.instance.name, ()))
    for number in range(10):
        rows.row(Seen(samples.instance(f"harbor-{number}"), None, None, NOW, False))
    assert len(rows._rows) <= 2
