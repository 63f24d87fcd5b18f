"""The bucket against an S3 server that no one here wrote: ``rclone serve s3``, which verifies signatures."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Clean
from harbortui.model.secret import Secret
from harbortui.sources.answer import Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.storage.source import StoreSource

KEY = Credentials("harbor-5dd6a6b7", Secret("a-long-secret-key-for-rclone"))
START_SECONDS = 30.0


def rclone() -> str | None:
    beside = Path(sys.executable).parent / "rclone"
    return str(beside) if beside.exists() else shutil.which("rclone")


@pytest.fixture
async def endpoint(tmp_path: Path, unused_tcp_port: int) -> AsyncIterator[str]:
    program = rclone()
    if program is None:
        pytest.skip("rclone is not installed")
    (tmp_path / "data" / "harbor").mkdir(parents=True)
    address = f"127.0.0.1:{unused_tcp_port}"
    key = f"{KEY.user},{KEY.secret.reveal()}"
    words = ("serve", "s3", str(tmp_path / "data"), "--addr", address, "--auth-key", key, "--config", "")
    server = await asyncio.create_subprocess_exec(
        program, *words, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(START_SECONDS):
            while not listens(unused_tcp_port):
                assert server.returncode is None, "rclone ended"
                await asyncio.sleep(0.05)
        yield f"http://{address}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            server.kill()
        await server.wait()


def listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


async def test_heads_of_buckets(endpoint: str, clean: Clean) -> None:
    source = StoreSource(endpoint=endpoint, clean=clean, now=time.time)
    try:
        found = await source.bucket("harbor", KEY)
        assert isinstance(found, Ok), found
        assert (found.value.name, found.value.usage, found.value.clock_skew) == ("harbor", None, 0.0)
        assert (found.value.provider, found.value.usage_note) == ("", "this store does not tell how full a bucket is")
        missing = await source.bucket("missing", KEY)
        assert isinstance(missing, Failure)
        assert missing.kind is FailureKind.NOT_FOUND
        for wrong, words in (
            (Credentials(KEY.user, Secret("another-secret-key")), "the secret key is wrong"),
            (Credentials("nobody-known", KEY.secret), "the store does not know the access key"),
        ):
            refused = await source.bucket("harbor", wrong)
            assert isinstance(refused, Failure)
            assert (refused.kind, refused.detail) == (FailureKind.AUTH, words)
        health = await source.health()
        assert isinstance(health, Ok), health
        assert (health.value.live, health.value.ready) == (None, None)
    finally:
        await source.aclose()
