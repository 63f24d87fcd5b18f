"""The access keys of the store and what each may do."""

from __future__ import annotations

from dataclasses import dataclass

from harbortui.sim.world import World
from harbortui.sim.world.options import S3_ACCESS_KEY

READONLY_KEY = "console-readonly"
ADMIN_KEY = "store-admin"

LIST = frozenset(
    {
        "s3:ListAllMyBuckets",
        "s3:ListBucket",
        "s3:ListBucketVersions",
        "s3:ListBucketMultipartUploads",
        "s3:ListMultipartUploadParts",
        "s3:GetBucketLocation",
        "s3:GetBucketVersioning",
        "s3:GetLifecycleConfiguration",
    }
)
OBJECTS = frozenset({"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"})
ADMIN = frozenset({"admin:DataUsageInfo", "admin:Prometheus"})


@dataclass(frozen=True, slots=True)
class AccessKey:
    """One key: its name, its secret and the actions it may do on every bucket."""

    name: str
    secret: str
    actions: frozenset[str]


def access_keys(world: World) -> dict[str, AccessKey]:
    """Harbor's own key (which its registry writes with), a listing key as the console should have, and an admin's."""
    secrets = world.secrets
    keys = (
        AccessKey(S3_ACCESS_KEY, secrets.s3_secret_key, LIST | OBJECTS),
        AccessKey(READONLY_KEY, secrets.s3_readonly_secret, LIST),
        AccessKey(ADMIN_KEY, secrets.s3_admin_secret, LIST | OBJECTS | ADMIN),
    )
    return {key.name: key for key in keys}
