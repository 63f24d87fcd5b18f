"""Harbor's own audit log, in either of its generations."""

from __future__ import annotations

from harbortui.model.record import Record

AUDIT_PAGE_SIZE = 50
"""Rows of one page."""


class AuditEntry(Record, frozen=True, kw_only=True):
    """One row: who did what to which resource."""

    id: int
    at: float | None = None
    user: str = ""
    operation: str = ""
    resource_type: str = ""
    resource: str = ""
    ok: bool | None = None
    """Whether it succeeded; None before Harbor 2.13, which does not tell."""
    description: str = ""
    """From 2.13 on."""


class AuditPage(Record, frozen=True, kw_only=True):
    """One page, newest first."""

    entries: tuple[AuditEntry, ...] = ()
    page: int = 1
    total: int | None = None
    """All rows of the search, as Harbor counts them."""
    generation: str = ""
    """``auditlog-exts`` from Harbor 2.13 on, ``audit-logs`` before."""
    since: float | None = None
    """The beginning of the time searched, at a full hour: Harbor counts the rows, so no search is without one."""
    note: str = ""
    """What the rows alone do not tell, e.g. that none may mean that the right is missing."""

    @property
    def pages(self) -> int | None:
        """How many pages there are; None when Harbor did not tell."""
        return None if self.total is None else max(1, -(-self.total // AUDIT_PAGE_SIZE))
