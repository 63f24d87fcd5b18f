"""What /proc knows of a process and its children: CPU time, proportional memory."""

from __future__ import annotations

from pathlib import Path


def tree(pid: int) -> list[int]:
    """The process and all its descendants that still live."""
    found = [pid]
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in children.read_text().split():
                found += tree(int(child))
        except OSError:
            continue
    return found


def cpu_seconds(pid: int, *, alone: bool = False) -> float:
    """On-CPU seconds of all threads of the tree, or of the process ``alone``, at nanosecond resolution (schedstat)."""
    total = 0
    for each in [pid] if alone else tree(pid):
        for stat in Path(f"/proc/{each}/task").glob("*/schedstat"):
            try:
                total += int(stat.read_text().split()[0])
            except (OSError, IndexError):
                continue
    return total / 1e9


def pss_megabytes(pid: int) -> float:
    """Proportional set size of the tree in MB (1024 * 1024 bytes): shared pages count once."""
    kilobytes = 0
    for each in tree(pid):
        try:
            rollup = Path(f"/proc/{each}/smaps_rollup").read_text()
        except OSError:
            continue
        kilobytes += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return kilobytes / 1024
