"""Collection as it runs: values survive failures, faults stay with their facet, hanging calls hold up nobody."""

from __future__ import annotations

import asyncio
import time
from random import Random
from typing import Any

from harbortui.collect.collector import Clocks, Collector
from harbortui.collect.facets import Moved, failed, learned
from harbortui.collect.lookup import NOT_YET, FacetKey, Known, Lookup
from harbortui.collect.once import collect_once
from harbortui.collect.schedule import Schedule
from harbortui.collect.store import SnapshotStore
from harbortui.model.facet import STALE_AFTER_INTERVALS, Facet
from harbortui.model.failure import FailureKind
from harbortui.model.harbor import Health
from harbortui.model.vault import VaultState
from harbortui.sources.answer import Ok
from tests.collect.fakes import empty, failure, health, key, lookup, until


class Running:
    """A collector on fast intervals, with everything it reports."""

    def __init__(self, *lookups: Lookup, names: tuple[str, ...] = ("a",)) -> None:
        self.store = SnapshotStore(empty(*names))
        self.bugs: list[BaseException] = []
        self.moved: list[Moved] = []
        clocks = Clocks(wall=time.time, steady=time.monotonic)
        schedule = Schedule(lookups, random=Random(1), start=clocks.steady())
        self.collector = Collector(
            lookups, self.store, schedule, clocks, on_moved=self.moved.append, on_bug=self.bugs.append
        )

    async def __aenter__(self) -> Running:
        self.collector.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.collector.close()


async def test_a_value_stays_with_the_error_beside_it() -> None:
    answers: list[Any] = [Ok(health()), failure(FailureKind.TIMEOUT)]
    async with Running(lookup("health", lambda: answers.pop(0) if len(answers) > 1 else answers[0], every=0.01)) as run:
        await until(lambda: run.store.facet(key("health")).failure is not None)
        facet = run.store.facet(key("health"))
        assert facet.value == health() and facet.at is not None
        assert facet.failure is not None and facet.failure.kind is FailureKind.TIMEOUT


async def test_a_refresh_without_change_keeps_the_object_and_says_so() -> None:
    async with Running(lookup("health", lambda: Ok(health()), every=0.01)) as run:
        await until(lambda: len(run.moved) >= 3)
        assert run.moved[:3] == [Moved.CONTENT, Moved.TIMES, Moved.TIMES]


async def test_a_fault_in_one_source_is_that_facets_and_is_reported() -> None:
    def broken() -> Any:
        raise KeyError("secret detail")

    async with Running(lookup("health", broken), lookup("system", Ok(None))) as run:
        await until(lambda: run.store.facet(key("system")).at is not None and run.bugs)
        told = run.store.facet(key("health")).failure
        assert told is not None and told.kind is FailureKind.LOCAL and "secret detail" not in told.detail
        assert isinstance(run.bugs[0], KeyError)


async def test_hanging_backends_hold_up_nobody_else() -> None:
    never = asyncio.Event()

    async def hang() -> Any:
        await never.wait()

    hung = [f"hung{number}" for number in range(40)]
    lookups = [lookup(facet, hang, owner=name) for name in hung for facet in ("health", "system", "account")]
    lookups.append(lookup("health", Ok(health()), owner="well", priority=9))
    async with Running(*lookups, names=(*hung, "well")) as run:
        await until(lambda: run.store.facet(key("health", "well")).at is not None)


async def test_a_facet_that_needs_another_follows_it_at_once() -> None:
    allocations = key("allocations")

    async def usage(known: Known) -> Any:
        facet = known(allocations)
        return NOT_YET if facet.at is None else Ok(facet.value)

    slow = asyncio.Event()

    async def late() -> Any:
        await slow.wait()
        return Ok(())

    needy = Lookup(key=key("usage"), every=1000.0, backend="nomad:x", ask=usage, needs=allocations)
    async with Running(needy, lookup("allocations", late, every=1000.0, backend="nomad:x")) as run:
        await asyncio.sleep(0)
        assert run.store.facet(key("usage")).at is None
        slow.set()
        await until(lambda: run.store.facet(key("usage")).at is not None)


