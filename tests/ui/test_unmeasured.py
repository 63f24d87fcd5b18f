"""A node that collects no samples: the components pane says so instead of showing nothing."""

from __future__ import annotations

import msgspec
import pytest

from harbortui.model.nomad import AllocationUsage
from harbortui.ui.panes.components import components_pane
from tests.diagnose.worlds import NOW, allocation, but, seen, task


def shown(usage: AllocationUsage, started_at: float | None, state: str = "running") -> str:
    instance = but(allocations=seen((allocation(task(started_at=started_at, state=state)),)), usage=seen(usage))
    pane = components_pane(instance, NOW)
    return " ".join(cell.text for block in pane.blocks for row in block.rows for cell in row.cells)


NOTHING = AllocationUsage(allocation_id="0a1b2c3d-0000", collected=False)


def test_it_is_said_why_memory_and_cpu_are_empty() -> None:
    assert "publish_allocation_metrics" in shown(NOTHING, NOW - 3600)


@pytest.mark.parametrize(
    ("collected", "started_at", "state"),
    [(True, NOW - 3600, "running"), (False, NOW - 5, "running"), (False, None, "pending"), (False, NOW - 3600, "dead")],
)
def test_it_is_not_said_where_it_would_be_wrong(collected: bool, started_at: float | None, state: str) -> None:
    usage = msgspec.structs.replace(NOTHING, collected=collected)
    assert "publish_allocation_metrics" not in shown(usage, started_at, state)
