"""A runbook as lines: goldens at two widths, nothing wider than the room, commands whole, quick."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.markdown import Markdown

from harbortui.model.finding import Finding, State
from harbortui.runbooks.catalogue import runbooks
from harbortui.runbooks.document import filled, parse
from harbortui.runbooks.names import PLACEHOLDERS, Names
from harbortui.ui.cell import CONTINUED, Pane
from harbortui.ui.palette import NAMES as STYLES
from harbortui.ui.panes.runbook import list_pane, runbook_pane
from tests.ui.samples import DAY, NOW

GOLDENS = Path(__file__).parents[1] / "runbooks" / "goldens"
KNOWN = {
    "instance": "harbor-vm-05",
    "url": "https://harbor-05.example.org",
    "host": "harbor-05.example.org",
    "port": "443",
    "allocation": "7f3a19c2-8d1e-4c55-9a70-1f6f4be0c2d9",
    "policy": "3",
    "policy_name": "sync-to-nas",
    "execution": "1207",
    "peer": "harbor-nas",
    "peer_url": "https://harbor-nas.example.org",
    "nomad_address": "https://nomad.example.org:4646",
    "namespace": "default",
}
FINDING = Finding(
    rule="replication-failing",
    state=State.CRITICAL,
    instance="harbor-vm-05",
    subject="sync-to-nas",
    title="replication sync-to-nas (push harbor-nas): the newest 4 executions failed: credentials refused",
    evidence=("execution 1207: ended before its first task",),
)


def shown(name: str, names: Names, width: int, finding: Finding | None = None) -> Pane:
    return runbook_pane(runbooks()[name], names, width, NOW, finding).pane


def lines(pane: Pane) -> list[str]:
    return ["".join(cell.text for cell in row.cells).rstrip() for row in pane.blocks[0].rows]


@pytest.mark.parametrize("width", [78, 118])
@pytest.mark.parametrize("name", ["replication-failed", "prepare-this-shell"])
def test_it_looks_as_it_should(name: str, width: int) -> None:
    """Written anew with HARBORTUI_WRITE_GOLDENS=1."""
    pane = shown(name, KNOWN, width, FINDING if name == "replication-failed" else None)
    text = "\n".join((f"{pane.title} | {pane.badge.text}", *lines(pane), ""))
    golden = GOLDENS / f"{name}-{width + 2}.txt"
    if os.environ.get("HARBORTUI_WRITE_GOLDENS"):
        golden.write_text(text, "utf-8")
    assert golden.read_text("utf-8") == text


@pytest.mark.parametrize("name", list(runbooks()))
@pytest.mark.parametrize("width", [1, 7, 40, 78, 198])
def test_every_line_fits_has_a_key_of_its_own_and_known_styles(name: str, width: int) -> None:
    rows = shown(name, KNOWN, width).blocks[0].rows
    assert len({row.key for row in rows}) == len(rows)
    assert {cell.style for row in rows for cell in row.cells} <= set(STYLES)
    if width >= 40:
        assert max(sum(cell_len(cell.text) for cell in row.cells) for row in rows) <= width


@pytest.mark.parametrize("name", list(runbooks()))
def test_each_command_can_be_picked_and_is_whole(name: str) -> None:
    rows = shown(name, KNOWN, 60).blocks[0].rows
    picked = [row.copies for row in rows if row.copies and not row.key.endswith(CONTINUED)]
    assert picked == [part.text for part in filled(parse(runbooks()[name].body), KNOWN) if part.kind == "command"]
    for row in rows:
        if row.copies:
            assert row.cells[1].text.strip() in row.copies


@pytest.mark.parametrize(
    "value",
    [
        "$(rm -rf /)",
        "[@click=app.quit]x[/]",
        "a\nb\r\n\x1b[2J",
        "**x** [y](http://z)",
        "\u202e\u200b",
        "漢字" * 40,
    ],
)
@pytest.mark.parametrize("width", [30, 78])
def test_a_hostile_name_changes_no_style_and_breaks_no_line(value: str, width: int) -> None:
    names = dict.fromkeys(PLACEHOLDERS, value)
    for book in runbooks().values():
        rendered = runbook_pane(book, names, width, NOW)
        for row in rendered.pane.blocks[0].rows:
            assert all(cell.text.isprintable() for cell in row.cells)
            assert sum(cell_len(cell.text) for cell in row.cells) <= max(width, 30)
        assert set(rendered.links.values()) <= {f"{each}.md" for each in runbooks()}


def test_links_lead_on_from_every_line_of_their_paragraph() -> None:
    rendered = runbook_pane(runbooks()["containers-do-not-start"], KNOWN, 60, NOW)
    by_key = {row.key: "".join(cell.text for cell in row.cells) for row in rendered.pane.blocks[0].rows}
    assert set(rendered.links) <= set(by_key)
    assert any("Vault" in by_key[key] for key, to in rendered.links.items() if to == "vault-and-tokens.md")


def test_a_page_not_reviewed_for_long_says_so() -> None:
    book = runbooks()["replication-failed"]
    day = book.front.reviewed
    old = book._replace(front=book.front._replace(reviewed=day.replace(year=2020)))
    cell = runbook_pane(old, {}, 80, NOW + DAY).pane.badge
    assert cell.style == "warning" and "long ago" in cell.text


def test_the_list_names_all_of_them() -> None:
    pane = list_pane(runbooks().values(), NOW)
    assert [row.key for row in pane.blocks[0].rows] == list(runbooks())


def test_it_is_quicker_than_rich_at_the_same_page() -> None:
    book = max(runbooks().values(), key=lambda each: len(each.body))
    console = Console(width=78, file=open(os.devnull, "w"), force_terminal=True)  # noqa: SIM115

    def ours() -> None:
        parse.cache_clear()
        runbook_pane(book, KNOWN, 78, NOW)

    def richs() -> None:
        console.print(Markdown(book.body))

    def best(run: Callable[[], None]) -> float:
        taken = []
        for _ in range(5):
            begun = time.process_time()
            run()
            taken.append(time.process_time() - begun)
        return min(taken)

    with console.file:
        assert best(ours) < best(richs)
