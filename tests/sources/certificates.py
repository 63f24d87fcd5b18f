"""A small authority made with the openssl command line, and a TLS server to show its certificates."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest


class Authority:
    """A root in a folder; each certificate it makes is a file with its key."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("openssl") is None:
            pytest.skip("there is no openssl command here")
        self.folder = folder
        self.root = folder / "root.pem"
        self._run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650",
                  "-subj", "/O=Test Trust/CN=Test Root", "-keyout", "root.key", "-out", "root.pem",
                  "-addext", "keyUsage=critical,keyCertSign,cRLSign")  # fmt: skip

    def certificate(self, name: str, *, days: int, names: str = "DNS:localhost,IP:127.0.0.1") -> Path:
        """A server's certificate with its key in one file; ``days`` below zero: ended already."""
        (self.folder / "ext").write_text(f"subjectAltName={names}\nbasicConstraints=CA:FALSE\n")
        self._run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                  "-keyout", f"{name}.key", "-out", f"{name}.csr")  # fmt: skip
        self._run("x509", "-req", "-in", f"{name}.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial",
                  "-days", str(days), "-extfile", "ext", "-out", f"{name}.crt")  # fmt: skip
        whole = self.folder / f"{name}.pem"
        parts = [self.folder / f"{name}.crt", self.folder / f"{name}.key"]
        whole.write_text("".join(part.read_text() for part in parts))
        return whole

    def _run(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True, timeout=30)


@asynccontextmanager
async def tls_server(certificate: Path, date: str = "", clients: Path | None = None) -> AsyncIterator[str]:
    """A server that answers every request with 200; its URL. ``clients``: only clients of this authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.readline():
            stamp = f"Date: {date}\r\n" if date else ""
            body = '"Pong"'
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{stamp}Content-Length: {len(body)}\r\n"
            writer.write(f"{head}Connection: close\r\n\r\n{body}".encode())
            await writer.drain()

    async with served(answer, context) as port:
        yield f"https://localhost:{port}"


Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def served(handle: Handle, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server on loopback, its port; every connection is closed for good before the block is left."""
    running: set[asyncio.Task[None]] = set()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.CancelledError):
            try:
                await handle(reader, writer)
            finally:
                writer.close()
                await writer.wait_closed()

    def start(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        running.add(asyncio.get_running_loop().create_task(one(reader, writer)))

    server = await asyncio.start_server(start, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        if running:
            _, late = await asyncio.wait(running, timeout=5)
            for task in late:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
