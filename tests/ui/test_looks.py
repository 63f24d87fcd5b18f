"""What is looked at while it is in view: asked when a page opens, dropped when it closes."""

from __future__ import annotations

from harbortui.engine.messages import Look, LookedAgain, looked
from harbortui.model.asked import LogText, Query, Topic
from harbortui.model.facet import Facet
from harbortui.ui.cell import Block, Cell, Column, Pane, Row
from harbortui.ui.screens.listing import ListScreen
from harbortui.ui.screens.page import PageScreen
from harbortui.ui.view import View
from tests.ui.samples import NAMES, NOW
from tests.ui.test_keys import Console, console

QUERY = Query(topic=Topic.GC_LOG, instance=NAMES[0], id="7")
OTHER = Query(topic=Topic.RAW, instance=NAMES[0], sub="gc-run", id="7")


def page(view: View, _width: int) -> Pane:
    facet = view.looks.get(QUERY)
    text = "loading" if facet is None or facet.value is None else " ".join(facet.value.lines)
    return Pane("GC", (Block((Column("Line", 20),), (Row("1", (Cell(text),)),)),))


def asked(it: Console) -> list[tuple[Query, ...]]:
    return [each.queries for each in it.port.sent if isinstance(each, Look)]


async def test_a_page_asks_while_it_is_open_and_shows_the_answer() -> None:
    async with console() as it:
        it.app.open_page(page, "gc 7", (QUERY,))
        await it.until_text("loading")
        assert asked(it) == [(QUERY,)] and "› gc 7" in it.text
        it.port.say(looked(QUERY, Facet(source="Harbor", value=LogText(lines=("swept",)), at=NOW, tried_at=NOW)))
        await it.until_text("swept")
        it.port.say(looked(OTHER, Facet(source="Harbor", value=None)))
        it.port.say(LookedAgain(query=QUERY, at=NOW + 5, tried_at=NOW + 5))
        await it.until(lambda: it.app.view.looks[QUERY].at == NOW + 5)
        assert set(it.app.view.looks) == {QUERY}
        await it.press("escape")
        await it.until(lambda: asked(it) == [(QUERY,), ()])
        assert it.app.view.looks == {} and "gc 7" not in it.text


async def test_a_covered_page_keeps_its_answer_and_stands_as_it_stood() -> None:
    def many(_view: View, _width: int) -> Pane:
        return Pane("Many", (Block((Column("N", 4),), tuple(Row(f"{n}", (Cell(f"n{n}"),)) for n in range(99))),))

    async with console() as it:
        it.app.open_page(many, "many", (QUERY,))
        await it.until_text("n7")
        it.port.say(looked(QUERY, Facet(source="Harbor", value=LogText(), at=NOW, tried_at=NOW)))
        await it.until(lambda: QUERY in it.app.view.looks)
        await it.press("pagedown", "pagedown")
        screen = it.app.screen
        assert isinstance(screen, PageScreen)
        key = screen.table.cursor_key
        it.app.open_page(page, "gc 7", (OTHER,))
        await it.until_text("› many  › gc 7")
        assert asked(it)[-1] == (OTHER,) and QUERY in it.app.view.looks
        await it.press("escape")
        await it.until(lambda: screen.table.pane.title == "Many" and screen.table.cursor_key == key)
        assert asked(it)[-1] == (QUERY,)


async def test_the_lists_belong_to_the_instance_at_hand_and_go_back_where_they_came_from() -> None:
    async with console() as it:
        await it.press("j", "6")
        await it.until(lambda: isinstance(it.app.screen, ListScreen))
        assert f"› {NAMES[2]}  › Jobs" in it.text
        await it.press("7")
        await it.until_text("› Projects")
        await it.press("3")
        await it.until_text(f"{NAMES[2]}")
        await it.until_text("3 Storage")
        await it.press("8")
        await it.until_text("› Audit")
        await it.press("9")
        await it.until_text("› Actions")
        await it.press("minus")
        await it.until_text("› Audit")
        await it.press("escape")
        await it.until_text("3 Storage")
