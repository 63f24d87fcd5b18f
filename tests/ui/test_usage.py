"""The storage pane's usage, and ``u``: plan, confirmation, progress, cancel, failures."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import pytest

from harbortui.engine.messages import CancelCount, CountStage, CountState, EngineNote, PlanCount, StartCount
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.harbor import Quota
from harbortui.model.snapshot import InstanceSnapshot, Origin
from harbortui.model.storage import BucketState, BucketUsage
from harbortui.ui.cell import Pane, Row
from harbortui.ui.counting import plan_words, rate_words
from harbortui.ui.panes.ages import ages_pane
from harbortui.ui.panes.storage import storage_pane
from harbortui.ui.port import Shown
from harbortui.ui.screens.fleet import FleetScreen
from harbortui.ui.screens.instance import STORAGE, InstanceScreen
from tests.ui import counts, samples
from tests.ui.samples import GIB, NAMES, NOW, fresh, instance
from tests.ui.test_keys import Console, console

replace = msgspec.structs.replace
NAME = NAMES[1]
DAY = 86_400.0


def state(stage: CountStage, **more: object) -> CountState:
    return CountState(instance=NAME, stage=stage, **more)


@dataclass
class Shows:
    """A pane's rows by key."""

    pane: Pane

    def row(self, key: str) -> Row:
        return next(row for row in self.pane.blocks[0].rows if row.key == key)

    def text(self, key: str) -> tuple[str, ...]:
        return tuple(cell.text for cell in self.row(key).cells)

    def has(self, key: str) -> bool:
        return any(row.key == key for row in self.pane.blocks[0].rows)


def shown(each: InstanceSnapshot, now: float = NOW, counting: CountState | None = None) -> Shows:
    return Shows(storage_pane(samples.fleet(each), each, now, counting))


def with_usage(usage: BucketUsage | None, **more: object) -> InstanceSnapshot:
    return instance(bucket=fresh("S3 HEAD bucket", BucketState(name="b", provider="MinIO", usage=usage)), **more)


# The ladder


def test_the_store_comes_first_and_our_count_beside_it() -> None:
    it = shown(instance(counted=fresh("counted by us", counts.counted(), at=NOW - 3600, every=0.0)))
    assert it.text("usage")[2:] == ("412 GiB · 1.2 M objects", "MinIO metrics", "5 m")
    assert it.text("counted")[1:] == ("Counted", "400 GiB · 1.2 M objects", "counted by us", "1 h")


def test_where_the_store_does_not_tell_the_last_count_stands_in_and_its_age_says_so() -> None:
    it = shown(with_usage(None, counted=fresh("counted by us", counts.counted(), at=NOW - 3600, every=0.0)))
    assert it.text("usage")[1:] == ("In the bucket", "400 GiB · 1.2 M objects", "counted by us", "1 h")
    assert not it.has("counted")
    assert it.pane.badge.text == "● 400 GiB"


def test_a_figure_whose_source_does_not_say_when_has_no_age() -> None:
    it = shown(with_usage(BucketUsage(source="MinIO account info", bytes=GIB, period=3600.0)))
    assert it.text("usage")[2:] == ("1.0 GiB", "MinIO account info", "?")
    assert ("counted", "the source does not say when") in it.row("usage").more
    assert any(name == "asked" and text.endswith(" ago") for name, text in it.row("usage").more)


def test_a_count_that_failed_says_when() -> None:
    failed = Failure(kind=FailureKind.TIMEOUT, detail="no answer", at=NOW - 7200)
    assert shown(instance(), counting=state(CountStage.FAILED, failure=failed)).text("counting")[-1] == "2 h"


@pytest.mark.parametrize(("age", "stale"), [(1.9 * DAY, False), (2.1 * DAY, True)])
def test_a_count_is_stale_after_two_of_its_periods(age: float, stale: bool) -> None:
    it = shown(with_usage(None, counted=fresh("counted by us", counts.counted(at=NOW - age), at=NOW - age, every=0.0)))
    assert it.text("usage")[2].endswith("stale") == stale
    assert it.text("usage")[0] == ("◌" if stale else "")


