"""The event loop that collection runs in."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from harbortui.sources.resolver import ResolverLoop

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """As ``asyncio.run``, but a name server that does not answer stalls no other backend and not our end."""
    with asyncio.Runner(loop_factory=ResolverLoop) as runner:
        return runner.run(main)
