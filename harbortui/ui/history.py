"""Asks the engine what the history tells, when there is something to look at, and keeps the answers in the view."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from harbortui.ui.view import View

if TYPE_CHECKING:
    from harbortui.engine.messages import FleetPast, InstancePast, ToEngine


class Historian:
    """One question for what is on, once a minute and whenever that changes; ``send`` hands it to the engine."""

    def __init__(self, view: View, send: Callable[[ToEngine], None]) -> None:
        self._view = view
        self._send = send
        self.wants_trends = False
        """True while a person looks at the curves of the instance."""

    def ask(self, instance: str) -> None:
        """Ask about an instance, or about the fleet without a name."""
        from harbortui.engine.messages import AskHistory

        view = self._view
        if view.snapshot is None or view.is_snapshot:
            return
        if instance and view.detail is not None and view.detail.instance != instance:
            view.detail = None
        self._send(AskHistory(instance=instance, trends=bool(instance) and self.wants_trends))

    def take_fleet(self, message: FleetPast) -> bool:
        """The fleet's answer; False for the same as before."""
        view = self._view
        before = view.pasts, view.past_why_not
        view.pasts, view.past_why_not = {each.instance: each for each in message.instances}, message.why_not
        return (view.pasts, view.past_why_not) != before

    def take_instance(self, message: InstancePast) -> bool:
        """An instance's answer; False for the same as before, and for one that is not looked at any more."""
        detail, known = message.detail, self._view.detail
        if detail.instance != self._view.instance:
            return False
        # An answer that was asked before the curves were wanted must not take them away again.
        if detail.trends is None and self.wants_trends and known is not None and known.trends is not None:
            return False
        self._view.detail = detail
        return detail != known
