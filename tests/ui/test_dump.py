"""What ``o`` writes: the screen as text and as a picture, redacted, private, bounded, under a harmless name."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from xml.etree import ElementTree

import pytest

from harbortui.ui import dump
from harbortui.ui.cell import Cell, Row
from harbortui.ui.widgets.table import Table
from tests.ui.samples import NAMES, NOW
from tests.ui.test_keys import console

TOKEN = "hvs.CAESIPlanted0123456789abcdefghij"


def written(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def save(app: object, folder: Path) -> None:
    dump.save(app, directory=folder, now=lambda: NOW)  # type: ignore[arg-type]


async def test_the_screen_is_written_as_text_and_as_picture(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "screens"
    async with console() as it:
        shown = [line.rstrip() for line in it.text.splitlines()]
        save(it.app, folder)
        names = sorted(each.name for each in written(folder))
        assert names == ["ackermann-20251121T140300Z.svg", "ackermann-20251121T140300Z.txt"]
        text = (folder / names[1]).read_text("utf-8")
        assert text.splitlines() == [line for line in "\n".join(shown).rstrip("\n").split("\n")]
        assert [stat.S_IMODE(each.stat().st_mode) for each in written(folder)] == [0o600] * 2
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert str(folder / names[1]) in it.app.view.hint and ".svg" in it.app.view.hint
        picture = (folder / names[0]).read_text("utf-8")
        assert NAMES[1] in "".join(ElementTree.fromstring(picture).itertext()).replace("\xa0", " ")
        assert re.search(r"@font-face|@import|href|url\((?!#)", picture) is None, "opening it would ask somebody"


async def test_a_secret_on_the_screen_is_in_neither(tmp_path: Path) -> None:
    async with console() as it:
        table = it.app.screen.query_one("#findings", Table)
        row = Row("x", (Cell(f"token={TOKEN}"),), wide=True)
        table.show(table.pane._replace(blocks=(table.pane.blocks[0]._replace(rows=(row,)),)))
        await it.until_text(TOKEN)
        save(it.app, tmp_path)
        for each in written(tmp_path):
            assert TOKEN not in each.read_text("utf-8") and "token=" in each.read_text("utf-8").replace("&#160;", " ")


async def test_two_in_one_second_are_two_and_the_oldest_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dump, "MOST", 4)
    async with console() as it:
        for _ in range(3):
            save(it.app, tmp_path)
        assert len(written(tmp_path)) == 4
        assert (tmp_path / "ackermann-20251121T140300Z-3.txt").exists()


async def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    async with console() as it:
        save(it.app, tmp_path / "file")
        assert it.app.view.hint.startswith("the screen cannot be written to")


@pytest.mark.parametrize(
    ("fleet", "name"), [("../../etc", "etc"), ("a b/c\x1b", "a_b_c"), ("", "fleet"), ("é", "x"), ("n" * 200, "n" * 40)]
)
async def test_a_fleets_name_leads_nowhere_else(tmp_path: Path, fleet: str, name: str) -> None:
    async with console() as it:
        it.app.view.start = it.app.view.start._replace(fleet=fleet)
        save(it.app, tmp_path)
        assert (tmp_path / f"{name}-20251121T140300Z.txt").exists()
