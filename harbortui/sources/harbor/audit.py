"""Harbor's audit log: ``/auditlog-exts`` where there is one (2.13 and newer), else ``/audit-logs``.

Which of them a Harbor has is found by asking, not by its version. Harbor counts every search to its end, which takes
long on a log of millions of rows, so each is bounded in time by the index on ``op_time``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from harbortui.model.audit import AUDIT_PAGE_SIZE, AuditEntry, AuditPage
from harbortui.model.failure import Failure, FailureKind
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.harbor import decode_looks, wire_looks
from harbortui.sources.harbor.reader import HarborReader
from harbortui.sources.http import Reply
from harbortui.sources.rows import Unreadable, read_rows

EXTENDED = "auditlog-exts"
PLAIN = "audit-logs"
DAYS = 7
MOST_DAYS = 366
MOST_PAGE = 9_999
_HOUR = 3600
_FIELDS = {"user": "username", "op": "operation", "type": "resource_type", "resource": "resource"}
_PLAIN_WORD = re.compile(r"[^,=~\[\]{}()\x00-\x1f\x7f\"'\\%+]{1,128}")
_UNSEARCHABLE = "Harbor's audit log cannot be searched for quotes, commas or any of = ~ + % \\ ( ) [ ] { }"
_EMPTY = "nothing found; before Harbor 2.13 that is also what an account without audit-log:list is told"


class Search:
    """What a person searches for, as Harbor's ``q``."""

    def __init__(self, words: str) -> None:
        """Raises ValueError, in words for a person, for what Harbor's ``q`` cannot express."""
        self.days = DAYS
        found: dict[str, str] = {}
        for word in words.split():
            name, colon, text = word.partition(":")
            if colon and name == "days":
                self.days = _days(text)
                continue
            field, text = (_FIELDS[name], text) if colon and name in _FIELDS else ("resource", word)
            if _PLAIN_WORD.fullmatch(text) is None or not text.isprintable():
                raise ValueError(_UNSEARCHABLE)
            if field in found:
                raise ValueError(f"only one word can be searched for in {field}")
            found[field] = text
        self._conditions = [f"{field}=~{text}" for field, text in found.items()]

    def since(self, now: float) -> float:
        """Where the search begins: at a full hour, so that the same search asks for the same."""
        return now // _HOUR * _HOUR - self.days * 24 * _HOUR

    def q(self, since: float) -> str:
        """The whole condition."""
        begin = datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%d %H:%M:%S")
        return ",".join([f"op_time=[{begin}~]", *self._conditions])


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MOST_DAYS):
        raise ValueError(f"days: takes a number from 1 to {MOST_DAYS}")
    return int(text)


class AuditLog:
    """Pages of one Harbor's audit log; remembers which generation it has."""

    def __init__(self, reader: HarborReader, now: Callable[[], float]) -> None:
        self._reader = reader
        self._now = now
        self._generation = EXTENDED

    async def page(self, page: int, find: str) -> Answer[AuditPage]:
        """One page, newest first."""
        try:
            search = Search(find)
        except ValueError as error:
            return self._reader.client.failure(FailureKind.LOCAL, str(error))
        since = search.since(self._now())
        number = min(max(1, page), MOST_PAGE)
        query = [
            ("page", str(number)),
            ("page_size", str(AUDIT_PAGE_SIZE)),
            ("sort", "-op_time"),
            ("q", search.q(since)),
        ]
        reply = await self._ask(query)
        if isinstance(reply, Failure):
            return reply
        try:
            rows = read_rows(reply.body, wire_looks.AuditRow, name="audit row")
        except Unreadable as error:
            return self._reader.client.unreadable(error)
        if not rows.rows and not rows.lost and (denied := await self._denied()) is not None:
            return denied
        clean = self._reader.clean
        entries: tuple[AuditEntry, ...] = tuple(decode_looks.audit_entry(row, clean) for row in rows.rows)
        found = AuditPage(
            entries=entries[:AUDIT_PAGE_SIZE],
            page=number,
            total=_total(reply),
            generation=self._generation,
            since=since,
            note=_EMPTY if not rows.rows and self._generation == PLAIN else "",
        )
        return Ok(found, lost_rows=tuple(map(clean, rows.lost)), server_time=reply.server_time)

    async def _ask(self, query: list[tuple[str, str]]) -> Reply | Failure:
        """The generation we know of first; an upgrade or a way back shows as 404."""
        first = self._generation
        reply = await self._reader.get(f"/{first}", query=query)
        if not (isinstance(reply, Failure) and reply.kind is FailureKind.NOT_FOUND):
            return reply
        other = PLAIN if first == EXTENDED else EXTENDED
        second = await self._reader.get(f"/{other}", query=query)
        if not isinstance(second, Failure):
            self._generation = other
        return second

    async def _denied(self) -> Failure | None:
        """Why the list is empty, when that is because we may not read it; the list of event types says so.

        Harbor answers the rows of our own projects then, of which a system robot has none (goharbor/harbor
        src/server/v2.0/handler/auditlog.go).
        """
        if self._generation == PLAIN:
            return None
        reply = await self._reader.get("/auditlog-exts/events")
        return reply if isinstance(reply, Failure) and reply.kind is FailureKind.FORBIDDEN else None


def _total(reply: Reply) -> int | None:
    told = reply.headers.get("x-total-count", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 16 else None
