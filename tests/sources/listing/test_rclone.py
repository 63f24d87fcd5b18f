"""Against an S3 server that no one here wrote: ``rclone serve s3``, which verifies signatures and pages by itself."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harbortui.model.listing import BucketCount, HiddenKind
from harbortui.sources.answer import Ok
from tests.sources.listing.drain import BUCKET, KEY, events, lister
from tests.sources.listing.test_every_key_once import by_class, registry

START_SECONDS = 30.0
ITEMS = registry("root", 2500, 2, 15, 2)


@pytest.fixture
async def endpoint(tmp_path: Path, unused_tcp_port: int) -> AsyncIterator[str]:
    beside = Path(sys.executable).parent / "rclone"
    program = str(beside) if beside.exists() else shutil.which("rclone")
    if program is None:
        pytest.skip("rclone is not installed")
    for item in ITEMS:
        path = tmp_path / "data" / BUCKET / item.key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * (item.size % 1000))
    address = f"127.0.0.1:{unused_tcp_port}"
    auth = f"{KEY.user},{KEY.secret.reveal()}"
    words = ("serve", "s3", str(tmp_path / "data"), "--addr", address, "--auth-key", auth, "--config", "")
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


async def test_rclone_is_counted_key_by_key(endpoint: str) -> None:
    truth = by_class("root", [item._replace(size=item.size % 1000) for item in ITEMS])
    async with lister(endpoint) as made:
        found = (await events(made, root="root"))[-1]
        assert isinstance(found, BucketCount), found
        counted = {name: (getattr(found, name).objects, getattr(found, name).bytes) for name in truth}
        assert counted == truth
        assert found.notes == ()
        hidden = await made.hidden(BUCKET, KEY, root="root", count=found)
    assert isinstance(hidden, Ok), hidden
    parts = {part.kind: part for part in hidden.value.parts}
    assert parts[HiddenKind.OLD_VERSIONS].objects == 0
    assert parts[HiddenKind.UNFINISHED_MULTIPARTS].bytes in (None, 0)
