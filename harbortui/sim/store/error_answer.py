"""Errors as MinIO and as Ceph's gateway write them; an answer to a HEAD has headers alone."""

from __future__ import annotations

import json

from aiohttp import web

from harbortui.sim.store.call import xml
from harbortui.sim.store.errors import Refused
from harbortui.sim.store.xml import HEAD, tag

ADMIN_PREFIX = "/minio/"
RETRIED = frozenset({"SlowDownWrite", "XMinioServerNotInitialized"})
RGW_HOST = "4155-default-default"
UNKNOWN_CALLER = frozenset({"InvalidAccessKeyId", "SignatureDoesNotMatch", "RequestTimeTooSkewed"})


def minio_error(method: str, path: str, error: Refused, request_id: str, region: str) -> web.Response:
    """MinIO names the code of a refused HEAD in a header, but for a clock that is off, which it looks at first."""
    early = error.code == "RequestTimeTooSkewed"
    if method == "HEAD":
        named = {"X-Minio-Error-Code": error.code, "X-Minio-Error-Desc": f'"{error.message}"'}
        return web.Response(status=error.status, headers={} if early else named)
    own = path.startswith(ADMIN_PREFIX)
    bucket, _, key = path.removeprefix("/").partition("/")
    where = {} if own or early else {"Key": key, "BucketName": bucket}
    fields = {"Code": error.code, "Message": error.message, **where, "Resource": path, "Region": region}
    fields = {name: value for name, value in fields.items() if value}
    fields |= {"RequestId": request_id, "HostId": "node-1"}
    return _json(fields, error.status) if own and not early else _xml(fields, error.status)


def rgw_error(method: str, path: str, error: Refused, request_id: str, region: str) -> web.Response:
    """RGW says what is wrong in the code alone, and names the bucket to those it knows."""
    if method == "HEAD":
        return web.Response(status=error.status)
    admin = path.startswith("/admin/")
    bucket = "" if admin or error.code in UNKNOWN_CALLER else path.removeprefix("/").partition("/")[0]
    where = {"BucketName": bucket} if bucket else {}
    fields = {"Code": error.code, "Message": "", **where, "RequestId": request_id, "HostId": RGW_HOST}
    return _json(fields, error.status) if admin else _xml(fields, error.status)


def _json(fields: dict[str, str], status: int) -> web.Response:
    return web.Response(status=status, body=json.dumps(fields).encode(), headers={"Content-Type": "application/json"})


def _xml(fields: dict[str, str], status: int) -> web.Response:
    text = f"{HEAD}<Error>{''.join(tag(name, value) for name, value in fields.items())}</Error>"
    response = xml(text.encode(), status)
    if fields["Code"] in RETRIED:
        response.headers["Retry-After"] = "60"
    return response
