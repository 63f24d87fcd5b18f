"""The simulated object store against MinIO RELEASE.2025-09-07 and Ceph RGW 16.2.15: status, headers, bodies' shapes."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import botocore.auth
import pytest
import requests

from harbortui.sim.store import ADMIN_KEY, READONLY_KEY, metrics_token
from harbortui.sim.world.options import ROOT_DIRECTORY, S3_ACCESS_KEY
from tests.recorded.exchange import Exchange, every, scenario
from tests.recorded.shape import differences
from tests.sim.store_site import START, Site, server, site

MINIO, RGW = "minio-2025-09-07", "rgw-16.2.15"
KEYS = {"owner": S3_ACCESS_KEY, "reader": READONLY_KEY, "root": ADMIN_KEY}
BUCKETS = {
    "harbor-registry": "harbor",
    "harbor-versions": "harbor",
    "harbor-empty": "harbor",
    "harbor-nothing": "missing",
}
TOLD_BY_HEADERS = re.compile(r"x-rgw-.*|x-minio-.*|x-amz-bucket-region|retry-after")
SAMPLE = re.compile(r"([a-z0-9_:]+)(?:\{(.*)\})? (\S+)")


@dataclass(frozen=True)
class Case:
    """One recorded exchange and how the simulator is asked for the same."""

    system: str
    folder: str
    name: str
    key: str = "owner"
    """A key of KEYS, ``none`` (unsigned), ``unknown``, ``wrong`` (its secret) or ``bearer`` (a token of metrics)."""
    versioned: bool = False
    region: str = "us-east-1"
    shift: float = 0.0
    """Seconds that the asking clock is off."""
    settings: Mapping[str, object] = field(default_factory=dict)
    also: str = ""
    """Another recording of the same operation, such as one that was cut off."""

    def __str__(self) -> str:
        return f"{self.system}/{self.folder}/{self.name}"

    def __hash__(self) -> int:
        return hash(str(self))

    @property
    def real(self) -> Exchange:
        return scenario(f"{self.system}/{self.folder}")[self.name]


def _cases(system: str, folder: str, names: str, **more: Any) -> tuple[Case, ...]:
    return tuple(Case(system, folder, name, **more) for name in names.split())


NO_QUORUM = {"write_quorum": False, "region": ""}
OFFLINE = {"initialised": False, "region": ""}
PUBLIC = {"public_metrics": True}
UNCOUNTED = {"scanned": False}
METRICS = "metrics-v2-bucket metrics-v2-cluster metrics-v3-usage-buckets metrics-v3-usage-objects metrics-v3-health"
HEALTH = "live ready cluster cluster-read cluster-maintenance"
LISTS = "list list-delimiter list-url versioning-off location lifecycle list-buckets"
CASES = (
    *_cases(MINIO, "healthy", f"head-bucket {LISTS} uploads uploads-prefix"),
    Case(MINIO, "healthy", "versions", versioned=True, also="versions-reader"),
    Case(MINIO, "healthy", "versioning", versioned=True),
    *_cases(
        MINIO, "healthy", "head-bucket-reader accountinfo-reader datausageinfo-reader uploads-reader", key="reader"
    ),
    *_cases(MINIO, "healthy", "versions-reader versioning-reader", key="reader", versioned=True),
    *_cases(MINIO, "healthy", "accountinfo datausageinfo", key="root"),
    *_cases(MINIO, "healthy", f"{HEALTH} root metrics-v2-no-token metrics-v3-no-token", key="none"),
    *_cases(MINIO, "healthy", METRICS, key="bearer", versioned=True),
    *_cases(MINIO, "not-scanned-yet", "accountinfo datausageinfo", key="root", settings=UNCOUNTED),
    *_cases(MINIO, "not-scanned-yet", METRICS, key="bearer", settings=UNCOUNTED),
    *_cases(MINIO, "bucket-gone", "head-bucket list uploads"),
    *_cases(MINIO, "wrong-key", "head-bucket list accountinfo", key="unknown"),
    *_cases(MINIO, "wrong-secret", "head-bucket list accountinfo", key="wrong"),
    *_cases(MINIO, "wrong-region", "head-bucket list accountinfo", region="eu-central-7"),
    *_cases(MINIO, "our-clock-behind", "head-bucket list accountinfo", shift=-1200.0),
    *_cases(MINIO, "our-clock-ahead", "head-bucket list accountinfo", shift=1200.0),
    *_cases(MINIO, "access-denied", "put-object-reader", key="reader"),
    *_cases(MINIO, "access-denied", "head-bucket-unsigned", key="none"),
    *_cases(MINIO, "write-quorum-lost", HEALTH, key="none", settings=NO_QUORUM),
    *_cases(MINIO, "write-quorum-lost", "put-object list head-bucket", settings=NO_QUORUM),
    *_cases(MINIO, "not-initialised", "live ready cluster cluster-read", key="none", settings=OFFLINE),
    *_cases(MINIO, "not-initialised", "head-bucket list put-object accountinfo", settings=OFFLINE),
    *_cases(MINIO, "not-initialised", "metrics-v2-bucket", key="bearer", settings=OFFLINE),
    *_cases(MINIO, "metrics-public", "metrics-v2-bucket metrics-v3-usage-buckets", key="none", settings=PUBLIC),
    *_cases(RGW, "healthy", f"head-bucket head-bucket-plain {LISTS} uploads uploads-prefix usage"),
    Case(RGW, "healthy", "versions", versioned=True, also="versions-reader"),
    Case(RGW, "healthy", "versioning", versioned=True),
    *_cases(RGW, "healthy", "versions-reader versioning-reader", key="reader", versioned=True),
    *_cases(
        RGW,
        "healthy",
        "head-bucket-reader list-reader uploads-reader list-buckets-reader usage-reader lifecycle-reader",
        key="reader",
    ),
    *_cases(RGW, "healthy", "admin-bucket admin-bucket-uid admin-bucket-missing", key="root"),
    *_cases(RGW, "healthy", "admin-bucket-no-caps"),
    *_cases(RGW, "healthy", "live root swift-healthcheck", key="none"),
    *_cases(RGW, "bucket-gone", "head-bucket list uploads"),
    *_cases(RGW, "wrong-key", "head-bucket list", key="unknown"),
    *_cases(RGW, "wrong-secret", "head-bucket list", key="wrong"),
    *_cases(RGW, "wrong-region", "head-bucket list", region="eu-central-7"),
    *_cases(RGW, "our-clock-behind", "head-bucket list", shift=-1200.0),
    *_cases(RGW, "our-clock-ahead", "head-bucket list", shift=1200.0),
    *_cases(RGW, "access-denied", "put-object-reader", key="reader"),
    *_cases(RGW, "access-denied", "head-bucket-unsigned", key="none"),
)
MAPS = (".bucketsUsageInfo", ".bucketsSizes")
LEFT_OUT: tuple[str, ...] = ()


@pytest.fixture(scope="module")
def sites() -> Iterator[Mapping[tuple[str, bool], Site]]:
    """By system and whether its buckets are versioned."""
    with (
        site(instances=2) as minio,
        site(instances=1, versioning=True) as versions,
        site(instances=2, provider="rgw") as rgw,
        site(instances=1, versioning=True, provider="rgw") as rgw_versions,
    ):
        yield {(MINIO, False): minio, (MINIO, True): versions, (RGW, False): rgw, (RGW, True): rgw_versions}


def _path(real: Exchange) -> str:
    parts = real.path.split("/")
    parts[1] = BUCKETS.get(parts[1], parts[1])
    below = ROOT_DIRECTORY.strip("/") + "/docker/"
    values = [(name, BUCKETS.get(value, value).replace("docker/", below, 1)) for name, value in real.query]
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in values)
    return "/".join(parts) + (f"?{query}" if query else "")


def _headers(store: Site, case: Case, path: str, method: str) -> dict[str, str]:
    if case.key == "none":
        return {}
    if case.key == "bearer":
        token = store.sim.call(lambda fleet: metrics_token(server(fleet).keys[ADMIN_KEY], START + 60))
        return {"Authorization": f"Bearer {token}"}
    name = {"unknown": "NOBODY-KNOWS-IT", "wrong": S3_ACCESS_KEY}.get(case.key) or KEYS[case.key]
    secret = "x" * 40 if case.key in ("unknown", "wrong") else store.keys[name]
    body = b"x" if method == "PUT" else b""
    signed = botocore.awsrequest.AWSRequest(method=method, url=store.url + path, data=body)
    signed.context["payload_signing_enabled"] = True
    credentials = botocore.credentials.Credentials(name, secret)
    botocore.auth.S3SigV4Auth(credentials, "s3", case.region).add_auth(signed)
    return {str(key): str(value) for key, value in signed.headers.items()}


def ask(store: Site, case: Case, monkeypatch: pytest.MonkeyPatch) -> requests.Response:
    """The simulator's answer to what the real server was asked."""
    real, true_time = case.real, botocore.auth.get_current_datetime  # type: ignore[attr-defined]
    path = _path(real)

    def shifted(*arguments: Any, **named: Any) -> datetime.datetime:
        made: datetime.datetime = true_time(*arguments, **named) + datetime.timedelta(seconds=case.shift)
        return made

    monkeypatch.setattr(botocore.auth, "get_current_datetime", shifted)
    body = b"x" if real.method == "PUT" else b""
    return store.plain(path, real.method, body, **_headers(store, case, path, real.method))


