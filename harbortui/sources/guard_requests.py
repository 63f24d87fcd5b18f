"""The guarded transport of the libraries that stand on requests (python-nomad, hvac).

Whatever the library asks for, the adapter decides: only declared requests to one origin, TLS as given (python-nomad
passes ``verify=False`` by default), no cookies, no redirects, a cap on the decoded body and a total deadline.
"""

from __future__ import annotations

import socket
import time
import weakref
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import parse_qsl, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar
from urllib3.connection import HTTPConnection, HTTPSConnection

from harbortui.sources.allowlist import AllowList, Blocked
from harbortui.sources.inflate import BodyReader
from harbortui.sources.origin import Origin
from harbortui.sources.refusals import Overdue, Redirected
from harbortui.sources.tls import TlsSettings, ssl_context

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 10.0
BODY_CAP = 8_000_000
_CHUNK = 65_536


class GuardedAdapter(HTTPAdapter):
    """Refuses what is not declared, before a socket is opened."""

    def __init__(
        self, *, allow: AllowList, origin: Origin, tls: TlsSettings, connections: int, cap: int, total: float
    ) -> None:
        self._allow = allow
        self._origin = origin
        self._tls = tls
        self._cap = cap
        self._total = total
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        # pool_block: a surplus caller waits for a connection instead of opening one that is thrown away afterwards.
        super().__init__(pool_connections=1, pool_maxsize=connections, max_retries=0, pool_block=True)
        self.poolmanager.pool_classes_by_scheme = _tracked_pools(self._sockets)

    def abort(self) -> None:
        """Cut every connection, so that calls nobody waits for return now; later calls open new ones."""
        for each in list(self._sockets):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # already closed

    def send(  # type: ignore[override]  # typed more narrowly than requests' own Any-like parameters
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | None = None,
        verify: bool | str = True,
        cert: str | tuple[str, str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Check, send and read one request.

        Raises:
            Blocked, Redirected, TooLarge, Overdue: our own refusals; they pass through the client libraries.
            requests.RequestException: the way failed.
        """
        self._check(request)
        until = time.monotonic() + self._total
        response = super().send(
            request, stream=True, timeout=(CONNECT_SECONDS, self._total), verify=True, cert=None, proxies=proxies
        )
        if response.is_redirect or 300 <= response.status_code < 400:
            target = urlsplit(response.headers.get("Location", "")).hostname or ""
            response.close()
            raise Redirected(target, response.status_code)
        if not stream:
            self._read(response, until)
        return response

    def build_connection_pool_key_attributes(  # type: ignore[override]  # the same for requests 2.32 and later
        self, request: requests.PreparedRequest, verify: object, cert: object = None
    ) -> tuple[dict[str, object], dict[str, object]]:
        """Host and TLS of a connection: ours, whatever the library passed as ``verify`` and ``cert``."""
        where: dict[str, object] = {"scheme": self._origin.scheme, "host": self._origin.host, "port": self._origin.port}
        if self._origin.scheme != "https":
            return where, {}
        tls: dict[str, object] = {"ssl_context": ssl_context(self._tls)}
        if self._tls.server_name:
            tls["server_hostname"] = self._tls.server_name
            tls["assert_hostname"] = self._tls.server_name if self._tls.verify else False
        return where, tls

    def cert_verify(self, conn: object, url: object, verify: object, cert: object) -> None:
        """Keep requests from adding its own bundle of authorities to the context we made."""

    def _check(self, request: requests.PreparedRequest) -> None:
        url = request.url or ""
        if not self._origin.holds(url):
            raise Blocked("a request to another server")
        parts = urlsplit(url)
        body = request.body.encode() if isinstance(request.body, str) else request.body
        if body is not None and not isinstance(body, bytes):
            raise Blocked("a request with a streamed body")
        self._allow.check((request.method or "").upper(), parts.path or "/", _pairs(parts.query), body)

    def _read(self, response: requests.Response, until: float) -> None:
        reader = BodyReader(response.headers.get("Content-Encoding", ""), self._cap)
        try:
            for chunk in response.raw.stream(_CHUNK, decode_content=False):
                reader.feed(chunk)
                if time.monotonic() > until:
                    raise Overdue(f"no complete answer within {self._total:g} s")
            content = reader.body()
        except urllib3.exceptions.ReadTimeoutError as error:
            raise requests.exceptions.ReadTimeout(error, request=response.request) from error
        except urllib3.exceptions.HTTPError as error:
            raise requests.exceptions.ChunkedEncodingError(error, request=response.request) from error
        finally:
            response.close()
        response._content = content
        response._content_consumed = True  # type: ignore[attr-defined]  # requests' own mark that `_content` is complete


def guarded_session(
    *,
    allow: AllowList,
    origin: Origin,
    tls: TlsSettings,
    proxy: str = "",
    connections: int = 4,
    cap: int = BODY_CAP,
    total: float = TOTAL_SECONDS,
) -> requests.Session:
    """A session that can only send declared requests to one origin; environment, .netrc and cookies have no influence.

    ``connections`` bounds the open connections; ``cap`` is in decoded bytes, ``total`` in seconds for a whole call.
    """
    session = requests.Session()
    session.trust_env = False
    session.cookies = RequestsCookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
    session.headers["Accept-Encoding"] = "gzip"
    session.headers["User-Agent"] = "harbortui"
    session.adapters.clear()
    adapter = GuardedAdapter(allow=allow, origin=origin, tls=tls, connections=connections, cap=cap, total=total)
    session.mount(f"{origin.scheme}://", adapter)
    if not tls.verify:
        # Said once, by the console itself and in its place; a warning on stderr would be written over the screen.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    if proxy:
        session.proxies = {origin.scheme: proxy}
    return session


def abort(session: requests.Session) -> None:
    """Cut the connections of a guarded session; see :meth:`GuardedAdapter.abort`."""
    for adapter in session.adapters.values():
        if isinstance(adapter, GuardedAdapter):
            adapter.abort()


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)


def _tracked_pools(sockets: weakref.WeakSet[socket.socket]) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    """Pools whose connections note their sockets, so that another thread can cut them."""

    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            if self.sock is not None:
                sockets.add(self.sock)

    class Tls(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            if self.sock is not None:
                sockets.add(self.sock)

    class PlainPool(urllib3.HTTPConnectionPool):
        ConnectionCls = Plain

    class TlsPool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Tls

    return {"http": PlainPool, "https": TlsPool}
