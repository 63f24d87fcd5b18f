"""How far a connection comes: the name, the port, TLS with its chain, and one harmless GET for an answer and its clock.

The GET is of a path that every server of its kind answers without credentials. A chain that is refused is looked at in
a second handshake without verification, in which not one byte of ours is sent.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.reached import Certificate, Reached
from harbortui.model.redact import Clean
from harbortui.sources.allowlist import AllowList, Rule
from harbortui.sources.certificates import chain_of
from harbortui.sources.errors import failure_of
from harbortui.sources.headers import clock_skew, host_of
from harbortui.sources.http import HttpHost, without_extras
from harbortui.sources.origin import Origin
from harbortui.sources.tls import TlsSettings, ssl_context

PATHS = {
    "harbor": "/api/v2.0/ping",
    "nomad": "/v1/status/leader",
    "vault": "/v1/sys/health",
    "storage": "/minio/health/live",
}
"""What is asked; a store that is not MinIO answers with an error, which is an answer."""


@dataclass(frozen=True, slots=True)
class Way:
    """An address and how it is spoken to."""

    kind: str
    """One of PATHS."""
    url: str
    tls: TlsSettings
    proxy: str = ""


async def reach(way: Way, *, clean: Clean, now: Callable[[], float], deadline: float = 10.0) -> Reached:
    """Try one address; raises ValueError for an unusable URL and nothing for what a server does."""
    without_extras()
    import httpx  # noqa: F401 - loaded here, since it costs 300 ms that are not the server's

    origin = Origin.of(way.url)
    loop = asyncio.get_running_loop()
    began = loop.time()
    found = Reached(url=clean(way.url), proxy=clean(host_of(way.proxy)) if way.proxy else "")
    try:
        async with asyncio.timeout(deadline):
            if not way.proxy:
                found = await _connect(way, origin, found, clean, now)
            if found.failure is None:
                found = await _ask(way, found, clean, now, deadline)
    except TimeoutError:
        failure = Failure(kind=FailureKind.TIMEOUT, detail=f"no answer within {deadline:g} s", at=now())
        found = _failed(found, "port" if not found.connected else "http", failure)
    return msgspec.structs.replace(found, seconds=round(loop.time() - began, 3))


async def _connect(way: Way, origin: Origin, found: Reached, clean: Clean, now: Callable[[], float]) -> Reached:
    loop = asyncio.get_running_loop()
    try:
        rows = await loop.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
    except OSError as error:
        return _failed(found, "name", failure_of(error, clean=clean, at=now()))
    addresses = tuple(dict.fromkeys(clean(str(row[4][0])) for row in rows))
    found = msgspec.structs.replace(found, addresses=addresses)
    try:
        connected = await _port(origin)
    except OSError as error:
        return _failed(found, "port", _port_failure(error, clean, now))
    found = msgspec.structs.replace(found, connected=clean(connected))
    return await _handshake(way, origin, found, clean, now) if origin.scheme == "https" else found


async def _port(origin: Origin) -> str:
    _, writer = await asyncio.open_connection(origin.host, origin.port)
    peer: Any = writer.get_extra_info("peername")
    writer.transport.abort()
    return str(peer[0]) if peer else origin.host


def _port_failure(error: OSError, clean: Clean, now: Callable[[], float]) -> Failure:
    if error.errno is None:  # several addresses failed: asyncio joins their messages and forgets their numbers
        return Failure(kind=FailureKind.REFUSED, detail="connection refused at every address", at=now())
    return failure_of(error, clean=clean, at=now())


async def _handshake(way: Way, origin: Origin, found: Reached, clean: Clean, now: Callable[[], float]) -> Reached:
    name = way.tls.server_name or origin.host
    try:
        context = ssl_context(way.tls)
        version, chain = await _shake(origin, context, name, clean, verified=way.tls.verify)
    except (OSError, EOFError) as error:
        failure = failure_of(error, clean=clean, at=now())
        refused = await _refused_chain(origin, name, clean) if isinstance(error, ssl.SSLCertVerificationError) else ()
        return _failed(msgspec.structs.replace(found, chain=refused), "tls", failure)
    return msgspec.structs.replace(found, tls_version=version, verified=way.tls.verify, chain=chain)


async def _shake(
    origin: Origin, context: ssl.SSLContext, name: str, clean: Clean, *, verified: bool
) -> tuple[str, tuple[Certificate, ...]]:
    _, writer = await asyncio.open_connection(origin.host, origin.port, ssl=context, server_hostname=name)
    try:
        tls: ssl.SSLObject = writer.get_extra_info("ssl_object")
        return tls.version() or "", chain_of(tls, clean, verified=verified)
    finally:
        writer.transport.abort()


async def _refused_chain(origin: Origin, name: str, clean: Clean) -> tuple[Certificate, ...]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        _, chain = await _shake(origin, context, name, clean, verified=False)
    except (OSError, EOFError):
        return ()
    return chain


async def _ask(way: Way, found: Reached, clean: Clean, now: Callable[[], float], deadline: float) -> Reached:
    origin = Origin.of(way.url)
    allow = AllowList((Rule("reach", "GET", re.escape(origin.prefix + PATHS[way.kind])),))
    host = HttpHost(url=way.url, allow=allow, clean=clean, now=now, tls=way.tls, proxy=way.proxy, connections=1)
    try:
        reply = await host.fetch(PATHS[way.kind], expect=(), cap=65_536, deadline=deadline)
    finally:
        await host.aclose()
    if isinstance(reply, Failure):
        return _failed(msgspec.structs.replace(found, status=reply.status), "http", reply)
    return msgspec.structs.replace(found, status=reply.status, clock_skew=clock_skew(reply.server_time, now()))


def _failed(found: Reached, step: str, failure: Failure) -> Reached:
    return msgspec.structs.replace(found, failed_at=step, failure=failure)
