"""The simulated object store: S3 with verified signatures, as MinIO or as Ceph's gateway (RGW)."""

from __future__ import annotations

from harbortui.sim.store.keys import ADMIN_KEY, READONLY_KEY
from harbortui.sim.store.minio_token import metrics_token
from harbortui.sim.store.server import SERVER, app
from harbortui.sim.store.settings import StoreSettings

__all__ = ["ADMIN_KEY", "READONLY_KEY", "SERVER", "StoreSettings", "app", "metrics_token"]
