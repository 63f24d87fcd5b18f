"""Every rule as a table: what was seen, and what must be said about it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from harbortui.diagnose.replication import SHOWN
from harbortui.model.facet import Facet
from harbortui.model.failure import Failure
from harbortui.model.failure import FailureKind as K
from harbortui.model.harbor import ComponentHealth, GcRun, GcSchedule, Health, Policy, RegistryEndpoint, SystemInfo
from harbortui.model.nomad import (
    AllocationUsage,
    Deployment,
    DeploymentState,
    Job,
    Node,
    Placement,
    PlacementFailure,
    TaskEvent,
    TaskSpec,
    TaskUsage,
)
from harbortui.model.storage import BucketState, BucketUsage, StoreHealth
from harbortui.model.vault import VaultState
from harbortui.sources.harbor.source import EXECUTIONS_PER_PAGE
from tests.diagnose.worlds import (
    DAY,
    HOUR,
    NOW,
    SUNDAY,
    allocation,
    but,
    execution,
    found,
    judged,
    lost,
    seen,
    task,
    well,
)


def health(**states: str) -> Any:
    rows = tuple(ComponentHealth(name=name, status=status, error="no route") for name, status in states.items())
    return seen(Health(status="unhealthy", components=rows))


def hourly(**more: Any) -> Any:
    """A policy that is scheduled for every full hour."""
    given = {"id": 1, "name": "to-nas", "enabled": True, "destination_registry": "harbor-nas"}
    return seen((Policy(**{**given, "trigger": "scheduled", "cron": "0 0 * * * *", **more}),))


def seen_before(name: str) -> Any:
    """The facet of a well instance, last answered a little before everything else."""
    facet: Facet[Any] = getattr(well(), name)
    return msgspec.structs.replace(facet, at=NOW - 30)


def answered(name: str, ago: float) -> Any:
    """The facet of a well instance, last answered that many seconds ago."""
    facet: Facet[Any] = getattr(well(), name)
    return msgspec.structs.replace(facet, at=NOW - ago)


def restarts(*ages: float) -> tuple[TaskEvent, ...]:
    return tuple(TaskEvent(type="Restarting", at=NOW - age) for age in ages)


def running(*tasks: Any, **more: Any) -> Any:
    return seen((allocation(*tasks, **more),))


def gc(*runs: GcRun) -> Any:
    return seen(runs)


DATABASE = ("system", "executions", "policies", "gc_runs", "gc_schedule")
"""Facets that Harbor cannot answer without its database."""
OLD_SUCCESS = GcRun(id=1, status="Success", start_time=SUNDAY - 7 * DAY)

CASES: dict[str, tuple[dict[str, Any], list[tuple[str, str, str]]]] = {
    "all well": ({}, []),
    "a vital component": ({"health": health(redis="unhealthy")}, [("component-unhealthy", "critical", "redis")]),
    "another component": ({"health": health(portal="unhealthy")}, [("component-unhealthy", "warning", "portal")]),
    "an unknown word": ({"health": health(trivy="starting")}, [("component-unknown", "unknown", "trivy")]),
    "core silent": ({"health": lost(K.REFUSED)}, [("core-unreachable", "critical", "core")]),
    "nginx alone": ({"health": lost(K.SERVER)}, [("core-unreachable", "critical", "core")]),
    "the way is broken": ({"health": lost(K.DNS)}, [("core-unreachable", "unknown", "core")]),
    "one miss": ({"health": lost(K.TIMEOUT, last=well().health)}, [("core-unreachable", "warning", "core")]),
    "a database that hangs": (
        {name: lost(K.TIMEOUT) for name in DATABASE},
        [("database-hanging", "critical", "database")],
    ),
    "a database that hangs since a moment": (
        {name: lost(K.TIMEOUT, last=seen_before(name)) for name in DATABASE},
        [("database-hanging", "warning", "database")],
    ),
    "most is silent but something was answered since": (
        {name: lost(K.TIMEOUT, last=seen_before(name)) for name in DATABASE[:3]},
        [],
    ),
    "heavy calls fail again and again, others are answered between": (
        {
            "executions": lost(K.TIMEOUT, last=answered("executions", HOUR)),
            "gc_runs": lost(K.TIMEOUT, last=answered("gc_runs", HOUR)),
            "system": answered("system", 20),
            "policies": answered("policies", 200),
            "gc_schedule": answered("gc_schedule", 200),
        },
        [],
    ),
    "heavy calls that were never answered, others are": (
        {"executions": lost(K.TIMEOUT), "gc_runs": lost(K.TIMEOUT), "system": answered("system", 20)},
        [],
    ),
    "a database that hangs for long": (
        {name: lost(K.TIMEOUT, last=answered(name, HOUR)) for name in DATABASE},
        [("database-hanging", "critical", "database")],
    ),
    "one slow call": ({"executions": lost(K.TIMEOUT, last=seen_before("executions"))}, []),
    "a schedule that was forgotten": (
        {
            "policies": hourly(updated=NOW - DAY),
            "executions": seen((execution(1, "Succeed", trigger="scheduled", start_time=NOW - 5 * HOUR),)),
        },
        [("replication-overdue", "warning", "to-nas")],
    ),
    "a schedule of which no run is seen": (
        {"policies": hourly(updated=NOW - DAY), "executions": seen(())},
        [("replication-overdue", "warning", "to-nas")],
    ),
    "a schedule that runs": (
        {
            "policies": hourly(updated=NOW - DAY),
            "executions": seen((execution(1, "Succeed", trigger="scheduled", start_time=NOW - HOUR),)),
        },
        [],
    ),
    "a schedule of every minute, looked at a little ago": (
        {
            "policies": hourly(updated=NOW - DAY, cron="0 * * * * *"),
            "executions": seen(
                (execution(1, "Succeed", trigger="scheduled", start_time=NOW - 190),), at=NOW - 100, every=60.0
            ),
        },
        [],
    ),
    "a schedule beyond the executions seen, one of which could not be read": (
        {
            "policies": hourly(updated=NOW - DAY),
            "executions": msgspec.structs.replace(
                seen(tuple(execution(n, "Succeed", trigger="manual") for n in range(29))), lost_rows=("row 30",)
            ),
        },
        [],
    ),
    "a schedule beyond the executions seen, one of which has not begun": (
        {
            "policies": hourly(updated=NOW - DAY),
            "executions": seen(
                tuple(
                    execution(n, "Succeed", trigger="manual", **({"start_time": None} if n == 0 else {}))
                    for n in range(30)
                )
            ),
        },
        [],
    ),
    "a schedule that was changed just now": ({"policies": hourly(updated=NOW - 60), "executions": seen(())}, []),
    "a schedule beyond the executions seen": (
        {
            "policies": hourly(updated=NOW - DAY),
            "executions": seen(tuple(execution(n, "Succeed", trigger="manual") for n in range(30))),
        },
        [],
    ),
    "a disabled schedule": ({"policies": hourly(enabled=False, updated=NOW - DAY), "executions": seen(())}, []),
    "an endpoint that refuses": (
        {"registries": seen((RegistryEndpoint(id=1, name="harbor-nas", type="harbor", status="unhealthy"),))},
        [("endpoint-unhealthy", "warning", "harbor-nas")],
    ),
    "an unhealthy endpoint that nobody uses": (
        {"registries": seen((RegistryEndpoint(id=1, name="old", type="harbor", status="unhealthy"),))},
        [],
    ),
    "read-only": ({"system": seen(SystemInfo(read_only=True))}, [("read-only", "warning", "core")]),
    "job stopped": ({"job": seen(Job(id="a", stop=True))}, [("job-stopped", "critical", "a")]),
    "no allocation": ({"allocations": seen(())}, [("no-allocation", "critical", "a")]),
    "pending long": (
        {"allocations": running(status="pending", create_time=NOW - HOUR)},
        [("allocation-pending", "critical", "0a1b2c3d")],
    ),
    "pending for a moment": ({"allocations": running(status="pending", create_time=NOW - 20)}, []),
    "client lost": ({"allocations": running(status="unknown")}, [("allocation-unknown", "unknown", "0a1b2c3d")]),
    "task dead": (
        {"allocations": running(task("registry", state="dead", failed=True))},
        [("task-dead", "critical", "registry")],
    ),
    "a prestart task ended": (
        {
            "allocations": running(task("init", state="dead")),
            "job": seen(Job(id="a", tasks=(TaskSpec(name="init", lifecycle="prestart"),))),
        },
        [],
    ),
    "restart loop": (
        {"allocations": running(task("core", events=restarts(60, 600, 1200)))},
        [("task-restarting", "critical", "core")],
    ),
    "restarted, now calm": (
        {"allocations": running(task("core", events=restarts(1800, 2000, 2500)))},
        [("task-restarting", "warning", "core")],
    ),
    "restarts long ago": ({"allocations": running(task("core", events=restarts(4000, 5000, 6000)))}, []),
    "killed for memory": (
        {"allocations": running(task(events=(TaskEvent(type="Terminated", at=NOW - HOUR, oom_killed=True),)))},
        [("task-oom", "warning", "core")],
    ),
    "memory nearly full": (
        {"usage": seen(AllocationUsage(allocation_id="x", tasks=(TaskUsage(name="core", memory_bytes=950 * 2**20),)))},
        [("task-memory", "warning", "core")],
    ),
    "memory measured by nothing": (
        {"usage": seen(AllocationUsage(allocation_id="x", tasks=(TaskUsage(name="core"),)))},
        [],
    ),
    "blocked beside a running one": (
        {"placement": seen(Placement(status="blocked", failures=(PlacementFailure(group="g", reasons=("memory",)),)))},
        [("placement-blocked", "warning", "a")],
    ),
    "deployment failed": (
        {"deployment": seen(DeploymentState(latest=Deployment(id="d", status="failed")))},
        [("deployment-failed", "warning", "d")],
    ),
    "newest execution failed": (
        {"executions": seen((execution(1, "Succeed"), execution(2, "Failed", failed=1)))},
        [("replication-failing", "warning", "to-nas")],
    ),
    "three in a row": (
        {"executions": seen(tuple(execution(number, "Failed") for number in (1, 2, 3)))},
        [("replication-failing", "critical", "to-nas")],
    ),
    "failed once, then well": ({"executions": seen((execution(1, "Failed"), execution(2, "Succeed")))}, []),
    "skipped is not failed": (
        {"executions": seen((execution(2, "Failed", status_text="Execution skipped: active replication"),))},
        [],
    ),
    "a disabled policy": (
        {
            "executions": seen((execution(1, "Failed"),)),
            "policies": seen((Policy(id=1, name="to-nas", enabled=False),)),
        },
        [],
    ),
    "an execution without tasks": (
        {"executions": seen((execution(1, "InProgress", total=0, start_time=NOW - HOUR),))},
        [("replication-stuck", "warning", "to-nas/1")],
    ),
    "bucket gone": ({"bucket": lost(K.NOT_FOUND, status=404)}, [("bucket-missing", "critical", "harbor")]),
    "our key refused": ({"bucket": lost(K.FORBIDDEN, status=403)}, [("bucket-refused", "unknown", "harbor")]),
    "bucket silent": ({"bucket": lost(K.TIMEOUT)}, [("bucket-unreachable", "critical", "harbor")]),
    "bucket full": (
        {"bucket": seen(BucketState(name="harbor", usage=BucketUsage(source="MinIO", bytes=90, quota_bytes=100)))},
        [("bucket-full", "warning", "harbor")],
    ),
    "collection failed": (
        {"gc_runs": gc(GcRun(id=2, status="Error", start_time=NOW), GcRun(id=1, status="Success", start_time=SUNDAY))},
        [("gc-failed", "warning", "garbage collection")],
    ),
    "collection overdue": (
        {"gc_runs": gc(msgspec.structs.replace(OLD_SUCCESS, start_time=SUNDAY - 14 * DAY))},
        [("gc-overdue", "warning", "garbage collection")],
    ),
    "this week's is late, within grace": ({"gc_runs": gc(OLD_SUCCESS)}, []),
    "a dry run is no collection": (
        {
            "gc_runs": gc(
                GcRun(id=9, status="Success", dry_run=True, start_time=NOW),
                msgspec.structs.replace(OLD_SUCCESS, start_time=SUNDAY - 14 * DAY),
            )
        },
        [("gc-overdue", "warning", "garbage collection")],
    ),
    "not scheduled": (
        {"gc_schedule": seen(GcSchedule(type="None"))},
        [("gc-unscheduled", "ok", "garbage collection")],
    ),
    "one clock off": (
        {"system": seen(SystemInfo(clock_skew=300.0))},
        [("clock-skew", "warning", "Harbor")],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_rule_says_what_was_seen(case: str) -> None:
    facets, expected = CASES[case]
    assert found(but(**facets)) == expected


@pytest.mark.parametrize(
    ("shared", "expected"),
    [
        ({"vault": seen(VaultState(sealed=True))}, [("vault-sealed", "critical", "Vault")]),
        ({"vault": lost(K.REFUSED)}, [("vault-unreachable", "unknown", "Vault")]),
        ({"vault": seen(VaultState(token_failure="expired"))}, [("vault-token", "unknown", "Vault")]),
        ({"vault": seen(VaultState(token_ttl=60.0))}, [("vault-token", "warning", "Vault")]),
        ({"vault": seen(VaultState(token_ttl=60.0, token_renewable=True))}, []),
        ({"vault": seen(VaultState(token_unknown="no answer in time"))}, [("vault-token", "unknown", "Vault")]),
        ({"vault": seen(VaultState(removed=True))}, [("vault-unreachable", "unknown", "Vault")]),
        ({"vault": seen(VaultState(token_uses=3))}, [("vault-token", "warning", "Vault")]),
        ({"vault": seen(VaultState(token_blind=True))}, [("vault-token", "ok", "Vault")]),
        ({"stores": {"http://s": seen(StoreHealth(live=False))}}, [("store-down", "critical", "http://s")]),
        ({"stores": {"http://s": seen(StoreHealth(live=True, ready=False))}}, [("store-down", "critical", "http://s")]),
        ({"stores": {"http://s": seen(StoreHealth(live=None))}}, []),
        ({"stores": {"http://s": lost(K.TIMEOUT)}}, [("store-down", "critical", "http://s")]),
        ({"stores": {"http://s": lost(K.TLS)}}, [("store-down", "unknown", "http://s")]),
        ({"stores": {"http://s": lost(K.DNS)}}, [("store-down", "unknown", "http://s")]),
        ({"stores": {"http://s": lost(K.RATE_LIMITED)}}, []),
        (
            {"nodes": {"http://n": seen((Node(id="n2", name="vm-2", status="down"),))}},
            [("fleet-node-down", "warning", "vm-2")],
        ),
        (
            {"nodes": {"http://n": seen((Node(id="n1", name="vm-1", status="down"),))}},
            [("node-down", "critical", "vm-1"), ("fleet-node-down", "warning", "vm-1")],
        ),
        (
            {"nodes": {"http://n": seen((Node(id="n1", name="vm-1", status="ready", draining=True),))}},
            [("node-draining", "warning", "vm-1")],
        ),
    ],
)
def test_a_rule_about_what_instances_share(shared: dict[str, Any], expected: list[tuple[str, str, str]]) -> None:
    assert found(well(), **shared) == expected


def test_what_counts_as_all_executions_is_what_is_asked_for() -> None:
    assert SHOWN == EXECUTIONS_PER_PAGE


def unread(detail: str = "Vault's kv/data/a: permission denied", needs: str = "") -> Facet[Any]:
    failure = Failure(kind=K.NO_CREDENTIALS, detail=detail, at=NOW - 5, secret="kv/data/a", needs=needs)
    return Facet[Any](failure=failure, tried_at=NOW - 5)


def test_a_secret_that_cannot_be_read_is_said_once_and_in_words() -> None:
    hurt = but(bucket=unread(needs="read on kv/data/a"), job=unread(needs="read on kv/data/a"))
    (finding,) = [each for each in judged(hurt).findings if each.rule == "vault-secret"]
    assert (finding.title, finding.subject) == ("Vault's kv/data/a: permission denied", "Vault")
    assert finding.evidence == ("the policy of our token lacks: read on kv/data/a",)
    two = judged(but(bucket=unread(), job=unread("Vault's kv/data/a has no key x"))).findings
    assert [each.rule for each in two].count("vault-secret") == 2


@pytest.mark.parametrize(
    "cause",
    [
        VaultState(sealed=True),
        VaultState(initialized=False),
        VaultState(removed=True),
        VaultState(token_failure="revoked"),
    ],
)
def test_a_secret_is_not_said_beside_what_explains_it(cause: VaultState) -> None:
    verdict = judged(but(bucket=unread()), vault=seen(cause))
    assert "vault-secret" not in [each.rule for each in verdict.findings]
    verdict = judged(but(bucket=unread()), vault=lost(K.REFUSED))
    assert [each.rule for each in verdict.findings] == ["vault-unreachable"]


def test_a_dead_store_is_said_once_and_not_again_for_its_bucket() -> None:
    rules = found(but(bucket=lost(K.REFUSED)), stores={"http://s": lost(K.REFUSED)})
    assert rules == [("store-down", "critical", "http://s")]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (K.LOCAL, [("bucket-unseen", "unknown", "harbor")]),
        (K.TLS, [("bucket-unseen", "unknown", "harbor")]),
        (K.REDIRECT, [("bucket-unseen", "unknown", "harbor")]),
        (K.RATE_LIMITED, [("store-busy", "warning", "harbor")]),
        (K.AUTH, [("bucket-refused", "unknown", "harbor")]),
        (K.SERVER, [("bucket-unreachable", "critical", "harbor")]),
        (K.SEALED, []),
    ],
)
def test_why_a_bucket_is_not_seen_is_a_finding(kind: K, expected: list[tuple[str, str, str]]) -> None:
    assert found(but(bucket=lost(kind))) == expected


def test_a_bucket_that_was_missed_once_is_a_warning_only() -> None:
    once = but(bucket=lost(K.PROTOCOL, last=well().bucket))
    assert found(once) == [("bucket-unseen", "warning", "harbor")]


def test_a_store_out_of_reach_is_said_once_and_not_again_for_its_bucket() -> None:
    rules = found(but(bucket=lost(K.LOCAL)), stores={"http://s": lost(K.TLS)})
    assert rules == [("store-down", "unknown", "http://s")]


def test_this_hosts_clock_is_blamed_when_all_servers_agree() -> None:
    off = but(system=seen(SystemInfo(clock_skew=-300.0)), bucket=seen(BucketState(name="harbor", clock_skew=-301.0)))
    rules = found(off)
    assert ("clock-here", "warning", "this host") in rules


def test_a_stale_unhealthy_is_not_told_as_of_now() -> None:
    old = health(redis="unhealthy")
    stale = msgspec.structs.replace(old, at=NOW - HOUR, every=15.0)
    verdict = judged(but(health=stale))
    assert verdict.findings == () and verdict.instances[0].not_visible == ("health (no news in time)",)


def test_the_thresholds_count() -> None:
    from harbortui.diagnose import Limits

    failing = but(executions=seen((execution(1, "Failed"),)))
    (finding,) = judged(failing, limits=Limits(failed_executions=1)).findings
    assert finding.state.word == "critical"
