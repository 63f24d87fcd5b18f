"""The replication of the fleet: as a matrix, as a list, and its place on the screen."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from harbortui.model.failure import FailureKind
from harbortui.model.finding import Finding, State, Verdict
from harbortui.model.harbor import Execution, Policy
from harbortui.model.snapshot import InstanceSnapshot, Snapshot
from harbortui.ui.cell import Pane
from harbortui.ui.panes.matrix import matrix_pane
from harbortui.ui.panes.ways import ways
from harbortui.ui.port import Shown
from harbortui.ui.runbook_context import about_row
from harbortui.ui.screens.fleet import FleetScreen
from harbortui.ui.screens.instance import InstanceScreen
from tests.ui import samples
from tests.ui.golden import agree
from tests.ui.samples import NAMES, NOW, failed, fresh, instance, stale
from tests.ui.test_keys import console

replace = msgspec.structs.replace
A, B, C = NAMES


def policy(number: int, to: str = "", *, source: str = "", **more: Any) -> Policy:
    values: dict[str, Any] = {"name": f"sync-{number}", "enabled": True, "destination_registry": to}
    return Policy(id=number, **{**values, "source_registry": source, **more})


def run(policy_id: int, status: str, ago: float, text: str = "") -> Execution:
    return Execution(
        id=int(NOW - ago),
        policy_id=policy_id,
        status=status,
        start_time=NOW - ago,
        end_time=NOW - ago,
        status_text=text,
    )


def one(name: str, policies: tuple[Policy, ...], runs: tuple[Execution, ...] = (), **more: Any) -> InstanceSnapshot:
    return instance(name, **{"policies": fresh("policies", policies), "executions": fresh("executions", runs), **more})


def fields(pane: Pane) -> dict[str, tuple[str, ...]]:
    return {row.cells[0].text: tuple(cell.text for cell in row.cells[1:]) for row in pane.blocks[0].rows}


def mesh() -> Snapshot:
    return samples.fleet(
        one(A, (policy(1, B), policy(2, C)), (run(1, "Succeed", 180), run(1, "Failed", 400), run(2, "Succeed", 7200))),
        one(
            B,
            (policy(1, A), policy(2, C, enabled=False)),
            (run(1, "Failed", 60, "401 unauthorized"), run(1, "Failed", 120), run(1, "Succeed", 10_000)),
        ),
        one(C, (policy(1, source=A), policy(2, "vendor"))),
    )


def judged(snapshot: Snapshot) -> Verdict:
    return samples.verdict(
        snapshot,
        Finding(rule="replication-failing", state=State.CRITICAL, instance=B, subject="sync-1", title="it failed"),
    )


def test_a_field_says_the_sign_the_failures_and_the_last_success() -> None:
    snapshot = mesh()
    pane = matrix_pane(snapshot, judged(snapshot), NOW, 120)
    assert [column.title for column in pane.blocks[0].columns] == ["From → to", A, B, C, "vendor"]
    assert fields(pane) == {
        A: ("", "● 3 m ago, 1 failed before", "● 2 h ago", "· no policy"),
        B: ("✖ 2 failed, ok 2 h ago", "", "· disabled", "· no policy"),
        C: ("· no policy", "· no policy", "", "· no run yet"),
    }
    assert pane.badge.text == "✖ 1 of 5 ways fails"
    row = pane.blocks[0].rows[1]
    assert any("401 unauthorized" in value and "sync-1" in value for _, value in row.more)


def test_how_bad_a_failure_is_is_what_the_finding_says() -> None:
    snapshot = mesh()
    calm = matrix_pane(snapshot, samples.verdict(snapshot), NOW, 120)
    assert fields(calm)[B][0].startswith("▲ 2 failed") and calm.badge.style == "warning"


def test_a_pull_goes_from_the_other_to_the_holder_and_addresses_name_instances() -> None:
    snapshot = samples.fleet(
        one(A, (policy(1, source="whatever", source_url=f"https://{B}.example/"),), (run(1, "Succeed", 60),)),
        one(B, ()),
    )
    (way,) = ways(snapshot, samples.verdict(snapshot), NOW)
    assert (way.origin, way.to, way.holder) == (B, A, A)


@pytest.mark.parametrize("kind", [FailureKind.TIMEOUT, FailureKind.FORBIDDEN])
def test_what_is_stale_or_denied_is_never_calm(kind: FailureKind) -> None:
    first = one(A, (policy(1, B),), (run(1, "Succeed", 60),))
    old = replace(first, executions=stale(first.executions, kind))
    snapshot = samples.fleet(old, instance(B, policies=failed("policies", FailureKind.FORBIDDEN)), one(C, ()))
    pane = matrix_pane(snapshot, samples.verdict(snapshot), NOW, 120)
    assert fields(pane)[A][1] == "◌ stale, ok 1 m ago"
    assert fields(pane)[B] == ("◌ denied", "", "◌ denied")
    assert pane.badge == ("◌ 1 of 1 way not visible", "unknown")


def test_a_policy_that_ran_before_the_known_executions_is_not_called_new() -> None:
    runs = tuple(run(1, "Succeed", 60.0 * n) for n in range(1, 31))
    snapshot = samples.fleet(one(A, (policy(1, B), policy(2, C)), runs), one(B, ()), one(C, ()))
    assert fields(matrix_pane(snapshot, samples.verdict(snapshot), NOW, 120))[A][2] == "· not lately"


def test_beyond_eight_or_without_room_what_fails_is_a_list() -> None:
    snapshot = mesh()
    narrow = matrix_pane(snapshot, judged(snapshot), NOW, 60)
    first, rest = narrow.blocks[0].rows
    assert [cell.text for cell in first.cells] == [
        "✖ critical", B, A, "2 h ago", "2", "sync-1", "401 unauthorized",
    ]  # fmt: skip
    assert rest.cells[0].text == "4 other ways without a failure"
    many = replace(snapshot, instances=(*snapshot.instances, *(one(f"harbor-{n}", ()) for n in range(8))))
    assert matrix_pane(many, judged(many), NOW, 200).blocks == narrow.blocks


def test_nobody_replicates_nothing_is_shown() -> None:
    snapshot = samples.fleet(one(A, ()))
    assert not matrix_pane(snapshot, samples.verdict(snapshot), NOW, 120).blocks


@pytest.mark.parametrize("size", [(80, 24), (120, 35), (200, 60)])
async def test_fleet_at_three_sizes(size: tuple[int, int]) -> None:
    async with console(size=size) as it:
        agree(f"fleet-replication-{size[0]}x{size[1]}", it.text)
        await it.press("tab", "tab")
        assert "─ Replication ─" in it.text
    snapshot = mesh()
    async with console(Shown(snapshot, judged(snapshot)), size=size) as it:
        agree(f"fleet-matrix-{size[0]}x{size[1]}", it.text)


async def test_enter_opens_the_replication_of_the_holder_and_keys_are_about_the_row() -> None:
    snapshot = mesh()
    async with console(Shown(snapshot, judged(snapshot))) as it:
        await it.press("tab")
        screen = it.app.screen
        assert isinstance(screen, FleetScreen) and screen.named == B
        await it.press("tab")
        assert screen.replication.has_focus and screen.named == A and screen.replication.row is not None
        await it.press("down")
        assert screen.named == B
        about = about_row(it.app.view, screen.named, "fleet/replication", screen.replication.row)
        assert (about.name, about.instance) == ("replication-failing", B)
        await it.press("enter")
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen) and it.instance_screen.current == 4)
        assert it.app.view.instance == B
