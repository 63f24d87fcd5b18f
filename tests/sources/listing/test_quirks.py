"""Servers that stumble, lie or ask for patience: an exact number, or a typed failure that says why not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import web

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.listing import BucketCount
from harbortui.sources.storage.listing import walk
from harbortui.sources.storage.listing.fetch import ATTEMPTS, LONGEST_ASKED, LONGEST_PAUSE, PAGE_CAP
from harbortui.sources.storage.listing.pace import MOST, START, Pace
from tests.sources.listing.drain import events, lister, outcome
from tests.sources.listing.fake_store import FakeStore, Item, Quirks, error, serving
from tests.sources.listing.test_every_key_once import registry

K = FailureKind
ITEMS = registry("", 300, 3, 10, 2)


async def ends(quirks: Quirks, items: list[Item] = ITEMS, **more: Any) -> tuple[BucketCount | Failure, FakeStore]:
    async with serving(FakeStore(items, quirks)) as store:
        return await outcome(store.url, **more), store


def exact(found: BucketCount | Failure, items: list[Item] = ITEMS) -> bool:
    assert isinstance(found, BucketCount), found
    return (found.objects, found.bytes) == (len(items), sum(item.size for item in items))


@pytest.mark.parametrize(
    "quirks",
    [
        Quirks(page=20, repeat=True),
        Quirks(page=20, same_token=True),
        Quirks(page=20, repeat=True, token=False),
        Quirks(page=20, token=False, honour_start_after=False),
        Quirks(page=20, unordered=True),
    ],
)
async def test_a_server_that_repeats_itself_is_stopped(quirks: Quirks) -> None:
    found, store = await ends(quirks)
    assert isinstance(found, Failure)
    assert found.kind is K.PROTOCOL
    assert "repeats itself" in found.detail or "out of order" in found.detail
    assert store.calls < 200


async def test_empty_pages_without_end_are_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "MAX_EMPTY", 3)
    found, store = await ends(Quirks(page=20, empty_every=1))
    assert isinstance(found, Failure)
    assert "empty pages" in found.detail
    assert store.calls <= 6 * MOST


@pytest.mark.parametrize(
    "quirks",
    [
        Quirks(page=20, key_count=False),
        Quirks(page=20, token=False),
        Quirks(page=20, honour_delimiter=False),
        Quirks(page=20, encoding="none", pretty=True),
        Quirks(page=20, encoding="rgw", encoding_last=False),
        Quirks(page=20, empty_every=2),
    ],
)
async def test_servers_that_are_merely_odd(quirks: Quirks) -> None:
    found, _ = await ends(quirks)
    assert exact(found)
    assert isinstance(found, BucketCount)
    assert found.notes == ()


@pytest.mark.parametrize("odd", [{"honour_start_after": False}, {"honour_prefix": False}])
async def test_where_ranges_do_not_hold_one_stream_counts(odd: dict[str, bool]) -> None:
    found, _ = await ends(Quirks(page=20, **odd))  # type: ignore[arg-type]
    assert exact(found)
    assert isinstance(found, BucketCount)
    assert "single stream" in found.notes[0]


async def test_slow_down_is_obeyed() -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0)

    def fail(number: int, query: Mapping[str, str]) -> web.StreamResponse | None:
        return error(503, "SlowDown", Retry_After="7") if 6 < number < 20 else None

    async with serving(FakeStore(ITEMS, Quirks(page=10, fail=fail))) as store, lister(store.url, sleep=sleep) as made:
        found = await events(made)
    assert exact(found[-1])
    assert found[-1].retries == 13
    assert len(pauses) == 13
    assert all(7 <= pause <= 7 + LONGEST_PAUSE for pause in pauses)
    assert len(set(pauses)) > 1, "full jitter"
    assert found[-2].concurrency < START


async def test_patience_has_an_end() -> None:
    asked: list[float] = []

    async def sleep(seconds: float) -> None:
        asked.append(seconds)

    found, store = await ends(
        Quirks(fail=lambda number, query: error(503, "SlowDown", Retry_After="1000000")), sleep=sleep
    )
    assert isinstance(found, Failure)
    assert (found.kind, found.status) == (K.RATE_LIMITED, 503)
    assert max(asked) <= LONGEST_ASKED + LONGEST_PAUSE
    assert store.calls <= 4 * ATTEMPTS


@pytest.mark.parametrize(
    ("answer", "kind", "calls"),
    [
        (lambda: error(403, "AccessDenied"), K.FORBIDDEN, 1),
        (lambda: error(403, "InvalidAccessKeyId"), K.AUTH, 1),
        (lambda: error(404, "NoSuchBucket"), K.NOT_FOUND, 1),
        (lambda: error(501, "NotImplemented"), K.PROTOCOL, 1),
        (lambda: web.Response(status=301), K.REDIRECT, 1),
        (lambda: web.Response(text="<html><form>", content_type="text/html"), K.LOGIN_PAGE, 1),
        (lambda: web.Response(body=b"{}", content_type="application/json"), K.PROTOCOL, 1),
        (lambda: web.Response(body=b"x" * (PAGE_CAP + 1), content_type="application/xml"), K.TOO_LARGE, 1),
        (lambda: web.Response(body=b"<Other/>", content_type="application/xml"), K.PROTOCOL, ATTEMPTS),
        (lambda: web.Response(status=500), K.SERVER, ATTEMPTS),
    ],
)
async def test_what_will_not_pass_is_not_asked_again(answer: Any, kind: FailureKind, calls: int) -> None:
    found, store = await ends(Quirks(fail=lambda number, query: answer()))
    assert isinstance(found, Failure)
    assert found.kind is kind
    assert store.calls <= 4 * calls


async def test_answers_cut_in_the_middle_are_asked_for_again() -> None:
    found, _ = await ends(Quirks(page=20, cut=lambda number: number % 5 == 0))
    assert exact(found)
    assert isinstance(found, BucketCount)
    assert found.retries > 0


async def test_a_page_that_hangs_is_asked_for_again() -> None:
    hung = 0

    async with serving(FakeStore(ITEMS, Quirks(page=50))) as store:
        plain = store.answer

        async def answer(request: web.Request) -> web.StreamResponse:
            nonlocal hung
            if "continuation-token" in request.query and not hung:
                hung += 1
                await asyncio.sleep(30)
            return await plain(request)

        store.answer = answer  # type: ignore[method-assign]
        async with serving_with(answer) as url:
            found = await outcome(url, deadline=0.5)
    assert exact(found)
    assert isinstance(found, BucketCount)
    assert hung == 1
    assert found.retries >= 1


def serving_with(answer: Any) -> Any:
    """Another server in front of the same answers."""
    from contextlib import asynccontextmanager

    @asynccontextmanager
    async def serve() -> Any:
        app = web.Application()
        app.router.add_get("/{path:.*}", answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05, handler_cancellation=True)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    return serve()


async def test_never_more_calls_at_once_than_allowed() -> None:
    for concurrency in (1, 4):
        found, store = await ends(Quirks(page=20, latency=0.002), concurrency=concurrency)
        assert exact(found)
        assert store.most_flying <= MOST
    one = Pace(1, 1)
    for _ in range(50):
        one.quicken()
    assert one.allowed == 1


async def test_the_pace_halves_once_for_calls_that_were_under_way_together() -> None:
    pace = Pace(16, 32)
    tickets = [await pace.enter() for _ in range(16)]
    for ticket in tickets:
        pace.ease(ticket)
        pace.leave()
    assert pace.allowed == 8
    again = await pace.enter()
    pace.ease(again)
    pace.leave()
    assert pace.allowed == 4
    for _ in range(20):
        pace.ease(await pace.enter())
        pace.leave()
    assert pace.allowed == 1


async def test_waiting_for_a_turn_can_be_cancelled() -> None:
    pace = Pace(1, 1)
    await pace.enter()
    waiting = [asyncio.ensure_future(pace.enter()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    pace.leave()
    await asyncio.wait_for(waiting[1], 5)
    waiting[2].cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    pace.leave()
    await asyncio.wait_for(pace.enter(), 5)


async def test_without_a_key_or_a_name_nothing_is_asked() -> None:
    from harbortui.model.secret import Secret
    from harbortui.sources.credentials import Credentials

    async with serving(FakeStore(ITEMS)) as store, lister(store.url) as made:
        assert (await events(made, key=Credentials("", Secret("x"))))[-1].kind is K.NO_CREDENTIALS
        assert (await events(made, bucket="a/../b"))[-1].kind is K.LOCAL
        assert store.calls == 0