async def test_what_vault_unsealed_makes_visible_is_asked_for_at_once() -> None:
    vault = {"sealed": True}
    states = Lookup(
        key=FacetKey("vault", "", "vault"), every=0.05, backend="vault", ask=_asking(lambda: VaultState(**vault))
    )
    denied = failure(FailureKind.SEALED)
    quotas = lookup("quotas", lambda: denied if vault["sealed"] else Ok(()), every=1000.0)
    async with Running(states, quotas) as run:
        await until(lambda: run.store.facet(key("quotas")).failure is not None)
        vault["sealed"] = False
        await until(lambda: run.store.facet(key("quotas")).at is not None)


def _asking(value: Any) -> Any:
    async def ask(_: Known) -> Any:
        return Ok(value())

    return ask


async def test_facets_behind_a_dead_backend_do_not_look_as_if_they_were_loading() -> None:
    names = [name for name in ("health", "system", "account", "quotas", "registries", "policies", "executions")]
    lookups = [lookup(name, failure(), priority=number) for number, name in enumerate(names)]
    async with Running(*lookups) as run:
        await until(lambda: all(run.store.facet(key(name)).failure is not None for name in names))


async def test_one_collection_ends_at_its_deadline_and_says_what_is_missing() -> None:
    never = asyncio.Event()

    async def hang() -> Any:
        await never.wait()

    store = SnapshotStore(empty("a"))
    lookups = [lookup("health", Ok(health())), lookup("bucket", hang, backend="store:x")]
    await collect_once(lookups, store, deadline=0.05, wall=time.time, on_bug=lambda error: None)
    assert store.facet(key("health")).value == health()
    missing = store.facet(key("bucket")).failure
    assert missing is not None and missing.kind is FailureKind.TIMEOUT


async def test_one_collection_asks_everything_once_and_dependants_after_what_they_need() -> None:
    asked: list[str] = []

    def noting(name: str) -> Any:
        def answer() -> Any:
            asked.append(name)
            return Ok(())

        return answer

    needs = key("allocations")
    first = lookup("usage", noting("usage"), priority=0, needs=needs)
    second = lookup("allocations", noting("allocations"), priority=5)
    await collect_once([first, second], SnapshotStore(empty("a")), deadline=5.0, wall=time.time, on_bug=print)
    assert asked == ["allocations", "usage"]


def test_an_equal_value_keeps_its_identity_and_a_repeated_failure_its_first_time() -> None:
    facet: Facet[Health] = Facet()
    one, moved = learned(facet, Ok(health()), 10.0)
    assert moved is Moved.CONTENT
    two, moved = learned(one, Ok(health()), 20.0)
    assert moved is Moved.TIMES and two.value is one.value and two.at == 20.0
    bad, moved = failed(two, failure(), 30.0)
    assert moved is Moved.CONTENT and bad.value is one.value and bad.at == 20.0 and bad.tried_at == 30.0
    worse, moved = failed(bad, failure(), 40.0)
    assert moved is Moved.TIMES and worse.failure is bad.failure and worse.tried_at == 40.0
    good, moved = learned(worse, Ok(health()), 50.0)
    assert moved is Moved.CONTENT and good.failure is None


def test_an_overdue_value_that_is_learned_again_is_news_even_when_it_is_equal() -> None:
    facet, _ = learned(Facet[Health](every=15.0), Ok(health()), 10.0)
    again, moved = learned(facet, Ok(health()), 10.0 + 15.0 * STALE_AFTER_INTERVALS + 1)
    assert moved is Moved.CONTENT and again.value is facet.value


def test_the_snapshot_shares_what_did_not_change() -> None:
    store = SnapshotStore(empty("a", "b"))
    before = store.snapshot(1.0)
    assert store.snapshot(2.0) is before
    store.learn(key("health", "a"), Ok(health()), 3.0)
    after = store.snapshot(3.0)
    assert after.instances[1] is before.instances[1]
    assert after.instances[0].system is before.instances[0].system
    assert after.instances[0].health.value == health()
