"""The live tail in words, and which task and stream come next."""

from __future__ import annotations

from harbortui.engine.messages import LogLines, TailState
from harbortui.model.failure import DENIED
from harbortui.model.harbor import COMPONENTS
from harbortui.model.snapshot import InstanceSnapshot
from harbortui.ui.facets import failure_words
from harbortui.ui.panes.join import task_states
from harbortui.ui.view import STREAMS


def tail_words(message: LogLines) -> tuple[str, str]:
    """How the tail is, and the style to say it in."""
    where = f"allocation {message.allocation_id[:8]}" if message.allocation_id else ""
    dropped = f"{message.dropped} lines left out" if message.dropped else ""
    if message.state is TailState.FAILED:
        why = failure_words(message.failure) if message.failure is not None else "no reason given"
        denied = message.failure is not None and message.failure.kind in DENIED
        return (f"not visible: {why}", "unknown") if denied else (f"failed: {why}", "critical")
    parts = (message.state.value, where, dropped)
    return ", ".join(part for part in parts if part), "warning" if dropped else "muted"


def next_stream(instance: InstanceSnapshot | None, task: str, stream: str) -> tuple[str, str]:
    """stdout, then stderr of the same task, then the next task of the current allocation."""
    if stream == STREAMS[0]:
        return task, STREAMS[1]
    states = task_states(instance) if instance is not None else ()
    tasks = [each.name for each in states] or list(COMPONENTS)
    following = tasks[(tasks.index(task) + 1) % len(tasks)] if task in tasks else tasks[0]
    return following, STREAMS[0]
