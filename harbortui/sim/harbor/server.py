"""The application: core's middle layers around the table of operations."""

from __future__ import annotations

import json

from aiohttp import web
from aiohttp.typedefs import Middleware

from harbortui.sim.harbor import (
    artifacts,
    audit,
    configuration,
    gc,
    health,
    jobs,
    policies,
    projects,
    purge,
    quotas,
    registries,
    replication,
    retention,
    robots,
    scanning,
    system,
)
from harbortui.sim.harbor.accounts import ANONYMOUS, LOGIN_DELAY, Accounts
from harbortui.sim.harbor.call import Call, Harbor, Route, number
from harbortui.sim.harbor.distribution import Distribution
from harbortui.sim.harbor.encoding import TEXT, Row, reply
from harbortui.sim.harbor.errors import ApiError, internal, invalid
from harbortui.sim.harbor.front import Handler, nginx
from harbortui.sim.harbor.query import MAX_PAGE_SIZE, window
from harbortui.sim.harbor.retention import UNBOUND
from harbortui.sim.harbor.sessions import NO_TOKEN, SAFE, WRONG_TOKEN, check_csrf, hand_out, mark
from harbortui.sim.world import Instance, SimOptions, World

BASE = "/api/v2.0"
JSON = "application/json"
MODULES = (
    health,
    system,
    configuration,
    projects,
    artifacts,
    quotas,
    registries,
    policies,
    replication,
    gc,
    purge,
    jobs,
    audit,
    robots,
    scanning,
    retention,
)
OPERATIONS: tuple[Route, ...] = tuple(route for module in MODULES for route in module.ROUTES)
WITHOUT_DATABASE = ("/ping", "/health", "/systeminfo")
NUMBERS = frozenset({"id", "gc_id", "purge_id", "task_id", "robot_id", "eid", "tid"})
READ_ONLY = "The system is in read only mode. Any modification is prohibited."


def operations(version: tuple[int, int, int]) -> list[Route]:
    """The operations that version of Harbor has (of those simulated)."""
    return [route for route in OPERATIONS if route.since <= version[:2]]


async def _body(request: web.Request) -> Row:
    """The JSON object of a request; 422 for broken JSON and for anything but an object."""
    raw = await request.read()
    if not raw.strip():
        return {}
    try:
        data = json.loads(raw)
    except ValueError:
        raise invalid('parsing body body from "" failed, because invalid character') from None
    if not isinstance(data, dict):
        raise invalid("body in body must be of type object")
    return data


def acceptable(accept: str, produces: str) -> bool:
    """True when an Accept header admits a media type."""
    kinds = [part.partition(";")[0].strip().lower() for part in accept.split(",") if part.strip()]
    return not kinds or any(kind in ("*/*", produces, f"{produces.partition('/')[0]}/*") for kind in kinds)


def _quoted(request: web.Request, route: Route, response: web.Response) -> web.Response:
    """A text as a JSON string for who accepts JSON alone; the ping says so, logs still call it text/plain."""
    if route.produces != TEXT or response.status != 200 or acceptable(request.headers.get("Accept", ""), TEXT):
        return response
    kind = "application/json" if route.path == "/ping" else TEXT
    return web.Response(body=json.dumps(response.text).encode(), headers={"Content-Type": kind})


def _validate(route: Route, request: web.Request) -> None:
    """go-swagger's checks, which come before the permission: the answer's type, numbers of path and page."""
    accept = request.headers.get("Accept", "")
    if not acceptable(accept, route.produces) and not acceptable(accept, JSON):
        raise invalid(f"unsupported media type requested, only [{route.produces}] are available")
    for name, value in request.match_info.items():
        if name in NUMBERS:
            number(name, value)
    window(request, UNBOUND if route.path.startswith("/retentions") else MAX_PAGE_SIZE)


def _bind(harbor: Harbor, route: Route) -> Handler:
    """An operation as aiohttp handler: who asks, what for, the answer."""

    async def handler(request: web.Request) -> web.StreamResponse:
        open_to_all = request.path == f"{BASE}/ping"
        header = request.headers.get("Authorization", "")
        who = ANONYMOUS if open_to_all else await harbor.accounts.identify(header)
        if harbor.instance.read_only and request.method not in SAFE and route.path != "/configurations":
            raise ApiError("DENIED", READ_ONLY)
        _validate(route, request)
        body = {} if request.method in SAFE else await _body(request)
        answer = route.handler(Call(harbor, request, who, body))
        if route.path not in WITHOUT_DATABASE and not harbor.instance.component_up("database"):
            raise internal("dial tcp 127.0.0.1:5432: connect: connection refused")
        return _quoted(request, route, answer)

    return handler


async def _version(request: web.Request) -> web.StreamResponse:
    """GET /api/version, which a remote Harbor asks first; JSON that calls itself text."""
    return web.Response(body=b'{"version":"v2.0"}\n', headers={"Content-Type": "text/plain; charset=utf-8"})


def _refusal(request: web.Request, error: web.HTTPException) -> ApiError:
    """go-swagger's words for an unknown path and an unknown method."""
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ",".join(sorted(error.allowed_methods))
        return ApiError("METHOD_NOT_ALLOWED", f"method {request.method} is not allowed, but [{allowed}] are")
    return ApiError("NOT_FOUND", f"path {request.path} was not found")


def _core(harbor: Harbor) -> Middleware:
    """CSRF, errors, session cookie and request id.

    Without Redis every request takes longer, but is answered, with a cookie of a session that is nowhere kept.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        session = True
        try:
            check_csrf(harbor, request)
            response = await handler(request)
        except web.HTTPException as error:
            refusal = _refusal(request, error)
            response = reply(refusal.body(), refusal.status)
        except ApiError as error:
            session = error.message not in (READ_ONLY, NO_TOKEN, WRONG_TOKEN)
            response = reply(error.body(), error.status)
            if error.message in (NO_TOKEN, WRONG_TOKEN):
                hand_out(harbor, request, response)
        if session:
            mark(harbor, request, response)
        given = request.headers.get("X-Request-Id") or harbor.world.uuid(f"request:{harbor.instance.name}")
        response.headers["X-Request-Id"] = given
        return response

    return middleware


def app(world: World, instance: Instance, options: SimOptions, login_delay: float = LOGIN_DELAY) -> web.Application:
    """The Harbor of `instance`. `login_delay` is what a failed login costs, in real seconds."""
    harbor = Harbor(world, instance, options, Accounts(instance, login_delay))
    distribution = Distribution(harbor)
    application = web.Application(middlewares=[nginx(instance), _core(harbor)])
    router = application.router
    router.add_route("GET", "/api/version", _version)
    for route in operations(harbor.version):
        router.add_route(route.method, BASE + route.path, _bind(harbor, route))
    router.add_route("GET", "/service/token", distribution.token)
    router.add_route("*", "/v2/{tail:.*}", distribution.answer)
    return application