@pytest.mark.parametrize(("age", "stale"), [(7000.0, False), (7300.0, True)])
def test_a_scanner_that_counted_long_ago_is_stale_however_fresh_the_answer(age: float, stale: bool) -> None:
    usage = BucketUsage(source="MinIO metrics", bytes=GIB, measured_at=NOW - age, period=3600.0)
    assert shown(with_usage(usage)).text("usage")[2].endswith("stale") == stale


def test_present_statistics_are_stale_when_the_answer_is() -> None:
    each = with_usage(BucketUsage(source="RGW bucket statistics", bytes=GIB))
    assert not shown(each).text("usage")[2].endswith("stale")
    assert shown(each, NOW + 121).text("usage")[2].endswith("stale")


def test_a_source_that_does_not_say_when_it_counted_is_told_as_such() -> None:
    it = shown(with_usage(BucketUsage(source="MinIO account info", bytes=GIB, period=3600.0, includes="old versions")))
    assert ("counted", "the source does not say when") in it.row("usage").more
    assert "MinIO account info does not say when it was counted" in dict_of(it.row("difference"))["inexact"]


def test_a_count_is_among_the_sources_and_ages_once_there_is_one() -> None:
    each = instance(counted=fresh("counted by us", counts.counted(), at=NOW - 7200, every=0.0))
    for one, named in ((each, True), (instance(), False)):
        pane = ages_pane(samples.fleet(one), None, NOW, 120)
        rows = [row for row in pane.blocks[0].rows if row.cells[1].text == "counted by us"]
        assert [row.cells[3].text for row in rows] == (["2 h"] if named else [])


def dict_of(row: Row) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, text in row.more:
        found.setdefault(name, []).append(text)
    return found


# Holds, refers, hidden


def test_the_difference_names_its_sources_and_what_makes_it_inexact() -> None:
    it = shown(instance())
    assert it.text("difference")[2] == "holds 70 GiB (17%) more than Harbor refers to, inexact"
    assert it.text("difference")[3] == "MinIO metrics, Harbor"
    assert any("several projects share" in text for text in dict_of(it.row("difference"))["inexact"])
    less = shown(with_usage(BucketUsage(source="RGW bucket statistics", bytes=300 * GIB)))
    assert less.text("difference")[2] == "holds 42 GiB less than Harbor refers to, inexact"


def test_hidden_parts_are_told_or_said_not_to_be_tellable() -> None:
    it = shown(instance(counted=fresh("counted by us", counts.counted(), every=0.0)))
    assert it.text("hidden/old_versions")[2] == "3 · 5.0 MiB"
    assert it.text("hidden/delete_markers")[2] == "2"
    assert it.text("hidden/stale_uploads")[2] == "none"
    assert it.text("hidden/unfinished_multiparts")[:3] == (
        "◌",
        "Multiparts",
        "not tellable: MinIO lists only some, so an empty list proves nothing",
    )
    untold = replace(counts.counted(), hidden=None, hidden_note="the key may not list this bucket")
    it = shown(instance(counted=fresh("counted by us", untold, every=0.0)))
    assert it.text("hidden")[2] == "not tellable: the key may not list this bucket"


def test_what_ceph_counts_beyond_a_listing_is_hidden_space_for_free() -> None:
    usage = BucketUsage(source="RGW bucket statistics", bytes=405 * GIB, includes="old versions and unfinished uploads")
    it = shown(with_usage(usage, counted=fresh("counted by us", counts.counted(), every=0.0)))
    assert it.text("not-listed")[2] == "5.0 GiB: old versions and unfinished uploads"
    assert not shown(instance(counted=fresh("counted by us", counts.counted(), every=0.0))).has("not-listed")


def test_usage_per_project_stands_behind_what_harbor_refers_to() -> None:
    quotas = (Quota(project="small", used=GIB), Quota(project="big", used=30 * GIB, hard=40 * GIB))
    it = shown(instance(quotas=fresh("Harbor /quotas", quotas)))
    assert it.row("referenced").more[2:] == (("project big", "30 GiB of 40 GiB (75%)"), ("project small", "1.0 GiB"))


# Words


