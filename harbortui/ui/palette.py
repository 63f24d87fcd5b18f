"""Names of styles -> Rich styles, from a theme. Widgets ask here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style

NAMES = (
    "text",
    "muted",
    "strong",
    "ok",
    "warning",
    "critical",
    "unknown",
    "accent",
    "title",
    "bar",
    "key",
    "header",
    "rule",
)
"""What a theme gives a style to; ``text`` stands in for what it leaves out."""

GROUNDS = ("background", "bar", "cursor")
"""Backgrounds: of the panes, of header and footer, of the row under the cursor."""


class Palette:
    """Styles of one theme, resolved once."""

    def __init__(self, styles: Mapping[str, str], grounds: Mapping[str, str]) -> None:
        """``styles`` and ``grounds`` hold Rich style definitions: ``bold #7fd1ff``, ``on #10181d``.

        Raises rich.errors.StyleSyntaxError for a definition that is none.
        """
        base = Style.parse(styles.get("text", ""))
        # A reversed ground needs the panes' colour, or the terminal's own would become its text.
        panes = Style.parse(grounds.get("background", ""))
        under = {name: panes + Style.parse(grounds.get(name, "")) for name in GROUNDS}
        plain = {name: base + Style.parse(styles.get(name, "")) for name in NAMES}
        self._styles = {(name, ground): under[ground] + style for name, style in plain.items() for ground in GROUNDS}
        self.cursor_keeps_colours = not under["cursor"].reverse

    def style(self, name: str, ground: str = "background") -> Style:
        """The style of that name on that ground; an unknown name is plain text."""
        if ground == "cursor" and not self.cursor_keeps_colours:
            name = "text"
        return self._styles.get((name, ground), self._styles[("text", ground)])
