"""Vulnerability scanning in a Harbor without a scanner: 412 everywhere it would be needed."""

from __future__ import annotations

from aiohttp import web

from harbortui.sim.harbor.call import Call, Handler, Route
from harbortui.sim.harbor.encoding import reply
from harbortui.sim.harbor.errors import ApiError
from harbortui.sim.harbor.query import page_of


def _scan_all(action: str) -> Handler:
    """A scan-all operation: the permission is looked at first, then the missing scanner."""

    def handler(call: Call) -> web.Response:
        call.require(f"scan-all:{action}")
        raise ApiError("PRECONDITION", "no scanner is configured, it's not possible to scan")

    return handler


def scanners(call: Call) -> web.Response:
    """None is registered."""
    call.require("scanner:list")
    return page_of(call.request, list[object](), lambda _: {})


def security_summary(call: Call) -> web.Response:
    """Nothing was scanned; the counts without x-omitempty:false are absent."""
    call.require("security-hub:read")
    artifacts = sum(len(repository.artifacts) for repository in call.instance.repositories.values())
    zero = ("critical_cnt", "fixable_cnt", "low_cnt", "medium_cnt", "scanned_cnt", "total_vuls")
    return reply({**dict.fromkeys(zero, 0), "total_artifact": artifacts})


ROUTES = (
    Route("GET", "/system/scanAll/schedule", _scan_all("read")),
    Route("POST", "/system/scanAll/schedule", _scan_all("create")),
    Route("PUT", "/system/scanAll/schedule", _scan_all("update")),
    Route("POST", "/system/scanAll/stop", _scan_all("stop")),
    Route("GET", "/scans/all/metrics", _scan_all("read")),
    Route("GET", "/scans/schedule/metrics", _scan_all("read")),
    Route("GET", "/scanners", scanners),
    Route("GET", "/security/summary", security_summary),
)