def test_a_plan_names_calls_seconds_and_dollars_where_a_price_is_known() -> None:
    assert plan_words(counts.plan()) == "about 1217 calls, 12 s for 1.2 M objects (the store's own statistics)"
    assert "about 1217 calls, 12 s, below $0.01 for" in plan_words(counts.plan(dollars=0.006))
    assert "at least 1217 calls, 12 s, $4.10 for" in plan_words(counts.plan(dollars=4.1, at_least=True))


def test_progress_has_a_bar_by_the_plan_where_the_number_of_keys_is_estimated() -> None:
    known = rate_words(counts.progress(), counts.plan())
    assert known == "■■□□□□ 38% 8 s left, 90 k/s, 450 k objects"
    unknown = rate_words(counts.progress(remaining=None), counts.plan())
    assert unknown == "■■□□□□ 38% >8 s left, 90 k/s, 450 k objects of at least 1.2 M"
    beyond = rate_words(counts.progress(2_000_000, None), counts.plan())
    assert beyond == "■■■■■□ 99% 90 k/s, 2.0 M objects of at least 1.2 M"
    assert rate_words(counts.progress(remaining=None)) == "90 k/s, 450 k objects"


# The key


async def asked(it: Console) -> None:
    await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
    await it.press("u")
    await it.until_text("asking what that takes")
    assert it.port.sent[-1] == PlanCount(instance=NAME)


async def planned(it: Console, versioning: str | None = "") -> None:
    await asked(it)
    it.port.say(state(CountStage.PLANNED, plan=counts.plan(versioning)))
    await it.until_text("about 1217 calls, 12 s")


@pytest.mark.parametrize("size", [(120, 35), (80, 24)])
async def test_u_says_first_what_it_takes_and_enter_begins_it(size: tuple[int, int]) -> None:
    async with console(instance=NAME, size=size) as it:
        await planned(it)
        assert "enter count" in it.text and "esc leave it" in it.text and "it only lists" in it.text
        assert it.instance_screen.current == STORAGE
        assert not [each for each in it.port.sent if isinstance(each, StartCount)]
        await it.press("enter")
        assert it.port.sent[-1] == StartCount(instance=NAME)
        it.port.say(state(CountStage.COUNTING, progress=counts.progress()))
        await it.until_text("■■□□□□ 38% 8 s left, 90 k/s")
        assert "about 1217 calls" not in it.text and it.instance_screen.tables[2].has_focus


async def test_the_whole_plan_is_readable_on_a_narrow_terminal() -> None:
    async with console(instance=NAME, size=(80, 24)) as it:
        await asked(it)
        it.port.say(state(CountStage.PLANNED, plan=counts.plan("Enabled", dollars=3.2, at_least=True)))
        await it.until_text("enter count")
        bar = " ".join(line.strip() for line in it.text.splitlines()[19:23])
        assert "at least 1217 calls, 12 s, $3.20 for 1.2 M objects (the store's own statistics)" in bar
        assert "old versions are kept and take as many calls again, or more" in bar
        assert "Counting" not in it.text


async def test_what_was_counted_is_shown_when_it_is_there() -> None:
    snapshot, verdict = samples.hurt()
    each = replace(snapshot.instances[1], counted=fresh("counted by us", counts.counted(), every=0.0))
    async with console(instance=NAME) as it:
        await planned(it)
        await it.press("enter")
        it.port.say(state(CountStage.COUNTING, progress=counts.progress()))
        it.port.say(state(CountStage.HIDDEN, progress=counts.progress()))
        await it.until_text("450 k objects, looking for")
        it.port.say(Shown(samples.fleet(snapshot.instances[0], each, snapshot.instances[2]), verdict))
        it.port.say(state(CountStage.DONE))
        await it.until(lambda: not it.app.view.counts)
        await it.press("z")
        await it.until_text("400 GiB · 1.2 M objects")
        assert "Counting" not in it.text and "counted by us" in it.text and "not tellable" in it.text


@pytest.mark.parametrize("key", ["escape", "u"])
async def test_the_bar_is_left_without_a_count(key: str) -> None:
    async with console(instance=NAME) as it:
        await planned(it)
        await it.press(key)
        await it.until(lambda: "about 1217 calls" not in it.text)
        assert it.instance_screen.tables[2].has_focus and it.app.view.counts == {}
        assert not [each for each in it.port.sent if isinstance(each, StartCount | CancelCount)]


