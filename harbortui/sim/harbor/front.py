"""Harbor's nginx and the portal behind it.

nginx sends /api/, /v2/, /service/ and /c/ to core and everything else to the portal, whose single-page application
answers any unknown GET with its index page and 200: a wrong base path looks healthy. A POST there is 405 (issue
#22459). From goharbor/harbor make/photon/prepare/templates/nginx/nginx.http.conf.jinja and src/portal's nginx.conf.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from harbortui.sim.world import Instance

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
TO_CORE = ("/api/", "/v2/", "/service/", "/c/")
PORTAL = """<!doctype html>
<html>
<head><meta charset="utf-8"><title>Harbor</title><base href="/">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" type="image/x-icon" href="favicon.ico?v=2"></head>
<body><harbor-app>Loading...</harbor-app>
<script src="runtime.js" type="module"></script><script src="main.js" type="module"></script></body>
</html>
"""
WITH_HEADERS = frozenset({200, 201, 204, 206, 301, 302, 303, 304, 307, 308})


def page(status: int, title: str) -> web.Response:
    """An error page of nginx."""
    body = f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
    body += "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    return web.Response(status=status, body=body.encode(), headers={"Content-Type": "text/html"})


def portal(request: web.Request) -> web.Response:
    """The portal's answer to any path."""
    if request.method not in ("GET", "HEAD"):
        return page(405, "405 Not Allowed")
    return web.Response(body=PORTAL.encode(), headers={"Content-Type": "text/html", "Cache-Control": "no-store"})


async def _route(instance: Instance, request: web.Request, core: Handler) -> web.StreamResponse:
    path = request.rel_url.raw_path
    if path.startswith(("/v1/", "/service/notifications")):
        return page(404, "404 Not Found")
    if f"{path}/" in TO_CORE:
        moved = page(301, "301 Moved Permanently")
        moved.headers["Location"] = f"http://{request.host}{path}/"
        return moved
    if path.startswith(TO_CORE):
        return await core(request) if instance.component_up("core") else page(502, "502 Bad Gateway")
    return portal(request) if instance.component_up("portal") else page(502, "502 Bad Gateway")


def nginx(instance: Instance) -> Middleware:
    """The outermost layer: routing, 502 for what is not running, and a closed connection when nginx itself is not."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not instance.component_up("nginx"):
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=503)
        response = await _route(instance, request, handler)
        if not response.prepared:
            response.headers["Server"] = "nginx"
            if response.status in WITH_HEADERS:
                response.headers["X-Frame-Options"] = "DENY"
                response.headers["Content-Security-Policy"] = "frame-ancestors 'none'"
        return response

    return middleware
