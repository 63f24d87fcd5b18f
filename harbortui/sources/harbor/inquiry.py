"""What `doctor` asks of a Harbor beyond what the console does: our own robot's permissions, and one right by trying."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import msgspec

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.record import Record
from harbortui.model.redact import Clean
from harbortui.sources.allowlist import AllowList, Rule
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.harbor.client import HarborClient
from harbortui.sources.harbor.paging import read_pages
from harbortui.sources.harbor.policy import API
from harbortui.sources.http import JSON_TYPES, TEXT_TYPES, HttpHost
from harbortui.sources.origin import Origin
from harbortui.sources.rows import Int64, Unreadable, read_object
from harbortui.sources.tls import TlsSettings

PAGE = 100


class RobotFacts(Record, frozen=True, kw_only=True):
    """Our own robot as Harbor lists it; permissions as ``resource:action``."""

    name: str
    level: str = ""
    system: tuple[str, ...] = ()
    project: tuple[str, ...] = ()
    """On any project."""
    expires_at: float | None = None
    """None for a robot that never expires."""


class _System(msgspec.Struct, frozen=True):
    project_creation_restriction: str = ""


class _Access(msgspec.Struct, frozen=True):
    resource: str = ""
    action: str = ""


class _Permission(msgspec.Struct, frozen=True):
    kind: str = ""
    access: list[_Access] | None = None


class _Robot(msgspec.Struct, frozen=True):
    id: Int64 = 0
    name: str = ""
    level: str = ""
    expires_at: Int64 = 0
    permissions: list[_Permission] | None = None


def inquiry_list(url: str) -> AllowList:
    """The declared requests to the Harbor at ``url``."""
    root = re.escape(Origin.of(url).prefix + API)
    number = r"[1-9]\d{0,18}"
    return AllowList(
        (
            Rule("ping", "GET", f"{root}/ping"),
            Rule("system", "GET", f"{root}/systeminfo"),
            Rule("robots", "GET", f"{root}/robots", {"page": r"[1-9]\d{0,3}", "page_size": "100"}),
            Rule("task log", "GET", f"{root}/replication/executions/{number}/tasks/{number}/log"),
        )
    )


class HarborInquiry:
    """Reads of one Harbor with credentials that are known to be good. No method raises for what Harbor does."""

    def __init__(
        self,
        *,
        url: str,
        clean: Clean,
        now: Callable[[], float],
        tls: TlsSettings | None = None,
        proxy: str = "",
    ) -> None:
        """Raises ValueError when ``url`` is no http(s) URL."""
        http = HttpHost(url=url, allow=inquiry_list(url), clean=clean, now=now, tls=tls, proxy=proxy)
        self._clean = clean
        self._client = HarborClient(http, clean=clean, now=now, request_id=lambda: str(uuid.uuid4()))

    async def ping(self, deadline: float = 3.0) -> Answer[None]:
        """``GET /ping``, without credentials."""
        reply = await self._client.get("/ping", expect=(*TEXT_TYPES, *JSON_TYPES), cap=1_000, deadline=deadline)
        return reply if isinstance(reply, Failure) else Ok(None, server_time=reply.server_time)

    async def own_robot(self, credentials: Credentials) -> Answer[RobotFacts]:
        """Our own entry in the list of robots; FORBIDDEN for most robots, which then lack nothing the console needs."""
        try:
            answer = await read_pages(
                lambda query, deadline: self._client.get(
                    "/robots", query=query, deadline=deadline, credentials=credentials
                ),
                _Robot,
                key=lambda row: row.id,
                size=PAGE,
                name="robot",
            )
        except Unreadable as error:
            return self._client.unreadable(error)
        if isinstance(answer, Failure):
            return answer
        own = next((row for row in answer.value if row.name == credentials.user), None)
        if own is None:
            return self._client.failure(FailureKind.NOT_FOUND, "our robot is not in Harbor's list")
        return Ok(self._facts(own), server_time=answer.server_time)

    async def project_creation(self, credentials: Credentials) -> Answer[str]:
        """Who may create projects: ``everyone``, robots without any such right included, or ``adminonly``.

        See goharbor/harbor issue #19704.
        """
        reply = await self._client.get("/systeminfo", credentials=credentials)
        if isinstance(reply, Failure):
            return reply
        try:
            told = read_object(reply.body, _System)
        except Unreadable as error:
            return self._client.unreadable(error)
        return Ok(self._clean(told.project_creation_restriction))

    async def task_logs(self, credentials: Credentials, execution_id: int) -> Answer[None]:
        """Whether the logs of replication tasks may be read.

        Harbor looks at the right first (goharbor/harbor src/server/v2.0/handler/replication.go), so a task of another
        execution is asked for: 404 says yes, and no log is sent.
        """
        path = f"/replication/executions/{execution_id}/tasks/{2**31 - 1}/log"
        reply = await self._client.get(path, expect=TEXT_TYPES, cap=1_000, credentials=credentials)
        allowed = not isinstance(reply, Failure) or reply.kind in (FailureKind.NOT_FOUND, FailureKind.TOO_LARGE)
        return Ok(None) if allowed or not isinstance(reply, Failure) else reply

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _facts(self, row: _Robot) -> RobotFacts:
        def of(kind: str) -> tuple[str, ...]:
            found = (
                self._clean(f"{each.resource}:{each.action}")
                for permission in row.permissions or ()
                if permission.kind == kind
                for each in permission.access or ()
            )
            return tuple(dict.fromkeys(found))

        ends = float(row.expires_at) if row.expires_at > 0 else None
        return RobotFacts(
            name=self._clean(row.name),
            level=self._clean(row.level),
            system=of("system"),
            project=of("project"),
            expires_at=ends,
        )
