"""MinIO's health, without credentials (minio/minio cmd/healthcheck-handler.go)."""

from __future__ import annotations

from aiohttp import web

from harbortui.sim.store.call import Call

WRITE_QUORUM = "1"
DEFAULTS = {"x-minio-storage-class-defaults": "false"}


def live(call: Call) -> web.Response:
    """Liveness and readiness are 200 even while the storage is not initialised; a header says so."""
    headers = {} if call.store.settings.initialised else {"x-minio-server-status": "offline"}
    return web.Response(headers=headers)


def cluster(call: Call) -> web.Response:
    """Whether writes have a quorum, or with ``maintenance=true`` whether they would without this node (412: no)."""
    settings = call.store.settings
    headers = {"x-minio-write-quorum": WRITE_QUORUM, **DEFAULTS}
    if not settings.initialised:
        return web.Response(status=503, headers={"x-minio-server-status": "offline"})
    maintenance = call.query.get("maintenance") == "true"
    if not settings.write_quorum or (maintenance and not settings.maintenance_safe):
        # Nobody may be taken down where writes have no quorum already.
        return web.Response(status=412 if maintenance else 503, headers=headers)
    return web.Response(headers=headers)


def cluster_read(call: Call) -> web.Response:
    """Whether reads have a quorum, which they keep longer than writes do."""
    if not call.store.settings.initialised:
        return web.Response(status=503, headers={"x-minio-server-status": "offline"})
    return web.Response(headers={"x-minio-read-quorum": WRITE_QUORUM, **DEFAULTS})
