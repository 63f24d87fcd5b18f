"""The loop of collection with a name server that does not answer, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import textwrap

PROGRAM = textwrap.dedent(
    """
    import asyncio, socket, threading

    from harbortui.collect.loop import run

    never = threading.Event()
    socket.getaddrinfo = lambda *args, **kwargs: never.wait()

    async def main():
        loop = asyncio.get_running_loop()
        hanging = [asyncio.create_task(loop.getaddrinfo(f"name-{n}.invalid", 443)) for n in range(8)]
        await asyncio.sleep(0)
        assert await asyncio.to_thread(lambda: "free") == "free", "the default pool must not be taken"
        for task in hanging:
            task.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)
        print("ended", flush=True)

    run(main())
    """
)


def test_hanging_name_lookups_do_not_keep_the_process_from_ending() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ended\n", "")
