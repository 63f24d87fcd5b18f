"""Plans and samples: what they say before anything is counted, and how far they may be trusted."""

from __future__ import annotations

import random
from statistics import mean

import pytest

from harbortui.model.listing import BucketCount, BucketSample, CountPlan
from harbortui.sources.answer import Ok
from harbortui.sources.storage.listing.pages import Page, Position
from harbortui.sources.storage.listing.plan import plan_of
from harbortui.sources.storage.listing.sample import PREFIXES, draw, estimate
from harbortui.sources.storage.listing.survey import Survey, blob_cuts
from harbortui.sources.storage.listing.survey import estimate as blobs_of
from tests.sources.listing.drain import BUCKET, KEY, events, lister
from tests.sources.listing.fake_store import FakeStore, Quirks, serving
from tests.sources.listing.test_every_key_once import registry

ITEMS = registry("", 3000, 2, 20, 1)
BLOBS = [item for item in ITEMS if item.key.endswith("/data") and "/blobs/" in item.key]


async def test_a_plan_knows_how_many_there_are_from_one_page() -> None:
    async with serving(FakeStore(ITEMS, Quirks(page=500))) as store, lister(store.url) as made:
        found = await made.plan(BUCKET, KEY)
        assert isinstance(found, Ok)
        plan: CountPlan = found.value
        assert plan.blobs == pytest.approx(len(BLOBS), rel=0.2)
        assert plan.at_least
        assert plan.spent_calls == store.calls == 5
        told = await made.plan(BUCKET, KEY, objects=4000)
        assert isinstance(told, Ok)
        assert (told.value.objects, told.value.at_least) == (4000, False)
        assert told.value.calls > plan.spent_calls
        assert told.value.dollars is None


async def test_what_fits_on_a_page_needs_no_ranges() -> None:
    small = registry("registry", 30, 1, 2, 1)
    async with serving(FakeStore(small)) as store, lister(store.url) as made:
        found = await made.plan(BUCKET, KEY, root="registry")
        assert isinstance(found, Ok)
        assert (found.value.objects, found.value.shards, found.value.at_least) == (len(small), 1, False)
        counted = (await events(made, root="registry"))[-1]
    assert isinstance(counted, BucketCount)
    assert counted.objects == len(small)
    assert counted.calls <= 6


def test_dollars_are_named_for_amazon_alone() -> None:
    survey = Survey(None, {"sha256": 5_000_000}, ["a", "b"], 0.1, 4)
    paid = plan_of(survey, BUCKET, "s3.eu-central-1.amazonaws.com")
    assert paid.dollars == pytest.approx(0.05, rel=0.05)
    assert paid.seconds >= paid.calls * 0.1 / 16
    for host in ("minio.local", "amazonaws.com.evil.example", "notamazonaws.com"):
        assert plan_of(survey, BUCKET, host).dollars is None


def test_the_fan_out_follows_the_number_of_blobs() -> None:
    def first(reach: float) -> Page:
        keys = [
            f"docker/registry/v2/blobs/sha256/00/{int(reach * n * (1 << 32) / 1000):08x}{'0' * 56}/data"
            for n in range(1000)
        ]
        return Page(keys, [1] * 1000, [""] * 1000, Position(after="x"))

    assert blobs_of(first(0.1)) == pytest.approx(10_000, rel=0.01)
    assert blobs_of(first(0.0001)) == pytest.approx(10_000_000, rel=0.01)
    assert blob_cuts("d/", Page([], [], []), 0) == []
    assert len(blob_cuts("d/", first(0.1), 10_000)) == 16
    assert len(blob_cuts("d/", first(0.0001), 10_000_000)) == 256


async def test_a_sample_of_everything_is_exact() -> None:
    async with serving(FakeStore(ITEMS)) as store, lister(store.url) as made:
        found = await made.sample(BUCKET, KEY, prefixes=256)
    assert isinstance(found, Ok)
    sample: BucketSample = found.value
    assert (sample.objects.value, sample.bytes.value) == (len(BLOBS), sum(item.size for item in BLOBS))
    assert (sample.objects.standard_error, sample.bytes.low) == (0, sample.bytes.value)


@pytest.mark.parametrize("prefixes", [1, 2, 8, 32])
async def test_a_sample_names_its_error_honestly(prefixes: int) -> None:
    """Over many buckets of blobs with sizes of all magnitudes, the interval holds the truth as often as it says."""
    chance = random.Random(prefixes)
    held = held_bytes = 0
    rounds = 300
    ratios = []
    for _ in range(rounds):
        counts = [0] * PREFIXES
        sizes = [0] * PREFIXES
        squares = [0] * PREFIXES
        for _ in range(2000):
            prefix, size = chance.randrange(PREFIXES), int(chance.lognormvariate(10, 1))
            counts[prefix] += 1
            sizes[prefix] += size
            squares[prefix] += size * size
        drawn = draw(prefixes, chance.random)
        seen = sum(counts[each] for each in drawn)
        objects = estimate([counts[each] for each in drawn], seen, seen=seen)
        found = estimate([sizes[each] for each in drawn], sum(squares[each] for each in drawn), seen=seen, least=None)
        held += objects.low <= 2000 <= (objects.high or 0)
        held_bytes += found.low <= sum(sizes) <= (found.high or 0)
        ratios.append(objects.value / 2000)
    assert mean(ratios) == pytest.approx(1.0, abs=0.1)
    assert held / rounds > 0.88
    assert held_bytes / rounds > 0.8


def test_nothing_seen_is_not_nothing_there() -> None:
    objects = estimate([0, 0], 0, seen=0)
    assert (objects.value, objects.high) == (0, 384)
    assert estimate([0, 0], 0, seen=0, least=None).high is None


def test_prefixes_are_drawn_without_repeats() -> None:
    for count in (1, 8, 256):
        drawn = draw(count, random.Random(count).random)
        assert len(set(drawn)) == count
        assert drawn == sorted(drawn)
