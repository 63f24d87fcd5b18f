"""What every handler of one simulated Nomad shares, and one request as Nomad's handlers read it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, cast

from aiohttp import web

from harbortui.sim.nomad.acl import EXPIRED, Acl, Token
from harbortui.sim.nomad.encoding import Json, go_bool, is_uuid
from harbortui.sim.nomad.errors import Refused, bad_request, internal, permission_denied, unknown_allocation
from harbortui.sim.world.nomad_types import Allocation
from harbortui.sim.world.options import NAMESPACE, REGION, SimOptions

if TYPE_CHECKING:
    from harbortui.sim.world import Instance, World
    from harbortui.sim.world.nomad import NomadState

LOG_FILE_BYTES = 10 * 1024 * 1024
LOG_FILES = 10
EVENT_HEARTBEAT = 30.0
_TELLS_EXPIRED = ("/v1/client/", "/v1/acl/token/self")


class NomadServer:
    """One Nomad cluster's HTTP face.

    `log_file_bytes` and `log_files` are the job's log rotation; `event_heartbeat` is the seconds between two empty
    lines of an event stream. `collected` holds the ids of allocations whose state the client has thrown away.
    """

    def __init__(
        self, world: World, options: SimOptions, log_file_bytes: int, log_files: int, event_heartbeat: float
    ) -> None:
        self.world = world
        self.options = options
        self.log_file_bytes = log_file_bytes
        self.log_files = log_files
        self.event_heartbeat = event_heartbeat
        self.acl = Acl(options.acl, options.seed, world.secrets, options.start - options.history_days * 86_400.0)
        self.collected: set[str] = set()
        self.closing = asyncio.Event()

    @property
    def nomad(self) -> NomadState:
        """The cluster's state."""
        return self.world.nomad

    @property
    def version(self) -> str:
        """The agents' version, e.g. "1.8.4": the nodes carry it."""
        return next((node.version for node in self.nomad.nodes.values()), "1.8.4")

    def at_least(self, *version: int) -> bool:
        """True when the agents are of this version or newer."""
        return tuple(int(part) for part in self.version.split(".")) >= version

    def instance_of(self, job_id: str) -> Instance | None:
        """The Harbor instance a job runs."""
        return next((instance for instance in self.world.instances if instance.job_id == job_id), None)


SERVER: web.AppKey[NomadServer] = web.AppKey("nomad", NomadServer)


class Call:
    """One request: who asks, for which namespace, with which options."""

    def __init__(self, request: web.Request) -> None:
        self.request = request
        self.server = request.app[SERVER]
        self.nomad = self.server.nomad
        self.world = self.server.world
        self.query = request.query
        self.namespace = self.query.get("namespace") or NAMESPACE
        self._token: Token | None = None

    @property
    def secret(self) -> str:
        """The token sent: X-Nomad-Token wins over a bearer."""
        header = self.request.headers.get("X-Nomad-Token", "").strip()
        scheme, _, bearer = self.request.headers.get("Authorization", "").partition(" ")
        return header or (bearer.strip() if scheme.lower() == "bearer" else "")

    @property
    def token(self) -> Token:
        """The resolved token. Raises Refused when it is unknown or expired.

        Most calls say no more than "Permission denied" then; calls that a node answers, and the token's own, also tell
        that it has expired (nomad/auth: authentication errors of RPC endpoints become ErrPermissionDenied).
        """
        if self._token is None:
            try:
                self._token = self.server.acl.resolve(self.secret)
            except Refused as refused:
                if refused.text == EXPIRED and self.request.path.startswith(_TELLS_EXPIRED):
                    raise
                raise permission_denied() from None
        return self._token

    @property
    def in_namespace(self) -> bool:
        """True when the namespace asked for holds the fleet's jobs."""
        return self.namespace in (NAMESPACE, "*")

    def path(self, name: str) -> str:
        """A part of the path, decoded."""
        return self.request.match_info[name]

    def allow(self, *capabilities: str) -> None:
        """Raise Refused 403 unless the token has one of the capabilities in the namespace asked for."""
        token = self.token
        if not any(token.may(capability, self.namespace) for capability in capabilities):
            raise permission_denied()

    def allow_node(self, write: bool = False) -> None:
        """Raise Refused 403 unless nodes may be read (written)."""
        if not self.token.may_node(write):
            raise permission_denied()

    def allow_management(self) -> None:
        """Raise Refused 403 unless it is a management token (agent, operator and ACL calls in this cluster)."""
        if not self.token.management:
            raise permission_denied()

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean parameter in Go's spelling; 400 for anything else."""
        text = self.query.get(name, "")
        if text == "":
            return default
        value = go_bool(text)
        if value is None:
            raise bad_request(
                f'Failed to parse value of "{name}" ("{text}") as a bool: strconv.ParseBool: invalid syntax'
            )
        return value

    async def body(self) -> Json:
        """The JSON body as an object; an empty body is empty. 400 else."""
        raw = await self.request.read()
        if not raw.strip():
            return {}
        try:
            value = json.loads(raw)
        except ValueError as error:
            raise bad_request(f"Failed to decode body: {error}") from None
        if not isinstance(value, dict):
            raise bad_request("Failed to decode body: json: cannot unmarshal into Go value")
        return value

    def allocation(self, alloc_id: str) -> Allocation:
        """The allocation a client endpoint is asked about: 500 for a short id, 404 for an unknown one."""
        self.check_uuid(alloc_id, "alloc")
        found = self.nomad.allocs.get(alloc_id)
        if found is None:
            raise unknown_allocation(alloc_id)
        return found

    @staticmethod
    def check_uuid(value: str, kind: str) -> None:
        """Raise 500 for an id that is not a whole UUID, as the state store's index does."""
        if not is_uuid(value):
            raise internal(f"{kind} lookup failed: index error: UUID must be 36 characters")


def as_text(value: object) -> str:
    """A string field of a decoded body; anything else is empty."""
    return value if isinstance(value, str) else ""


def as_object(value: object) -> Json:
    """An object field of a decoded body; anything else is empty."""
    return cast(Json, value) if isinstance(value, dict) else {}


def region_of(request: web.Request) -> str:
    """The region asked for."""
    return request.query.get("region") or REGION
