"""The bundled pages: complete, true to their format, and fit for every finding there is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

from harbortui import diagnose
from harbortui.model.asked import RAW_KINDS
from harbortui.model.redact import Redactor
from harbortui.resources import resource
from harbortui.runbooks.catalogue import FOLDER, OBJECTS, ORDER, Runbook, fitting, runbooks
from harbortui.runbooks.document import parse
from harbortui.runbooks.fill import PLACEHOLDER, in_command
from harbortui.runbooks.front import FrontError, split
from harbortui.runbooks.names import PLACEHOLDERS
from tests.runbooks.shell import NEUTRAL, Command, bash, commands

SECTIONS = ["Meaning", "Impact", "Look first", "Diagnosis", "Mitigation", "Verify", "Afterwards"]
FILES = sorted(resource(FOLDER).glob("*.md"))
BOOKS = list(runbooks().values())
ACTS = re.compile(
    r"-X (POST|PUT|DELETE|PATCH)|nomad (alloc (restart|stop|signal)|job (run|stop|start|eval|revert|restart))"
    r"|nomad node (eligibility|drain)|docker (network create|push)|rclone (copy|sync)|pg_restore -U|unseal|undelete"
    r"|token renew|systemctl|flush"
)
LOOKS = ("/registries/ping",)
"""Parts of calls that change nothing although their method could."""


def rules() -> set[str]:
    """The ids of all rules, out of the calls that make findings."""
    found = set()
    for path in Path(diagnose.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in ("finding", "_finding"):
                    found.add(str(node.args[0].value))
    return found


def by_id(book: Runbook) -> str:
    return book.id


def test_every_rule_has_a_runbook_and_every_runbook_fits_what_exists() -> None:
    known = rules()
    assert {"component-unhealthy", "vault-secret", "clock-here", "task-oom", "allocation-pending"} <= known
    assert [rule for rule in sorted(known) if fitting(rule) is None] == []
    assert [kind for kind in OBJECTS if fitting(kind) is None] == []
    fits = [name for book in BOOKS for name in book.front.fits]
    assert sorted(set(fits) - known - set(OBJECTS)) == []
    assert len(fits) == len(set(fits))


def test_what_can_be_seen_raw_has_a_runbook() -> None:
    assert set(RAW_KINDS) - {"project"} <= set(OBJECTS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_front_matter_is_what_a_yaml_reader_makes_of_it(path: Path) -> None:
    front, body = split(path.read_text("utf-8"))
    read = yaml.safe_load(path.read_text("utf-8").split("---\n")[1])
    assert (front.id, front.title, front.summary) == (read["id"], read["title"], read["summary"])
    assert list(front.fits) == (read["for"] or []) and front.reviewed == read["reviewed"] and read["runbook"] == 1
    assert front.id == path.stem and front.id in ORDER and body.startswith(f"# {front.title}\n")


@pytest.mark.parametrize(
    "text",
    [
        "no front matter",
        "---\nrunbook: 1\n",
        "---\nrunbook: 1\nrunbook: 1\n---\n",
        "---\nrunbook: 2\nid: a\ntitle: A\nsummary: A\nfor:\nreviewed: 2026-01-01\n---\n",
        "---\nrunbook: 1\nid: A b\ntitle: A\nsummary: A\nfor:\nreviewed: 2026-01-01\n---\n",
        "---\nrunbook: 1\nid: a\ntitle: A: b\nsummary: A\nfor:\nreviewed: 2026-01-01\n---\n",
        "---\nrunbook: 1\nid: a\ntitle: A\nsummary: A\nfor:\nreviewed: soon\n---\n",
        "---\nrunbook: 1\nid: a\ntitle: A\nsummary: A\nfor: all\nreviewed: 2026-01-01\n---\n",
        "---\nrunbook: 1\nid:\n  - a\ntitle: A\nsummary: A\nfor:\nreviewed: 2026-01-01\n---\n",
        "---\nid: a\n---\n",
        "---\n&x: !!python\n---\n",
    ],
)
def test_wrong_front_matter_is_refused(text: str) -> None:
    with pytest.raises(FrontError):
        split(text)


@pytest.mark.parametrize("book", [book for book in BOOKS if book.front.fits], ids=by_id)
def test_sections_are_there_in_their_order(book: Runbook) -> None:
    found = [part.runs[0].text for part in parse(book.body) if part.kind == "heading" and part.level == 2]
    assert [title for title in found if title in SECTIONS] == SECTIONS
    assert set(found) - set(SECTIONS) <= {"Backup"}


@pytest.mark.parametrize("book", BOOKS, ids=by_id)
def test_placeholders_are_known_links_resolve_and_the_text_is_plain(book: Runbook) -> None:
    assert book.body.isascii()
    assert set(PLACEHOLDER.findall(book.body)) <= set(PLACEHOLDERS)
    runs = [run for part in parse(book.body) for run in (*part.runs, *(r for row in part.rows for c in row for r in c))]
    assert [run.target for run in runs if run.target and run.target.removesuffix(".md") not in runbooks()] == []
    assert not [run.text for run in runs if run.style in ("code", "link") and PLACEHOLDER.search(run.text)]
    prose = re.sub(r"^```.*?^```$", "", book.body, flags=re.MULTILINE | re.DOTALL)
    assert [line for line in prose.split("\n") if len(line) > 130 and not line.startswith("|")] == []


def test_every_placeholder_is_used() -> None:
    assert {name for book in BOOKS for name in PLACEHOLDER.findall(book.body)} == set(PLACEHOLDERS)


@pytest.mark.parametrize("names", [NEUTRAL, {}], ids=["names", "no names"])
def test_every_command_is_a_whole_command_to_bash(names: dict[str, str], tmp_path: Path) -> None:
    """Each by itself, because each is copied by itself."""
    lines = [f"function f{number} {{\n{in_command(each.text, names)}\n}}" for number, each in enumerate(commands())]
    done = bash("-n", cwd=tmp_path, environ={}, text="\n".join(lines))
    assert done.returncode == 0 and not done.stderr, done.stderr


def test_what_changes_something_stands_under_mitigation_and_after() -> None:
    allowed = ("Backup", "Mitigation", "Verify", "Afterwards")
    early = [each for each in commands() if ACTS.search(each.text) and each.section not in allowed]
    assert [each for each in early if not any(part in each.text for part in LOOKS)] == []
    assert sum(bool(ACTS.search(each.text)) for each in commands()) > 30


def test_no_command_takes_a_secret_on_its_line_or_is_masked_when_copied() -> None:
    redact = Redactor()

    def secret(each: Command) -> bool:
        return bool(re.search(r"curl[^|]* -u |--password|TOKEN=[^ ]|WORD=[^ ]|SECRET_ACCESS_KEY=[^ ]", each.text))

    assert [each for each in commands() if secret(each)] == []
    assert [
        each for each in commands() if redact(in_command(each.text, NEUTRAL)) != in_command(each.text, NEUTRAL)
    ] == []
