"""Running a command's coroutine without a screen: no core file, no memory for others, no outside text in tracebacks."""

from __future__ import annotations

import sys
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """What ``work`` returns."""
    from harbortui.collect import loop
    from harbortui.engine import seclusion

    seclusion.forbid_core_files()
    seclusion.keep_memory_private()
    return loop.run(_quiet(work))


def tell_bug(error: BaseException) -> str:
    """Say a fault of ours by its kind alone, since its message may quote outside text; the sentence."""
    sentence = f"a fault in the console: {type(error).__name__}"
    print(f"harbortui: {sentence}", file=sys.stderr)
    return sentence


def on_bug(error: BaseException) -> None:
    """The same for who wants no answer."""
    tell_bug(error)


async def _quiet(work: Coroutine[Any, Any, T]) -> T:
    import asyncio

    # asyncio would print a traceback, with whatever outside text the message quotes.
    asyncio.get_running_loop().set_exception_handler(_on_loop_error)
    return await work


def _on_loop_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    if isinstance(error, BaseException):
        tell_bug(error)
