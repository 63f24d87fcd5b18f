"""One request to Harbor's core, and what its handlers need of the server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from aiohttp import web

from harbortui.sim.harbor.accounts import Accounts, Principal
from harbortui.sim.harbor.encoding import Row
from harbortui.sim.harbor.errors import ApiError, invalid, not_found, unauthorized
from harbortui.sim.world import Instance, Project, SimOptions, World

COMMITS = {(2, 11): "6d33a4fb", (2, 12): "1b4f05e5", (2, 13): "0c4a22f1", (2, 14): "9b1a0c3d", (2, 15): "4e7d8a20"}


@dataclass(slots=True)
class Harbor:
    """The server's state that is not the world's: sessions, tokens, settings changed through the API."""

    world: World
    instance: Instance
    options: SimOptions
    accounts: Accounts
    settings: dict[str, object] = field(default_factory=dict)
    tokens: dict[str, tuple[str, frozenset[str], float]] = field(default_factory=dict)
    csrf: dict[str, str] = field(default_factory=dict)

    @property
    def version(self) -> tuple[int, int, int]:
        """Harbor's version as numbers."""
        return self.options.version_tuple

    @property
    def full_version(self) -> str:
        """As /systeminfo shows it, with the commit, e.g. v2.11.2-6d33a4fb."""
        return f"{self.options.harbor_version}-{COMMITS.get(self.version[:2], '00000000')}"


@dataclass(slots=True)
class Call:
    """One API request; `body` is the decoded JSON object ({} when there was none)."""

    harbor: Harbor
    request: web.Request
    who: Principal
    body: Row

    @property
    def instance(self) -> Instance:
        """The instance asked."""
        return self.harbor.instance

    @property
    def version(self) -> tuple[int, int, int]:
        """Harbor's version as numbers."""
        return self.harbor.version

    def login_required(self) -> None:
        """401 unless somebody is logged in."""
        if not self.who.authenticated:
            raise unauthorized()

    def require(self, permission: str) -> None:
        """System scope: 401 without login, 403 with the account's name as the message."""
        self.login_required()
        if not self.who.may(permission):
            raise ApiError("FORBIDDEN", self.who.name)

    def require_in(self, project: Project | None, permission: str) -> None:
        """Project scope: 401 without login, 403 "forbidden"; 404 for who may but asks for nothing that is there."""
        if not self.who.may_in(project, permission):
            raise ApiError("FORBIDDEN", "forbidden") if self.who.authenticated else unauthorized()

    def number(self, name: str) -> int:
        """An int64 of the path; 422 when it is not one."""
        return number(name, self.request.match_info[name])

    def project(self, permission: str, name: str = "project", by_id: bool = True) -> Project:
        """The path's project after the permission check.

        Digits are an id unless `X-Is-Resource-Name: true` says otherwise; some paths take names only.
        """
        raw = self.request.match_info[name]
        named = not by_id or self.request.headers.get("X-Is-Resource-Name", "").lower() == "true"
        found = self.instance.project(raw if named or not raw.isdigit() else int(raw))
        self.require_in(found, permission)
        if found is None:
            raise not_found(f"project {raw}")
        return found

    def repository_name(self, project: Project) -> str:
        """The full name of the path's repository, which comes encoded twice; encoded once it is another path: 404."""
        raw = self.request.match_info["repository"]
        if "/" in raw:
            raise ApiError("NOT_FOUND", f"path {self.request.path} was not found")
        return f"{project.name}/{unquote(raw)}"

    def flag(self, name: str, default: bool) -> bool:
        """A boolean of the query string."""
        raw = self.request.query.get(name)
        return default if raw is None else raw.lower() in ("true", "1", "t", "yes", "on")

    def location(self, tail: str) -> dict[str, str]:
        """A Location header: this path, then `tail`."""
        return {"Location": f"{self.request.path.rstrip('/')}/{tail}"}


def number(name: str, raw: str) -> int:
    """An int64 of a path; 422 when it is not one."""
    try:
        return int(raw)
    except ValueError:
        raise invalid(f'{name} in path must be of type int64: "{raw}"') from None


Handler = Callable[[Call], web.Response]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation: path below /api/v2.0, handler, the versions that have it, and the type of its answer."""

    method: str
    path: str
    handler: Handler
    since: tuple[int, int] = (2, 0)
    produces: str = "application/json"


def mapping(value: object) -> Row:
    """A JSON object, or {} for anything else."""
    return {str(k): v for k, v in value.items()} if isinstance(value, dict) else {}
