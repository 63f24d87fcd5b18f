"""CloudWatch over sockets: the one question, its signature, what it answers, how seldom it is asked, who refuses."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as Keys
from hypothesis import given
from hypothesis import strategies as st

from harbortui.collect.figures import FILE, FigureMemo
from harbortui.model.failure import FailureKind
from harbortui.model.redact import Clean
from harbortui.model.secret import Secret
from harbortui.model.storage import BucketState, BucketUsage
from harbortui.sources.allowlist import Blocked
from harbortui.sources.answer import Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.lane import Lane
from harbortui.sources.rows import Unreadable
from harbortui.sources.storage.cloudwatch import ASK_EVERY, RETRY_EVERY, Asked, CloudWatch, domain_of
from harbortui.sources.storage.cloudwatch_figures import error_code, figures
from harbortui.sources.storage.cloudwatch_request import (
    CLASSES,
    CONTENT_TYPE,
    DAY,
    TARGET,
    body_of,
    cloudwatch_reads,
    is_question,
)
from harbortui.sources.storage.source import StoreSource, cloudwatch_address
from harbortui.sources.tls import TlsSettings
from tests.sources.conftest import Served

K = FailureKind
KEY = Credentials("AKIAPLANTED", Secret("PLANTED-secret-key"))
TODAY = 20_400 * DAY
NOW = float(TODAY + 30_000)
REGION = "eu-central-1"
HOST = f"s3.{REGION}.amazonaws.com"
Start = Callable[..., Awaitable[Served]]


def series(id: str, *values: float, end: int = TODAY - DAY) -> dict[str, Any]:
    """As CloudWatch answers, the newest day first."""
    stamps = [float(end - DAY * back) for back in range(len(values))]
    return {"Id": id, "Label": "x", "StatusCode": "Complete", "Timestamps": stamps, "Values": list(values)}


def answer(*found: dict[str, Any]) -> bytes:
    return json.dumps({"MetricDataResults": list(found), "Messages": []}).encode()


TOLD = answer(series("c0", 1000.0, 900.0), series("c1", 24.0), series("objects", 7.0), series("c2"))


def replying(body: bytes = TOLD, status: int = 200, at: float = NOW) -> Any:
    async def handler(_: web.Request) -> web.Response:
        headers = {"Content-Type": CONTENT_TYPE, "Date": formatdate(at, usegmt=True)}
        return web.Response(body=body, status=status, headers=headers)

    return {"/": handler}


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def make(clean: Clean) -> AsyncIterator[Any]:
    made: list[CloudWatch] = []
    lane = Lane("test", 2)

    def build(url: str, clock: Callable[[], float] = lambda: NOW, **more: Any) -> CloudWatch:
        given = {"endpoint": HOST, "memo": None, "address": lambda region, domain: url, "deadline": 5.0, **more}
        made.append(CloudWatch(clean=clean, now=clock, lane=lane, tls=TlsSettings(), proxy="", **given))
        return made[-1]

    yield build
    for each in made:
        await each.aclose()
    lane.close()


# The question


async def test_one_signed_question_brings_the_sum_of_all_classes(serve: Start, make: Any) -> None:
    served = await serve(replying())
    asked = await make(served.url).of("harbor", REGION, KEY)
    assert asked.failure is None and asked.usage == BucketUsage(
        source="AWS CloudWatch",
        bytes=1024,
        objects=7,
        measured_at=float(TODAY - DAY),
        includes="old versions and the parts of unfinished uploads",
        period=1.5 * DAY,
    )
    (request,) = served.requests
    body = await request.read()
    assert is_question(body) and request.headers["X-Amz-Target"] == TARGET
    assert KEY.secret.reveal() not in str(request.headers) + body.decode()
    names = request.headers["Authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    assert {"host", "x-amz-date", "x-amz-target", "content-type"} <= set(names)
    url = f"http://{request.headers['Host']}/"
    copy = AWSRequest("POST", url, data=body, headers={each: request.headers[each] for each in names if each != "host"})
    copy.context["timestamp"] = request.headers["X-Amz-Date"]
    signer = SigV4Auth(Keys(KEY.user, KEY.secret.reveal()), "monitoring", REGION)
    signature = signer.signature(signer.string_to_sign(copy, signer.canonical_request(copy)), copy)
    assert request.headers["Authorization"].endswith(signature)


GOOD = body_of("harbor", TODAY)
HEADERS = {"x-amz-target": TARGET, "content-type": CONTENT_TYPE}


def test_only_that_question_is_declared() -> None:
    allow = cloudwatch_reads()
    assert allow.check("POST", "/", [], GOOD, HEADERS).name == "metric-data"
    put = {**HEADERS, "x-amz-target": TARGET.replace("GetMetricData", "PutMetricData")}
    text = GOOD.decode()
    for method, path, body, headers in (
        ("POST", "/", GOOD, {}),
        ("POST", "/", GOOD, put),
        ("GET", "/", GOOD, HEADERS),
        ("POST", "/x", GOOD, HEADERS),
        ("POST", "/", None, HEADERS),
        ("POST", "/", b"Action=PutMetricData", HEADERS),
        ("POST", "/", text.replace("AWS/S3", "AWS/Billing").encode(), HEADERS),
        ("POST", "/", text.replace("Average", "Sum", 1).encode(), HEADERS),
        ("POST", "/", text.replace('"harbor"', '"other"', 1).encode(), HEADERS),
        ("POST", "/", text.replace("{", '{"Namespace":"X",', 1).encode(), HEADERS),
        ("POST", "/", GOOD + b" ", HEADERS),
        ("POST", "/", body_of("harbor", TODAY + 1), HEADERS),
        ("POST", "/", body_of("a/../b", TODAY), HEADERS),
    ):
        with pytest.raises(Blocked):
            allow.check(method, path, [], body, headers)


@given(st.binary(max_size=200) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_no_body_breaks_the_rule(body: bytes | str) -> None:
    assert not is_question(body if isinstance(body, bytes) else body.encode())


def test_all_classes_fit_into_one_question_and_cost_what_the_manual_says() -> None:
    assert len(set(CLASSES)) == len(CLASSES) and len(CLASSES) + 1 == 26
    manual = (Path(__file__).parents[2] / "docs" / "usage.md").read_text("utf-8")
    assert f"{len(CLASSES) + 1} metrics" in manual and "0.01 USD per 1,000" in manual


# The answer


def test_the_newest_whole_day_counts() -> None:
    part = answer(series("c0", 900.0, end=TODAY - 2 * DAY), series("c1", 24.0, 20.0))
    found = figures(part)
    assert found is not None and (found.bytes, found.measured_at) == (920, TODAY - 2 * DAY)
    gone = figures(answer(series("c0", 900.0, end=TODAY - 3 * DAY), series("c1", 24.0, 20.0)))
    assert gone is not None and gone.bytes == 24, "a class that has been empty for days is gone"
    new = figures(answer(series("c0", 900.0, 800.0), series("c1", 5.0)))
    assert new is not None and new.bytes == 905, "a new class counts at once"


@pytest.mark.parametrize("stamp", ["2025-11-07T00:00:00Z", "2025-11-07T01:00:00+01:00", 1_762_473_600, 1.7624736e9])
def test_times_come_as_numbers_and_as_texts(stamp: object) -> None:
    found = figures(json.dumps({"MetricDataResults": [{"Id": "c0", "Timestamps": [stamp], "Values": [5]}]}).encode())
    assert found is not None and found.measured_at == 1_762_473_600.0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"MetricDataResults": 1}',
        answer(series("c0", -1.0)),
        answer(series("c0", 1e30)),
        answer({"Id": "c0", "Timestamps": ["yesterday"], "Values": [1]}),
        answer({"Id": "c0", "Timestamps": ["2025-11-07T00:00:00"], "Values": [1]}),
        answer({"Id": "c0", "Timestamps": [-1], "Values": [1]}),
        answer({"Id": "c0", "Timestamps": [1e300], "Values": [1]}),
        answer({"Id": "c0", "Timestamps": [1], "Values": ["x"]}),
        b'{"MetricDataResults": [{"Id": "c0", "Timestamps": [1], "Values": [NaN]}]}',
    ],
)
async def test_an_answer_that_is_none_is_a_failure(serve: Start, make: Any, body: bytes) -> None:
    with pytest.raises(Unreadable):
        figures(body)
    served = await serve(replying(body))
    asked = await make(served.url).of("harbor", REGION, KEY)
    assert asked.usage is None and asked.failure.kind is K.PROTOCOL


def test_no_figures_are_no_zero() -> None:
    assert figures(answer()) is None
    assert figures(answer(series("c0"), series("objects", 5.0))) is None


@given(st.binary(max_size=300))
def test_no_answer_breaks_it(body: bytes) -> None:
    with contextlib.suppress(Unreadable):
        assert figures(body) is None
    assert len(error_code(body)) <= 64


# Refusals


@pytest.mark.parametrize(
    ("status", "kind_told", "kind", "needs"),
    [
        (400, "AccessDeniedException", K.FORBIDDEN, "cloudwatch:GetMetricData"),
        (403, "com.amazonaws.cloudwatch#AccessDenied", K.FORBIDDEN, "cloudwatch:GetMetricData"),
        (403, "com.amazon.coral.service#UnrecognizedClientException", K.AUTH, ""),
        (403, "InvalidSignatureException", K.AUTH, ""),
        (403, "InvalidSignatureException of another time", K.LOCAL, ""),
        (400, "ExpiredTokenException:http://internal.amazon.com/x", K.AUTH, ""),
        (400, "ThrottlingException", K.RATE_LIMITED, ""),
        (500, "InternalFailure", K.SERVER, ""),
        (400, "[@click=x]", K.PROTOCOL, ""),
    ],
)
async def test_a_refusal_names_its_kind_and_never_what_was_said(
    serve: Start, make: Any, status: int, kind_told: str, kind: FailureKind, needs: str
) -> None:
    said = "User: arn:aws:iam::123456789012:user/PLANTED is not authorized"
    code, _, other = kind_told.partition(" of ")
    at = NOW - 3600 if other else NOW
    served = await serve(replying(json.dumps({"__type": code, "message": said}).encode(), status, at))
    failure = (await make(served.url).of("harbor", REGION, KEY)).failure
    assert (failure.kind, failure.needs, failure.status) == (kind, needs, status)
    assert "PLANTED" not in failure.detail and "arn:" not in failure.detail and "@click" not in failure.detail


async def test_a_slow_answer_ends_with_the_deadline(serve: Start, make: Any) -> None:
    async def never(_: web.Request) -> web.Response:
        await asyncio.sleep(60)
        return web.Response()

    served = await serve({"/": never})
    assert (await make(served.url, deadline=0.3).of("harbor", REGION, KEY)).failure.kind is K.TIMEOUT


@pytest.mark.parametrize("region", ["", "eu", "x.evil.example/", "eu-central-1.evil", "EU-CENTRAL-1", "a" * 80])
async def test_a_region_that_is_none_is_not_made_an_address(serve: Start, make: Any, region: str) -> None:
    served = await serve(replying())
    assert (await make(served.url).of("harbor", region, KEY)).failure.kind is K.LOCAL
    assert served.requests == []


@pytest.mark.parametrize("host", ["minio.example", "amazonaws.com.evil.example", "s3.evilamazonaws.com", ""])
async def test_only_for_names_of_aws(serve: Start, make: Any, host: str) -> None:
    served = await serve(replying())
    assert (await make(served.url, endpoint=host).of("harbor", REGION, KEY)).usage is None
    assert served.requests == []


def test_the_address_follows_the_part_of_the_world() -> None:
    assert cloudwatch_address(REGION, domain_of(HOST)) == f"https://monitoring.{REGION}.amazonaws.com"
    china = domain_of("s3.cn-north-1.amazonaws.com.cn")
    assert cloudwatch_address("cn-north-1", china) == "https://monitoring.cn-north-1.amazonaws.com.cn"
    assert domain_of("S3.AmazonAWS.com") == "amazonaws.com"


# How seldom


async def test_it_is_asked_seldom_and_after_a_refusal_within_the_hour(serve: Start, make: Any) -> None:
    clock = Clock()
    body = [TOLD]

    async def handler(_: web.Request) -> web.Response:
        return web.Response(body=body[0], status=200 if body[0] == TOLD else 403)

    served = await serve({"/": handler})
    source = make(served.url, clock)
    for wait, requests, failed in (
        (0.0, 1, False),
        (ASK_EVERY - 1, 1, False),
        (1.0, 2, True),
        (RETRY_EVERY - 1, 2, True),
        (1.0, 3, False),
    ):
        clock.now += wait
        body[0] = b"{}" if requests == 2 else TOLD
        asked = await source.of("harbor", REGION, KEY)
        assert len(served.requests) == requests
        assert (asked.failure is not None) is failed
        assert asked.usage is not None, "what was known stays"
    await asyncio.gather(*(source.of("other", REGION, KEY) for _ in range(5)))
    assert len(served.requests) == 4, "instances that share a bucket share the question"


async def test_what_was_said_outlives_the_process(serve: Start, make: Any, tmp_path: Path) -> None:
    served = await serve(replying())
    for _ in range(3):
        asked = await make(served.url, memo=FigureMemo(lambda: tmp_path / "state")).of("harbor", REGION, KEY)
        assert asked.usage is not None and asked.usage.bytes == 1024
    assert len(served.requests) == 1
    file = tmp_path / "state" / FILE
    assert file.stat().st_mode & 0o777 == 0o600
    text = file.read_text("utf-8")
    assert KEY.user not in text and KEY.secret.reveal() not in text
    await make(served.url, memo=FigureMemo(lambda: tmp_path / "state")).of(
        "harbor", REGION, Credentials("b", KEY.secret)
    )
    assert len(served.requests) == 2, "another key may see other things"


def test_a_damaged_or_missing_memo_is_an_empty_one(tmp_path: Path) -> None:
    memo = FigureMemo(lambda: tmp_path)
    asked = Asked(at=NOW)
    for damage in (b"", b"[]", b'{"k": 1}', b"\xff", b"[" * 100_000):
        (tmp_path / FILE).write_bytes(damage)
        assert memo.load("k") is None
        memo.keep("k", asked)
        assert memo.load("k") == asked
    blocked = FigureMemo(lambda: tmp_path / FILE)
    blocked.keep("k", asked)
    assert blocked.load("k") is None


# Through the store


async def test_on_aws_the_bucket_tells_its_usage_from_cloudwatch(serve: Start, clean: Clean) -> None:
    async def head(_: web.Request) -> web.Response:
        return web.Response(headers={"Server": "AmazonS3", "x-amz-bucket-region": REGION})

    watch = await serve(replying())
    store = await serve({"/harbor": head})
    asked: list[tuple[str, str]] = []

    def address(region: str, domain: str) -> str:
        asked.append((region, domain))
        return watch.url

    source = StoreSource(endpoint=store.url, clean=clean, now=lambda: NOW, cloudwatch=address)
    source._endpoint = HOST  # what follows is decided by the name, and no test may speak to that one
    try:
        found = await source.bucket("harbor", KEY)
        assert isinstance(found, Ok) and isinstance(found.value, BucketState) and found.value.usage is not None
        assert (found.value.provider, found.value.usage.source, found.value.usage.bytes) == (
            "AWS S3",
            "AWS CloudWatch",
            1024,
        )
        assert asked[0] == (REGION, "amazonaws.com") and len(watch.requests) == 1
        await source.bucket("harbor", KEY)
        assert len(watch.requests) == 1 and len(store.requests) == 2
    finally:
        await source.aclose()


async def test_a_missing_right_is_named_for_doctor(serve: Start, clean: Clean) -> None:
    async def head(_: web.Request) -> web.Response:
        return web.Response(headers={"Server": "AmazonS3", "x-amz-bucket-region": REGION})

    watch = await serve(replying(b'{"__type":"AccessDeniedException"}', 400))
    store = await serve({"/harbor": head})
    source = StoreSource(endpoint=store.url, clean=clean, now=lambda: NOW, cloudwatch=lambda *_: watch.url)
    source._endpoint = HOST
    try:
        found = await source.bucket("harbor", KEY)
        assert isinstance(found, Ok) and found.value.usage is None
        assert found.value.usage_needs == "cloudwatch:GetMetricData"
        assert found.value.usage_needs in found.value.usage_note
    finally:
        await source.aclose()


def test_fleets_without_aws_load_none_of_it() -> None:
    code = (
        "import sys, harbortui.sources.storage.source, harbortui.collect.wiring;"
        "print([name for name in sys.modules if 'cloudwatch' in name or 'figures' in name])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
