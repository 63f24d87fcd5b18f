"""The Harbor source against an OpenAPI mock server (npm @stoplight/prism-cli) fed with Harbor's own descriptions.

Its answers are random but valid, so nothing in them may raise anything: not decoding, not the rules, not a pane.
Skipped without HARBORTUI_SPECS (the descriptions) or HARBORTUI_PRISM (the server's executable).
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec
import pytest
from aiohttp import web

from harbortui.model.facet import Facet
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Cleaner, Redactor
from harbortui.model.secret import Secret
from harbortui.model.snapshot import InstanceSnapshot, Snapshot, Target
from harbortui.sources.answer import Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.harbor.source import HarborSource
from tests.independent.everything import show_everywhere

SPECS = os.environ.get("HARBORTUI_SPECS", "")
PRISM = os.environ.get("HARBORTUI_PRISM", "")
ROUNDS = 12
READY_SECONDS = 60.0
NOW = 1_768_399_200.0
HARBOR_FACETS = (
    "health", "system", "account", "quotas", "registries", "policies", "executions", "gc_runs", "gc_schedule",
)  # fmt: skip

pytestmark = pytest.mark.skipif(not (SPECS and PRISM), reason="needs HARBORTUI_SPECS and HARBORTUI_PRISM")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module", params=["2.11", "2.14", "2.15"])
def mock_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a mock server for one version of Harbor."""
    port = _free_port()
    command = [PRISM, "mock", "--dynamic", "--port", str(port), f"{SPECS}/harbor-{request.param}.yaml"]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            end = time.monotonic() + READY_SECONDS
            while time.monotonic() < end and process.poll() is None:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            else:
                pytest.fail("the mock server did not start")
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, signal.SIGKILL)


@asynccontextmanager
async def with_base_path(upstream: str) -> AsyncIterator[str]:
    """The mock server serves the paths without their base path: a forwarder takes /api/v2.0 off."""
    async with aiohttp.ClientSession() as session:

        async def forward(request: web.Request) -> web.Response:
            target = upstream + request.path_qs.removeprefix("/api/v2.0")
            headers = {name: request.headers[name] for name in ("Accept", "Authorization") if name in request.headers}
            async with session.get(target, headers=headers) as answer:
                body = await answer.read()
            kind = answer.headers.get("Content-Type", "application/json")
            copied = {name: answer.headers[name] for name in ("X-Total-Count", "Link") if name in answer.headers}
            return web.Response(status=answer.status, body=body, headers={"Content-Type": kind, **copied})

        application = web.Application()
        application.router.add_route("GET", "/{path:.*}", forward)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()


async def _supply() -> Credentials:
    return Credentials("admin", Secret("any-password"))


async def _snapshot(url: str) -> tuple[Snapshot, dict[str, Ok[object] | Failure]]:
    source = HarborSource.open(url=url, credentials=_supply, clean=Cleaner(Redactor()), now=lambda: NOW)
    try:
        answers = dict(
            zip(HARBOR_FACETS, await asyncio.gather(*(getattr(source, n)() for n in HARBOR_FACETS)), strict=True)
        )
    finally:
        await source.aclose()
    instance = InstanceSnapshot(target=Target(name="mock", url=url))
    for name, answer in answers.items():
        facet: Facet[object] = getattr(instance, name)
        learned = (
            {"failure": answer, "tried_at": NOW}
            if isinstance(answer, Failure)
            else {"value": answer.value, "at": NOW, "tried_at": NOW, "lost_rows": answer.lost_rows}
        )
        instance = msgspec.structs.replace(instance, **{name: msgspec.structs.replace(facet, **learned)})
    return Snapshot(fleet="mock", taken_at=NOW, instances=(instance,)), answers


async def test_random_valid_answers_break_nothing(mock_server: str, tmp_path: Path) -> None:
    learned: set[str] = set()
    async with with_base_path(mock_server) as url:
        for _ in range(ROUNDS):
            snapshot, answers = await _snapshot(url)
            show_everywhere(snapshot, NOW, tmp_path)
            learned |= {name for name, answer in answers.items() if isinstance(answer, Ok)}
            faults = [a for a in answers.values() if isinstance(a, Failure) and a.kind is FailureKind.LOCAL]
            assert faults == [], "a fault of our own while reading a valid answer"
    # A source that refuses everything would break nothing either: most facets must have been read at least once.
    assert {"health", "executions", "gc_runs", "policies", "registries"} <= learned
