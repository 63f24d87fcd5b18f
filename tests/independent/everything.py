"""Everything that is made of a snapshot, at once: rules, formats of ``check``, panes, the file and back."""

from __future__ import annotations

from pathlib import Path

from harbortui.cli.check_formats import FORMATS
from harbortui.collect.files import read_snapshot, write_snapshot
from harbortui.diagnose import diagnose
from harbortui.model.finding import Verdict
from harbortui.model.snapshot import Snapshot
from harbortui.ui.panes.ages import ages_pane
from harbortui.ui.panes.allocations import allocations_pane
from harbortui.ui.panes.components import components_pane
from harbortui.ui.panes.fleet import findings_pane, fleet_pane
from harbortui.ui.panes.replication import replication_pane
from harbortui.ui.panes.storage import storage_pane


def show_everywhere(snapshot: Snapshot, now: float, folder: Path) -> Verdict:
    """Make everything of the snapshot that the program can; raises whatever any of it raises."""
    verdict = diagnose(snapshot, now=now)
    for render in FORMATS.values():
        assert render(snapshot, verdict).endswith("\n")
    fleet_pane(snapshot, verdict, now)
    findings_pane(verdict, now)
    for width in (80, 120):
        ages_pane(snapshot, verdict, now, width)
    for instance in snapshot.instances:
        components_pane(instance, now)
        allocations_pane(instance, now)
        replication_pane(instance, now)
        storage_pane(snapshot, instance, now)
    path = folder / "snapshot.json"
    write_snapshot(path, snapshot, written_at=now)
    assert isinstance(read_snapshot(path), Snapshot)
    return verdict
