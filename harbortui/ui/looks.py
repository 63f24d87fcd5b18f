"""What is not in the snapshot is looked at while a view shows it: one set of queries, sent whenever it changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from harbortui.ui.view import View

if TYPE_CHECKING:
    from harbortui.engine.messages import Looked, LookedAgain, ToEngine
    from harbortui.model.asked import Query


class Looker:
    """Keeps the engine's idea of what is in view and the view's answers together."""

    def __init__(self, view: View, send: Callable[[ToEngine], None]) -> None:
        self._view = view
        self._send = send
        self._wanted: tuple[Query, ...] = ()

    def look(self, queries: Iterable[Query], kept: Iterable[Query] = ()) -> None:
        """Look at these and no others; answers to the ``kept`` ones stay, for a page that is only covered."""
        wanted = tuple(dict.fromkeys(queries))
        if wanted == self._wanted:
            return
        self._wanted = wanted
        alive = {*wanted, *kept}
        for query in [each for each in self._view.looks if each not in alive]:
            del self._view.looks[query]
        if not self._view.is_snapshot:
            from harbortui.engine.messages import Look

            self._send(Look(queries=wanted))

    def take(self, message: Looked) -> bool:
        """Note an answer; False when nobody looks at it any more."""
        from harbortui.engine.messages import facet_of

        if message.query not in self._wanted:
            return False
        self._view.looks[message.query] = facet_of(message)
        return True

    def take_again(self, message: LookedAgain) -> bool:
        """Note that an answer is as it was; False, because that needs no painting."""
        from harbortui.engine.messages import touched

        known = self._view.looks.get(message.query)
        if known is not None:
            self._view.looks[message.query] = touched(known, message)
        return False
