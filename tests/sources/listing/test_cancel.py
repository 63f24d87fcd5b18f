"""Closing the iterator ends everything that was begun; nothing runs on, and the lister can count again."""

from __future__ import annotations

import asyncio
import contextlib

from harbortui.model.failure import Failure
from harbortui.model.listing import BucketCount, CountProgress
from harbortui.sources.storage.listing.lister import PLAN_ATTEMPTS
from tests.sources.listing.drain import BUCKET, KEY, events, lister
from tests.sources.listing.fake_store import FakeStore, Quirks, error, serving
from tests.sources.listing.test_every_key_once import registry

ITEMS = registry("", 400, 2, 10, 1)


def others() -> set[asyncio.Task[object]]:
    return {task for task in asyncio.all_tasks() if "harbortui/sources" in repr(task)}


async def test_closing_cuts_the_calls_under_way() -> None:
    async with serving(FakeStore(ITEMS, Quirks(page=20, latency=0.02))) as store, lister(store.url) as made:
        counting = made.count(BUCKET, KEY)
        async with contextlib.aclosing(counting):
            async for event in counting:
                assert isinstance(event, CountProgress)
                break
        assert not others()
        # What was under way ends at the server too: the connections are closed, not left to finish.
        async with asyncio.timeout(5):
            while store.flying:  # noqa: ASYNC110 - any way it ends
                await asyncio.sleep(0.005)
        calls = store.calls
        await asyncio.sleep(0.05)
        assert store.calls == calls
        store.quirks.latency = 0
        again = (await events(made))[-1]
        assert isinstance(again, BucketCount)
        assert again.objects == len(ITEMS)


async def test_cancelling_the_reader_cancels_the_count() -> None:
    async with serving(FakeStore(ITEMS, Quirks(page=5, latency=5))) as store, lister(store.url) as made:
        reader = asyncio.ensure_future(events(made))
        async with asyncio.timeout(5):
            while not store.flying:  # noqa: ASYNC110 - until a call is under way
                await asyncio.sleep(0.005)
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
        assert reader.cancelled()
        assert not others()


async def test_progress_only_grows_and_ends_with_all() -> None:
    async with serving(FakeStore(ITEMS, Quirks(page=20, latency=0.05))) as store, lister(store.url) as made:
        found = await events(made, objects=len(ITEMS))
    *progress, last = found
    assert isinstance(last, BucketCount)
    assert all(isinstance(each, CountProgress) for each in progress)
    for name in ("calls", "objects", "bytes", "shards_done", "elapsed"):
        figures = [getattr(each, name) for each in progress]
        assert figures == sorted(figures), name
    assert all(each.shards_done <= each.shards for each in progress)
    end = progress[-1]
    assert (end.objects, end.bytes, end.calls, end.shards_done) == (last.objects, last.bytes, last.calls, end.shards)
    assert end.remaining == 0
    assert any(each.remaining for each in progress)


async def test_two_counts_at_once_do_not_disturb_each_other() -> None:
    async with serving(FakeStore(ITEMS, Quirks(page=50))) as store, lister(store.url) as made:
        one, other = await asyncio.gather(events(made), events(made))
    assert one[-1].objects == other[-1].objects == len(ITEMS)
    assert one[-1].calls + other[-1].calls == store.calls


async def test_no_connection_outlives_a_count() -> None:
    async with serving(FakeStore(ITEMS, Quirks(page=20, latency=0.005))) as store, lister(store.url) as made:
        for _ in range(2):
            assert isinstance((await events(made))[-1], BucketCount)
            async with asyncio.timeout(5):
                while store.connections:  # noqa: ASYNC110 - until the server has seen them close
                    await asyncio.sleep(0.005)
        assert store.most_connections > 1


async def test_more_keys_than_expected_leave_nothing_to_foretell() -> None:
    async with serving(FakeStore(ITEMS, Quirks(page=20, latency=0.05))) as store, lister(store.url) as made:
        found = [each for each in await events(made, objects=len(ITEMS) // 2) if isinstance(each, CountProgress)]
    beyond = [each for each in found if each.objects > len(ITEMS) // 2]
    assert beyond and all(each.remaining is None for each in beyond)


async def test_a_plan_does_not_keep_a_person_waiting_for_a_store_that_fails() -> None:
    failing = Quirks(fail=lambda number, query: error(503, "SlowDown"))
    async with serving(FakeStore(ITEMS, failing)) as store, lister(store.url) as made:
        found = await made.plan(BUCKET, KEY)
    assert isinstance(found, Failure)
    assert store.calls <= 4 * PLAN_ATTEMPTS
