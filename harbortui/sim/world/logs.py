"""Container logs: what each task of each allocation printed, as append-only byte streams with stable offsets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harbortui.sim.world import log_lines
from harbortui.sim.world.harbor_types import Image, JobRun, ReplicationTask
from harbortui.sim.world.log_lines import core_line, nginx_line, registry_line
from harbortui.sim.world.nomad_types import Allocation
from harbortui.sim.world.options import HOUR, MINUTE

if TYPE_CHECKING:
    from harbortui.sim.world.instance import Instance
    from harbortui.sim.world.world import World

BACK = 2 * HOUR
BEFORE = 1_000_000
EventLine = tuple[float, int, str]
START_LINES: dict[str, tuple[str, str]] = {
    "database": ("stderr", "LOG:  database system is ready to accept connections"),
    "redis": ("stdout", "1:M * Ready to accept connections"),
    "registry": ("stderr", "listening on [::]:5000"),
    "registryctl": ("stdout", "[INFO] [/registryctl/main.go:88]: listening on :8080"),
    "core": ("stdout", "[INFO] [/core/main.go:290]: The database has been migrated successfully"),
    "portal": ("stderr", "[notice] 1#1: start worker processes"),
    "jobservice": ("stdout", "[INFO] [/jobservice/worker/cworker/c_worker.go:443]: Redis job worker is started"),
    "nginx": ("stderr", "[notice] 1#1: start worker processes"),
}


class LogStream:
    """One stream of one task of one allocation. Reading makes the lines up to the world's now; bytes never change.

    A line of a world event is placed by its time among the lines of the task; because everything up to now has
    happened before a read, what was read once stays as it was.
    """

    def __init__(self, logs: ContainerLogs, alloc: Allocation, task: str, stream: str, begin: float) -> None:
        self._logs = logs
        self._alloc = alloc
        self._task = task
        self._stream = stream
        self._begin = begin
        self._done = begin
        self._data = bytearray()
        self.file_name = f"alloc/logs/{task}.{stream}.0"

    def size(self) -> int:
        """Bytes so far."""
        self._grow()
        return len(self._data)

    def read(self, offset: int, limit: int = 65_536) -> bytes:
        """Up to `limit` bytes from `offset`; b"" at the end."""
        self._grow()
        return bytes(self._data[offset : offset + limit])

    def _grow(self) -> None:
        now = self._logs.world.now
        rows = [row for row in self._logs.events(self._alloc.id, self._task, self._stream) if row[0] > self._begin]
        if now > self._done:
            rows += self._ordinary(self._done, now)
            self._done = now
        rows.sort()
        for _, _, text in rows:
            self._data += text.encode() + b"\n"

    def _ordinary(self, begin: float, now: float) -> list[EventLine]:
        """The task's own lines with begin < time <= now; before the world's at equal times."""
        rows: list[EventLine] = []
        for minute in range(int(begin // MINUTE), int(now // MINUTE) + 1):
            for number, (at, stream, text) in enumerate(self._logs.minute(self._alloc.job_id, self._task, minute)):
                if stream == self._stream and begin < at <= now and self._logs.ran(self._alloc, self._task, at):
                    rows.append((at, number - BEFORE, text))
        return rows


class ContainerLogs:
    """All streams, made when first asked for, and the lines that world events add."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.horizon = world.options.start - BACK
        self._streams: dict[tuple[str, str, str], LogStream] = {}
        self._events: dict[tuple[str, str, str], list[EventLine]] = {}
        self._runs: dict[tuple[str, str], list[tuple[float, float]]] = {}
        self._order = 0

    def stream(self, alloc_id: str, task: str, stream: str) -> LogStream | None:
        """The stream, or None when the task has not started yet or is unknown."""
        key = (alloc_id, task, stream)
        found = self._streams.get(key)
        if found is not None:
            return found
        alloc = self.world.nomad.allocs.get(alloc_id)
        runs = self._runs.get((alloc_id, task))
        if alloc is None or not runs or stream not in ("stdout", "stderr"):
            return None
        ended = runs[-1][1]
        begin = max(runs[0][0] - 1e-6, min(self.horizon, ended - 10 * MINUTE))
        self._streams[key] = LogStream(self, alloc, task, stream, begin)
        return self._streams[key]

    def emit(self, job_id: str, task: str, stream: str, text: str) -> None:
        """Add a line now to the running allocation of a job; faults use it too. Nothing when it is not running."""
        if self.world.now < self.horizon:
            return
        alloc = self.world.nomad.current_alloc(job_id)
        if alloc is not None and alloc.tasks[task].state == "running":
            self._add(alloc.id, task, stream, text)

    def events(self, alloc_id: str, task: str, stream: str) -> list[EventLine]:
        """Take the event lines that were not taken yet (there are none from the future)."""
        return self._events.pop((alloc_id, task, stream), [])

    def minute(self, job_id: str, task: str, minute: int) -> log_lines.Lines:
        """The ordinary lines of one minute."""
        options = self.world.options
        host = self.world.instance(job_id).external_url.removeprefix("https://")
        source = log_lines.Source(options.seed, job_id, self.world.secrets.log_token, host)
        return log_lines.minute_lines(source, task, minute)

    def ran(self, alloc: Allocation, task: str, at: float) -> bool:
        """True when the task's process ran at that time."""
        return any(start <= at < end for start, end in self._runs.get((alloc.id, task), ()))

    # World events

    def task_started(self, alloc: Allocation, task: str) -> None:
        """A process started."""
        runs = self._runs.setdefault((alloc.id, task), [])
        runs.append((self.world.now, float("inf")))
        del runs[:-50]
        stream, text = START_LINES[task]
        self._add(alloc.id, task, stream, text)

    def task_ended(self, alloc: Allocation, task: str, exit_code: int, oom: bool) -> None:
        """A process ended; killed ones say nothing, others a last word."""
        runs = self._runs.get((alloc.id, task))
        if runs and runs[-1][1] == float("inf"):
            runs[-1] = (runs[-1][0], self.world.now)
        if oom:
            return
        stream = START_LINES[task][0]
        text = f"panic: exit status {exit_code}" if exit_code else "received signal terminated, shutting down"
        self._add(alloc.id, task, stream, text)

    def cut(self, alloc: Allocation) -> None:
        """The node is gone: nothing more is heard of the allocation's processes."""
        for task in alloc.tasks:
            runs = self._runs.get((alloc.id, task))
            if runs and runs[-1][1] == float("inf"):
                runs[-1] = (runs[-1][0], self.world.now)

    def pushed(self, instance: Instance, repository: str, tag: str, image: Image) -> None:
        """A push reached an instance."""
        if self.world.now < self.horizon:
            return
        at, job = self.world.now, instance.job_id
        request = f"PUT /v2/{repository}/manifests/{tag}"
        self.emit(job, "nginx", "stdout", nginx_line(at, request, 201, 0, log_lines.AGENTS[0], 0.084))
        fields = f'http.request.method=PUT http.request.uri="/v2/{repository}/manifests/{tag}" http.response.status=201'
        self.emit(job, "registry", "stderr", registry_line(at, "info", "response completed", fields))
        text = f"PushArtifact event: {repository}:{tag} {image.digest}"
        self.emit(job, "core", "stdout", core_line(at, "INFO", "/controller/event/handler/init.go:91", text))

    def pulled(self, instance: Instance, repository: str, tag: str, image: Image) -> None:
        """A pull through an instance."""
        if self.world.now >= self.horizon:
            request = f"GET /v2/{repository}/manifests/{tag}"
            text = nginx_line(self.world.now, request, 200, image.manifest.size, log_lines.AGENTS[1], 0.031)
            self.emit(instance.job_id, "nginx", "stdout", text)

    def replicated(self, instance: Instance, task: ReplicationTask) -> None:
        """A replication job ended."""
        if self.world.now < self.horizon:
            return
        failed = task.status == "Failed"
        text = f"Job REPLICATION:{task.job_id} exit with {'error: ' + task.note if failed else 'success'}"
        row = core_line(self.world.now, "ERROR" if failed else "INFO", "/jobservice/runner/redis.go:152", text)
        self.emit(instance.job_id, "jobservice", "stdout", row)

    def collected(self, instance: Instance, run: JobRun) -> None:
        """A garbage collection ended."""
        text = f"Job GARBAGE_COLLECTION:{run.job_id} exit with success, freed {run.parameters.get('freed_space')} bytes"
        row = core_line(self.world.now, "INFO", "/jobservice/runner/redis.go:152", text)
        self.emit(instance.job_id, "jobservice", "stdout", row)

    def _add(self, alloc_id: str, task: str, stream: str, text: str) -> None:
        self._order += 1
        self._events.setdefault((alloc_id, task, stream), []).append((self.world.now, self._order, text))
