"""The console's own source reads the simulated store."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.secret import Secret
from harbortui.model.storage import BucketState
from harbortui.sim.store import ADMIN_KEY, metrics_token
from harbortui.sim.world.options import S3_ACCESS_KEY
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.storage.source import StoreSource
from tests.sim.store_site import START, Site, server, site


@pytest.fixture
def store() -> Iterator[Site]:
    with site() as found:
        yield found


async def ask(store: Site, bucket: str = "harbor", secret: str = "", token: str = "") -> Answer[BucketState]:
    async def metrics() -> Secret:
        return Secret(token)

    source = StoreSource(endpoint=store.url, clean=str, now=lambda: START, metrics_token=metrics if token else None)
    try:
        return await source.bucket(bucket, Credentials(S3_ACCESS_KEY, Secret(secret or store.keys[S3_ACCESS_KEY])))
    finally:
        await source.aclose()


async def test_a_held_world_is_readable_and_its_clock_is_the_stores(store: Site) -> None:
    state = await ask(store)
    assert isinstance(state, Ok), state
    assert (state.value.provider, state.value.clock_skew) == ("MinIO", 0.0)
    assert state.value.usage is not None
    assert state.value.usage.source == "MinIO account info"
    assert state.value.usage.bytes == store.bucket().scanned()[1].bytes


async def test_metrics_tell_when_they_were_measured(store: Site) -> None:
    made = store.sim.call(lambda fleet: metrics_token(server(fleet).keys[ADMIN_KEY], START + 60))
    state = await ask(store, token=made)
    assert isinstance(state, Ok), state
    assert state.value.usage is not None
    assert state.value.usage.source == "MinIO metrics"
    oldest = min(store.bucket(name).scanned()[0] for name in ("harbor", "harbor-05", "harbor-nas"))
    assert state.value.usage.measured_at == pytest.approx(oldest, abs=1)


async def test_refusals_have_the_consoles_kinds(store: Site) -> None:
    for bucket, secret, kind in (("missing", "", FailureKind.NOT_FOUND), ("harbor", "w" * 40, FailureKind.AUTH)):
        failure = await ask(store, bucket, secret)
        assert isinstance(failure, Failure)
        assert failure.kind is kind


async def test_health_and_a_store_that_is_not_initialised(store: Site) -> None:
    source = StoreSource(endpoint=store.url, clean=str, now=time.time)
    try:
        healthy = await source.health()
        assert isinstance(healthy, Ok)
        assert (healthy.value.provider, healthy.value.live, healthy.value.ready) == ("MinIO", True, True)
        store.set(initialised=False)
        offline = await source.health()
        assert isinstance(offline, Ok)
        assert (offline.value.live, offline.value.ready) == (False, False)
    finally:
        await source.aclose()


@pytest.mark.parametrize("tentacle", [False, True])
async def test_cephs_gateway_tells_the_usage_in_the_head(tentacle: bool) -> None:
    with site(provider="rgw", instances=1) as store:
        store.set(tentacle=tentacle)
        state = await ask(store)
        assert isinstance(state, Ok), state
        stats = store.bucket().stats()
        assert state.value.provider == "Ceph RGW"
        assert state.value.usage is not None
        assert state.value.usage.bytes == stats.bytes + stats.version_bytes + stats.multipart_bytes
