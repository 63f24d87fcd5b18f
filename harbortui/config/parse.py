"""The bytes of a TOML file as text and keys, or the line where they are none."""

from __future__ import annotations

import tomllib
from pathlib import Path

from harbortui.config.errors import ConfigError, Problem
from harbortui.model.text import safe_text


def parse_toml(path: Path, data: bytes) -> tuple[str, dict[str, object]]:
    """The text and its keys. Raises :class:`ConfigError` that names the line, and quotes no more of it than a key."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError([Problem("this is not UTF-8 text", str(path), line)]) from None
    try:
        return text, tomllib.loads(text.replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        message, line = _where(str(error), text)
        raise ConfigError([Problem(f"this is not TOML: {message}", str(path), line)]) from None


def _where(message: str, text: str) -> tuple[str, int]:
    """The parser's message without its position, and the line; it quotes no more of the file than a key."""
    head, _, position = message.rpartition(" (at ")
    words = position.replace(",", " ").replace(")", " ").split()
    if len(words) >= 2 and words[0] == "line" and words[1].isdigit():
        return safe_text(head, limit=120), int(words[1])
    return safe_text(head or message, limit=120), max(1, len(text.splitlines()))
