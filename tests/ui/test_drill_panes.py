"""The pages of single things are pure functions of the view: a view in, texts out."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.cells import cell_len

import harbortui.diagnose
from harbortui.model.asked import RAW_KINDS, LogText, Query, Topic
from harbortui.model.facet import Facet
from harbortui.model.failure import FailureKind
from harbortui.model.finding import Finding, State
from harbortui.model.harbor import COMPONENTS, Execution
from harbortui.model.history import PastExecution
from harbortui.model.nomad import Deployment, DeploymentState, Placement
from harbortui.model.past import Past, PastDetail
from harbortui.model.snapshot import Origin
from harbortui.ui.cell import Cell, Pane, Row
from harbortui.ui.opening import PAGES, ThingPage, raw_of, raw_query, thing_at
from harbortui.ui.panes.allocations import allocations_pane
from harbortui.ui.panes.component import memory_bar
from harbortui.ui.panes.fleet import findings_pane, fleet_pane
from harbortui.ui.panes.leads import leads
from harbortui.ui.panes.lore import AFFECTS, NEEDS, WITHOUT, needed_by
from harbortui.ui.panes.raw import raw_rows
from harbortui.ui.panes.replication import replication_pane
from harbortui.ui.panes.storage import storage_pane
from harbortui.ui.things import Thing, key_of, thing_of
from harbortui.ui.view import View
from tests.ui import samples
from tests.ui.drilling import (
    CURRENT,
    DEPLOYMENT,
    EVALUATION,
    FINDINGS,
    NAME,
    NODE,
    REFUSED,
    TASKS,
    THINGS,
    answers,
    drawn,
    drilled,
    fleet,
    nodes,
    pane_of,
    view_of,
)
from tests.ui.golden import agree
from tests.ui.program import HOSTILE
from tests.ui.samples import NAMES, NOW, failed, fresh, stale

replace = msgspec.structs.replace
SIZES = ((80, 24), (120, 35), (200, 60))
SHOWN = ("component", "allocation", "execution", "finding")


def rows_of(pane: Pane) -> Iterator[Row]:
    for block in pane.blocks:
        yield from block.rows


def text_of(pane: Pane) -> str:
    return "\n".join([pane.badge.text, *(" ".join(cell.text for cell in row.cells) for row in rows_of(pane))])


def links_of(pane: Pane) -> list[Thing]:
    return [thing for row in rows_of(pane) if (thing := thing_of(row.key)) is not None]


# Goldens


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SHOWN)
def test_a_page_looks_as_it_did(name: str, size: tuple[int, int]) -> None:
    agree(f"{name}-{size[0]}x{size[1]}", drawn(view_of(), THINGS[name], *size))


@pytest.mark.parametrize("name", sorted(set(THINGS) - set(SHOWN)))
def test_a_page_looks_as_it_did_where_room_is_small(name: str) -> None:
    agree(f"{name}-80x24", drawn(view_of(), THINGS[name], 80, 24))


@pytest.mark.parametrize("columns", [20, 40, 80, 120, 200])
@pytest.mark.parametrize("name", THINGS)
def test_no_line_is_wider_than_the_screen_and_keys_are_unique(name: str, columns: int) -> None:
    text = drawn(view_of(), THINGS[name], columns, 200)
    assert max(cell_len(line) for line in text.splitlines()) <= columns
    keys = [row.key for row in rows_of(pane_of(view_of(), THINGS[name], columns))]
    assert len(keys) == len(set(keys))


# What is joined


def test_a_component_joins_what_harbor_and_nomad_say_and_what_depends_on_it() -> None:
    text = text_of(pane_of(view_of(), THINGS["component"]))
    assert "s3aws: AccessDenied" in text and "✖ unhealthy" in text
    assert "OOM killed, exit 137, signal 9" in text and "3 in this allocation" in text
    assert "200 MiB · limit 512 MiB · reserved 256 MiB" in text
    assert "goharbor/registry" in text and "v2.11.2 · no digest" in text
    links = links_of(pane_of(view_of(), THINGS["component"]))
    assert Thing("node", NAME, NODE) in links and Thing("allocation", NAME, CURRENT) in links
    assert {thing.id for thing in links if thing.kind == "component"} == {"redis", "core", "registryctl"}
    assert Thing("bucket", NAME) in links and Thing("live-log", NAME, "registry") in links
    assert Thing("finding", NAME, "component-unhealthy", "registry") in links


@pytest.mark.parametrize("name", COMPONENTS)
def test_every_component_has_a_page_whose_needs_are_components(name: str) -> None:
    pane = pane_of(view_of(), Thing("component", NAME, name))
    assert WITHOUT[name] in text_of(pane)
    found = {thing.id for thing in links_of(pane) if thing.kind == "component"}
    assert found == {*NEEDS[name], *needed_by(name)} and name not in found


def test_a_newer_job_and_another_version_of_harbor_are_told() -> None:
    each = drilled()
    each = replace(each, job=fresh("Nomad job", replace(each.job.value, version=15)))
    each = replace(each, system=fresh("Harbor /systeminfo", replace(each.system.value, version="v2.10.0-abc")))
    text = text_of(pane_of(view_of(fleet(each)), THINGS["component"]))
    assert "the job is at version 15, what runs is version 14" in text
    assert "Harbor says it is v2.10.0-abc, the job asks for v2.11.2" in text


@pytest.mark.parametrize(
    ("used", "reserved", "limit", "bar"),
    [
        (100, 50, 100, "■■■■■|■■■■"),
        (0, 100, 100, "□□□□□□□□□□"),
        (500, 99, 100, "■■■■■■■■■|"),
        (30, 80, 100, "■■■□□□□□|□"),
    ],
)
def test_a_bar_shows_the_hard_limit_with_a_tick_at_the_reservation(
    used: float, reserved: float, limit: float, bar: str
) -> None:
    assert memory_bar(used, reserved, limit, 10) == bar


def test_an_allocation_says_why_it_ended_and_what_took_over() -> None:
    pane = pane_of(view_of(), THINGS["allocation-before"])
    assert "Exceeded allowed attempts 3" in text_of(pane) and "13, the job is at 14 by now" in text_of(pane)
    assert Thing("allocation", NAME, CURRENT) in links_of(pane)
    assert Thing("component", NAME, "core") in links_of(pane)
    current = pane_of(view_of(), THINGS["allocation"])
    assert {Thing("deployment", NAME, DEPLOYMENT), Thing("placement", NAME)} <= set(links_of(current))
    assert "on client-06" in text_of(current)


def test_a_deployment_tells_how_far_it_is_and_what_comes_if_it_fails() -> None:
    text = text_of(pane_of(view_of(), THINGS["deployment"]))
    assert "1 of 1 placed, 0 healthy, 0 unhealthy" in text and "auto-revert yes" in text
    assert "(in 7 m)" in text and "1 of 1 placed · promoted by a person" in text
    other = Thing("deployment", NAME, "another")
    assert Thing("deployment", NAME, DEPLOYMENT) in links_of(pane_of(view_of(), other))


def test_a_node_tells_whether_it_takes_work_and_which_instances_are_on_it() -> None:
    pane = pane_of(view_of(), THINGS["node"])
    assert "▲ draining" in text_of(pane) and "Nomad moves what runs there" in text_of(pane)
    assert Thing("instance", NAME) in links_of(pane)
    assert "no instance of this fleet runs here" in text_of(pane_of(view_of(), Thing("node", NAME, "7d")))


def test_placement_names_what_was_exhausted_on_how_many_nodes() -> None:
    pane = pane_of(view_of(), THINGS["placement"])
    text = text_of(pane)
    assert "exhausted memory (2 nodes)" in text and "3 nodes looked at, 2 without room" in text
    assert "2 of 3 take nothing" in text and "no such bucket" not in text
    assert next(thing.id for thing in links_of(pane) if thing.kind == "node") == "7d"
    calm = view_of(fleet(drilled(placement=fresh("Nomad evaluations", Placement(evaluation_id="e")))))
    assert "nothing waits" in text_of(pane_of(calm, THINGS["placement"]))


def test_an_execution_says_why_and_its_failed_tasks_come_first() -> None:
    pane = pane_of(view_of(), THINGS["execution"])
    assert "harbor-nas refuses the credentials" in text_of(pane) and REFUSED in text_of(pane)
    tasks = [thing for thing in links_of(pane) if thing.kind == "task-log"]
    assert [thing.sub for thing in tasks] == ["3", "1", "2"]
    assert Thing("policy", NAME, "1") in links_of(pane)


def test_an_execution_that_harbor_forgot_is_told_from_the_history() -> None:
    view = view_of()
    old = PastExecution(
        id=9, policy_id=1, status="Failed", total=2, failed=2, start_time=NOW - 1e6, end_time=NOW - 1e6 + 5
    )
    view.detail = PastDetail(instance=NAME, past=Past(instance=NAME), executions=(old,))
    text = text_of(pane_of(view, Thing("execution", NAME, "9")))
    assert "2: 2 failed" in text and "5 s" in text
    assert "is not among" in text_of(pane_of(view, Thing("execution", NAME, "10")))


def test_a_skipped_execution_failed_nothing() -> None:
    run = Execution(id=300, policy_id=1, status="Failed", status_text="Execution skipped: active replication still")
    view = view_of(fleet(drilled(executions=fresh("Harbor /replication/executions", (run,)))))
    pane = pane_of(view, Thing("execution", NAME, "300"))
    assert pane.badge.text == "● skipped" and "nothing failed" in text_of(pane)


def test_a_policy_shows_its_peers_health_its_executions_and_why_the_newest_failed() -> None:
    each = drilled()
    only = replace(each, executions=fresh("Harbor /replication/executions", each.executions.value[:1]))
    pane = pane_of(view_of(fleet(only)), THINGS["policy"])
    assert "✖ failing" in text_of(pane) and "harbor-nas refuses the credentials" in text_of(pane)
    assert {Thing("endpoint", NAME, "4"), Thing("execution", NAME, "201")} <= set(links_of(pane))
    assert "harbor-nas · unhealthy" in text_of(pane)
    assert "· disabled" in text_of(pane_of(view_of(), Thing("policy", NAME, "2")))
    assert Thing("policy", NAME, "1") in links_of(pane_of(view_of(), THINGS["endpoint"]))


def test_a_log_marks_lines_of_trouble_once_and_says_what_was_cut() -> None:
    pane = pane_of(view_of(), THINGS["task-log"], 80)
    assert pane.prose and "only the newest 4 lines" in text_of(pane) and "2 of trouble" in pane.badge.text
    styles = [row.cells[0].style for row in rows_of(pane) if row.cells[0].style in ("critical", "warning")]
    assert styles == ["critical", "warning"]


def test_a_log_that_is_gone_says_how_long_harbor_keeps_it() -> None:
    gone = failed("Harbor task log", FailureKind.NOT_FOUND, "404")
    assert gone.failure is not None
    gone = replace(gone, failure=replace(gone.failure, status=404))
    query = next(each for each in answers() if each.topic is Topic.TASK_LOG)
    text = text_of(pane_of(view_of(looks={query: gone}), THINGS["task-log"]))
    assert "not found" in text and "keeps a job's log for a day" in text
    empty = {query: fresh("Harbor task log", LogText())}
    assert "the log is empty" in text_of(pane_of(view_of(looks=empty), THINGS["task-log"]))


def test_a_raw_object_names_its_request_and_how_much_is_masked() -> None:
    text = text_of(pane_of(view_of(), THINGS["raw"]))
    assert "GET /api/v2.0/replication/policies · 1 value masked" in text and '"secret": "****"' in text
    wrapped = raw_rows(("    " + "x" * 100,), 40)
    assert wrapped[0].cells[0].text.startswith("    x") and wrapped[1].cells[0].text.startswith("        x")


# Findings


def rules() -> set[str]:
    """The rules there are, from the calls that make findings."""
    found: set[str] = set()
    for path in Path(harbortui.diagnose.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(getattr(node, "func", None), "attr", getattr(getattr(node, "func", None), "id", ""))
            if isinstance(node, ast.Call) and name in ("finding", "_finding") and node.args:
                found |= {each.value for each in ast.walk(node.args[0]) if isinstance(each, ast.Constant)}
    return found


def test_a_finding_says_what_it_means_for_users_whatever_its_rule() -> None:
    by_component = {"component-unhealthy", "component-unknown", "task-dead", "task-pending", "task-restarting"}
    assert len(rules()) > 30
    assert rules() - by_component - {"task-memory", "task-oom"} <= set(AFFECTS)
    assert set(AFFECTS) <= rules()


@pytest.mark.parametrize("rule", sorted(rules()))
def test_a_finding_leads_on_to_things_that_open(rule: str) -> None:
    subjects = {"node": "client-05", "replication": "sync-to-nas", "endpoint": "harbor-nas", "allocation": CURRENT[:8]}
    subject = subjects.get(rule.split("-")[0], "core")
    fleetwide = rule.startswith(("vault", "clock-here", "fleet"))
    name = "" if fleetwide else NAME
    finding = Finding(rule=rule, state=State.CRITICAL, instance=name, subject=subject, title="it is so")
    view = view_of()
    assert view.verdict is not None and view.snapshot is not None
    view.verdict = samples.verdict(view.snapshot, finding)
    found = [thing for row in leads(view, finding) if (thing := thing_of(row.key)) is not None]
    assert found
    if not fleetwide:
        assert found[0].kind in PAGES, "the first place to look is the thing itself"
        assert raw_query(view, Thing("finding", name, rule, subject)) is not None
    for thing in found:
        if thing.kind in PAGES:
            pane = ThingPage(thing)(view, 100)
            assert "not known" not in pane.badge.text and "not in this fleet" not in text_of(pane)


def test_the_page_of_a_finding_tells_evidence_and_says_when_it_is_over() -> None:
    view = view_of()
    pane = pane_of(view, THINGS["finding"])
    assert REFUSED in text_of(pane) and "the other side does not get what is new" in text_of(pane)
    assert links_of(pane)[0] == Thing("execution", NAME, "201")
    assert view.snapshot is not None
    view.verdict = samples.verdict(view.snapshot)
    over = pane_of(view, THINGS["finding"])
    assert over.badge.text == "● over" and "is not found any more" in text_of(over)
    assert Thing("policy", NAME, "1") in links_of(over)


def test_a_stuck_execution_is_found_behind_its_finding() -> None:
    finding = Finding(rule="replication-stuck", state=State.WARNING, instance=NAME, subject="sync-to-nas/101", title="")
    found = [thing_of(row.key) for row in leads(view_of(), finding)]
    assert found[0] == Thing("execution", NAME, "101")


# States

_FACETS = {
    "component": "health",
    "allocation": "allocations",
    "deployment": "deployment",
    "placement": "placement",
    "execution": "executions",
    "policy": "policies",
    "endpoint": "registries",
    "gc": "gc_runs",
}


@pytest.mark.parametrize("name", _FACETS)
def test_pages_say_what_they_wait_for_what_failed_and_which_right_is_missing(name: str) -> None:
    facet = _FACETS[name]
    known = getattr(drilled(), facet)
    states: dict[str, Facet[Any]] = {
        "loading: no answer yet": Facet(source=known.source, every=60.0),
        "not visible: not permitted, needs some:right": failed(known.source, FailureKind.FORBIDDEN, needs="some:right"),
        "failed: no answer in time": failed(known.source, FailureKind.TIMEOUT),
        "stale, 5 m old: no answer in time": stale(known),
    }
    for words, each in states.items():
        for columns in (80, 200):
            text = text_of(pane_of(view_of(fleet(drilled(**{facet: each}))), THINGS[name], columns))
            assert words in text, (words, text)


@pytest.mark.parametrize("name", ["execution", "task-log", "gc-log", "raw"])
def test_what_is_asked_for_has_its_states_too(name: str) -> None:
    module_looks = {"execution": TASKS}
    thing = THINGS[name]
    query = module_looks.get(name) or next(each for each in answers() if _about(each) == thing)
    assert "loading: no answer yet" in text_of(pane_of(view_of(looks={}), thing))
    denied = {query: failed("Harbor", FailureKind.FORBIDDEN, needs="replication:read")}
    assert "needs replication:read" in text_of(pane_of(view_of(looks=denied), thing))
    down = {query: failed("Harbor", FailureKind.TIMEOUT)}
    assert "failed: no answer in time" in text_of(pane_of(view_of(looks=down), thing))
    saved = view_of(fleet(origin=Origin.SNAPSHOT), looks={})
    assert "a snapshot does not hold this" in text_of(pane_of(saved, thing))


def _about(query: Query) -> Thing:
    kinds = {Topic.RAW: "raw", Topic.GC_LOG: "gc-log", Topic.TASK_LOG: "task-log"}
    kind = kinds.get(query.topic, "")
    return Thing(kind, query.instance, query.id, query.sub)


@pytest.mark.parametrize("name", THINGS)
def test_a_page_outlives_its_instance_and_is_there_before_any_data(name: str) -> None:
    gone = view_of(samples.fleet(samples.instance(NAMES[0])))
    assert text_of(pane_of(gone, THINGS[name]))
    before = view_of()
    before.snapshot = before.verdict = None
    before.looks = {}
    assert "loading" in text_of(pane_of(before, THINGS[name]))


def test_a_thing_that_its_source_forgot_says_so() -> None:
    for kind in ("allocation", "node", "gc", "endpoint", "policy"):
        assert "is not among what" in text_of(pane_of(view_of(), Thing(kind, NAME, "999"), 200)), kind
    assert "neither Harbor nor Nomad tells of" in text_of(pane_of(view_of(), Thing("component", NAME, "trivy")))


# Rows of the big views


def test_rows_of_the_panes_stand_for_things() -> None:
    view = view_of()
    view.instance = NAME
    each = view.looked_at
    assert each is not None and view.snapshot is not None and view.verdict is not None
    allocations = [*rows_of(allocations_pane(each, NOW, None, nodes()))]
    found = {thing.kind for row in allocations if (thing := thing_at(view, "instance/2", row)) is not None}
    assert found == {"deployment", "placement", "node", "allocation"}
    runs = [*rows_of(replication_pane(each, NOW)), *rows_of(storage_pane(view.snapshot, each, NOW))]
    found = {thing.kind for row in runs if (thing := thing_at(view, "instance/4", row)) is not None}
    assert found == {"execution", "policy", "gc"}
    findings = [thing_at(view, "fleet/findings", row) for row in rows_of(findings_pane(view.verdict, NOW))]
    assert [thing.id for thing in findings if thing is not None] == [finding.rule for finding in FINDINGS]


def test_every_row_of_the_panes_has_its_object_raw() -> None:
    view = view_of()
    view.instance = NAME
    each = view.looked_at
    assert each is not None and view.snapshot is not None
    event = next(row for row in rows_of(allocations_pane(each, NOW)) if row.key.startswith("event/"))
    query = raw_of(view, "instance/2", event)
    assert query == Query(topic=Topic.RAW, instance=NAME, sub="allocation", id=CURRENT)
    bucket = next(row for row in rows_of(storage_pane(view.snapshot, each, NOW)) if row.key == "bucket")
    assert raw_of(view, "instance/3", bucket) == Query(topic=Topic.RAW, instance=NAME, sub="bucket")
    row = Row(NAME, (Cell(NAME),))
    assert raw_of(view, "fleet/instances", row) == Query(topic=Topic.RAW, instance=NAME, sub="job")


def test_what_stands_behind_each_thing() -> None:
    kinds = {name: query.sub for name, thing in THINGS.items() if (query := raw_query(view_of(), thing)) is not None}
    assert set(kinds) == set(THINGS) and set(kinds.values()) <= set(RAW_KINDS)
    assert kinds["component"] == "allocation" and kinds["finding"] == "execution" and kinds["gc-log"] == "gc-run"
    placement = raw_query(view_of(), THINGS["placement"])
    assert placement is not None and placement.id == EVALUATION
    lost = view_of(fleet(drilled(allocations=failed("Nomad allocations", FailureKind.TIMEOUT))))
    health = raw_query(lost, THINGS["component"])
    assert health is not None and health.sub == "health"
    assert raw_query(view_of(), Thing("raw", NAME, "", "robots")) is None


def test_a_key_names_its_thing_and_nothing_else_does() -> None:
    thing = Thing("policy", NAME, "a/b", "[c]")
    assert thing_of(key_of(thing, "d")) == thing
    assert thing_of("policy/3") is None and thing_of(NAME) is None
    assert thing_of(key_of(Thing("policy", "a\x1fb"))) is None


# Where it matters


def test_drained_nodes_placement_failures_and_deployments_show_in_the_fleet_and_in_pane_2() -> None:
    snapshot = fleet()
    row = next(row for row in rows_of(fleet_pane(snapshot, samples.verdict(snapshot), NOW)) if row.key == NAME)
    texts = [cell.text for cell in row.cells]
    assert "draining: client-05" in texts and any("deploys" in text for text in texts)
    assert "exhausted memory (2 nodes)" in dict(row.more)["placement"]
    assert "1 of 1 placed" in dict(row.more)["deployment"]
    text = text_of(allocations_pane(drilled(), NOW, None, nodes()))
    assert "node client-05 is draining: Nomad moves what runs there" in text
    assert "cannot be placed: 3 nodes evaluated, 2 exhausted" in text and "deployment of version 14 running" in text
    nowhere = fleet(drilled(allocations=fresh("Nomad allocations", ())))
    row = next(row for row in rows_of(fleet_pane(nowhere, samples.verdict(nowhere), NOW)) if row.key == NAME)
    assert "no node fits" in [cell.text for cell in row.cells]
    done = DeploymentState(latest=Deployment(id="d", status="successful"))
    calm = fleet(drilled(deployment=fresh("Nomad deployment", done), placement=fresh("Nomad evaluations", Placement())))
    row = next(row for row in rows_of(fleet_pane(calm, samples.verdict(calm), NOW)) if row.key == NAME)
    assert "deployment" not in dict(row.more) and not any("deploys" in cell.text for cell in row.cells)


# Hostile


def poisoned(value: Any) -> Any:
    """The same value with every text of it hostile, except those that things are found by."""
    if isinstance(value, str):
        return HOSTILE
    if isinstance(value, tuple):
        return tuple(poisoned(each) for each in value)
    if isinstance(value, msgspec.Struct):
        kept = ("id", "name", "status", "state", "node_id", "source")
        fields = {
            name: poisoned(getattr(value, name))
            for name in value.__struct_fields__
            if name not in kept or isinstance(getattr(value, name), tuple)
        }
        return replace(value, **fields)
    return value


@pytest.mark.parametrize("name", THINGS)
def test_hostile_text_reaches_no_terminal(name: str) -> None:
    each = drilled()
    facets = {
        facet: replace(getattr(each, facet), value=poisoned(getattr(each, facet).value))
        for facet in (
            "health",
            "allocations",
            "deployment",
            "placement",
            "executions",
            "policies",
            "registries",
            "gc_runs",
        )
    }
    looks = {query: replace(facet, value=poisoned(facet.value)) for query, facet in answers().items()}
    view: View = view_of(fleet(replace(each, **facets)), looks=looks)
    assert view.snapshot is not None
    found = tuple(replace(finding, title=HOSTILE, evidence=(HOSTILE,)) for finding in FINDINGS)
    view.verdict = samples.verdict(view.snapshot, *found)
    for columns in (30, 80, 200):
        text = drawn(view, THINGS[name], columns, 200)
        assert all(line.isprintable() for line in text.splitlines())
        assert max(cell_len(line) for line in text.splitlines()) <= columns


@pytest.mark.parametrize("name", ["raw", "task-log", "gc-log"])
def test_what_is_not_there_says_why_in_its_badge_and_who_was_asked(name: str) -> None:
    asked = ThingPage(THINGS[name])
    assert "loading" in asked(view_of(looks={}), 100).badge.text
    (query,) = import_module(f"harbortui.ui.panes.{PAGES[THINGS[name].kind]}").looks(THINGS[name])
    lost = failed("", FailureKind.SERVER, "the connection broke")
    pane = asked(view_of(looks={query: lost}), 100)
    text = pane.blocks[0].rows[0].cells[0].text
    assert pane.badge.style == "critical" and "Harbor" in text and "()" not in text
