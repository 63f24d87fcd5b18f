"""What an object store may be set to beside the world's options."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

HOUR = 3_600.0


@dataclass(slots=True)
class StoreSettings:
    """A store's own settings; they may be changed while it runs.

    `host_time` gives a second clock (unix seconds) that signatures may agree with, because a client signs with its
    host's clock even when the world's is held or fast; None checks against the world's alone.
    `region` is the one a signature's scope must name; empty accepts any, as RGW does.
    `elsewhere` maps names of buckets that live in another region to that region.
    """

    host_time: Callable[[], float] | None = time.time
    region: str = "us-east-1"
    elsewhere: dict[str, str] = field(default_factory=dict)

    initialised: bool = True
    """False: MinIO answers 200 on its health paths, marked offline, and refuses everything else."""
    write_quorum: bool = True
    """False: MinIO refuses what would write; only its cluster health says so."""
    maintenance_safe: bool = False
    """Whether the node may be taken down; never of a store with one node."""
    public_metrics: bool = False
    """MINIO_PROMETHEUS_AUTH_TYPE=public."""
    scanned: bool = True
    """False: MinIO's scanner has not finished a first round yet."""
    exact_uploads: bool = False
    """MinIO lists multipart uploads like S3 instead of from the node's memory."""
    node_uptime: float = HOUR
    """Seconds since the MinIO node's start at the world's start; older uploads are not in its memory."""

    tentacle: bool = False
    """RGW tells a bucket's statistics in HEAD only with ``read-stats=true``."""
