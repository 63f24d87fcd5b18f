"""The sentence a person reads first, and the cron arithmetic under one of the rules."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbortui.diagnose.cron import next_time, previous_time
from harbortui.model.failure import FailureKind as K
from harbortui.model.finding import State
from harbortui.model.harbor import ComponentHealth, Health, SystemInfo
from harbortui.model.snapshot import InstanceSnapshot, Snapshot, Target
from tests.diagnose.worlds import NOW, TARGET, but, fleet, judged, lost, seen, well


def named(name: str, instance: InstanceSnapshot | None = None) -> InstanceSnapshot:
    return msgspec.structs.replace(instance or well(), target=msgspec.structs.replace(TARGET, name=name))


READ_ONLY = seen(SystemInfo(read_only=True))


def test_all_well_is_a_sentence() -> None:
    verdict = judged(named("a"), named("b"), named("c"))
    assert (verdict.state, verdict.sentence) == (State.OK, "all 3 instances are well")
    assert judged(well()).sentence == "the instance is well"


def test_a_denied_source_is_never_well() -> None:
    denied = lost(K.FORBIDDEN, needs="replication:list")
    verdict = judged(but(executions=denied))
    assert verdict.state is State.UNKNOWN
    assert verdict.sentence == "no fault seen; not visible: replication executions (needs replication:list)"


def test_critical_before_unknown_before_warning() -> None:
    warning, unknown = named("w", but(system=READ_ONLY)), named("u", but(job=lost(K.TIMEOUT)))
    critical = named("c", but(bucket=lost(K.NOT_FOUND)))
    assert judged(warning).state is State.WARNING
    assert judged(warning, unknown).state is State.UNKNOWN
    verdict = judged(warning, unknown, critical)
    assert verdict.state is State.CRITICAL
    assert verdict.sentence.startswith("c: bucket harbor does not exist (and 1 more); not everything is visible on u")


def test_a_value_is_no_excuse_while_its_source_fails() -> None:
    """Learned a moment ago, refused since: what it said then is not what is."""
    failing = {
        name: msgspec.structs.replace(getattr(well(), name), failure=lost(K.REFUSED).failure)
        for name in ("job", "allocations", "placement", "deployment")
    }
    verdict = judged(but(**failing))
    assert verdict.state is State.UNKNOWN
    assert verdict.sentence == "no fault seen; not visible: Nomad (connection refused)"


def test_what_is_missing_for_the_same_reason_is_said_together() -> None:
    sentence = judged(but(gc_runs=lost(K.TIMEOUT), gc_schedule=lost(K.TIMEOUT), bucket=lost(K.SEALED))).sentence
    together = "garbage collection runs, garbage collection schedule (no answer in time)"
    assert sentence.endswith(f"not visible: {together}, bucket (Vault is sealed)")


def test_what_several_instances_share_is_said_once() -> None:
    silent = lost(K.REFUSED)
    verdict = judged(named("b"), named("a"), stores={"http://s": silent})
    assert (
        verdict.sentence.startswith("all 2 instances: the object store does not answer")
        and "more" not in verdict.sentence
    )
    other = named("c", but(system=READ_ONLY))
    assert judged(named("b", but(system=READ_ONLY)), named("a"), other).sentence.startswith(
        "b, c: Harbor is in read-only"
    )


def test_a_vault_that_cannot_be_reached_is_not_one_that_refuses() -> None:
    assert judged(well(), vault=lost(K.REFUSED)).sentence == "Vault cannot be reached"
    assert judged(well(), vault=lost(K.FORBIDDEN)).sentence == "Vault does not tell its state"


def test_a_warning_with_something_hidden_is_unknown_but_says_the_warning() -> None:
    verdict = judged(but(system=READ_ONLY, job=lost(K.TIMEOUT)))
    assert verdict.instances[0].state is State.UNKNOWN
    assert verdict.instances[0].sentence.startswith("Harbor is in read-only mode")


def test_before_the_first_data_nothing_is_claimed() -> None:
    verdict = judged(InstanceSnapshot(target=TARGET))
    assert (verdict.state, verdict.sentence) == (State.UNKNOWN, "collecting the first data")


def test_an_empty_fleet_is_not_well() -> None:
    assert judged().state is State.UNKNOWN


def test_what_is_not_configured_is_not_missed() -> None:
    alone = msgspec.structs.replace(
        but(allocations=seen(None), job=seen(None)), target=Target(name="a", url="http://a")
    )
    assert judged(alone).state is State.OK


def test_rows_that_could_not_be_read_are_not_hidden() -> None:
    gappy = msgspec.structs.replace(well().executions, lost_rows=("row 3: id is text",))
    assert judged(but(executions=gappy)).sentence.endswith("replication executions (1 row could not be read)")


def test_the_order_is_fixed() -> None:
    one = judged(named("b", but(system=READ_ONLY)), named("a", but(system=READ_ONLY, bucket=lost(K.NOT_FOUND))))
    assert [(each.instance, each.rule) for each in one.findings] == [
        ("a", "bucket-missing"),
        ("a", "read-only"),
        ("b", "read-only"),
    ]


def test_the_same_snapshot_gives_the_same_verdict_a_little_later() -> None:
    """Ages are not part of any text, else every minute would repaint the screen."""
    from harbortui.diagnose import diagnose

    snapshot = fleet(but(system=READ_ONLY, bucket=lost(K.NOT_FOUND)))
    assert diagnose(snapshot, now=NOW) == diagnose(snapshot, now=NOW + 70)


def test_an_empty_snapshot_never_raises() -> None:
    from harbortui.diagnose import diagnose

    assert diagnose(Snapshot(), now=NOW).sentence == "no instance is configured"


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("0 0 3 * * 0", "2026-01-11 03:00:00"),
        ("0 0 3 * * SUN", "2026-01-11 03:00:00"),
        ("0 0 3 * * 7", "2026-01-11 03:00:00"),
        ("0 0 0 * * *", "2026-01-14 00:00:00"),
        ("0 30 */6 * * *", "2026-01-14 12:30:00"),
        ("0 0 0 1 * *", "2026-01-01 00:00:00"),
        ("0 0 0 1 jan ?", "2026-01-01 00:00:00"),
        ("0 15,45 8-10 * * 1-5", "2026-01-14 10:45:00"),
        ("0 0 0 13 * 5", "2026-01-13 00:00:00"),
    ],
)
def test_when_a_schedule_last_fired(cron: str, expected: str) -> None:
    moment = previous_time(cron, NOW)
    assert moment is not None and datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S") == expected


@pytest.mark.parametrize(
    "cron", ["", "0 3 * * 0", "0 0 3 * * 8", "0 0 25 * * *", "0 0 3 31 2 *", "x x x x x x", "0 0/0 * * * *"]
)
def test_what_never_fires(cron: str) -> None:
    assert previous_time(cron, NOW) is None


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("0 0 3 * * 0", "2026-01-18 03:00:00"),
        ("0 0 0 * * *", "2026-01-15 00:00:00"),
        ("0 30 */6 * * *", "2026-01-14 18:30:00"),
        ("0 0 0 1 * *", "2026-02-01 00:00:00"),
        ("0 0 0 13 * 5", "2026-01-16 00:00:00"),
    ],
)
def test_when_a_schedule_fires_next(cron: str, expected: str) -> None:
    moment = next_time(cron, NOW)
    assert moment is not None and datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S") == expected
    assert next_time("0 0 0 29 2 *", NOW) is None, "too rare to be told: 2028"


@given(st.text(alphabet="0123456789*/,-? abc", max_size=30))
def test_no_text_breaks_it(cron: str) -> None:
    moment, soon = previous_time(cron, NOW), next_time(cron, NOW)
    assert (moment is None or moment < NOW) and (soon is None or soon > NOW)


def test_a_source_that_forbids_everything_is_named_once_whatever_the_rights() -> None:
    facets = ("health", "system", "executions", "policies", "gc_runs", "gc_schedule")
    denied = {name: lost(K.FORBIDDEN, needs=f"{name}:list") for name in facets}
    assert judged(but(**denied)).sentence == "no fault seen; not visible: Harbor (not permitted)"


def test_components_are_unknown_when_core_stopped_answering_however_bad_they_were() -> None:
    sick = Health(status="unhealthy", components=(ComponentHealth(name="registry", status="unhealthy"),))
    verdict = judged(but(health=lost(K.REFUSED, last=seen(sick))))
    assert not [each for each in verdict.findings if each.rule == "component-unhealthy"]
    assert verdict.state is State.UNKNOWN and "did not answer the newest health request" in verdict.sentence
