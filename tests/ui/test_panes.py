"""Panes are pure functions, so they are tested as tables: a snapshot in, texts out."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from harbortui.cli.check_formats.facts import components_of
from harbortui.model.facet import Facet
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.finding import State
from harbortui.model.harbor import COMPONENTS, Execution, GcSchedule
from harbortui.model.nomad import Deployment, DeploymentState, Placement, PlacementFailure, TaskUsage
from harbortui.model.snapshot import INSTANCE_FACETS, InstanceSnapshot, Origin, Snapshot, Target
from harbortui.model.storage import BucketState, StoreHealth
from harbortui.ui import words
from harbortui.ui.cell import Pane, Row
from harbortui.ui.fit import fit_name
from harbortui.ui.header import header_cells
from harbortui.ui.panes.ages import ages_pane
from harbortui.ui.panes.allocations import allocations_pane
from harbortui.ui.panes.components import components_pane
from harbortui.ui.panes.fleet import findings_pane, fleet_pane
from harbortui.ui.panes.pages import detail_pane, lines_pane
from harbortui.ui.panes.replication import replication_pane
from harbortui.ui.panes.storage import storage_pane
from harbortui.ui.view import Start, View
from tests.ui import samples
from tests.ui.samples import DAY, GIB, MIB, NAMES, NOW, failed, fresh, instance, stale

replace = msgspec.structs.replace


def rows(pane: Pane, block: int = 0) -> dict[str, Row]:
    return {row.key: row for row in pane.blocks[block].rows}


def texts(row: Row) -> tuple[str, ...]:
    return tuple(cell.text for cell in row.cells)


def all_text(pane: Pane) -> str:
    lines = [pane.title, pane.badge.text]
    lines += [" ".join(texts(row)) for block in pane.blocks for row in block.rows]
    return "\n".join(lines)


def instance_panes(snapshot: Snapshot, each: InstanceSnapshot) -> list[Pane]:
    return [
        components_pane(each, NOW),
        allocations_pane(each, NOW),
        storage_pane(snapshot, each, NOW),
        replication_pane(each, NOW),
    ]


# Fleet


def test_fleet_row_of_a_well_instance() -> None:
    snapshot = samples.fleet()
    row = rows(fleet_pane(snapshot, samples.verdict(snapshot), NOW))[NAMES[0]]
    assert texts(row) == (
        "● ok",
        NAMES[0],
        "client-06",
        "8/8",
        "8 run",
        "39%",
        "412 GiB",
        "12 ok",
        "2 d · 18 GiB",
        "v2.11.2",
    )


def test_the_worst_instance_comes_first_and_the_badge_counts() -> None:
    pane = fleet_pane(*samples.hurt(), NOW)
    assert [row.key for row in pane.blocks[0].rows] == [NAMES[1], NAMES[2], NAMES[0]]
    assert pane.badge.text == "✖ 1 critical  ▲ 1 warning  ● 1 ok"
    hurt = texts(pane.blocks[0].rows[0])
    assert hurt[0] == "✖ critical"
    assert hurt[3:5] == ("7/8", "8 run · 3 rst")
    assert hurt[6:8] == ("denied", "5 failed 0 ok")


def test_a_loading_fleet_says_so_in_every_cell() -> None:
    snapshot = samples.fleet(InstanceSnapshot(target=Target(name="a")))
    row = rows(fleet_pane(snapshot, samples.verdict(snapshot), NOW))["a"]
    assert texts(row)[2:] == ("loading", "?/8", *["loading"] * 6)


def test_stale_values_stay_and_are_in_question() -> None:
    each = instance()
    each = replace(each, bucket=stale(each.bucket), executions=stale(each.executions), usage=stale(each.usage))
    snapshot = samples.fleet(each)
    row = rows(fleet_pane(snapshot, samples.verdict(snapshot), NOW))[each.name]
    assert texts(row)[5:8] == ("39%?", "412 GiB?", "12 ok?")


def test_a_skipped_execution_is_no_failure() -> None:
    skipped = Execution(
        id=1, policy_id=1, status="Failed", status_text="Execution skipped: one is running", start_time=NOW
    )
    each = instance(executions=fresh("Harbor", (skipped,)))
    snapshot = samples.fleet(each)
    assert texts(rows(fleet_pane(snapshot, samples.verdict(snapshot), NOW))[each.name])[7] == "none yet"
    pane = replication_pane(each, NOW)
    assert "0 failed" in pane.badge.text
    assert texts(rows(pane)["execution/1"])[-1].startswith("skipped")


def test_findings_keep_their_order_and_evidence() -> None:
    _, verdict = samples.hurt()
    pane = findings_pane(verdict, NOW)
    assert [texts(row)[0] for row in pane.blocks[0].rows] == ["✖ critical", "▲ warning"]
    assert ("evidence", "Harbor /health, 5 s old: s3aws: AccessDenied") in pane.blocks[0].rows[0].more
    assert pane.badge.text == "1 critical · 1 warning"


def test_no_findings_is_a_sentence() -> None:
    assert "no findings" in all_text(findings_pane(samples.verdict(samples.fleet()), NOW))


# Components


def test_eight_components_joined_from_harbor_and_nomad() -> None:
    pane = components_pane(instance(), NOW)
    assert [row.key for row in pane.blocks[0].rows] == list(COMPONENTS)
    assert texts(rows(pane)["core"]) == (
        "●",
        "core",
        "healthy",
        "running",
        "34/200",
        "200/512",
        "■■■□□□□□",
        "0",
        "12 d",
        "",
        "",
        "goharbor/core:v2.11.2",
    )
    assert texts(rows(pane)["nginx"])[2] == "answers"
    assert pane.badge.text == "● 8 of 8 healthy"


def test_an_unhealthy_component_is_critical_and_keeps_its_error() -> None:
    snapshot, _ = samples.hurt()
    row = rows(components_pane(snapshot.instances[1], NOW))["registry"]
    assert texts(row)[0] == "✖" and texts(row)[2] == "unhealthy" and row.cells[7] == ("3", "warning")
    assert ("error", "s3aws: AccessDenied") in row.more


@pytest.mark.parametrize(
    ("health", "core", "nginx"),
    [
        (Facet(source="Harbor /health"), "loading", "loading"),
        (failed("Harbor /health", FailureKind.REFUSED, "connect"), "unknown", "no answer"),
        (failed("Harbor /health", FailureKind.SERVER, "502"), "unknown", "unknown"),
        (stale(instance().health), "healthy?", "answered?"),
    ],
)
def test_without_a_fresh_health_report_components_are_unknown_not_unhealthy(
    health: Facet[object], core: str, nginx: str
) -> None:
    pane = components_pane(instance(health=health), NOW)
    assert texts(rows(pane)["core"])[:3] == ("◌", "core", core)
    assert texts(rows(pane)["nginx"])[2] == nginx
    assert "of 8" not in pane.badge.text


def test_a_dead_task_is_critical_although_harbor_is_content() -> None:
    each = instance()
    current = each.allocations.value[0]
    tasks = tuple(replace(task, state="dead", failed=True) if task.name == "redis" else task for task in current.tasks)
    each = instance(allocations=fresh("Nomad allocations", (replace(current, tasks=tasks),)))
    assert texts(rows(components_pane(each, NOW))["redis"])[:4] == ("✖", "redis", "healthy", "failed")


def test_memory_without_a_limit_has_no_bar_and_usage_of_another_allocation_is_not_shown() -> None:
    each = instance()
    unlimited = tuple(replace(spec, memory_max_mb=-1) for spec in each.job.value.tasks)
    no_limit = instance(job=fresh("Nomad job", replace(each.job.value, tasks=unlimited)))
    assert texts(rows(components_pane(no_limit, NOW))["core"])[5:7] == ("200", "")
    other = instance(usage=fresh("Nomad client stats", replace(each.usage.value, allocation_id="gone")))
    assert texts(rows(components_pane(other, NOW))["core"])[4:7] == ("", "", "")
    unmeasured = (TaskUsage(name="core"),)
    none = instance(usage=fresh("Nomad client stats", replace(each.usage.value, tasks=unmeasured)))
    assert texts(rows(components_pane(none, NOW))["core"])[4:7] == ("", "", "")


# Allocations


def test_allocations_current_first_and_events_newest_first() -> None:
    old = samples.allocation(
        "x", id="91b2aa47-1", status="failed", desired="stop", create_time=NOW - 40 * DAY, tasks=()
    )
    snapshot, _ = samples.hurt()
    current = snapshot.instances[1].allocations.value[0]
    pane = allocations_pane(instance(allocations=fresh("Nomad", (old, current))), NOW)
    assert [texts(row)[1] for row in pane.blocks[0].rows] == ["7f3a19c2", "91b2aa47"]
    assert pane.badge.text == "● running · job version 14"
    events = [texts(row) for row in pane.blocks[1].rows[:3]]
    assert [each[2] for each in events] == ["Started", "Restarting", "Terminated"]
    assert events[2][3] == "OOM killed, exit 137"


def test_what_hinders_placement_and_deployment_is_said() -> None:
    failure = PlacementFailure(group="harbor", nodes_evaluated=3, nodes_exhausted=2, reasons=("exhausted memory (2)",))
    latest = Deployment(id="d", status="running", job_version=15, desired=1, healthy=0, unhealthy=1)
    each = instance(
        placement=fresh("Nomad evaluations", Placement(failures=(failure,))),
        deployment=fresh("Nomad deployment", DeploymentState(latest=latest)),
        allocations=fresh("Nomad allocations", ()),
    )
    text = all_text(allocations_pane(each, NOW))
    assert "group harbor cannot be placed: 3 nodes evaluated, 2 exhausted; exhausted memory (2)" in text
    assert "deployment of version 15 running: 0 of 1 healthy" in text
    assert "✖ none running" in text


def test_a_stopped_job_is_named() -> None:
    each = instance()
    each = instance(job=fresh("Nomad job", replace(each.job.value, stop=True)))
    assert allocations_pane(each, NOW).badge.text.startswith("✖ job stopped")


# Storage


def test_storage_names_every_source_and_age() -> None:
    each = instance()
    pane = storage_pane(samples.fleet(each), each, NOW)
    assert texts(rows(pane)["bucket"]) == ("●", "Bucket", f"{each.name} · reachable · MinIO", "S3 HEAD bucket", "<1 m")
    assert texts(rows(pane)["usage"])[1:] == ("In the bucket", "412 GiB · 1.2 M objects", "MinIO metrics", "5 m")
    assert texts(rows(pane)["referenced"])[1:3] == ("Harbor refers", "342 GiB · 2 projects")
    assert texts(rows(pane)["gc/7"])[1:3] == ("Last GC", "ok · freed 18 GiB in 12 m")
    assert texts(rows(pane)["gc-next"])[2] == "Sundays at 03:00 UTC · in 2 d"


@pytest.mark.parametrize(
    ("kind", "glyph"), [(FailureKind.FORBIDDEN, "◌"), (FailureKind.TIMEOUT, "✖"), (FailureKind.NOT_FOUND, "✖")]
)
def test_a_forbidden_bucket_is_unknown_an_unreachable_one_critical(kind: FailureKind, glyph: str) -> None:
    each = instance(bucket=failed("S3 HEAD bucket", kind, "what it said"))
    pane = storage_pane(samples.fleet(each), each, NOW)
    assert texts(rows(pane)["bucket"])[0] == glyph
    assert "what it said" in texts(rows(pane)["bucket"])[2]
    assert pane.badge.text.startswith(glyph)


def test_usage_that_nobody_knows_says_why_and_no_schedule_is_a_warning() -> None:
    each = instance(
        bucket=fresh("S3 HEAD bucket", BucketState(name="b", usage_note="this store does not tell")),
        gc_schedule=fresh("Harbor /system/gc/schedule", GcSchedule(type="None")),
    )
    pane = storage_pane(samples.fleet(each), each, NOW)
    assert texts(rows(pane)["usage"])[2] == "this store does not tell · u counts it"
    assert texts(rows(pane)["gc-next"])[:3] == ("▲", "Next GC", "not scheduled")


def test_a_store_that_is_down_is_critical_and_one_without_health_unknown() -> None:
    each = instance()
    for health, glyph in ((StoreHealth(live=True, ready=False), "✖"), (StoreHealth(provider="S3"), "◌")):
        snapshot = replace(samples.fleet(each), stores={samples.STORE: fresh("health", health)})
        assert texts(rows(storage_pane(snapshot, each, NOW))["store"])[0] == glyph


# Replication


def test_executions_newest_first_with_peer_and_reason() -> None:
    snapshot, _ = samples.hurt()
    pane = replication_pane(snapshot.instances[1], NOW)
    first = pane.blocks[0].rows[0]
    assert texts(first) == (
        "✖",
        "<1 m",
        "sync-to-nas",
        "→ harbor-nas",
        "event",
        "0/1",
        "1",
        "6 s",
        "failed: 500 from source registry: blob a3ed95cae upload failed",
    )
    assert pane.badge.text == "✖ 0 ok · 5 failed of the last 5"
    policies = [texts(row) for row in pane.blocks[1].rows]
    assert policies[1][2:6] == ("nightly-full", "← vm-06", "scheduled 0 0 3 * * *", "disabled")


# States, for every pane


@pytest.mark.parametrize("kind", list(FailureKind))
def test_no_pane_is_ever_blank_and_every_failure_is_told_in_words(kind: FailureKind) -> None:
    facets = {name: failed(f"source of {name}", kind, "the detail", needs="some:right") for name in INSTANCE_FACETS}
    each = instance(**facets)
    for pane in instance_panes(samples.fleet(each), each):
        text = all_text(pane)
        assert "the detail" in text
        assert "needs some:right" in text


def test_loading_stale_and_unreadable_rows_are_told() -> None:
    loading = InstanceSnapshot(target=Target(name="a"))
    for pane in instance_panes(samples.fleet(loading), loading):
        assert "loading" in all_text(pane)
    each = instance()
    old = {name: stale(getattr(each, name)) for name in ("health", "allocations", "quotas", "executions")}
    each = instance(**old)
    for pane in instance_panes(samples.fleet(each), each):
        assert "stale" in all_text(pane) and "5 m old" in all_text(pane)
    lost = instance(executions=replace(instance().executions, lost_rows=("row 3: id: expected int",)))
    assert "1 row of Harbor /replication/executions unreadable: row 3: id: expected int" in all_text(
        replication_pane(lost, NOW)
    )


def test_one_trouble_of_several_sources_is_said_once_and_above_the_rows() -> None:
    each = instance()
    each = instance(**{name: stale(getattr(each, name)) for name in ("allocations", "job", "deployment", "placement")})
    pane = allocations_pane(each, NOW)
    first = pane.blocks[0].rows[0]
    assert first.wide and first.cells[0].text.endswith(
        "(Nomad allocations, Nomad job, Nomad deployment, Nomad evaluations)"
    )
    assert sum(row.wide for row in pane.blocks[0].rows) == 1


def test_nothing_calm_is_stale() -> None:
    """Glyphs of values that are not the present ones are questions, also when the values were good."""
    each = instance()
    old = {name: stale(getattr(each, name)) for name in ("health", "allocations", "usage", "executions", "bucket")}
    each = instance(**old)
    for pane in instance_panes(samples.fleet(each), each):
        assert not pane.badge.text.startswith("●"), pane.title
    row = rows(allocations_pane(each, NOW))[each.allocations.value[0].id]
    assert (texts(row)[0], texts(row)[4]) == ("◌", "running?")
    core = rows(components_pane(each, NOW))["core"]
    assert texts(core)[0] == "◌" and core.cells[4].style == core.cells[5].style == "muted"


def test_a_restart_of_days_ago_is_history() -> None:
    snapshot, _ = samples.hurt()
    later = NOW + 2 * DAY
    assert rows(components_pane(snapshot.instances[1], later))["registry"].cells[7] == ("3", "text")


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        ({"kind": FailureKind.SERVER, "status": 502}, "answers"),
        ({"kind": FailureKind.FORBIDDEN, "status": 403}, "answers"),
        ({"kind": FailureKind.REFUSED}, "no answer"),
        ({"kind": FailureKind.TIMEOUT}, "unknown"),
        ({"kind": FailureKind.LOGIN_PAGE, "status": 200}, "unknown"),
        ({"kind": FailureKind.REDIRECT, "status": 302}, "unknown"),
    ],
)
def test_any_http_answer_proves_that_nginx_answers_silence_proves_nothing(failure: dict[str, Any], says: str) -> None:
    facet = Facet(source="Harbor /health", tried_at=NOW, failure=Failure(detail="", at=NOW, **failure))
    each = instance(health=facet)
    assert texts(rows(components_pane(each, NOW))["nginx"])[2] == says
    told = {row.name: row for row in components_of(each)}["nginx"].health
    assert told == (None if says == "unknown" else says)


def test_what_is_not_seen_is_listed_below_the_findings() -> None:
    _, verdict = samples.hurt()
    hidden = tuple(replace(each, not_visible=("Nomad (connection refused)",)) for each in verdict.instances)
    pane = findings_pane(replace(verdict, instances=hidden), NOW)
    assert texts(pane.blocks[0].rows[-1])[:3] == ("◌ unseen", "3 instances", "not visible: Nomad (connection refused)")
    only = findings_pane(replace(verdict, findings=(), instances=hidden[:1]), NOW)
    assert "no findings" not in all_text(only)


def test_the_verdict_in_full_stands_above_the_sources() -> None:
    snapshot, verdict = samples.hurt()
    pane = ages_pane(snapshot, verdict, NOW, 120)
    said = " ".join(texts(row)[1] for row in pane.blocks[0].rows)
    assert verdict.sentence in said and pane.blocks[0].title == "Verdict"
    one = ages_pane(snapshot, verdict, NOW, 100, NAMES[1])
    assert snapshot.instances[1].target.url in all_text(one)


def test_times_are_shown_in_the_zone_that_was_asked_for_and_name_it() -> None:
    try:
        words.use_zone("Europe/Berlin")
        assert words.clock(NOW) == "15:03 CET" and words.minute(NOW) == "2025-11-21 15:03 CET"
        assert allocations_pane(instance(), NOW).blocks[1].title == "Events (CET)"
        words.use_zone("local")
        assert words.zone(NOW)
        with pytest.raises(ValueError, match="Mars"):
            words.use_zone("Mars/Base")
    finally:
        words.use_zone("UTC")
    assert words.moment(NOW) == "2025-11-21 14:03:00 UTC"


def test_overdue_values_appear_stale_without_any_failure() -> None:
    each = instance()
    later = NOW + 3600
    assert "overdue" in all_text(replication_pane(each, later))


# Pages


def test_ages_lists_every_facet_of_the_fleet_or_of_one_instance() -> None:
    snapshot, _ = samples.hurt()
    pane = ages_pane(snapshot, None, NOW, 100)
    assert len(pane.blocks[0].rows) == 2 + 3 * len(INSTANCE_FACETS)
    one = ages_pane(snapshot, None, NOW, 100, NAMES[1])
    assert len(one.blocks[0].rows) == 2 + len(INSTANCE_FACETS)
    row = one.blocks[0].rows[0]
    assert row.key == f"{NAMES[1]}/bucket", "what gives trouble comes first"
    assert texts(row) == (
        "◌ denied",
        "S3 HEAD bucket",
        NAMES[1],
        "",
        "60 s",
        "not permitted: AccessDenied on HEAD harbor-vm-05",
    )


def test_a_row_in_full_loses_nothing() -> None:
    snapshot, _ = samples.hurt()
    pane = replication_pane(snapshot.instances[1], NOW)
    detail = detail_pane("Replication", pane.blocks[0], pane.blocks[0].rows[0], 40)
    joined = " ".join(texts(row)[1] for row in detail.blocks[0].rows)
    assert "500 from source registry: blob a3ed95cae upload failed" in joined
    assert "2025-11-21 14:02:30 UTC" in joined


def test_lines_in_full_lose_nothing() -> None:
    pane = lines_pane("Logs", ["x" * 95, "short"], 40)
    assert "".join(texts(row)[0] for row in pane.blocks[0].rows) == "x" * 95 + "short"


# Words


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, ""),
        (0, "<1 m"),
        (59, "<1 m"),
        (60, "1 m"),
        (3599, "59 m"),
        (3600, "1 h"),
        (47 * 3600, "47 h"),
        (3 * DAY, "3 d"),
    ],
)
def test_ages_are_coarse(seconds: float | None, said: str) -> None:
    assert words.age(seconds) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [(None, ""), (0, "0 B"), (999, "999 B"), (1536, "1.5 KiB"), (200 * MIB, "200 MiB"), (2000 * GIB, "2.0 TiB")],
)
def test_sizes_have_three_digits(count: int | None, said: str) -> None:
    assert words.size(count) == said


def test_old_failures_that_a_success_followed_are_history() -> None:
    each = instance()
    older = tuple(replace(run, status="Failed") for run in each.executions.value[1:4])
    runs = (each.executions.value[0], *older)
    pane = replication_pane(instance(executions=fresh("Harbor", runs)), NOW)
    assert pane.badge.text == "● 1 ok · 3 failed of the last 4"
    other = replace(runs[0], id=900, policy_id=2, status="Failed")
    assert replication_pane(instance(executions=fresh("Harbor", (*runs, other))), NOW).badge.text.startswith("▲")


def test_a_dry_run_is_not_the_last_collection() -> None:
    run = instance().gc_runs.value[0]
    runs = (replace(run, id=8, dry_run=True, start_time=NOW - 60, end_time=None), run)
    each = instance(gc_runs=fresh("Harbor /system/gc", runs))
    snapshot = samples.fleet(each)
    assert texts(rows(fleet_pane(snapshot, samples.verdict(snapshot), NOW))[each.name])[8].startswith("2 d")
    pane = rows(storage_pane(snapshot, each, NOW))
    assert [texts(pane[key])[1] for key in ("gc/8", "gc/7")] == ["GC dry run", "Last GC"]


def test_a_stopped_execution_is_not_one_that_runs() -> None:
    runs = tuple(
        Execution(id=n, policy_id=1, status=s, start_time=NOW) for n, s in enumerate(["Stopped", "InProgress"])
    )
    snapshot = samples.fleet(instance(executions=fresh("Harbor", runs)))
    row = rows(fleet_pane(snapshot, samples.verdict(snapshot), NOW))[NAMES[0]]
    assert texts(row)[7] == "0 ok 1 run 1 stopped"


def test_missing_rights_of_one_refusal_are_said_in_one_line() -> None:
    refused = {
        name: failed(f"Harbor /{name}", FailureKind.FORBIDDEN, "forbidden", needs=f"{name}:list")
        for name in ("executions", "policies")
    }
    pane = replication_pane(instance(**refused), NOW)
    notes = [row.cells[0].text for row in pane.blocks[0].rows if row.wide]
    said = "not permitted, needs executions:list, policies:list: forbidden"
    assert notes == [f"◌ not visible: {said} (Harbor /executions, Harbor /policies)"]
    assert pane.badge.text == "◌ not permitted"


def test_nginx_answers_although_it_forbids() -> None:
    each = instance()
    refused = Failure(kind=FailureKind.FORBIDDEN, detail="forbidden", at=NOW, status=403)
    each = instance(health=replace(each.health, failure=refused))
    found = rows(components_pane(each, NOW))
    assert texts(found["nginx"])[:3] == ("●", "nginx", "answers")
    assert texts(found["core"])[:3] == ("◌", "core", "healthy?")


def test_a_task_that_does_not_run_uses_nothing() -> None:
    current = samples.allocation(NAMES[0])
    tasks = tuple(replace(each, state="pending") if each.name == "core" else each for each in current.tasks)
    pane = components_pane(instance(allocations=fresh("Nomad", (replace(current, tasks=tasks),), every=15.0)), NOW)
    assert texts(rows(pane)["core"])[3:7] == ("pending", "", "", "")


def test_an_object_store_that_stopped_answering_was_live() -> None:
    each = instance()
    snapshot = samples.fleet(each)
    stores = {key: stale(facet) for key, facet in snapshot.stores.items()}
    row = rows(storage_pane(replace(snapshot, stores=stores), each, NOW))["store"]
    assert texts(row)[0] == "◌" and texts(row)[2].startswith(
        "MinIO · no answer in time: no answer within 10 s · was live"
    )


def test_a_component_is_never_calmer_than_the_findings_about_it() -> None:
    each = instance(NAMES[0])
    pane = components_pane(each, NOW, None, {"registry": State.CRITICAL, "not a component": State.CRITICAL})
    assert texts(rows(pane)["registry"])[0] == "✖" and texts(rows(pane)["core"])[0] == "●"
    assert pane.badge == ("✖ 8 of 8 healthy · see registry", "critical")


def test_no_task_of_a_stale_answer_is_unknown_and_not_gone() -> None:
    each = instance(NAMES[0], allocations=stale(fresh("Nomad allocations", ())))
    assert texts(rows(components_pane(each, NOW))["core"])[3] == "none?"
    assert texts(rows(components_pane(each, NOW))["core"])[0] == "◌"


def test_the_badge_of_allocations_is_not_calmer_than_the_findings_about_tasks() -> None:
    pane = allocations_pane(instance(NAMES[0]), NOW, None, (), {"registry": State.CRITICAL})
    assert pane.badge == ("✖ running, see registry · job version 14", "critical")


def test_a_narrow_header_gives_up_our_name_before_the_instance() -> None:
    view = View(Start("ackermann", NAMES), NOW, samples.fleet(origin=Origin.SNAPSHOT))
    view.crumbs = ("harbor-vm-05",)
    wide, _ = header_cells(view, 120)
    narrow, right = header_cells(view, 80)
    assert wide[0].text == "harbortui" and wide[2].text == "SNAPSHOT of 2025-11-21 14:03 UTC"
    assert [cell.text for cell in narrow] == ["ackermann", "SNAPSHOT 2025-11-21 14:03 UTC", "› harbor-vm-05"]
    assert sum(len(cell.text) + 2 for cell in (*narrow, *right)) <= 80


@pytest.mark.parametrize(
    ("name", "width", "shown"),
    [
        ("harbor-production-east-1", 12, "harbor…ast-1"),
        ("harbor-production-east-2", 12, "harbor…ast-2"),
        ("harbor-1", 12, "harbor-1    "),
        ("日本の登録所とても長い名前", 12, "日本の…名前 "),
        ("harbor-1", 5, "harb…"),
    ],
)
def test_long_names_keep_what_tells_them_apart(name: str, width: int, shown: str) -> None:
    assert fit_name(name, width) == shown
