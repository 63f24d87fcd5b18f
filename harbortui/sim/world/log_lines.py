"""The lines each container prints in an ordinary minute: a pure function of seed, instance, task and minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import NamedTuple

from harbortui.sim.world.timefmt import iso_seconds

HOSTILE_RATE = 0.01
HOSTILE: tuple[str, ...] = (
    "library/[@click=app.quit]free[/]",
    "library/[/red]broken[bold",
    "library/\x1b[31mred\x1b[0m-\x1b]0;title\x07x",
    "library/\u202egnp.exe",
)
AGENTS = ("docker/27.3.1 go/go1.22.7 kernel/6.1.0", "containerd/1.7.22", "harbor-registry-client", "Mozilla/5.0")
REPOS = ("library/shop-api", "library/payments", "docker-cache/library/nginx", "ghcr-cache/immich-app/immich-server")


class Source(NamedTuple):
    """Whose lines: seed, instance, planted token for the lines that leak one, S3-style host, Redis's start number."""

    seed: int
    instance: str
    token: str
    host: str


Lines = list[tuple[float, str, str]]


def minute_lines(source: Source, task: str, minute: int) -> Lines:
    """The lines of one minute as (unix seconds, stream, text without newline), sorted by time."""
    rng = Random(f"{source.seed}:log:{source.instance}:{task}:{minute}")
    base = minute * 60.0
    rows = _MAKERS[task](source, rng, base)
    rows.sort(key=lambda row: row[0])
    return rows


def _times(rng: Random, base: float, count: int) -> list[float]:
    return [base + rng.random() * 60.0 for _ in range(count)]


def _repo(rng: Random) -> str:
    return rng.choice(HOSTILE) if rng.random() < HOSTILE_RATE else rng.choice(REPOS)