async def test_a_store_that_is_slow_to_tell_keeps_no_key_waiting() -> None:
    async with console(instance=NAME) as it:
        await asked(it)
        await it.press("enter")
        await it.until_text("what it takes is not known yet")
        assert not [each for each in it.port.sent if isinstance(each, StartCount)]
        await it.press("escape")
        assert it.port.sent[-1] == CancelCount(instance=NAME)
        it.port.say(state(CountStage.CANCELLED))
        it.port.say(state(CountStage.PLANNED, plan=counts.plan()))
        it.port.say(Shown(*samples.hurt()))
        await it.press("j")
        assert "1217" not in it.text and it.app.view.asking == ""


@pytest.mark.parametrize("key", ["escape", "u"])
async def test_a_count_under_way_is_stopped(key: str) -> None:
    async with console(instance=NAME) as it:
        await planned(it)
        await it.press("enter")
        it.port.say(state(CountStage.COUNTING, progress=counts.progress()))
        await it.until_text("8 s left, 90 k/s")
        await it.press(key)
        assert it.port.sent[-1] == CancelCount(instance=NAME)
        it.port.say(state(CountStage.CANCELLED))
        await it.until_text("cancelled after 450 k objects")
        await it.press("escape")
        await it.until(lambda: isinstance(it.app.screen, FleetScreen))


async def test_a_count_goes_on_while_a_person_looks_elsewhere() -> None:
    async with console(instance=NAME) as it:
        await planned(it)
        await it.press("enter")
        it.port.say(state(CountStage.COUNTING, progress=counts.progress()))
        await it.until_text("8 s left, 90 k/s")
        await it.press("1", "escape")
        await it.until(lambda: isinstance(it.app.screen, FleetScreen))
        assert not [each for each in it.port.sent if isinstance(each, CancelCount)]
        it.port.say(state(CountStage.COUNTING, progress=counts.progress(900_000, 3.0)))
        await it.press("enter")
        await it.until_text("3 s left")


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (
            Failure(kind=FailureKind.FORBIDDEN, detail="the key may not list this bucket", needs="s3:ListBucket"),
            "not permitted, needs s3:ListBucket: the key may not list this bucket",
        ),
        (Failure(kind=FailureKind.REFUSED, detail="connection refused"), "connection refused"),
        (Failure(kind=FailureKind.TIMEOUT, detail="no answer within 10 s"), "no answer in time"),
    ],
)
async def test_what_keeps_it_from_counting_is_said(failure: Failure, said: str) -> None:
    async with console(instance=NAME) as it:
        await asked(it)
        it.port.say(state(CountStage.FAILED, failure=failure))
        await it.until_text(f"not counted: {said}")
        assert it.app.view.asking == "" and it.instance_screen.tables[2].has_focus
        await planned(it)
        await it.press("enter")
        it.port.say(state(CountStage.FAILED, failure=failure, progress=counts.progress()))
        await it.press("z")
        await it.until_text(f"failed: {said}")


async def test_other_panes_and_views_close_the_bar() -> None:
    for keys in (("1",), ("tab",), ("0",), ("minus",)):
        async with console(instance=NAME) as it:
            await planned(it)
            await it.press(*keys)
            assert it.app.view.asking == "" and "about 1217 calls" not in it.text


async def test_an_engine_that_ends_takes_its_count_with_it_and_a_note_does_not() -> None:
    async with console(instance=NAME) as it:
        await planned(it)
        await it.press("enter")
        it.port.say(EngineNote(text="history: nothing could be written"))
        it.port.say(state(CountStage.COUNTING, progress=counts.progress()))
        await it.until_text("8 s left, 90 k/s")
        it.port.say(EngineNote(text="the engine was ended by signal 9; starting it again", restarted=True))
        await it.until(lambda: it.app.view.counts[NAME].stage is CountStage.FAILED)
        await it.press("z")
        await it.until_text("the engine ended")


async def test_a_snapshot_has_nobody_to_ask() -> None:
    snapshot, verdict = samples.hurt()
    async with console(Shown(replace(snapshot, origin=Origin.SNAPSHOT), verdict), instance=NAME) as it:
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        await it.press("u")
        await it.until_text("there is nobody to ask")
        assert not [each for each in it.port.sent if isinstance(each, PlanCount)]
