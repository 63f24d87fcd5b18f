"""``python -m tests.history.ender DIRECTORY``: lets child after child be killed at another byte of a write.

The kernel ends a child by SIGXFSZ at the first byte that it writes beyond its limit, in the journal or in the file
itself; the limits go through both in small steps. After each the file has to be whole. Prints how many were killed,
how many looks were kept whole, and how often a killed one had left something to undo.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path

from harbortui.collect.history.place import journal_of
from tests.history.looks import MINUTE, NOW, Kept, bucket, execution, look, opened

STEP = 2048


def _record(kept: Kept, minute: int, limit: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    # Rows at many places of the file, so that many pages are written.
    kept.record(
        look(
            NOW + minute * MINUTE,
            bucket=bucket(minute, minute),
            executions=tuple(execution(each, total=minute) for each in range(600)),
        )
    )


def main(directory: str) -> None:
    """Kill until a child gets through."""
    kept = Kept(Path(directory))
    kept.record(look(NOW, bucket=bucket(0, 0), executions=tuple(execution(each, total=0) for each in range(600))))
    killed = whole = undone = 0
    last = 0
    size = kept.place.own.stat().st_size
    for minute, limit in enumerate(range(STEP, size + 40 * STEP, STEP), start=1):
        child = os.fork()
        if child == 0:
            _record(kept, minute, limit)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        ended = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXFSZ
        killed += ended
        journal = journal_of(kept.place.own)
        undone += journal.exists() and journal.read_bytes()[:1] == b"\xd9"
        with opened(kept.place.own) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)], limit
            totals = connection.execute("SELECT DISTINCT total FROM execution").fetchall()
            newest = connection.execute("SELECT max(t) - ? FROM minute", (int(NOW // 60),)).fetchone()
        assert totals == [newest], (limit, totals, newest)
        assert newest[0] == (last if ended else minute), (limit, newest)
        last = newest[0]
        whole += 1
    print(killed, whole, undone)


if __name__ == "__main__":
    main(sys.argv[1])
