"""What a source answered, taken apart; and compared with what a plain request says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from harbortui.sources.answer import Answer, Ok

T = TypeVar("T")
U = TypeVar("U")
ATTEMPTS = 4
"""A server in use changes between our question and the plain one."""


def value(answer: Answer[T]) -> T:
    """The value of a complete answer; fails with the failure's words and the right that is missing."""
    assert isinstance(answer, Ok), answer
    assert answer.lost_rows == (), answer.lost_rows
    return answer.value


async def agreed(ours: Callable[[], Awaitable[T]], plain: Callable[[], U], same: Callable[[T, U], bool]) -> tuple[T, U]:
    """What both say, once they say the same; fails when they never do."""
    for attempt in range(ATTEMPTS):
        told, expected = await ours(), await asyncio.to_thread(plain)
        if same(told, expected):
            return told, expected
        await asyncio.sleep(0.5 * attempt)
    raise AssertionError(f"the source says {told!r}, a plain request {expected!r}")
