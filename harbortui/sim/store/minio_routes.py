"""The paths below ``/minio/``: health, metrics and administration."""

from __future__ import annotations

from aiohttp import web

from harbortui.sim.store import minio_admin, minio_health, minio_metrics
from harbortui.sim.store.call import Call
from harbortui.sim.store.errors import Refused

HEALTH = {
    "live": minio_health.live,
    "ready": minio_health.live,
    "cluster": minio_health.cluster,
    "cluster/read": minio_health.cluster_read,
}
ADMIN = {
    "v3/accountinfo": minio_admin.account_info,
    "v3/datausageinfo": minio_admin.data_usage_info,
}


def answer(call: Call) -> web.StreamResponse:
    """The answer of MinIO's own paths; raises Refused."""
    path = call.path.removeprefix("/minio/").rstrip("/")
    area, _, rest = path.partition("/")
    if area == "health" and rest in HEALTH and call.method in ("GET", "HEAD"):
        return HEALTH[rest](call)
    if path in minio_metrics.PATHS and call.method == "GET":
        # Metrics answer, empty, while everything else does not yet.
        return minio_metrics.metrics(call, minio_metrics.PATHS[path] if call.store.settings.initialised else ())
    if not call.store.settings.initialised:
        raise Refused("XMinioServerNotInitialized")
    if area == "admin" and rest in ADMIN and call.method == "GET":
        return ADMIN[rest](call)
    raise Refused("AccessDenied" if call.caller is None else "MethodNotAllowed")
