"""Writes the tables of docs/themes.md: ``python docs/make_themes.py``. A test says when they are out of date."""

from __future__ import annotations

from pathlib import Path

from harbortui.ui import themes
from harbortui.ui.palette import GROUNDS, NAMES

PAGE = Path(__file__).parent / "themes.md"
STYLES = {
    "text": "everything that has no style of its own; what a style leaves out is taken from here",
    "muted": "what is less important: ages, sources, hints, titles of panes that keys do not go to",
    "strong": "names that lead a line",
    "ok": "the state ok",
    "warning": "the state warning, stale values, hints in place of the footer",
    "critical": "the state critical, failures, PRODUCTION",
    "unknown": "the state unknown: what is not visible",
    "accent": "the cursor's mark, second headings, lines of plots",
    "title": "the title of the pane that keys go to, and its rule",
    "bar": "the text of header and footer",
    "key": "keys, where they are named",
    "header": "the titles of columns",
    "rule": "the rules between panes",
}
PLACES = {
    "background": "under the panes",
    "bar": "under header, footer and questions",
    "cursor": "under the row that the cursor is on; with `reverse` the whole row is painted in `text`, reversed",
}


def tables() -> dict[str, str]:
    """The generated parts by their mark on the page."""
    listed = [themes.load(name) for name in themes.names()]
    kinds = {True: "dark", False: "light"}
    return {
        "themes": _table(
            ("theme", "ground", "what it is"),
            [(f"`{each.name}`", "yours" if each.ansi else kinds[each.dark], each.about) for each in listed],
        ),
        "styles": _table(("name in `[styles]`", "paints"), [(f"`{name}`", STYLES[name]) for name in NAMES]),
        "grounds": _table(("name in `[grounds]`", "is"), [(f"`{name}`", PLACES[name]) for name in GROUNDS]),
    }


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def page(text: str) -> str:
    """The page with its tables made anew."""
    for mark, table in tables().items():
        begin, end = f"<!-- {mark}: made by docs/make_themes.py -->\n", f"<!-- end of {mark} -->\n"
        head, _, rest = text.partition(begin)
        text = head + begin + table + end + rest.partition(end)[2]
    return text


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
