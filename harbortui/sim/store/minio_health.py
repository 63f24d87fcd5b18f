"""MinIO's health, without credentials (minio/minio cmd/healthcheck-handler.go)."""

from __future__ import annotations

from aiohttp import web

from harbortui.sim.store.call import Call

WRITE_QUORUM = "1"


def live(call: Call) -> web.Response:
    """Liveness and readiness are 200 even while the storage is not initialised; a header says so."""
    headers = {} if call.store.settings.initialised else {"x-minio-server-status": "offline"}
    return web.Response(headers=headers)


def cluster(call: Call) -> web.Response:
    """Whether writes have a quorum, or with ``maintenance=true`` whether they would without this node (412: no)."""
    settings = call.store.settings
    headers = {"x-minio-write-quorum": WRITE_QUORUM, "x-minio-storage-class-defaults": "true"}
    if not settings.initialised:
        return web.Response(status=503, headers={"x-minio-server-status": "offline"})
    if not settings.write_quorum:
        return web.Response(status=503, headers=headers)
    if call.query.get("maintenance") == "true" and not settings.maintenance_safe:
        return web.Response(status=412, headers=headers)
    return web.Response(headers=headers)


def cluster_read(call: Call) -> web.Response:
    """Whether reads have a quorum, which they keep longer than writes do."""
    if not call.store.settings.initialised:
        return web.Response(status=503, headers={"x-minio-server-status": "offline"})
    return web.Response(headers={"x-minio-read-quorum": WRITE_QUORUM})
