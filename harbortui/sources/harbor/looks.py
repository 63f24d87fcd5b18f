"""What is read of one Harbor while a person looks at it; every method answers a value or a failure."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from harbortui.model.asked import LogText, RawObject
from harbortui.model.audit import AuditPage
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.harbor import ExecutionTask, RegistryEndpoint
from harbortui.model.jobservice import JobQueue, JobService, Worker
from harbortui.model.projects import ProjectList, ScanBacklog
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.harbor import decode, decode_looks, wire, wire_looks
from harbortui.sources.harbor.audit import AuditLog
from harbortui.sources.harbor.raw import read_raw
from harbortui.sources.harbor.reader import HarborReader
from harbortui.sources.http import TEXT_TYPES
from harbortui.sources.logtext import READ_MOST, log_text
from harbortui.sources.rows import Unreadable, read_object, read_rows

LOG_BYTES = 256_000
"""The newest part of a log that is kept; Harbor sends up to 10 MB."""
NO_LOG = "no log: the job has not begun, or its log was deleted (Harbor keeps them for a day)"
_NUMBER = re.compile(r"[1-9]\d{0,18}", re.ASCII)


class HarborLooks:
    """Reads on demand, a few requests each, one after another so that they take no more than one connection."""

    def __init__(self, reader: HarborReader, now: Callable[[], float]) -> None:
        self._reader = reader
        self._clean = reader.clean
        self._now = now
        self._audit = AuditLog(reader, now)

    async def tasks(self, execution_id: str) -> Answer[tuple[ExecutionTask, ...]]:
        """The tasks of one execution, oldest first; Harbor has no order of its own."""
        if not _is_number(execution_id):
            return self._no_number()
        path = f"/replication/executions/{execution_id}/tasks"
        order = [("sort", "id")]
        return await self._reader.list(path, wire.TaskRow, decode.task, lambda row: row.id, "task", query=order)

    async def task_log(self, execution_id: str, task_id: str) -> Answer[LogText]:
        """A replication task's log; NOT_FOUND while the job waits, and a day after its end."""
        if not (_is_number(execution_id) and _is_number(task_id)):
            return self._no_number()
        return await self._log(f"/replication/executions/{execution_id}/tasks/{task_id}/log")

    async def gc_log(self, run_id: str) -> Answer[LogText]:
        """A garbage collection's log; NOT_FOUND while it waits in the queue."""
        return await self._log(f"/system/gc/{run_id}/log") if _is_number(run_id) else self._no_number()

    async def job_service(self) -> Answer[JobService]:
        """Pools, workers, queues and schedules; all or why not, since one right and one service stand behind all."""
        lost: list[str] = []
        pools = await self._reader.get("/jobservice/pools")
        if isinstance(pools, Failure):
            return pools
        workers = await self._reader.get("/jobservice/pools/all/workers")
        if isinstance(workers, Failure):
            return workers
        queues = await self._reader.get("/jobservice/queues")
        if isinstance(queues, Failure):
            return queues
        schedules = await self._reader.list(
            "/schedules", wire_looks.ScheduleRow, decode_looks.schedule, lambda row: row.id, "schedule"
        )
        if isinstance(schedules, Failure):
            return schedules
        now = pools.server_time if pools.server_time is not None else self._now()
        try:
            pool_rows = read_rows(pools.body, wire_looks.PoolRow, name="pool")
            worker_rows = read_rows(workers.body, wire_looks.WorkerRow, name="worker")
            queue_rows = read_rows(queues.body, wire_looks.QueueRow, name="queue")
        except Unreadable as error:
            return self._reader.client.unreadable(error)
        lost += map(self._clean, (*pool_rows.lost, *worker_rows.lost, *queue_rows.lost))
        found_workers: tuple[Worker, ...] = tuple(decode_looks.worker(row, self._clean) for row in worker_rows.rows)
        found_queues: tuple[JobQueue, ...] = tuple(decode_looks.queue(row, self._clean) for row in queue_rows.rows)
        service = JobService(
            pools=tuple(decode_looks.pool(row, now, self._clean) for row in pool_rows.rows),
            workers=tuple(sorted(found_workers, key=lambda each: (not each.is_busy, each.pool_id, each.id))),
            queues=tuple(sorted(found_queues, key=lambda each: each.job_type)),
            schedules=tuple(sorted(schedules.value, key=lambda each: (each.vendor_type, each.id))),
        )
        return Ok(service, lost_rows=(*lost, *schedules.lost_rows), server_time=pools.server_time)

    async def projects(self) -> Answer[ProjectList]:
        """The projects our account sees; what is missing of quotas, upstreams and scans is told beside them."""
        query = [("sort", "name"), ("with_detail", "true")]
        rows = await self._reader.rows(
            "/projects", wire_looks.ProjectRow, key=lambda row: row.project_id, name="project", query=query
        )
        if isinstance(rows, Failure):
            return rows
        quotas = await self._quotas()
        quota_failure = quotas if isinstance(quotas, Failure) else None
        upstreams: Answer[tuple[RegistryEndpoint, ...]] = Ok(())
        if any(row.registry_id for row in rows.value):
            upstreams = await self._reader.list(
                "/registries", wire.RegistryRow, decode.registry, lambda row: row.id, "registry"
            )
        known = () if isinstance(upstreams, Failure) else upstreams.value
        scan = await self._scan_backlog()
        scan_failure = scan if isinstance(scan, Failure) else None
        without = scan_failure is not None and scan_failure.kind in (FailureKind.NOT_FOUND, FailureKind.CONFLICT)
        found = decode_looks.projects(
            rows.value, {} if isinstance(quotas, Failure) else quotas, {each.id: each for each in known}, self._clean
        )
        listed = {row.name for row in rows.value}
        result = ProjectList(
            projects=found,
            quota_failure=quota_failure,
            registry_failure=upstreams if isinstance(upstreams, Failure) else None,
            has_scanner=False if without else None if scan_failure is not None else True,
            scan=None if isinstance(scan, Failure) else scan,
            scan_failure=None if without else scan_failure,
            unseen=0 if isinstance(quotas, Failure) else sum(name not in listed for name in quotas),
        )
        return Ok(result, lost_rows=rows.lost_rows, server_time=rows.server_time)

    async def audit(self, page: int, find: str) -> Answer[AuditPage]:
        """One page of the audit log, newest first."""
        return await self._audit.page(page, find)

    async def raw(self, kind: str, number: str) -> Answer[RawObject]:
        """An object as Harbor tells it, masked; ``kind`` is one of Harbor's in ``RAW_KINDS``."""
        return await read_raw(self._reader, kind, number)

    async def _log(self, path: str) -> Answer[LogText]:
        reply = await self._reader.get(path, expect=TEXT_TYPES, cap=READ_MOST, newest=LOG_BYTES)
        if isinstance(reply, Failure):
            missing = reply.kind is FailureKind.NOT_FOUND
            return msgspec.structs.replace(reply, detail=NO_LOG) if missing else reply
        return Ok(await log_text(reply.body, self._clean, cut=reply.cut), server_time=reply.server_time)

    async def _quotas(self) -> dict[str, wire.QuotaRow] | Failure:
        """By the project's name as Harbor writes it."""
        query = [("reference", "project"), ("sort", "-used.storage")]
        rows = await self._reader.rows(
            "/quotas", wire.QuotaRow, key=lambda row: row.ref.name, name="quota", query=query
        )
        return rows if isinstance(rows, Failure) else {row.ref.name: row for row in rows.value}

    async def _scan_backlog(self) -> ScanBacklog | Failure:
        """CONFLICT (412) or NOT_FOUND without a scanner."""
        reply = await self._reader.get("/scans/all/metrics")
        if isinstance(reply, Failure):
            return reply
        try:
            return decode_looks.scan_backlog(read_object(reply.body, wire_looks.ScanStats), self._clean)
        except Unreadable as error:
            return self._reader.client.unreadable(error)

    def _no_number(self) -> Failure:
        return self._reader.client.failure(FailureKind.NOT_FOUND, "not a number of Harbor's")


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None
