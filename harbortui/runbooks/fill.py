"""Placeholders filled with real names, such that a name can do no harm: quoted in commands, data in prose.

In a command a value is one piece of text to the shell whatever it holds; what is not known stays visible as ``<name>``,
quoted, because a bare ``<`` would have the shell read from and write to files.
"""

from __future__ import annotations

import re
import shlex

from harbortui.model.text import safe_text
from harbortui.runbooks.names import Names

PLACEHOLDER = re.compile(r"\{\{([a-z_]+)\}\}")
LONGEST = 300
"""Characters of one value."""
_FENCE = re.compile(r"^(\s*)(`{3,})(.*)$")
_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+!|~&])")


def value_of(name: str, names: Names) -> str | None:
    """The value as it may be shown; None when it is not known or could be taken for an option of a command."""
    value = names.get(name)
    if value is None:
        return None
    text = safe_text(value, limit=LONGEST)
    return None if text.startswith("-") else text


def in_command(text: str, names: Names) -> str:
    """Lines of shell with every placeholder filled and quoted."""

    def quoted(match: re.Match[str]) -> str:
        value = value_of(match[1], names)
        if value is None:
            return shlex.quote(f"<{match[1]}>")
        return shlex.quote(value) if value else ""

    return PLACEHOLDER.sub(quoted, text)


def in_text(text: str, names: Names) -> str:
    """Plain text with every placeholder filled; the result is shown, never parsed."""
    return PLACEHOLDER.sub(lambda match: _shown(match[1], names), text)


def in_markdown(source: str, names: Names) -> str:
    """A page with every placeholder filled, still Markdown: values outside of fences are escaped."""

    def escaped(match: re.Match[str]) -> str:
        return _MARKUP.sub(r"\\\1", _shown(match[1], names))

    lines = []
    fence = ""
    for line in source.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            lines.append(in_command(line, names))
            if mark and mark[2].startswith(fence) and not mark[3].strip():
                fence = ""
        else:
            lines.append(PLACEHOLDER.sub(escaped, line))
            fence = mark[2] if mark else ""
    return "\n".join(lines)


def _shown(name: str, names: Names) -> str:
    value = value_of(name, names)
    return f"<{name}>" if value is None else value