def nginx_line(at: float, request: str, status: int, size: int, agent: str, seconds: float) -> str:
    """Harbor's nginx access log (timed_combined) goes to stdout."""
    when = datetime.fromtimestamp(int(at), UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'10.0.2.40 - "{request} HTTP/1.1" {status} {size} "-" "{agent}" {seconds:.3f} {seconds:.3f} . [{when}]'


def core_line(at: float, level: str, source: str, text: str) -> str:
    """Harbor's logger format, e.g. 2026-01-14T14:03:00Z [INFO] [/server/middleware/security/robot.go:71]: text."""
    return f"{iso_seconds(int(at))} [{level}] [{source}]: {text}"


def registry_line(at: float, level: str, text: str, fields: str) -> str:
    """distribution's logfmt."""
    stamp = f"{iso_seconds(int(at))[:-1]}.{int(at % 1 * 1e9):09d}Z"
    return f'time="{stamp}" level={level} msg="{text}" go.version=go1.21.8 {fields}'


def _nginx(source: Source, rng: Random, base: float) -> Lines:
    rows: Lines = []
    for at in _times(rng, base, 14):
        repo = _repo(rng)
        path = f"/v2/{repo}/manifests/latest"
        request = rng.choice((f"GET {path}", f"HEAD {path}", "GET /api/v2.0/health"))
        text = nginx_line(at, request, 200, rng.randrange(200, 9000), rng.choice(AGENTS), rng.random() / 9)
        rows.append((at, "stdout", text))
    return rows


def _core(source: Source, rng: Random, base: float) -> Lines:
    rows: Lines = []
    for at in _times(rng, base, 5):
        request = f"{rng.getrandbits(128):032x}"
        text = rng.choice(
            (
                f"a robot security context generated for request GET /service/token, repo {_repo(rng)}",
                "an unauthorized security context generated for request GET /api/v2.0/ping",
                f"the cache of project {rng.randrange(1, 6)} refreshed",
            )
        )
        place = f'/server/middleware/security/robot.go:71][requestID="{request}"'
        rows.append((at, "stdout", core_line(at, "INFO", place, text)))
    if rng.random() < 0.05:
        at = base + 31.0
        text = f"failed to fetch from upstream, Authorization: Bearer {source.token}"
        rows.append((at, "stdout", core_line(at, "WARNING", "/controller/proxy/remote.go:88", text)))
    return rows


def _registry(source: Source, rng: Random, base: float) -> Lines:
    rows: Lines = []
    for at in _times(rng, base, 4):
        fields = (
            f'http.request.host="{source.host}" http.request.id={rng.getrandbits(64):016x} http.request.method=GET '
            f'http.request.remoteaddr=10.0.2.40 http.request.uri="/v2/{_repo(rng)}/manifests/latest" '
            f'http.request.useragent="{rng.choice(AGENTS)}" http.response.duration={rng.random() * 40:.6f}ms '
            "http.response.status=200"
        )
        rows.append((at, "stderr", registry_line(at, "info", "response completed", fields)))
    probe = base + 7.0
    rows.append((probe, "stdout", nginx_line(probe, "GET /", 200, 0, "Go-http-client/1.1", 0.0)))
    return rows


def _registryctl(source: Source, rng: Random, base: float) -> Lines:
    return [
        (base + s, "stdout", f'172.17.0.5 - - [{iso_seconds(int(base + s))}] "GET /api/health HTTP/1.1" 200 9')
        for s in (10.0, 20.0, 30.0, 40.0, 50.0)
    ]


def _portal(source: Source, rng: Random, base: float) -> Lines:
    rows: Lines = []
    for second in (10.0, 40.0):
        at = base + second
        when = datetime.fromtimestamp(int(at), UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
        rows.append((at, "stdout", f'172.17.0.5 - - [{when}] "GET / HTTP/1.1" 200 785 "-" "Go-http-client/1.1"'))
    return rows


def _jobservice(source: Source, rng: Random, base: float) -> Lines:
    at = base + rng.random() * 50
    place = "/jobservice/worker/cworker/c_worker.go:77"
    rows: Lines = [(at, "stdout", core_line(at, "INFO", place, "Job status hook events drained: 0"))]
    if rng.random() < 0.03:
        text = "retry redis connection redis://:" + source.token + "@127.0.0.1:6379/2"
        rows.append((at + 1, "stdout", core_line(at + 1, "ERROR", "/jobservice/common/rds/utils.go:35", text)))
    return rows


def _database(source: Source, rng: Random, base: float) -> Lines:
    minute = int(base // 60)
    if minute % 5:
        return []
    begin, end = (iso_seconds(int(base + n)).replace("T", " ")[:-1] for n in (0, 24))
    buffers = rng.randrange(20, 400)
    done = (
        f"{end}.608 UTC [27] LOG:  checkpoint complete: wrote {buffers} buffers (0.{buffers % 9 + 1}%); "
        "0 WAL file(s) added, 0 removed, 0 recycled; write=24.1 s, sync=0.012 s, total=24.5 s"
    )
    rows: Lines = [
        (base, "stderr", f"{begin}.114 UTC [27] LOG:  checkpoint starting: time"),
        (base + 24.0, "stderr", done),
    ]
    if rng.random() < 0.1:
        head = f"{begin}.733 UTC [{rng.randrange(90, 4000)}] ERROR:  "
        rows.append(
            (base, "stderr", head + 'duplicate key value violates unique constraint "unique_repository_digest"')
        )
    return rows


def _redis(source: Source, rng: Random, base: float) -> Lines:
    minute = int(base // 60)
    if minute % 5 != 2:
        return []
    when = datetime.fromtimestamp(int(base), UTC).strftime("%d %b %Y %H:%M:%S")
    child = 20 + minute % 9000
    texts = (
        f"1:M {when}.{rng.randrange(1000):03d} * 100 changes in 300 seconds. Saving...",
        f"1:M {when}.{rng.randrange(1000):03d} * Background saving started by pid {child}",
        f"{child}:C {when}.{rng.randrange(1000):03d} * DB saved on disk",
        f"1:M {when}.{rng.randrange(1000):03d} * Background saving terminated with success",
    )
    return [(base + n * 0.2, "stdout", text) for n, text in enumerate(texts)]


_MAKERS: dict[str, Callable[[Source, Random, float], Lines]] = {
    "nginx": _nginx,
    "core": _core,
    "registry": _registry,
    "registryctl": _registryctl,
    "portal": _portal,
    "jobservice": _jobservice,
    "database": _database,
    "redis": _redis,
}
