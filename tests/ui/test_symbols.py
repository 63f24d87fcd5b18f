"""Whatever the console writes by itself has an ASCII form."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from harbortui.ui.symbols import ASCII, UNICODE, to_ascii

PACKAGE = Path(__file__).resolve().parents[2] / "harbortui"
MEANT = {UNICODE.unknown, "\ufffd", "␡"}
"""A question mark is what these mean: the state unknown, and what cannot be shown."""
NOT_PAINTED = ("sim", "text.py")
"""The simulator, and the wall that names the characters it takes away."""
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if not set(NOT_PAINTED) & set(path.relative_to(PACKAGE).parts))


def texts(path: Path) -> Iterator[str]:
    """Every string of a module that is no documentation and no pattern for what comes from outside."""
    tree = ast.parse(path.read_text("utf-8"))
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.value


def has_no_form(character: str) -> bool:
    """True when a plain terminal would show a question mark that means nothing."""
    return not character.isascii() and character not in MEANT and to_ascii(character, ASCII) == "?"


def test_everything_written_in_the_package_has_an_ascii_form() -> None:
    found = {(each, path.name) for path in SOURCES for text in texts(path) for each in text if has_no_form(each)}
    assert not found


def test_the_bundled_documents_have_an_ascii_form() -> None:
    for path in PACKAGE.rglob("*.md"):
        assert not [each for each in path.read_text("utf-8") if has_no_form(each)], path.name


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("● ▲ ✖ ◌ … ─ ▁█", "o ! X ? ~ - _#"),
        ("müller/Ångström", "muller/Angstrom"),
        ("⣿⠀⡀ ┌┐ ½ 漢 ß", ": . ++ ? ? ?"),
        ("“a” – b — c’s", '"a" - b - c\'s'),
    ],
)
def test_likenesses(text: str, plain: str) -> None:
    assert to_ascii(text, ASCII) == plain
    assert to_ascii(text, UNICODE) == text


@given(st.text())
def test_one_character_stays_one_character(text: str) -> None:
    plain = to_ascii(text, ASCII)
    assert plain.isascii() and len(plain) == len(text)


def test_likenesses_are_as_wide_as_what_they_stand_for() -> None:
    from harbortui.ui.symbols import _TABLE

    for code, plain in _TABLE.items():
        assert len(plain) == 1 and plain.isascii() and cell_len(chr(code)) == 1, hex(code)
