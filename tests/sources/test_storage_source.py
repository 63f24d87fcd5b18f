"""The object store over real sockets: boto3's HEAD, MinIO's and RGW's own figures, every kind of failure."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as Keys

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Clean
from harbortui.model.secret import Secret
from harbortui.model.storage import BucketState, StoreHealth
from harbortui.sources.answer import Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.storage.source import StoreSource
from harbortui.sources.tls import TlsSettings

K = FailureKind
KEY = Credentials("harbor-5dd6a6b7", Secret("PLANTED-secret-key"))
MINIO = {"Server": "MinIO"}
Serve = Callable[..., Awaitable[Any]]
Make = Callable[..., StoreSource]


def answer(body: str = "", status: int = 200, **headers: str) -> Any:
    names = {name.replace("_", "-"): value for name, value in headers.items()}

    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body.encode(), status=status, headers=names)

    return handler


@pytest.fixture
async def make(clean: Clean) -> Any:
    made: list[StoreSource] = []

    def build(endpoint: str, **more: Any) -> StoreSource:
        made.append(StoreSource(**{"endpoint": endpoint, "clean": clean, "now": time.time, **more}))
        return made[-1]

    yield build
    for each in made:
        await each.aclose()


def signature(request: web.Request, credentials: Credentials) -> str:
    """The signature these credentials give the received request; the server's own computation."""
    url = f"http://{request.headers['Host']}{request.raw_path}"
    names = request.headers["Authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    copy = AWSRequest(request.method, url, headers={name: request.headers[name] for name in names if name != "host"})
    copy.context["timestamp"] = request.headers["X-Amz-Date"]
    signer = S3SigV4Auth(Keys(credentials.user, credentials.secret.reveal()), "s3", "us-east-1")
    text = signer.string_to_sign(copy, signer.canonical_request(copy))
    return signer.signature(text, copy)


async def test_the_bucket_is_asked_with_one_signed_head(serve: Serve, make: Make) -> None:
    store = await serve({"/harbor": answer(Server="MinIO"), "*": answer(status=403, Server="MinIO")})
    found = await make(store.url).bucket("harbor", KEY)
    assert isinstance(found, Ok), found
    assert (found.value.provider, found.value.usage) == ("MinIO", None)
    assert found.value.usage_note
    head = store.requests[0]
    assert (head.method, head.raw_path) == ("HEAD", "/harbor?read-stats=true")
    assert head.headers["Authorization"].endswith(signature(head, KEY))
    account = store.requests[1]
    assert account.path == "/minio/admin/v3/accountinfo"
    assert account.headers["Authorization"].endswith(signature(account, KEY))
    assert all(KEY.secret.reveal() not in str(each.headers) for each in store.requests)


async def test_rgw_tells_usage_with_the_same_request(serve: Serve, make: Make) -> None:
    told = answer(X_RGW_Bytes_Used="100", X_RGW_Object_Count="3", X_RGW_Quota_Bucket_Size="1000")
    store = await serve({"/harbor": told})
    found = await make(store.url).bucket("harbor", KEY)
    assert isinstance(found, Ok)
    usage = found.value.usage
    assert usage is not None
    assert (found.value.provider, usage.bytes, usage.objects, usage.quota_bytes) == ("Ceph RGW", 100, 3, 1000)
    assert len(store.requests) == 1


ACCOUNT = json.dumps({"Buckets": [{"name": "harbor", "size": 5, "objects": 1}]})
METRICS = 'minio_bucket_usage_total_bytes{bucket="harbor"} 7\nminio_usage_last_activity_nano_seconds{} 6e+10\n'


async def test_minios_account_information_tells_usage(serve: Serve, make: Make) -> None:
    info = answer(ACCOUNT, Content_Type="application/json")
    store = await serve({"/harbor": answer(Server="MinIO"), "/minio/admin/v3/accountinfo": info})
    found = await make(store.url).bucket("harbor", KEY)
    assert isinstance(found, Ok)
    assert found.value.usage is not None
    assert (found.value.usage.source, found.value.usage.bytes) == ("MinIO account info", 5)


@pytest.mark.parametrize("token", [None, Failure(kind=K.SEALED, detail="Vault is sealed")])
async def test_without_a_metrics_token_account_information_comes_first(
    serve: Serve, make: Make, token: Failure | None
) -> None:
    info = answer(ACCOUNT, Content_Type="application/json")
    routes = {"/harbor": answer(Server="MinIO"), "/minio/admin/v3/accountinfo": info}
    store = await serve(routes)

    async def tokens() -> Secret | Failure | None:
        return token

    source = make(store.url, metrics_token=tokens)
    found = await source.bucket("harbor", KEY)
    assert isinstance(found, Ok)
    assert found.value.usage is not None
    assert [each.path for each in store.requests] == list(routes)
    routes["/minio/admin/v3/accountinfo"] = answer(status=403)
    refused = await source.bucket("harbor", KEY)
    assert isinstance(refused, Ok)
    assert refused.value.usage is None
    assert ("sealed" in refused.value.usage_note) == (token is not None)


async def test_minios_metrics_tell_usage_and_age_when_there_is_a_token(serve: Serve, make: Make) -> None:
    metrics = answer(METRICS, Content_Type="text/plain; version=0.0.4")
    store = await serve({"/harbor": answer(Server="MinIO"), "/minio/v2/metrics/bucket": metrics})

    async def token() -> Secret | Failure | None:
        return Secret("PLANTED-bearer")

    found = await make(store.url, metrics_token=token).bucket("harbor", KEY)
    assert isinstance(found, Ok)
    usage = found.value.usage
    assert usage is not None
    assert (usage.source, usage.bytes) == ("MinIO metrics", 7)
    assert usage.measured_at == pytest.approx(time.time() - 60, abs=10)
    assert store.requests[1].headers["Authorization"] == "Bearer PLANTED-bearer"


async def test_public_metrics_are_the_last_resort_and_private_ones_left_alone(serve: Serve, make: Make) -> None:
    v3 = answer('minio_cluster_usage_buckets_total_bytes{bucket="harbor"} 9\n', Content_Type="text/plain")
    public: dict[str, Any] = {"/harbor": answer(Server="MinIO"), "*": answer(status=403)}
    store = await serve(public)
    at = time.time()
    source = make(store.url, now=lambda: at)
    for _ in range(4):
        assert isinstance(await source.bucket("harbor", KEY), Ok)
    assert sum("metrics" in each.path for each in store.requests) == 2
    assert len(store.requests) == 4 * 2 + 2
    public["/minio/metrics/v3/cluster/usage/buckets"] = v3
    at += 601
    await source.bucket("harbor", KEY)
    found = await source.bucket("harbor", KEY)
    assert isinstance(found, Ok)
    assert found.value.usage is not None
    assert found.value.usage.bytes == 9


@pytest.mark.parametrize(
    ("handler", "kind", "status"),
    [
        (answer(status=404), K.NOT_FOUND, 404),
        (answer(status=403), K.FORBIDDEN, 403),
        (answer(status=403, X_Minio_Error_Code="InvalidAccessKeyId"), K.AUTH, 403),
        (answer(status=400), K.LOCAL, 400),
        (answer(status=301, x_amz_bucket_region="eu-west-1"), K.REDIRECT, 301),
        (answer(status=307, Location="http://169.254.169.254/"), K.REDIRECT, 307),
        (answer(status=503), K.SERVER, 503),
        (answer(status=500), K.SERVER, 500),
    ],
)
async def test_refusals_are_asked_once_and_told(
    serve: Serve, make: Make, handler: Any, kind: FailureKind, status: int
) -> None:
    store = await serve({"*": handler})
    found = await make(store.url).bucket("harbor", KEY)
    assert isinstance(found, Failure), found
    assert (found.kind, found.status) == (kind, status)
    # A refusal without a code is asked once more, as a GET, for its reason.
    bare = status in (400, 403, 503) and kind is not K.AUTH
    assert [each.method for each in store.requests] == ["HEAD", "GET"][: 1 + bare]


CODE = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{}</Code><Message></Message></Error>'


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (403, "InvalidAccessKeyId", K.AUTH),
        (403, "SignatureDoesNotMatch", K.AUTH),
        (403, "AccessDenied", K.FORBIDDEN),
        (403, "RequestTimeTooSkewed", K.LOCAL),
        (503, "SlowDown", K.RATE_LIMITED),
        (403, "Never.Heard.Of", K.FORBIDDEN),
    ],
)
async def test_a_get_of_no_keys_tells_why_a_head_was_refused(
    serve: Serve, make: Make, status: int, code: str, kind: FailureKind
) -> None:
    store = await serve({"*": answer(CODE.format(code), status=status, Content_Type="application/xml")})
    found = await make(store.url).bucket("harbor", KEY)
    assert isinstance(found, Failure), found
    assert (found.kind, found.status, bool(found.needs)) == (kind, status, kind is K.FORBIDDEN)
    head, get = store.requests
    assert (head.method, get.raw_path) == ("HEAD", "/harbor?list-type=2&max-keys=0")
    assert get.headers["Authorization"].endswith(signature(get, KEY))


