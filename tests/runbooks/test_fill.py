"""Names in commands and in text: whatever they hold, they stay names."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from harbortui.model.text import is_safe, safe_text
from harbortui.runbooks.catalogue import runbooks
from harbortui.runbooks.document import filled, parse
from harbortui.runbooks.fill import LONGEST, in_command, in_markdown, in_text
from harbortui.runbooks.names import PLACEHOLDERS
from tests.runbooks.shell import NEUTRAL, bash, commands

HOSTILE = (
    "$(touch PWNED)",
    "`touch PWNED`",
    "x; touch PWNED #",
    "x && touch PWNED",
    "x\ntouch PWNED\n",
    "x' ; touch PWNED ; '",
    'x" ; touch PWNED ; "',
    "x\\' ; touch PWNED ; \\",
    "| touch PWNED",
    "<(touch PWNED)",
    "${IFS}$(touch${IFS}PWNED)",
    "x\r\n```\ntouch PWNED",
    "\x1b]52;c;ZXZpbA==\x07[@click=app.quit]x[/]",
    "!touch",
    "~root/*",
)


def everywhere(value: str) -> dict[str, str]:
    return dict.fromkeys(PLACEHOLDERS, value)


def tokens(text: str, names: Mapping[str, str]) -> list[str]:
    return shlex.split(in_command(text, names))


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_name_is_one_piece_of_text_to_the_shell(value: str) -> None:
    shown = safe_text(value)
    for each in commands():
        expected = tokens(each.text, NEUTRAL)
        for name in PLACEHOLDERS:
            expected = [token.replace(NEUTRAL[name], shown) for token in expected]
        assert tokens(each.text, everywhere(value)) == expected, each.text


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_name_is(value: str) -> None:
    shown = safe_text(value, limit=LONGEST)
    words = shlex.split(in_command("a b/{{bucket}}/c 'd'{{job}}'e'", {"bucket": value, "job": value}))
    if not shown.startswith("-"):
        assert words == ["a", f"b/{shown}/c", f"d{shown}e"]
    assert is_safe(in_text("{{job}}", {"job": value}))


def test_every_command_run_with_hostile_names_runs_none_of_them(tmp_path: Path) -> None:
    """For real: with nothing on the path but what a hostile name would start."""
    touch = shutil.which("touch")
    assert touch is not None
    tools, place = tmp_path / "bin", tmp_path / "here"
    tools.mkdir()
    place.mkdir()
    (tools / "touch").symlink_to(touch)
    environ = {"PATH": str(tools), "HOME": str(place)}
    answers = "x\n" * 2000
    assert bash("-c", "touch PROOF", cwd=place, environ=environ).returncode == 0 and (place / "PROOF").exists()
    script = "\n".join(f"( {in_command(each.text, everywhere(value))}\n)" for value in HOSTILE for each in commands())
    (place / "script").write_text(script)
    done = bash("script", cwd=place, environ=environ, text=answers)
    assert "command not found" in done.stderr and "syntax error" not in done.stderr
    assert [path.name for path in place.iterdir() if "PWNED" in path.name or "<" in path.name] == []


def test_what_is_not_known_stays_visible_and_reads_from_no_file() -> None:
    assert in_command("mc ls store/{{bucket}}/x", {}) == "mc ls store/'<bucket>'/x"
    assert in_text("bucket {{bucket}}", {}) == "bucket <bucket>"
    assert in_markdown("bucket {{bucket}}", {}) == "bucket \\<bucket\\>"


def test_a_name_that_looks_like_an_option_is_not_used() -> None:
    assert in_command("aws s3 ls {{bucket}}", {"bucket": "--endpoint-url=http://evil"}) == "aws s3 ls '<bucket>'"


def test_no_prefix_is_nothing_and_not_a_pair_of_quotes() -> None:
    assert in_command("--prefix {{prefix}}docker/", {"prefix": ""}) == "--prefix docker/"
    assert in_command("--prefix {{prefix}}docker/", {"prefix": "registry/"}) == "--prefix registry/docker/"


@pytest.mark.parametrize("value", [*HOSTILE, "[x](http://evil) <b> **y** `z` # | a"])
def test_a_name_is_no_markdown_in_what_is_printed(value: str) -> None:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    for book in runbooks().values():
        neutral = [token.type for token in reader.parse(in_markdown(book.body, NEUTRAL))]
        hostile = reader.parse(in_markdown(book.body, everywhere(value)))
        assert [token.type for token in hostile] == neutral
        plain = {kind.type for token in reader.parse(book.body) for kind in token.children or ()}
        assert {kind.type for token in hostile for kind in token.children or ()} <= plain | {"text_special"}


def test_names_are_filled_after_the_page_was_taken_apart() -> None:
    for book in runbooks().values():
        parts = parse(book.body)
        shown = filled(parts, everywhere("**x** [y](z)\n- item"))
        assert [part.kind for part in shown] == [part.kind for part in parts]
        assert [len(part.runs) for part in shown] == [len(part.runs) for part in parts]
