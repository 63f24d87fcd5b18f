"""Screen 8 as a pure function: both generations, pages side by side, what is searched for by whom."""

from __future__ import annotations

import msgspec
import pytest

from harbortui.model.asked import Query, Topic
from harbortui.model.audit import AuditPage
from harbortui.model.facet import Facet
from harbortui.model.failure import FailureKind
from harbortui.ui import words
from harbortui.ui.arrange import Arrangement, arranged
from harbortui.ui.cell import Pane
from harbortui.ui.panes import audit
from harbortui.ui.view import Reading, View
from tests.ui.asked import all_text, audit_page, entry, known, query, refused, texts, view
from tests.ui.samples import NAMES, NOW

AUDIT = query(Topic.AUDIT)


def reader(*pages: AuditPage | Facet[object], find: str = "", first: int = 1) -> View:
    """A view in which these pages are read, side by side."""
    looks = {
        query(Topic.AUDIT, page=number, find=find): each if isinstance(each, Facet) else known(Topic.AUDIT, each)
        for number, each in enumerate(pages, first)
    }
    shown = view(looks)
    shown.audit = Reading(NAMES[0], find, first, first + len(pages) - 1)
    return shown


def shown(*pages: AuditPage, **more: object) -> Pane:
    return audit.page(reader(*pages, **more), 160)  # type: ignore[arg-type]


def keys(pane: Pane) -> list[str]:
    return [row.key for row in pane.blocks[0].rows]


def test_who_did_what_newest_first() -> None:
    page = audit_page(total=2, entries=(entry(8), entry(9, user="", operation="delete", at=NOW - 30)))
    pane = shown(page)
    assert texts(pane)[0] == "● | 14:02:30 | anonymous | delete | artifact | library/app-9:1.4 | "
    assert keys(pane)[:2] == ["entry/9", "entry/8"]
    assert pane.badge == ("2 rows since 2025-11-14 14:03 UTC", "muted")
    more = dict(pane.blocks[0].rows[0].more)
    assert more == {"at": "2025-11-21 14:02:30 UTC", "result": "succeeded", "row": "9"}


def test_failed_results_stand_out_where_harbor_tells() -> None:
    failed = entry(9, ok=False, operation="login", resource_type="user", resource="mallory")
    pane = shown(audit_page(total=2, entries=(failed, entry(8))))
    row = pane.blocks[0].rows[0]
    assert row.cells[0] == ("✖", "critical") and row.cells[3] == ("login failed", "critical")
    assert pane.badge == ("▲ 1 failed · 2 rows since 2025-11-14 14:03 UTC", "warning")


def test_the_old_generation_tells_no_results_and_says_so() -> None:
    pane = shown(audit_page(total=1, entries=(entry(1, ok=None),), generation="audit-logs"))
    assert "Harbor before 2.13 does not tell whether an operation succeeded" in all_text(pane)
    (row,) = (row for row in pane.blocks[0].rows if not row.wide)
    assert row.cells[0] == ("", "text") and dict(row.more)["result"] == "not told by this Harbor"
    empty = shown(audit_page(total=0, generation="audit-logs", note="none may mean that audit-log:list is missing"))
    assert "◌ none may mean that audit-log:list is missing" in all_text(empty)


def test_an_empty_log_says_since_when_and_how_to_look_further_back() -> None:
    text = all_text(shown(audit_page(total=0)))
    assert "nothing found since 2025-11-14 14:03 UTC; days:30 after / searches further back" in text


def test_pages_stand_side_by_side_and_each_row_once() -> None:
    """A row that new ones pushed from page 1 to page 2 between two looks is in both."""
    pane = shown(audit_page(1, total=132, newest=1002), audit_page(2, total=134, newest=1004))
    numbers = [int(key.removeprefix("entry/")) for key in keys(pane) if key.startswith("entry/")]
    assert numbers == sorted(set(numbers), reverse=True) and numbers[0] == 1002 and len(numbers) == 98
    assert keys(pane)[-1] == "older/2" and "page 2 of 3: older rows come when the cursor is here" in texts(pane)