async def test_a_wrong_clock_is_told_as_such(serve: Serve, make: Make) -> None:
    refusing = await serve({"*": answer(status=403)})
    found = await make(refusing.url, now=lambda: time.time() + 1200).bucket("harbor", KEY)
    assert isinstance(found, Failure)
    assert found.kind is K.LOCAL
    assert "ahead of the store's" in found.detail
    assert len(refusing.requests) == 1
    fine = await serve({"*": answer(X_RGW_Bytes_Used="1")})
    state = await make(fine.url, now=lambda: time.time() - 90).bucket("harbor", KEY)
    assert isinstance(state, Ok)
    assert state.value.clock_skew == pytest.approx(90, abs=3)


async def test_without_a_key_nothing_is_asked(serve: Serve, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAPLANTED")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "PLANTED")
    store = await serve({"*": answer()})
    for credentials in (None, Credentials("", Secret("x")), Credentials("x", Secret(""))):
        found = await make(store.url).bucket("harbor", credentials)
        assert isinstance(found, Failure)
        assert found.kind is K.NO_CREDENTIALS
    assert store.requests == []


async def test_a_bucket_name_cannot_become_a_path(serve: Serve, make: Make) -> None:
    store = await serve({"*": answer()})
    for name in ("", "a/b", "../x", "arn:aws:s3:::x", "x?y"):
        found = await make(store.url).bucket(name, KEY)
        assert isinstance(found, Failure)
        assert found.kind is K.LOCAL
    assert store.requests == []


async def test_aws_variables_and_files_have_no_influence(
    serve: Serve, make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from harbortui.sources.storage import boto

    trap = await serve({"*": answer()})
    config = tmp_path / ".aws" / "config"
    config.parent.mkdir()
    config.write_text(
        f"[default]\nregion = eu-north-1\nendpoint_url = {trap.url}\ns3 =\n  addressing_style = virtual\n"
    )
    (tmp_path / ".aws" / "credentials").write_text(
        "[default]\naws_access_key_id = AKIATRAP\naws_secret_access_key = x\n"
    )
    models = tmp_path / ".aws" / "models" / "s3" / "2006-03-01"
    models.mkdir(parents=True)
    (models / "service-2.json").write_text("{}")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in {
        "CONFIG_FILE": str(config),
        "SHARED_CREDENTIALS_FILE": str(tmp_path / ".aws" / "credentials"),
        "PROFILE": "missing",
        "ACCESS_KEY_ID": "AKIATRAP",
        "SECRET_ACCESS_KEY": "trap",
        "SESSION_TOKEN": "trap",
        "DEFAULT_REGION": "eu-north-1",
        "ENDPOINT_URL": trap.url,
        "ENDPOINT_URL_S3": trap.url,
        "EC2_METADATA_SERVICE_ENDPOINT": trap.url,
        "DATA_PATH": str(tmp_path / ".aws" / "models"),
        "MAX_ATTEMPTS": "9",
        "RETRY_MODE": "legacy",
        "USE_FIPS_ENDPOINT": "true",
        "USE_DUALSTACK_ENDPOINT": "true",
        "CA_BUNDLE": "/nonexistent",
        "CSM_ENABLED": "true",
    }.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("HTTP_PROXY", trap.url)
    boto._session.cache_clear()
    store = await serve({"*": answer(X_RGW_Bytes_Used="1")})
    try:
        assert isinstance(await make(store.url).bucket("harbor", KEY), Ok)
    finally:
        boto._session.cache_clear()
    (request,) = store.requests
    assert request.path == "/harbor"
    assert f"Credential={KEY.user}/" in request.headers["Authorization"]
    assert "/us-east-1/s3/" in request.headers["Authorization"]
    assert "X-Amz-Security-Token" not in request.headers
    assert request.headers["Authorization"].endswith(signature(request, KEY))
    assert trap.requests == []


async def test_a_hanging_store_ends_at_the_deadline_and_frees_its_slots(serve_raw: Serve, make: Make) -> None:
    hang = True

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if not hang:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-RGW-Bytes-Used: 1\r\nConnection: close\r\n\r\n")
            await writer.drain()
            return
        while True:
            writer.write(b"H")
            await writer.drain()
            await asyncio.sleep(0.05)

    source = make(await serve_raw(handler), deadline=0.5)
    found = await asyncio.gather(*(source.bucket("harbor", KEY) for _ in range(4)))
    assert {each.kind for each in found if isinstance(each, Failure)} <= {K.TIMEOUT, K.RESET, K.PROTOCOL}
    assert not any(isinstance(each, Ok) for each in found)
    hang = False
    async with asyncio.timeout(10):
        while not isinstance(await source.bucket("harbor", KEY), Ok):  # noqa: ASYNC110 - threads end when they end
            await asyncio.sleep(0.02)


async def test_nothing_listens(make: Make, unused_tcp_port: int) -> None:
    source = make(f"http://127.0.0.1:{unused_tcp_port}")
    for found in (await source.bucket("harbor", KEY), await source.health()):
        assert isinstance(found, Failure)
        assert found.kind is K.REFUSED


async def test_tls_is_verified(serve: Serve, make: Make, certs: Any) -> None:
    import ssl

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certs.path("server.pem"), certs.path("server.key"))
    store = await serve({"*": answer(X_RGW_Bytes_Used="1")}, ssl_context=context)
    trusted = await make(store.url, tls=TlsSettings(ca_file=certs.path("ca.pem"))).bucket("harbor", KEY)
    assert isinstance(trusted, Ok)
    found = await make(store.url).bucket("harbor", KEY)
    assert isinstance(found, Failure)
    assert found.kind is K.TLS
    assert len(store.requests) == 1


LIVE, READY, CLUSTER = "/minio/health/live", "/minio/health/ready", "/minio/health/cluster"
UP, OFFLINE = answer(Server="MinIO"), answer(Server="MinIO", x_minio_server_status="offline")


@pytest.mark.parametrize(
    ("routes", "provider", "live", "ready"),
    [
        ({LIVE: UP, READY: UP}, "MinIO", True, True),
        ({LIVE: OFFLINE, READY: OFFLINE}, "MinIO", False, False),
        ({LIVE: UP, READY: OFFLINE}, "MinIO", True, False),
        ({LIVE: UP, READY: answer(status=503, Server="MinIO")}, "MinIO", True, False),
        ({LIVE: answer(status=503, Server="MinIO")}, "MinIO", False, False),
        ({LIVE: UP, READY: UP, CLUSTER: UP}, "MinIO", True, True),
        ({LIVE: UP, READY: UP, CLUSTER: answer(status=503, x_minio_write_quorum="3")}, "MinIO", True, False),
        ({LIVE: UP, READY: UP, CLUSTER: answer(status=503, x_minio_server_status="iam-offline")}, "MinIO", True, False),
        ({"*": answer(status=403, x_amz_request_id="tx00001-default")}, "Ceph RGW", None, None),
        ({"*": answer(status=404)}, "", None, None),
        ({"*": answer(status=502)}, "", False, None),
    ],
)
async def test_health(
    serve: Serve, make: Make, routes: dict[str, Any], provider: str, live: bool | None, ready: bool | None
) -> None:
    store = await serve(routes)
    found = await make(store.url).health()
    assert isinstance(found, Ok)
    health: StoreHealth = found.value
    assert (health.provider, health.live, health.ready) == (provider, live, ready)
    assert bool(health.detail) == (not (live and ready))
    assert all("Authorization" not in each.headers for each in store.requests)


@pytest.mark.parametrize(
    ("handler", "kind"),
    [
        (answer("Client sent an HTTP request to an HTTPS server.\n", status=400), K.TLS),
        (answer(CODE.format("SlowDown"), status=503, x_amz_request_id="tx00001-default"), K.RATE_LIMITED),
    ],
)
async def test_what_is_no_word_about_the_stores_health(
    serve: Serve, make: Make, handler: Any, kind: FailureKind
) -> None:
    store = await serve({"*": handler})
    found = await make(store.url).health()
    assert isinstance(found, Failure)
    assert found.kind is kind


@pytest.mark.parametrize("gateway", [True, False])
async def test_a_gateway_without_its_storage_is_told_from_one_that_hangs(
    serve: Serve, make: Make, gateway: bool
) -> None:
    hanging = asyncio.Event()

    async def hang(request: web.Request) -> web.StreamResponse:
        await hanging.wait()
        return web.Response()

    routes = {"*": hang} | ({"/swift/healthcheck": answer()} if gateway else {"/swift/healthcheck": answer(status=404)})
    store = await serve(routes)
    try:
        found = await make(store.url, deadline=0.3).health()
    finally:
        hanging.set()
    assert isinstance(found, Failure)
    assert (found.kind, "Ceph" in found.detail) == (K.TIMEOUT, gateway)


async def test_healing_drives_are_told(serve: Serve, make: Make) -> None:
    healing = answer(Server="MinIO", x_minio_healing_drives="2")
    store = await serve({LIVE: UP, READY: UP, CLUSTER: healing})
    found = await make(store.url).health()
    assert isinstance(found, Ok)
    assert (found.value.ready, found.value.detail) == (True, "healing 2 drives")


async def test_a_login_page_is_no_health(serve: Serve, make: Make) -> None:
    store = await serve({"*": answer("<html>", Content_Type="text/html")})
    found = await make(store.url).health()
    assert isinstance(found, Failure)
    assert found.kind is K.LOGIN_PAGE


async def test_the_same_key_made_anew_uses_the_same_client(serve: Serve, make: Make) -> None:
    store = await serve({"*": answer(X_RGW_Bytes_Used="1")})
    source = make(store.url)
    for _ in range(3):
        found = await source.bucket("harbor", Credentials(KEY.user, Secret(KEY.secret.reveal())))
        assert isinstance(found, Ok)
        assert isinstance(found.value, BucketState)
    assert len(source._buckets._clients) == 1
