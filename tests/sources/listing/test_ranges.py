"""Ranges partition the key space whatever they are cut at, and what is asked of the server covers them."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from harbortui.sources.storage.listing.layout import Layout, digest_place, upload_of
from harbortui.sources.storage.listing.ranges import KeyRange, common_beginning, evenly, hex_cuts

NAMES = st.text(st.sampled_from("abz09/_~. \x7f\U0001f433é"), max_size=6)


@given(st.lists(NAMES, max_size=12), st.lists(NAMES, max_size=20))
def test_each_name_is_in_one_range_and_within_what_is_asked(cuts: list[str], names: list[str]) -> None:
    ranges = KeyRange().cut(cuts)
    for name in filter(None, names + cuts):
        inside = [each for each in ranges if each.lower <= name and (not each.upper or name < each.upper)]
        assert len(inside) == 1, (name, ranges)
        assert name.startswith(inside[0].prefix)
        assert name > inside[0].start_after


@given(st.lists(NAMES, max_size=12), NAMES, NAMES)
def test_a_piece_is_cut_like_the_whole(cuts: list[str], one: str, other: str) -> None:
    lower, upper = sorted((one, other))
    pieces = KeyRange(lower, upper).cut(cuts)
    assert (pieces[0].lower, pieces[-1].upper) == (lower, upper)
    assert all(left.upper == right.lower for left, right in pairwise(pieces))
    assert all(each.lower < each.upper for each in pieces[1:-1])


def test_a_range_of_one_prefix_is_asked_for_by_it() -> None:
    assert (KeyRange("x/a", "x/b").prefix, KeyRange("x/a", "x/b").start_after) == ("x/a", "")
    between = KeyRange("x/9", "x/a")
    assert (between.prefix, between.start_after) == ("x/", "x/8~~~~")
    assert (KeyRange("x/f", "").prefix, KeyRange("x/f", "").start_after) == ("", "x/e~~~~")


def test_cuts_of_digests() -> None:
    assert hex_cuts("d/", 16) == ["d/", *(f"d/{digit}" for digit in "123456789abcdef")]
    assert hex_cuts("d/", 256)[:3] == ["d/", "d/01", "d/02"]
    assert len(hex_cuts("d/", 256)) == 256


def test_evenly() -> None:
    assert evenly(list("abc"), 5) == ["a", "b", "c"]
    assert evenly([str(n) for n in range(10)], 3) == ["0", "3", "6"]
    assert common_beginning("abc", "abd") == "ab"
    assert common_beginning("ab", "abd") == "ab"


def test_the_layout_below_any_root() -> None:
    for root in ("", "/", "registry", "/registry/", "a/b"):
        layout = Layout(root)
        base = layout.v2
        assert not base.startswith("/")
        assert layout.class_of(f"{base}blobs/sha256/ab/abcd/data") == "blobs"
        assert layout.class_of(f"{base}blobs/sha256/ab/abcd/other") == "other"
        name = f"{base}repositories/library/nested/app"
        assert layout.class_of(f"{name}/_layers/sha256/abcd/link") == "layers"
        assert layout.class_of(f"{name}/_manifests/revisions/sha256/abcd/link") == "manifests"
        assert layout.class_of(f"{name}/_manifests/tags/v1/current/link") == "tags"
        assert layout.class_of(f"{name}/_uploads/uuid/data") == "uploads"
        assert layout.class_of(f"{name}/_uploads") == "other"
        assert layout.class_of("beside/it") == "other"
    assert upload_of("r/_uploads/one/hashstates/sha256/0") == "r/_uploads/one"
    assert upload_of("r/_uploads/stray") == "r/_uploads/stray"


def test_where_a_digest_is() -> None:
    digest = "0f" * 32
    assert digest_place(f"x/blobs/sha256/0f/{digest}/data") == ("x/blobs/sha256/", 0x0F0F0F0F)
    assert digest_place(f"x/_layers/sha256/{digest}/link") == ("x/_layers/sha256/", 0x0F0F0F0F)
    assert digest_place("x/blobs/sha256/zz/nothing/data") is None
