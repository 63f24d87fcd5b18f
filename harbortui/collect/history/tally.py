"""Counting over steps: restarts out of a counter that starts anew, executions out of a list. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from harbortui.model.history import Change, PastExecution, Point
from harbortui.model.past import Curve, RestartCount


def increments(changes: Sequence[Change]) -> list[tuple[float, int]]:
    """When a task was found restarted, and how often since the look before.

    The counter starts anew with each allocation: a smaller one is counted from zero. What the first look found happened
    before it, and is none of ours.
    """
    found = []
    for before, after in pairwise(changes):
        old, new = _number(before.state), _number(after.state)
        more = new - old if new >= old else new
        if more:
            found.append((after.at, more))
    return found


def restart_count(task: str, changes: Sequence[Change], start: float, now: float) -> RestartCount | None:
    """Restarts since ``start``; None when nothing is known of the task."""
    if not changes:
        return None
    count = sum(more for at, more in increments(changes) if at >= start)
    return RestartCount(task=task, count=count, reach=min(now - start, now - changes[0].at))


def restart_curve(task: str, changes: Sequence[Change], looks: Sequence[Point]) -> Curve | None:
    """Restarts in each step; a gap where nobody looked and none was found."""
    return _counted(task, increments(changes), looks, changes[0].at) if changes else None


def execution_curves(executions: Iterable[PastExecution], looks: Sequence[Point]) -> tuple[Curve, Curve] | None:
    """Executions that ended well and that failed, in each step by their start."""
    rows = [each for each in executions if each.start_time is not None]
    if not rows:
        return None
    first = min(each.start_time or 0.0 for each in rows)

    def counted(name: str, status: str) -> Curve:
        times = [(each.start_time or 0.0, int(each.status == status)) for each in rows]
        return _counted(name, times, looks, first)

    return counted("done", "Succeed"), counted("failed", "Failed")


def task_curves(executions: Iterable[PastExecution], looks: Sequence[Point]) -> tuple[Curve, Curve] | None:
    """Tasks of executions that ended well and that failed, in each step by the start of their execution.

    A task copies what is new of one repository (goharbor/harbor, src/controller/replication/flow/copy.go); Harbor tells
    neither how many artifacts nor how many bytes that was.
    """
    rows = [(each.start_time, each.succeed, each.failed) for each in executions if each.start_time is not None]
    if not rows:
        return None
    first = min(at for at, _, _ in rows)
    copied = _counted("copied", ((at, well) for at, well, _ in rows), looks, first)
    return copied, _counted("not copied", ((at, ill) for at, _, ill in rows), looks, first)


def _counted(name: str, events: Iterable[tuple[float, int]], looks: Sequence[Point], first: float) -> Curve:
    start = looks[0].at if looks else 0.0
    step = looks[1].at - start if len(looks) > 1 else 60.0
    known = [None if each.mean is None or each.at + step <= first else 0.0 for each in looks]
    for at, more in events:
        index = int((at - start) // step)
        if 0 <= index < len(known):
            known[index] = (known[index] or 0.0) + more
    return Curve(name=name, start=start, step=step, values=tuple(known))


def _number(state: str) -> int:
    return int(state) if state.isdecimal() else 0
