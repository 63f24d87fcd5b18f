"""The application: taking a request apart, checking who sent it, and the store's own headers and errors."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from email.utils import formatdate
from urllib.parse import parse_qsl, unquote

from aiohttp import web

from harbortui.sim.store import minio_routes, rgw_routes, s3_routes
from harbortui.sim.store.call import Call
from harbortui.sim.store.chunked import plain_body
from harbortui.sim.store.contents import Contents
from harbortui.sim.store.error_answer import ADMIN_PREFIX, minio_error, rgw_error
from harbortui.sim.store.errors import Refused
from harbortui.sim.store.keys import AccessKey, access_keys
from harbortui.sim.store.settings import StoreSettings
from harbortui.sim.store.sigv4 import SignedRequest, is_signed, verify
from harbortui.sim.world import SimOptions, World
from harbortui.sim.world.bucket import Bucket

MAX_BODY = 64 << 20
SLICE_SECONDS = 0.005
NOT_IN_METRICS = ("Server", "x-amz-bucket-region")
"""What MinIO's metrics do not say of themselves."""


class StoreServer:
    """One object store before one world."""

    def __init__(self, world: World, options: SimOptions, settings: StoreSettings) -> None:
        self.world = world
        self.settings = settings
        self.rgw = options.provider == "rgw"
        self.keys: dict[str, AccessKey] = access_keys(world)
        self.contents = Contents()
        self._requests = 0

    @property
    def now(self) -> float:
        """World time."""
        return self.world.now

    @property
    def buckets(self) -> dict[str, Bucket]:
        """Every bucket by name, in order of name."""
        return {bucket.name: bucket for bucket in sorted((i.bucket for i in self.world.instances), key=_name)}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The answer to any request."""
        self._requests += 1
        request_id = self._request_id()
        try:
            response = await self._route(request)
        except Refused as error:
            response = self._error(request, error, request_id)
        except web.HTTPRequestEntityTooLarge:
            response = self._error(request, Refused("EntityTooLarge"), request_id)
        own = self._headers(request_id)
        if "escaping=" in response.headers.get("Content-Type", ""):
            own = {name: value for name, value in own.items() if name not in NOT_IN_METRICS}
        for name, value in own.items():
            response.headers.setdefault(name, value)
        return response

    async def _route(self, request: web.Request) -> web.StreamResponse:
        call = await self._call(request)
        if not self.rgw and call.path.startswith(ADMIN_PREFIX):
            if not call.path.startswith("/minio/health/"):
                await self._scan()
            return minio_routes.answer(call)
        if not self.rgw and not self.settings.initialised:
            raise Refused("XMinioServerNotInitialized")
        if not self.rgw and not self.settings.write_quorum and call.method not in ("GET", "HEAD"):
            raise Refused("SlowDownWrite")
        if self.rgw and (response := rgw_routes.answer(call)) is not None:
            return response
        return s3_routes.answer(call)

    async def _scan(self) -> None:
        # Three hundred buckets counted for the first time take a second: other requests go on between them.
        loop = asyncio.get_running_loop()
        began = loop.time()
        for bucket in self.buckets.values():
            bucket.scanned()
            if loop.time() - began > SLICE_SECONDS:
                await asyncio.sleep(0)
                began = loop.time()

    async def _call(self, request: web.Request) -> Call:
        raw_path, raw_query = _target(request)
        path = unquote(raw_path)
        bucket, _, key = path.removeprefix("/").partition("/")
        headers = _lower(request)
        body = await request.read()
        query = dict(parse_qsl(raw_query, keep_blank_values=True))
        call = Call(self, request, request.method, path, bucket, key, query, headers, body=body)
        signed_request = SignedRequest(request.method, raw_path, raw_query, headers, body)
        # MinIO's health is anybody's, and its metrics check a token of their own.
        unchecked = not self.rgw and path.startswith(ADMIN_PREFIX) and not path.startswith("/minio/admin/")
        if unchecked or not is_signed(signed_request):
            return call
        secrets = {name: key.secret for name, key in self.keys.items()}
        # MinIO's administration takes any region, its S3 side only its own.
        admin = not self.rgw and path.startswith(ADMIN_PREFIX)
        anywhere = self.rgw or admin or "location" in query or bucket in self.settings.elsewhere
        region = "" if anywhere else self.settings.region
        signed = verify(signed_request, secrets, self._clocks(), region)
        return replace(call, caller=self.keys[signed.access_key], body=plain_body(body, headers, signed))

    def _clocks(self) -> list[float]:
        host = self.settings.host_time
        return [self.now] if host is None else [self.now, host()]

    def _request_id(self) -> str:
        # RGW's begin with "tx" and end with the zone, MinIO's are sixteen hex digits.
        if self.rgw:
            return f"tx{self._requests:021x}-{int(self.now):010x}-4155-default"
        return hashlib.sha256(f"{self._requests}".encode()).hexdigest()[:16].upper()

    def _headers(self, request_id: str) -> dict[str, str]:
        common = {
            "Date": formatdate(self.now, usegmt=True),
            "Accept-Ranges": "bytes",
            "x-amz-request-id": request_id,
        }
        if self.rgw:
            # Old gateways do not name themselves (run against 16.2.15), new ones do.
            return {**common, "Server": "Ceph Object Storage (tentacle)"} if self.settings.tentacle else common
        region = {"x-amz-bucket-region": self.settings.region} if self.settings.region else {}
        return {
            **common,
            **region,
            "Server": "MinIO",
            "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
            "Vary": "Origin, Accept-Encoding",
            "X-Amz-Id-2": hashlib.sha256(b"node-1").hexdigest(),
            "X-Content-Type-Options": "nosniff",
            "X-Xss-Protection": "1; mode=block",
        }

    def _error(self, request: web.Request, error: Refused, request_id: str) -> web.Response:
        path = unquote(_target(request)[0])
        bucket = path.removeprefix("/").partition("/")[0]
        elsewhere = self.settings.elsewhere.get(bucket, "") if error.code == "PermanentRedirect" else ""
        answer = rgw_error if self.rgw else minio_error
        response = answer(request.method, path, error, request_id, self.settings.region)
        if elsewhere:
            response.headers["x-amz-bucket-region"] = elsewhere
        return response


SERVER: web.AppKey[StoreServer] = web.AppKey("store", StoreServer)


def app(world: World, options: SimOptions, settings: StoreSettings | None = None) -> web.Application:
    """The object store of a fleet; the server, with its settings, is found under ``SERVER``."""
    server = StoreServer(world, options, settings or StoreSettings())
    application = web.Application(client_max_size=MAX_BODY)
    application[SERVER] = server
    application.router.add_route("*", "/{path:.*}", server.answer)
    return application


def _name(bucket: Bucket) -> str:
    return bucket.name


def _target(request: web.Request) -> tuple[str, str]:
    """Path and query as they came; a client behind a proxy may send the whole address."""
    raw = request.raw_path
    if raw.startswith(("http://", "https://")):
        raw = "/" + raw.split("/", 3)[3] if raw.count("/") > 2 else "/"
    path, _, query = raw.partition("?")
    return path, query


def _lower(request: web.Request) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, value in request.headers.items():
        lower = name.lower()
        found[lower] = f"{found[lower]},{value}" if lower in found else value
    return found
