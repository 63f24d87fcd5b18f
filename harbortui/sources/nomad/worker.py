"""One worker of a Nomad address: python-nomad's requesters on a guarded session.

The library's ``Nomad`` object is not used but its requesters are: the object reads NOMAD_TOKEN, NOMAD_REGION,
NOMAD_NAMESPACE and NOMAD_ADDR by itself and opens 37 sessions, and its ``repr`` prints the token. Here the token is
set on each request by the session.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from harbortui.model.secret import Secret
from harbortui.sources.allowlist import AllowList
from harbortui.sources.nomad.policy import reads
from harbortui.sources.origin import Origin
from harbortui.sources.tls import TlsSettings

if TYPE_CHECKING:
    import requests

TOTAL_SECONDS = 10.0
BODY_CAP = 8_000_000


class Requester(Protocol):
    """The public escape hatch of python-nomad's endpoint classes: a path, and the answer as requests has it."""

    def request(self, *parts: str, **options: Any) -> requests.Response:
        """Path parts are joined by slashes as they are, so they come percent-encoded."""


@dataclass(frozen=True, slots=True)
class Call:
    """One declared read."""

    endpoint: str
    """One of the requesters that :class:`Worker` makes."""
    parts: tuple[str, ...]
    """Percent-encoded path parts."""
    needs: str
    """The ACL capability it takes."""
    namespace: str = ""
    query: tuple[tuple[str, str], ...] = ()


class Worker:
    """One session with one connection; used by one call at a time."""

    def __init__(
        self, address: str, origin: Origin, tls: TlsSettings, proxy: str, allow: AllowList | None = None
    ) -> None:
        self._allow = allow or reads(origin.prefix)
        self._address = address
        self._origin = origin
        self._tls = tls
        self._proxy = proxy
        self._token: Secret | None = None
        self._session: requests.Session | None = None
        self._requesters: dict[str, Requester] = {}

    def get(self, call: Call, token: Secret | None, region: str) -> requests.Response:
        """Runs in a lane thread; raises what python-nomad and our transport raise."""
        self._token = token
        if not self._requesters:
            self._requesters = self._make()
        params = dict(call.query)
        if call.namespace:
            params["namespace"] = call.namespace
        if region:
            params["region"] = region
        return self._requesters[call.endpoint].request(*call.parts, method="get", params=params)

    def close(self) -> None:
        """Cut the connection, so that a call nobody waits for returns now."""
        if self._session is not None:
            from harbortui.sources.guard_requests import abort

            abort(self._session)

    def _make(self) -> dict[str, Requester]:
        # Here, since python-nomad and requests cost about 60 ms and the first screen must not wait for them.
        from nomad import api

        from harbortui.sources.guard_requests import guarded_session

        session = guarded_session(
            allow=self._allow,
            origin=self._origin,
            tls=self._tls,
            proxy=self._proxy,
            connections=1,
            cap=BODY_CAP,
            total=TOTAL_SECONDS,
        )
        session.auth = self._authorise
        self._session = session
        settings: dict[str, Any] = {"address": self._address, "timeout": TOTAL_SECONDS, "session": session}
        # `verify` decides nothing (the adapter does), but the library's own default is not to verify.
        settings["verify"] = True
        return {
            "acl": api.Acl(**settings),
            "allocations": api.Allocations(**settings),
            "job": api.Job(**settings),
            "jobs": api.Jobs(**settings),
            "nodes": api.Nodes(**settings),
            "stats": api.Client(**settings).allocation,
            "allocation": api.Allocation(**settings),
            "deployment": api.Deployment(**settings),
            "evaluation": api.Evaluation(**settings),
            "node": api.Node(**settings),
        }

    def _authorise(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["X-Nomad-Token"] = self._token.reveal()
        return request