def test_the_last_page_ends_the_log() -> None:
    pane = shown(*(audit_page(page, total=130) for page in (1, 2, 3)))
    assert len([key for key in keys(pane) if key.startswith("entry/")]) == 130
    assert not [key for key in keys(pane) if key.startswith("older/")] and "no older row since" in all_text(pane)


def test_without_a_total_a_full_page_may_have_a_next_one() -> None:
    assert keys(shown(audit_page(total=50)))[-1].startswith("end")
    full = msgspec.structs.replace(audit_page(), total=None)
    assert keys(shown(full))[-1] == "older/1"
    assert not keys(shown(msgspec.structs.replace(audit_page(total=3), total=None)))[-1].startswith("older/")


def test_a_page_that_loads_or_failed_is_told_at_the_end_and_the_others_stay() -> None:
    pane = audit.page(reader(audit_page(), Facet(source="Harbor audit log")), 100)
    assert texts(pane)[-1] == "page 2 is loading" and len(texts(pane)) == 51
    pane = audit.page(reader(audit_page(), refused(Topic.AUDIT, FailureKind.TIMEOUT)), 100)
    assert texts(pane)[-1] == "page 2 failed: no answer in time" and len(texts(pane)) == 51


def test_at_most_eight_pages_are_read_at_once_then_enter_goes_on() -> None:
    pane = shown(*(audit_page(page, total=5000) for page in range(1, 9)))
    (last,) = [text for text in texts(pane) if "enter" in text]
    assert last == "page 8 of 100: enter goes on with older rows, in place of these"
    later = shown(audit_page(9, total=5000), first=9)
    assert texts(later)[0] == "newer rows: enter goes back before page 9"


def test_what_is_asked_follows_the_instance() -> None:
    it = reader(audit_page(), audit_page(2), find="user:bob")
    assert audit.looks(it) == tuple(query(Topic.AUDIT, page=page, find="user:bob") for page in (1, 2))
    it.instance = NAMES[2]
    assert audit.looks(it) == (Query(topic=Topic.AUDIT, instance=NAMES[2]),)
    it.instance = ""
    assert audit.looks(it) == ()


@pytest.mark.parametrize(
    ("sought", "asked"),
    [
        ("", ""),
        ("alice", ""),
        ("user:alice", "user:alice"),
        ("user:alice op:pull", "user:alice op:pull"),
        ("operation:pull type:artifact resource:lib", "op:pull type:artifact resource:lib"),
        ("days:30 !pull", "days:30"),
        ("!user:alice", ""),
        ("user:a user:b", "user:a"),
        ("sha256:abc user:", ""),
    ],
)
def test_what_of_a_filter_harbor_is_asked_for(sought: str, asked: str) -> None:
    assert audit.search_of(sought) == asked


def test_days_hide_nothing_here_because_harbor_answers_them() -> None:
    pane = shown(audit_page(total=5))
    assert arranged(pane, Arrangement(sought="days:30")).shown == 5
    assert arranged(pane, Arrangement(sought="days:30 user:alice")).shown == 5
    assert arranged(pane, Arrangement(sought="user:bob")).shown == 0


def test_what_harbor_cannot_search_for_is_said_in_its_words() -> None:
    it = reader(refused(Topic.AUDIT, FailureKind.LOCAL, "Harbor's audit log cannot be searched for quotes"), find="x")
    assert texts(audit.page(it, 100)) == ["▲ Harbor's audit log cannot be searched for quotes"]


def test_times_are_in_the_chosen_zone() -> None:
    page = audit_page(total=1, entries=(entry(1, at=NOW - 30),))
    try:
        words.use_zone("Europe/Berlin")
        pane = shown(page)
        assert "15:02:30" in texts(pane)[0] and "15:02:30 CET" in all_text(pane) and "CET" in pane.badge.text
    finally:
        words.use_zone("UTC")
