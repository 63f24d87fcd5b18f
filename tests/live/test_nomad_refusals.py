"""What a Nomad refuses, and that the console tells the reason. Changes nothing."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.secret import Secret
from harbortui.sources.answer import Ok
from harbortui.sources.nomad.source import NomadSource
from tests.live.nomad_open import UNKNOWN_ID, UNKNOWN_JOB, opened
from tests.live.nomad_plain import Plain
from tests.live.settings import LiveNomad, server

K = FailureKind


@pytest.fixture
async def source(live_nomad: LiveNomad) -> AsyncIterator[NomadSource]:
    async with opened(live_nomad, live_nomad.token) as source:
        yield source


@pytest.fixture
def guarded(live_nomad: LiveNomad) -> LiveNomad:
    """Only where ACLs are on."""
    if Plain(live_nomad, None).ask("GET", "/jobs").status_code == 200:
        pytest.skip("anonymous reads are allowed here: ACLs are off")
    return live_nomad


async def test_an_unknown_job(source: NomadSource, live_nomad: LiveNomad) -> None:
    job = await source.job(UNKNOWN_JOB, live_nomad.namespace)
    assert isinstance(job, Failure) and (job.kind, job.detail) == (K.NOT_FOUND, "no such job")
    allocations = await source.allocations(UNKNOWN_JOB, live_nomad.namespace)
    assert isinstance(allocations, Ok) and allocations.value == ()
    deployment = await source.deployment(UNKNOWN_JOB, live_nomad.namespace)
    assert isinstance(deployment, Ok) and deployment.value.latest is None
    placement = await source.placement(UNKNOWN_JOB, live_nomad.namespace)
    assert isinstance(placement, Ok) and placement.value.failures == ()


@pytest.mark.parametrize("job", ["harbortui-live/periodic-1", "harbortui-live/dispatch-2-a1", "harbortui live"])
async def test_job_ids_with_slashes_and_spaces_reach_nomad_as_they_are(
    source: NomadSource, live_nomad: LiveNomad, job: str
) -> None:
    answer = await source.job(job, live_nomad.namespace)
    assert isinstance(answer, Failure) and (answer.kind, answer.detail) == (K.NOT_FOUND, "no such job")


async def test_a_job_id_that_reads_like_a_write_does_not_leave(source: NomadSource, live_nomad: LiveNomad) -> None:
    answer = await source.job(f"{UNKNOWN_JOB}/evaluate", live_nomad.namespace)
    assert isinstance(answer, Failure) and answer.kind is K.BLOCKED


async def test_an_unknown_allocation(source: NomadSource, live_nomad: LiveNomad) -> None:
    usage = await source.usage(UNKNOWN_ID, live_nomad.namespace)
    assert isinstance(usage, Failure) and usage.kind is K.NOT_FOUND
    async with aclosing(source.tail(UNKNOWN_ID, "core", "stdout", live_nomad.namespace)) as tail:
        first = await anext(tail)
    assert isinstance(first, Failure) and first.kind is K.NOT_FOUND


async def test_an_unknown_task(source: NomadSource, live_nomad: LiveNomad) -> None:
    current = next(
        (found for job in live_nomad.jobs if (found := Plain(live_nomad, live_nomad.token).current(job))), None
    )
    if current is None:
        pytest.skip("no job of HARBORTUI_LIVE_NOMAD_JOBS runs")
    async with aclosing(source.tail(current["ID"], "no-such-task", "stdout", live_nomad.namespace)) as tail:
        first = await anext(tail)
    assert isinstance(first, Failure)
    assert (first.kind, first.detail) == (K.NOT_FOUND, "the allocation has no such task")


async def test_an_unknown_region(live_nomad: LiveNomad) -> None:
    elsewhere = LiveNomad({**live_nomad.values, "REGION": "harbortui-live-nowhere"})
    async with opened(elsewhere, live_nomad.token) as source:
        answer = await source.nodes()
    assert isinstance(answer, Failure)
    assert (answer.kind, answer.detail) == (K.NOT_FOUND, "no such Nomad region")


@pytest.mark.parametrize("token", [UNKNOWN_ID, "harbortui-live-no-token"])
async def test_a_token_that_nomad_does_not_know(guarded: LiveNomad, token: str) -> None:
    async with opened(guarded, Secret(token)) as source:
        answers = [
            await source.job(UNKNOWN_JOB, guarded.namespace),
            await source.nodes(),
            await source.usage(UNKNOWN_ID, guarded.namespace),
        ]
        async with aclosing(source.events(guarded.namespace)) as events:
            answers.append(await anext(events))  # type: ignore[arg-type]
    told = {(each.kind, each.needs) for each in answers[:2] + answers[3:] if isinstance(each, Failure)}
    assert told == {(K.AUTH, "")}


async def test_nobody_is_told_what_is_missing(guarded: LiveNomad) -> None:
    async with opened(guarded, None) as source:
        answer = await source.allocations(UNKNOWN_JOB, guarded.namespace)
    assert isinstance(answer, Failure)
    assert (answer.kind, answer.needs) == (K.FORBIDDEN, "read-job")
    assert "no Nomad token is configured" in answer.detail


async def test_a_namespace_out_of_sight(guarded: LiveNomad, source: NomadSource) -> None:
    answer = await source.job(UNKNOWN_JOB, "harbortui-live-nowhere")
    assert isinstance(answer, Failure)
    # A management token may look everywhere and finds nothing there.
    assert (answer.kind, answer.needs) in ((K.FORBIDDEN, "read-job"), (K.NOT_FOUND, ""))


async def test_an_untrusted_certificate(live_nomad: LiveNomad) -> None:
    if not (live_nomad.url.startswith("https://") and live_nomad.get("CA")):
        pytest.skip("only where HARBORTUI_LIVE_NOMAD_CA is needed")
    strange = LiveNomad({**live_nomad.values, "CA": ""})
    async with opened(strange, live_nomad.token) as source:
        answer = await source.nodes()
    assert isinstance(answer, Failure) and answer.kind is K.TLS


def test_the_suite_knows_this_system() -> None:
    assert isinstance(server("NOMAD", {**os.environ, "HARBORTUI_LIVE_NOMAD": "http://x"}), LiveNomad)
