"""An object store's health without credentials: MinIO has one; of the others only the way there is learned."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.storage import StoreHealth
from harbortui.sources.http import HttpHost, Reply
from harbortui.sources.storage.errors import CODES
from harbortui.sources.storage.policy import CLUSTER, CLUSTER_READ, GATEWAY, LIVE, READY
from harbortui.sources.storage.provider import MINIO, provider_of
from harbortui.sources.storage.refusal import error_code

GATEWAY_SECONDS = 2.0

_NOT_INITIALISED = "answers 200 but says that it is offline: its storage is not initialised"
_TLS_ONLY = b"HTTP request to an HTTPS server"
"""What Go's servers (MinIO, rclone) answer to plain HTTP on their TLS port, with status 400."""
_STATUS = "x-minio-server-status"
_WRITE_QUORUM = "x-minio-write-quorum"
_HEALING = "x-minio-healing-drives"


async def health(host: HttpHost, now: Callable[[], float], deadline: float) -> StoreHealth | Failure:
    """MinIO's liveness, readiness and quorum; a store that is no MinIO has none, and says so with its answer.

    The first two answer 200 while the storage is not initialised, the truth being in ``x-minio-server-status``, and
    also while too few drives are online to write anything: only ``/minio/health/cluster`` tells that
    (minio/minio cmd/healthcheck-handler.go).
    """
    live = await host.fetch(LIVE, expect=(), deadline=deadline)
    if isinstance(live, Failure):
        return await _silent(host, live)
    if live.status == 400 and _TLS_ONLY in live.body[:200]:
        words = "the store speaks TLS only: its endpoint begins with https://"
        return Failure(kind=FailureKind.TLS, detail=words, at=now(), status=live.status)
    provider = provider_of(live.headers)
    if provider != MINIO:
        return _other(live, provider, now)
    if _offline(live):
        return StoreHealth(provider=MINIO, live=False, ready=False, detail=_NOT_INITIALISED)
    if live.status != 200:
        return StoreHealth(provider=MINIO, live=False, ready=False, detail=f"liveness answers {live.status}")
    ready = await host.fetch(READY, expect=())
    if isinstance(ready, Failure):
        return StoreHealth(provider=MINIO, live=True, detail=f"readiness: {ready.detail}")
    if _offline(ready):
        return StoreHealth(provider=MINIO, live=True, ready=False, detail=_NOT_INITIALISED)
    if ready.status != 200:
        return StoreHealth(provider=MINIO, live=True, ready=False, detail=f"readiness answers {ready.status}")
    return await _quorum(host)


async def _silent(host: HttpHost, failure: Failure) -> Failure:
    """Ceph's gateway looks for any bucket, such as ``minio``, in its storage: is it that which hangs?"""
    if failure.kind is not FailureKind.TIMEOUT:
        return failure
    gateway = await host.fetch(GATEWAY, expect=(), deadline=GATEWAY_SECONDS)
    if isinstance(gateway, Failure) or gateway.status != 200:
        return failure
    return replace(failure, detail="Ceph's gateway answers, but the storage behind it does not")


def _other(live: Reply, provider: str, now: Callable[[], float]) -> StoreHealth | Failure:
    if error_code(live.body) == "SlowDown":
        kind, words = CODES["SlowDown"]
        return Failure(kind=kind, detail=words, at=now(), status=live.status)
    broken = live.status >= 500
    words = f"the store answers {live.status}" if broken else "no health of its own; only a signed request tells"
    return StoreHealth(provider=provider, live=False if broken else None, detail=words)


async def _quorum(host: HttpHost) -> StoreHealth:
    """Of a MinIO that is live and ready: whether enough drives are online to write, else whether to read."""
    cluster = await host.fetch(CLUSTER, expect=())
    if isinstance(cluster, Failure):
        return StoreHealth(provider=MINIO, live=True, ready=True, detail=f"drives: {cluster.detail}")
    if cluster.status != 503:
        healing = cluster.headers.get(_HEALING, "")
        words = f"healing {healing} drive{'' if healing == '1' else 's'}" if healing.isdigit() else ""
        return StoreHealth(provider=MINIO, live=True, ready=True, detail=words)
    missing = cluster.headers.get(_STATUS, "")
    if missing:
        return StoreHealth(provider=MINIO, live=True, ready=False, detail=f"not all is loaded: {missing}")
    reads = await host.fetch(CLUSTER_READ, expect=())
    readable = isinstance(reads, Reply) and reads.status == 200
    needed = cluster.headers.get(_WRITE_QUORUM, "")
    words = f"too few drives are online{f', writing needs {needed} of a set' if needed.isdigit() else ''}: pushes fail"
    rest = "reads still work" if readable else "reads fail too"
    return StoreHealth(provider=MINIO, live=True, ready=False, detail=f"{words}, {rest}")


def _offline(reply: Reply) -> bool:
    return reply.headers.get(_STATUS, "").strip().lower() == "offline"
