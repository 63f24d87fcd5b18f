"""How many calls may be under way at once: halved when the store is overtaxed, raised slowly while it is not."""

from __future__ import annotations

import asyncio
from collections import deque

START = 16
MOST = 32
"""Measured: 64 calls in flight are slower than 32, for the answers then wait for our parser."""
FIRST_STEP = 0.25
"""What a good call adds until the store is overtaxed for the first time."""


class Pace:
    """Slots for calls; additive increase, multiplicative decrease. Belongs to one event loop."""

    def __init__(self, start: int = START, most: int = MOST) -> None:
        self._most = most
        self._allowed = float(min(start, most))
        self._active = 0
        self._tickets = 0
        self._eased_at = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def allowed(self) -> int:
        """Calls that may be under way at once."""
        return int(self._allowed)

    async def enter(self) -> int:
        """Wait for a slot; answers the call's ticket."""
        while self._active >= self.allowed:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                self._wake()  # whoever was meant to go may still go
                raise
        self._active += 1
        self._tickets += 1
        return self._tickets

    def leave(self) -> None:
        """Give the slot back."""
        self._active -= 1
        self._wake()

    def quicken(self) -> None:
        """A call went well: after a few such calls (later: a round of them) one more may be under way."""
        step = 1.0 / self._allowed if self._eased_at else FIRST_STEP
        self._allowed = min(float(self._most), self._allowed + step)
        self._wake()

    def ease(self, ticket: int) -> None:
        """A call was too much; the others that were under way with it say the same thing and count once."""
        if ticket > self._eased_at:
            self._allowed = max(1.0, self._allowed / 2)
            self._eased_at = self._tickets

    def _wake(self) -> None:
        free = self.allowed - self._active
        while free > 0 and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                free -= 1