@pytest.fixture
def answer(request: pytest.FixtureRequest, sites: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[requests.Response]:
    case: Case = request.param
    store = sites[case.system, case.versioned]
    usual: dict[str, object] = {"write_quorum": True, "initialised": True, "scanned": True, "public_metrics": False}
    usual |= {"region": "us-east-1", "node_uptime": 1e9}
    store.set(**{**usual, **case.settings})
    yield ask(store, case, monkeypatch)
    store.set(**usual)


def tree(element: ElementTree.Element) -> Any:
    """An element as JSON would have it: children by name as lists, text as text."""
    if not len(element):
        return "" if element.text is None else "text"
    found: dict[str, list[Any]] = {}
    for child in element:
        found.setdefault(child.tag.rpartition("}")[2], []).append(tree(child))
    return found


def decoded(body: bytes, content_type: str) -> Any:
    """A body as a document of one kind; bytes when it is neither JSON nor XML."""
    if "json" in content_type or body[:1] in (b"{", b"["):
        import json

        return json.loads(body)
    if body[:1] == b"<":
        root = ElementTree.fromstring(body)
        return {root.tag.rpartition("}")[2]: [tree(root)]}
    return body


def samples(body: bytes) -> dict[str, set[str]]:
    """Names of samples with the names of their labels."""
    found = [match for line in body.decode().splitlines() if (match := SAMPLE.fullmatch(line))]
    return {match[1]: set(re.findall(r'(\w+)="', match[2] or "")) for match in found}


@pytest.mark.parametrize(("case", "answer"), [(case, case) for case in CASES], indirect=["answer"], ids=str)
def test_the_simulator_answers_as_the_real_store(case: Case, answer: requests.Response) -> None:
    real = case.real
    assert answer.status_code == real.status
    told = {name for name in real.headers if TOLD_BY_HEADERS.fullmatch(name)}
    assert {name for name in map(str.lower, answer.headers) if TOLD_BY_HEADERS.fullmatch(name)} == told
    if real.method == "HEAD":
        return
    if "content-type" in real.headers:
        assert answer.headers.get("Content-Type") == real.headers.get("content-type")
    theirs = decoded(real.body, real.headers.get("content-type", ""))
    ours = decoded(answer.content, answer.headers.get("Content-Type", ""))
    if isinstance(theirs, bytes):
        known = samples(real.body)
        assert {name: labels for name, labels in samples(answer.content).items() if known.get(name) != labels} == {}
        return
    assert not isinstance(ours, bytes)
    others = [scenario(f"{case.system}/{case.folder}")[case.also]] if case.also else []
    reals = [theirs, *(decoded(each.body, each.headers["content-type"]) for each in others)]
    assert differences(reals, [ours], maps=MAPS, left_out=LEFT_OUT) == []


def test_every_recording_of_the_healthy_stores_is_compared_or_named_here() -> None:
    not_simulated = {
        (MINIO, "accountinfo-stranger"),
        (MINIO, "get-object-reader"),
        (MINIO, "list-buckets-reader"),
        (MINIO, "list-empty"),
        (MINIO, "metrics-unknown"),
        (MINIO, "metrics-v2-reader-token"),
        (MINIO, "metrics-v2-signed"),
        (MINIO, "metrics-v2-wrong-token"),
        (MINIO, "uploads-exact-key"),
        (RGW, "admin-user"),
        (RGW, "get-object-reader"),
        (RGW, "head-bucket-empty"),
        (RGW, "head-bucket-versions"),
        (RGW, "list-empty"),
    }
    compared = {(case.system, case.name) for case in CASES if case.folder == "healthy"}
    recorded = {(f"{each.system}-{each.version}", each.name) for each in every("*/healthy")}
    assert {pair for pair in recorded if pair[0] in (MINIO, RGW)} == compared | not_simulated
