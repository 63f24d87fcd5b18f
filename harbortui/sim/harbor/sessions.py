"""Session cookies and the CSRF rule.

Every answer of core sets a `sid` cookie. A request that brings one back is taken for a browser: its writes need the
`_gorilla_csrf` cookie and the `X-Harbor-CSRF-Token` header of an earlier answer, else 403 (goharbor/harbor
src/server/middleware/csrf/csrf.go). A client without a cookie jar never notices.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

from aiohttp import web

from harbortui.sim.harbor.call import Harbor
from harbortui.sim.harbor.errors import ApiError

SESSION = "sid"
CSRF_COOKIE = "_gorilla_csrf"
CSRF_HEADER = "X-Harbor-CSRF-Token"
NO_TOKEN = "CSRF token not found in request"
WRONG_TOKEN = "CSRF token invalid"
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def token_of(harbor: Harbor, cookie: str) -> str:
    """The header value that belongs to a CSRF cookie."""
    return hmac.new(harbor.world.secrets.csrf_key.encode(), cookie.encode(), sha256).hexdigest()


def check_csrf(harbor: Harbor, request: web.Request) -> None:
    """403 for a write with a session cookie but without the right token."""
    if SESSION not in request.cookies or request.method in SAFE:
        return
    cookie, token = request.cookies.get(CSRF_COOKIE, ""), request.headers.get(CSRF_HEADER, "")
    if not cookie or not hmac.compare_digest(token, token_of(harbor, cookie)):
        raise ApiError("FORBIDDEN", WRONG_TOKEN if token else NO_TOKEN)


def mark(harbor: Harbor, request: web.Request, response: web.StreamResponse) -> None:
    """Set the session cookie on a new session; give a session its CSRF cookie and token."""
    if SESSION not in request.cookies:
        sid = harbor.world.uuid(f"sid:{harbor.instance.name}").replace("-", "")
        response.set_cookie(SESSION, sid, path="/", httponly=True)
        return
    hand_out(harbor, request, response)


def hand_out(harbor: Harbor, request: web.Request, response: web.StreamResponse) -> None:
    """Give a session its CSRF cookie and token, with a refusal too."""
    cookie = request.cookies.get(CSRF_COOKIE, "")
    if not cookie:
        cookie = harbor.world.uuid(f"csrf:{harbor.instance.name}").replace("-", "")
        response.set_cookie(CSRF_COOKIE, cookie, path="/", httponly=True, samesite="Strict")
    response.headers[CSRF_HEADER] = token_of(harbor, cookie)
