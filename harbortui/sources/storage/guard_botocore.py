"""The guarded transport of boto3: each request it would send leaves through our own session instead.

A ``before-send`` handler that returns a response replaces botocore's sending (moto stands on the same event). boto3
signs, retries and parses; what may leave, TLS, proxy, redirects, caps and the total deadline are decided here, as for
the other libraries.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from harbortui.sources.allowlist import AllowList
from harbortui.sources.origin import Origin
from harbortui.sources.tls import TlsSettings

if TYPE_CHECKING:
    import requests
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from botocore.client import BaseClient

BODY_CAP = 2_000_000
_CHUNK = 65_536


class _Body(io.BytesIO):
    """A complete body in the shape botocore reads: the interface of urllib3's response."""

    def stream(self, amt: int = _CHUNK, decode_content: bool | None = None) -> Iterator[bytes]:
        while chunk := self.read(amt):
            yield chunk


class GuardedSending:
    """Sends what botocore has prepared and signed, when it is declared."""

    def __init__(
        self, *, allow: AllowList, origin: Origin, tls: TlsSettings, proxy: str, connections: int, total: float
    ) -> None:
        from harbortui.sources.guard_requests import guarded_session

        self._session: requests.Session = guarded_session(
            allow=allow, origin=origin, tls=tls, proxy=proxy, connections=connections, cap=BODY_CAP, total=total
        )
        # botocore has signed its own headers; none of the session's may be mixed in.
        self._session.headers.clear()

    def attach(self, client: BaseClient) -> None:
        """Make every request of ``client`` go this way."""
        client.meta.events.register_first("before-send", self._send)  # type: ignore[arg-type]  # its stubs forget the result

    def abort(self) -> None:
        """Cut the connections of calls that nobody waits for."""
        from harbortui.sources.guard_requests import abort

        abort(self._session)

    def _send(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        import requests
        from botocore.awsrequest import AWSResponse
        from botocore.compat import HTTPHeaders

        prepared = requests.PreparedRequest()
        prepared.prepare(method=request.method, url=request.url, headers=_text(request.headers), data=request.body)
        proxies = dict(self._session.proxies)
        adapter = self._session.get_adapter(prepared.url or "")
        response = adapter.send(prepared, proxies=proxies)
        headers = HTTPHeaders.from_pairs(response.headers.items())
        return AWSResponse(request.url, response.status_code, headers, _Body(response.content))


def _text(headers: object) -> dict[str, str]:
    """botocore keeps some header values as bytes."""
    assert hasattr(headers, "items")
    return {str(name): value.decode() if isinstance(value, bytes) else str(value) for name, value in headers.items()}
