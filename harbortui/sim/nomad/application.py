"""The aiohttp application of a simulated Nomad cluster."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import web

from harbortui.sim.nomad.context import EVENT_HEARTBEAT, LOG_FILE_BYTES, LOG_FILES, SERVER, Call, NomadServer, region_of
from harbortui.sim.nomad.encoding import go_bool
from harbortui.sim.nomad.errors import Refused, internal
from harbortui.sim.nomad.routes import ROUTES, Route
from harbortui.sim.nomad.streams import accepts_gzip
from harbortui.sim.world.nomad_errors import NomadError
from harbortui.sim.world.options import REGION, SimOptions

if TYPE_CHECKING:
    from harbortui.sim.world import World

MAX_BODY = 8 * 1_048_576
GZIP_FROM = 1_400
"""Bytes: smaller answers are never compressed (nytimes/gziphandler, DefaultMinSize)."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def app(
    world: World,
    options: SimOptions,
    log_file_bytes: int = LOG_FILE_BYTES,
    log_files: int = LOG_FILES,
    event_heartbeat: float = EVENT_HEARTBEAT,
) -> web.Application:
    """A Nomad /v1 over the world.

    `log_file_bytes` and `log_files` rotate task logs; `event_heartbeat` is in real seconds.

    The agents' version is that of the world's nodes (Node.version); what differs between versions follows it.
    """
    application = web.Application(middlewares=[_answer], client_max_size=MAX_BODY)
    application[SERVER] = NomadServer(world, options, log_file_bytes, log_files, event_heartbeat)
    by_path: dict[str, list[Route]] = {}
    for route in ROUTES:
        by_path.setdefault(route.path, []).append(route)
    for path, routes in by_path.items():
        application.router.add_route("*", path, _dispatcher(routes))
    application.router.add_route("*", "/", _to_ui)
    application.router.add_route("*", "/{tail:.*}", _nothing)
    application.on_shutdown.append(_close)
    return application


def _dispatcher(routes: list[Route]) -> Handler:
    async def dispatch(request: web.Request) -> web.StreamResponse:
        route = next((r for r in routes if request.method in r.methods), None)
        if route is None:
            raise Refused(405, "Invalid method")
        call = Call(request)
        if not route.local:
            _reachable(call)
        return await route.answer(call)

    return dispatch


def _reachable(call: Call) -> None:
    """Raise 500 for an unknown region, and without a leader unless a stale answer will do."""
    if region_of(call.request) != REGION:
        raise internal("No path to region")
    stale = call.query.get("stale")
    if not call.nomad.leader and (stale is None or (stale != "" and go_bool(stale) is not True)):
        raise internal("No cluster leader")


@web.middleware
async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        response = await handler(request)
    except (Refused, NomadError) as refused:
        response = web.Response(status=refused.status, text=refused.text)
    if isinstance(response, web.Response) and not response.prepared:
        response.headers["Vary"] = "Accept-Encoding"
        body = response.body
        if accepts_gzip(request) and isinstance(body, bytes) and len(body) >= GZIP_FROM:
            response.enable_compression(web.ContentCoding.gzip)
    return response


async def _to_ui(request: web.Request) -> web.StreamResponse:
    query = f"?{request.query_string}" if request.query_string else ""
    return web.Response(status=307, headers={"Location": f"/ui/{query}"})


async def _nothing(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=404)


async def _close(application: web.Application) -> None:
    application[SERVER].closing.set()
