"""Which log the engine follows for the screen: the task and stream the view names, while a person can see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from harbortui.ui.view import STREAMS, View

if TYPE_CHECKING:
    from harbortui.engine.messages import LogLines, ToEngine

DEFAULT_TASK = "core"
NO_LOGS = "a snapshot holds no logs"


class Follower:
    """Keeps the engine's tail and the view's idea of it together; ``send`` hands a command to the engine."""

    def __init__(self, view: View, send: Callable[[ToEngine], None]) -> None:
        self._view = view
        self._send = send
        self._following: tuple[str, str, str] | None = None

    def follow(self) -> bool:
        """Follow what the view names; True when that is another log than before."""
        from harbortui.engine.messages import Follow

        view = self._view
        view.task = view.task or DEFAULT_TASK
        wanted = (view.instance, view.task, view.stream)
        if wanted == self._following:
            return False
        self._following = wanted
        view.tail, view.tail_style = NO_LOGS if view.is_snapshot else "opening", "muted"
        self._send(Follow(instance=view.instance, task=view.task, stream=view.stream))
        return True

    def stop(self) -> None:
        """Follow nothing."""
        from harbortui.engine.messages import Unfollow

        if self._following is not None:
            self._following = None
            self._send(Unfollow())

    def take(self, message: LogLines) -> bool:
        """Say in the view how the tail is; False for lines of a log that is not looked at any more."""
        from harbortui.ui.tail import tail_words

        view = self._view
        if (message.instance, message.task, message.stream) != (view.instance, view.task, view.stream):
            return False
        view.tail, view.tail_style = tail_words(message)
        return True

    def choose(self, task: str) -> None:
        """Look at this task's first stream."""
        self._view.task, self._view.stream = task, STREAMS[0]

    def choose_next(self) -> None:
        """Look at the other stream of the task, then at the next task."""
        from harbortui.ui.tail import next_stream

        view = self._view
        view.task, view.stream = next_stream(view.looked_at, view.task or DEFAULT_TASK, view.stream)
