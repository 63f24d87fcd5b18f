"""Asks a real server plainly and keeps the answer, with secrets removed, as files under tests/recorded.

    ask = Capture("nomad", "1.10.5", "token-without-log-rights", secrets=[token])
    ask("logs", "http://127.0.0.1:4646/v1/client/fs/logs/…?task=core&type=stdout", headers={"X-Nomad-Token": token})

Pass every secret that the server could tell. Read what was written before it is committed.
"""

from __future__ import annotations

import datetime
import ssl
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.recorded.exchange import ROOT, Exchange
from tests.recorded.scrub import Scrubber

LIMIT = 200_000


class Capture:
    """Keeps exchanges of one scenario at one server."""

    def __init__(
        self,
        system: str,
        version: str,
        scenario: str,
        *,
        secrets: Iterable[str] = (),
        replace: Mapping[str, str] | None = None,
        verify: bool | ssl.SSLContext = True,
        root: Path = ROOT,
    ) -> None:
        """``replace`` maps words that must not be kept (a machine's name) to others; ``verify`` is httpx's."""
        self._system, self._version, self._scenario = system, version, scenario
        self._scrub = Scrubber(secrets, replace)
        self._verify = verify
        self._root = root

    def __call__(
        self,
        name: str,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        content: bytes | str | None = None,
        timeout: float = 15.0,
        stream_seconds: float = 0.0,
        limit: int = LIMIT,
        note: str = "",
    ) -> Exchange:
        """Ask once and keep it in the scenario; ``stream_seconds`` ends an endless answer after that time."""
        began = time.monotonic()
        status, kept, body, truncated, failure = 0, {}, b"", False, ""
        # A cookie of one answer would change the next, and a proxy of the environment would be asked instead.
        with httpx.Client(verify=self._verify, timeout=timeout, trust_env=False) as client:
            request = client.build_request(method, url, headers=dict(headers or {}), content=content)
            try:
                answer = client.send(request, auth=auth, stream=True)
                status = answer.status_code
                kept = self._scrub.headers(answer.headers.multi_items())
                body, truncated = _read(answer, began, stream_seconds, limit)
            except httpx.TransportError as error:
                failure = _word(error)
            seconds = time.monotonic() - began
        kept.pop("content-encoding", None)  # The body is kept decoded.
        parts = urlsplit(url)
        exchange = Exchange(
            system=self._system,
            version=self._version,
            scenario=self._scenario,
            name=name,
            recorded=datetime.datetime.now(datetime.UTC).date().isoformat(),
            method=method,
            path=parts.path,
            query=tuple(
                (key, self._scrub.text(value)) for key, value in parse_qsl(parts.query, keep_blank_values=True)
            ),
            status=status,
            headers=kept,
            body=self._scrub.body(body, kept.get("content-type", "") if not truncated else ""),
            truncated=truncated,
            failure=failure,
            seconds=seconds,
            note=note,
        )
        exchange.write(self._root)
        return exchange


def _read(answer: httpx.Response, began: float, stream_seconds: float, limit: int) -> tuple[bytes, bool]:
    body = b""
    try:
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > limit:
                return body[:limit], True
            if stream_seconds and time.monotonic() - began > stream_seconds:
                return body, True
    except httpx.ReadTimeout:
        return body, True
    return body, False


def _word(error: httpx.TransportError) -> str:
    text = str(error).lower()
    if isinstance(error, httpx.TimeoutException):
        return "timeout"
    if "refused" in text or "all connection attempts failed" in text:
        return "refused"
    if "certificate" in text or "ssl" in text:
        return f"tls: {error}"
    return "reset" if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError) else type(error).__name__
