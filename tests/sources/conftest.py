"""Small real servers on loopback for the sources to talk to, and the cleaner every source is given."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from harbortui.model.redact import Clean, Cleaner, Redactor

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
RawHandler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Served:
    """A running server and what it was asked."""

    url: str
    requests: list[web.Request] = field(default_factory=list)

    @property
    def asked(self) -> list[str]:
        """Method and path of every request, in order."""
        return [f"{each.method} {each.path}" for each in self.requests]


def reply(body: str | bytes = "", status: int = 200, kind: str = "application/json", **headers: str) -> Handler:
    """A handler that always answers the same."""
    data = body.encode() if isinstance(body, str) else body

    async def handler(request: web.Request) -> web.StreamResponse:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(body=data, status=status, headers={"Content-Type": kind, **names})

    return handler


@pytest.fixture
def clean() -> Clean:
    return Cleaner(Redactor())


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Awaitable[Served]]]:
    """``await serve({"/path": handler}, ssl_context=None)``: unknown paths are 404 with an empty body."""
    runners: list[web.AppRunner] = []

    async def start(routes: Mapping[str, Handler], **site: object) -> Served:
        served = Served("")

        async def dispatch(request: web.Request) -> web.StreamResponse:
            await request.read()
            served.requests.append(request)
            handler = routes.get(request.path) or routes.get("*")
            return web.Response(status=404) if handler is None else await handler(request)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", dispatch)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05, handler_cancellation=True)
        await runner.setup()
        runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0, **site).start()  # type: ignore[arg-type]
        scheme = "https" if site.get("ssl_context") else "http"
        served.url = f"{scheme}://127.0.0.1:{runner.addresses[0][1]}"
        return served

    yield start
    for runner in runners:
        for site in list(runner.sites):
            await site.stop()
        await accepted()
        await runner.cleanup()


@pytest.fixture
async def serve_raw() -> AsyncIterator[Callable[[RawHandler], Awaitable[str]]]:
    """``await serve_raw(handler)``: a TCP server whose handler does what no HTTP server would; answers its URL."""
    servers: list[asyncio.Server] = []
    tasks: set[asyncio.Task[None]] = set()

    async def start(handler: RawHandler) -> str:
        async def run(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await handler(reader, writer)
            except (ConnectionError, asyncio.CancelledError):
                pass
            finally:
                writer.transport.abort()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(run(reader, writer))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        servers.append(server)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    yield start
    for server in servers:
        server.close()
    await accepted()
    for task in list(tasks):
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await accepted()


async def accepted() -> None:
    """Let connections that were accepted a moment ago reach their handlers, which are about to be closed.

    A transport that the loop's end leaves open warns when it is collected, in the middle of whatever test runs then.
    """
    for _ in range(5):
        await asyncio.sleep(0)


async def eventually(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait until ``condition`` holds; fail when it does not within ``seconds``."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - any condition, not only those that set an event
            await asyncio.sleep(0.01)


@dataclass(frozen=True)
class Certs:
    """PEM files: an authority, a server for ``localhost`` and ``127.0.0.1``, one for another name, a client."""

    folder: Path

    def path(self, name: str) -> str:
        return str(self.folder / name)


@pytest.fixture(scope="session")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Certs:
    folder = tmp_path_factory.mktemp("certs")

    def openssl(*words: str) -> None:
        try:
            subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
        except FileNotFoundError:
            pytest.skip("no openssl command here")

    new = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    ca = ("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,digitalSignature")
    openssl(*new, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test CA", *ca)
    names = {"server": "DNS:localhost,IP:127.0.0.1", "nomad": "DNS:server.global.nomad", "client": "DNS:client"}
    for name, alternatives in names.items():
        signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-addext", f"subjectAltName={alternatives}")
        leaf = ("-addext", "basicConstraints=critical,CA:FALSE")
        openssl(*new, "-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN={name}", *signed, *leaf)
    return Certs(folder)
