"""What a terminal may be given of outside text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbortui.model.text import decode_text, is_safe, safe_text

HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\x1b\x9b\x07\r\n\t\x7f\u202e\u2066\u200b\ufeff\u2028\U000e0041\u0301\u3164\ud800"),
    )
)
FORBIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@given(HOSTILE)
def test_nothing_forbidden_is_left(text: str) -> None:
    shown = safe_text(text)
    assert not {unicodedata.category(char) for char in shown} & FORBIDDEN_CATEGORIES
    assert all(char == " " for char in shown if unicodedata.category(char) == "Zs")
    assert is_safe(shown)


@given(HOSTILE, st.integers(0, 60))
def test_it_is_bounded_and_idempotent(text: str, limit: int) -> None:
    shown = safe_text(text, limit=limit)
    assert len(shown) <= limit
    assert safe_text(shown, limit=limit) == shown


@given(HOSTILE)
def test_nothing_vanishes(text: str) -> None:
    assert len(safe_text(text)) >= len(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("Müller · 東京 ✖", "Müller · 東京 ✖"),
        ("a\x1b[31mred", "a␛[31mred"),
        ("a\r\nb", "a␍␊b"),
        ("\tat main.go", "    at main.go"),
        ("\x7f", "␡"),
        ("\x9b2J", "\ufffd2J"),
        ("\u202egpj.exe", "\ufffdgpj.exe"),
        ("a\u200bb\ufeff", "a\ufffdb\ufffd"),
        ("a\u2028b", "a\ufffdb"),
        ("\U000e0041", "\ufffd"),
        ("\ufff9x\ufffb", "\ufffdx\ufffd"),
        ("\ud800", "\ufffd"),
        ("a\u00a0b\u3000c", "a b c"),
        ("\u3164\u115f", "\ufffd\ufffd"),
        ("e\u0301", "e\u0301"),
        ("e" + "\u0301" * 5, "e\u0301\u0301\ufffd\ufffd\ufffd"),
        ("[@click=app.quit]x[/]", "[@click=app.quit]x[/]"),
    ],
)
def test_examples(text: str, shown: str) -> None:
    assert safe_text(text) == shown


def test_a_cut_says_how_much_is_missing() -> None:
    shown = safe_text("x" * 5000)
    assert len(shown) == 4096
    kept, _, missing = shown.partition("… (+")
    assert len(kept) + int(missing.rstrip(")")) == 5000


def test_a_cut_of_a_huge_text_counts_all_of_it() -> None:
    shown = safe_text("\u202e" + "x" * 1_000_000, limit=100)
    kept, _, missing = shown.partition("… (+")
    assert len(kept) + int(missing.rstrip(")")) == 1_000_001


def test_wrong_bytes_become_visible() -> None:
    assert decode_text(b"ok \xff\xc3") == "ok \ufffd\ufffd"
