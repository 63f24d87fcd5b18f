"""Job logs in the job service's format, made from the rows when they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harbortui.sim.world.harbor_types import JobRun, ReplicationTask
from harbortui.sim.world.timefmt import iso_seconds

if TYPE_CHECKING:
    from harbortui.sim.world.instance import Instance

TRANSFER = "/controller/replication/transfer/image/transfer.go"
GC = "/jobservice/job/impl/gc/garbage_collection.go"


def line(at: float, level: str, source: str, text: str) -> str:
    """One line as Harbor's logger writes it: time, level, source, text."""
    return f"{iso_seconds(int(at))} [{level}] [{source}]: {text}\n"


def replication(instance: Instance, task: ReplicationTask, now: float) -> str:
    """The log of a replication job as far as it has come at `now`."""
    url = instance.world.instance(task.peer).external_url
    tags = f"{task.repository}:[{task.tag}]"
    name = f"{task.repository}:{task.tag}"
    at = task.started
    end = task.ended or at + 3600.0
    rows = [
        (at, "INFO", 125, "client for source registry [type: harbor, URL: http://core:8080, insecure: true] created"),
        (at, "INFO", 135, f"client for destination registry [type: harbor, URL: {url}, insecure: false] created"),
        (at, "INFO", 168, f"copying {tags}(source registry) to {tags}(destination registry)..."),
        (at, "INFO", 192, f"copying {name}(source registry) to {name}(destination registry)..."),
        (at, "INFO", 373, f"pulling the manifest of artifact {name} ..."),
        (at, "INFO", 379, f"the manifest of artifact {name} pulled"),
    ]
    if task.note == "skip":
        rows.append((end, "INFO", 401, f"the image {name} already exists on the destination registry, skip"))
    elif task.note == "stopped":
        rows.append((end, "INFO", 214, "the job is stopped, exit"))
    else:
        rows += _copying(task, name, at, end)
    return "".join(line(t, level, f"{TRANSFER}:{n}", text) for t, level, n, text in rows if t <= now)


def _copying(task: ReplicationTask, name: str, at: float, end: float) -> list[tuple[float, str, int, str]]:
    blobs = (task.artifact.config, *task.artifact.layers)
    step = (min(end, at + 3600.0) - at) / (len(blobs) + 1) if task.ended else 1.0
    rows: list[tuple[float, str, int, str]] = []
    for number, blob in enumerate(blobs, 1):
        when = at + step * number
        rows.append((when, "INFO", 241, f"copying the blob sha256:{blob.hex}(the 1th running)..."))
        if task.note and number == len(blobs):
            text = f"failed to push the blob sha256:{blob.hex}, size: {blob.size}: {task.note}"
            rows.append((end, "ERROR", 256, text))
            rows.append((end, "ERROR", 203, f"failed to copy {name}: {task.note}"))
            return rows
        rows.append((when, "INFO", 275, f"copy the blob sha256:{blob.hex} completed"))
    rows.append((end, "INFO", 417, f"pushing the manifest of artifact {name} ..."))
    rows.append((end, "INFO", 429, f"the manifest of artifact {name} pushed"))
    rows.append((end, "INFO", 206, f"copy {name}(source registry) to {name}(destination registry) completed"))
    return rows


def garbage_collection(run: JobRun, swept: list[tuple[str, int]], now: float) -> str:
    """The log of a garbage collection; `swept` is what it removes (64 hex digits, bytes)."""
    p = run.parameters
    dry = bool(p.get("dry_run"))
    at, end = run.started, run.ended or run.started + 86_400.0
    untagged, workers = str(bool(p.get("delete_untagged"))).lower(), p.get("workers") or 1
    settings = f"[delete_untagged: {untagged}, dry_run: {str(dry).lower()}, time_window: 2, workers: {workers}]"
    megabytes = sum(size for _, size in swept) // 1_000_000
    note = " (no actually deletion for dry-run mode)" if dry else "."
    rows = [
        (at, "INFO", f"{GC}:178", f"Garbage Collection parameters: {settings}"),
        (at, "INFO", f"{GC}:192", f"start to run gc in job. (job_id: {run.job_id})"),
        (at + 4, "INFO", f"{GC}:409", f"start to delete untagged artifact{note}"),
        (at + 5, "INFO", f"{GC}:424", "end to delete untagged artifact."),
        (at + 6, "INFO", f"{GC}:252", f"{len(swept)} blobs and 0 manifests eligible for deletion"),
        (at + 6, "INFO", f"{GC}:253", f"The GC could free up {megabytes} MB space, the size is a rough estimation."),
    ]
    if not dry:
        span = max(1.0, end - at - 10) / max(1, len(swept))
        for number, (hex_digest, _) in enumerate(swept, 1):
            when = at + 8 + span * number
            text = f"[{number}/{len(swept)}] delete blob from storage: sha256:{hex_digest}"
            rows.append((when, "INFO", f"{GC}:339", text))
    if run.status == "Error":
        text = str(p.get("error", "failed to start gc as registry controller is unreachable"))
        rows.append((end, "ERROR", f"{GC}:205", text))
    elif run.status == "Stopped":
        rows.append((end, "INFO", f"{GC}:230", "received the stop signal, quit GC job."))
    else:
        rows.append((end, "INFO", f"{GC}:212", "success to run gc in job."))
    return "".join(line(*row) for row in rows if row[0] <= now)


def simple(run: JobRun, instance: Instance, now: float) -> str:
    """The log of a short system job: purge of the audit log, retention and the like."""
    purge = run.vendor == "PURGE_AUDIT_LOG"
    source = "/jobservice/job/impl/purge/purge.go:54" if purge else "/jobservice/runner/redis.go:118"
    text = f"start to run {run.vendor} on {instance.name}, parameters {sorted(run.parameters)}"
    rows = [(run.started, "INFO", source, text)]
    if run.ended:
        word = "completed" if run.status == "Success" else run.status.lower()
        rows.append((run.ended, "INFO", source, f"{run.vendor} {word}"))
    return "".join(line(*row) for row in rows if row[0] <= now)
