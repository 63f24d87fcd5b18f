"""The buckets themselves: which there are, where, and how they are set up."""

from __future__ import annotations

from aiohttp import web

from harbortui.sim.store.call import Call, xml
from harbortui.sim.store.errors import Refused
from harbortui.sim.store.listing import OWNER
from harbortui.sim.store.rgw_routes import held, owns
from harbortui.sim.store.xml import document, moment, tag
from harbortui.sim.world.options import DAY

RGW_REGION = "default"
OLD_DAYS = 400.0
QUOTAS = {
    "X-RGW-Quota-User-Size": "-1",
    "X-RGW-Quota-User-Objects": "-1",
    "X-RGW-Quota-Max-Buckets": "1000",
    "X-RGW-Quota-Bucket-Size": "-1",
    "X-RGW-Quota-Bucket-Objects": "-1",
}


def created(call: Call) -> float:
    """When the buckets were made, unix seconds."""
    return call.store.world.options.start - OLD_DAYS * DAY


def list_buckets(call: Call) -> web.Response:
    """``GET /``; RGW answers the anonymous with an empty list."""
    names: list[str] = []
    if not (call.store.rgw and call.caller is None):
        call.allow("s3:ListAllMyBuckets")
        names = list(call.store.buckets) if not call.store.rgw or owns(call) else []
    at = moment(created(call))
    rows = "".join(f"<Bucket>{tag('Name', name)}{tag('CreationDate', at)}</Bucket>" for name in names)
    return xml(document("ListAllMyBucketsResult", f"{OWNER}<Buckets>{rows}</Buckets>"))


def head(call: Call) -> web.Response:
    """``HEAD /bucket``; RGW tells the bucket's statistics in it, and the quotas to the owner alone."""
    call.allow("s3:ListBucket")
    bucket = call.bucket()
    settings = call.store.settings
    headers: dict[str, str] = {}
    if call.store.rgw and (not settings.tentacle or call.query.get("read-stats") == "true"):
        objects, size = held(bucket)
        headers |= {"X-RGW-Object-Count": str(objects), "X-RGW-Bytes-Used": str(size)}
        if owns(call):
            headers |= QUOTAS
    return web.Response(headers=headers)


def location(call: Call) -> web.Response:
    """``?location``: empty for us-east-1, as S3 has it."""
    call.allow("s3:GetBucketLocation")
    region = RGW_REGION if call.store.rgw else call.bucket().region
    call.bucket()
    return xml(document("LocationConstraint", "" if region == "us-east-1" else region))


def versioning(call: Call) -> web.Response:
    """``?versioning``: no status at all when it was never switched on."""
    call.allow("s3:GetBucketVersioning")
    state = call.bucket().version_state
    mfa = tag("MfaDelete", "Disabled") if call.store.rgw else ""
    return xml(document("VersioningConfiguration", f"{tag('Status', state)}{mfa}" if state else ""))


def lifecycle(call: Call) -> web.Response:
    """``?lifecycle``: none of the fleet's buckets has rules."""
    call.allow("s3:GetLifecycleConfiguration")
    call.bucket()
    raise Refused("NoSuchLifecycleConfiguration")


def create(call: Call) -> web.Response:
    """``PUT /bucket``: what is there is there; no key of the fleet may make another."""
    if call.caller is not None and call.bucket_name in call.store.buckets:
        raise Refused("BucketAlreadyOwnedByYou")
    raise Refused("AccessDenied")


def never(call: Call) -> web.Response:
    """What no key of the fleet may do, such as deleting a bucket."""
    raise Refused("AccessDenied")
