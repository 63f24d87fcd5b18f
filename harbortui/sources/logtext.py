"""A job's log as safe lines: the newest part, each line redacted and sanitised."""

from __future__ import annotations

import asyncio

from harbortui.model.asked import LogText
from harbortui.model.redact import Clean
from harbortui.model.text import decode_text

READ_MOST = 32_000_000
"""Bytes of a log that are read at most; a server that sends more is not Harbor."""
MOST_LINES = 5_000
_BREATH = 200
"""Lines after which others get their turn: cleaning a long log takes a tenth of a second and more."""


async def log_text(body: bytes, clean: Clean, *, cut: bool) -> LogText:
    """The lines of ``body``; when its beginning was ``cut`` off, without the rest of a line that it begins with."""
    lines = decode_text(body).replace("\r\n", "\n").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    if cut:
        del lines[:1]
    cut = cut or len(lines) > MOST_LINES
    shown: list[str] = []
    for position, line in enumerate(lines[-MOST_LINES:], 1):
        shown.append(clean(line))
        if position % _BREATH == 0:
            await asyncio.sleep(0)
    return LogText(lines=tuple(shown), cut=cut)
