"""Pushes, replication with its echo, garbage collection, queues and the bucket agree with each other."""

from __future__ import annotations

import pytest

from harbortui.sim.world import BucketStats, SimOptions, World, build_world
from harbortui.sim.world.options import DAY

START = 1_768_399_200.0
HOUR = 3_600.0


def quiet(world: World) -> None:
    """Let nothing but the test push: the teams see read-only mode, lifted again for what the test does."""
    for instance in world.instances:
        instance.set_read_only(True)


def test_a_push_reaches_the_peers_and_echoes_once(world: World) -> None:
    origin, second, third = world.instances
    before = {i.name: max(i.executions) for i in world.instances}
    artifact = origin.push("library/shop-api", "canary")
    world.advance(START + 120)
    assert second.find_artifact("library/shop-api", "canary").image is artifact.image  # type: ignore[union-attr]
    assert third.find_artifact("library/shop-api", artifact.image.digest) is not None
    tasks = {
        i.name: [
            task
            for number, execution in i.executions.items()
            for task in execution.tasks
            if number > before[i.name] and task.artifact is artifact.image
        ]
        for i in world.instances
    }
    assert [len(rows) for rows in tasks.values()] == [2, 2, 2]
    assert all(t.status == "Succeed" for rows in tasks.values() for t in rows)
    assert sum(t.note == "" for rows in tasks.values() for t in rows) == 2
    assert sum(t.note == "skip" for rows in tasks.values() for t in rows) == 4


def test_executions_go_from_pending_to_final_and_counts_agree(world: World) -> None:
    origin = world.instances[0]
    origin.push("library/payments", "canary")
    number = max(origin.executions)
    execution = origin.executions[number]
    task = execution.tasks[0]
    assert (task.status, execution.status, origin.job_log(task.job_id)) == ("Pending", "InProgress", None)
    assert next(q for q in origin.queues() if q.job_type == "REPLICATION").count == 2
    world.advance(START + 3.2)
    assert task.status == "InProgress"
    assert task.job_id in {w.job_id for w in origin.workers()}
    assert "copying" in (origin.job_log(task.job_id) or "")
    world.advance(START + 200)
    assert task.status == "Succeed"
    assert execution.status == "Succeed"
    assert execution.count("Succeed") == len(execution.tasks)
    assert execution.ended == task.ended
    log = origin.job_log(task.job_id) or ""
    assert log.endswith("completed\n")
    assert "[INFO] [/controller/replication/transfer/image/transfer.go:125]: " in log
    world.advance(START + 200 + DAY)
    assert origin.job_log(task.job_id) is None


def test_a_peer_out_of_reach_fails_the_execution_before_its_first_task(world: World) -> None:
    origin = world.instances[0]
    world.unreachable.add("harbor:harbor-vm-05")
    origin.push("library/payments", "canary")
    failed = [e for e in origin.executions.values() if e.started >= START and e.status == "Failed"]
    assert failed and all(e.tasks == [] and e.ended == e.started for e in failed)
    assert "failed to create adapter for destination registry" in failed[0].status_text
    world.advance(START + 200)
    assert {t.peer for e in origin.executions.values() for t in e.tasks if t.created >= START} == {"harbor-nas"}


def test_a_peer_that_goes_away_fails_the_task_with_a_log_that_says_why(world: World) -> None:
    origin = world.instances[0]
    origin.push("library/payments", "canary")
    world.unreachable.add("harbor:harbor-vm-05")
    world.advance(START + 200)
    tasks = {t.peer: t for e in origin.executions.values() for t in e.tasks if t.created >= START}
    assert tasks["harbor-vm-05"].status == "Failed"
    assert tasks["harbor-nas"].status == "Succeed"
    assert "connection refused" in (origin.job_log(tasks["harbor-vm-05"].job_id) or "")
    endpoint = next(r for r in origin.registries.values() if r.peer == "harbor-vm-05")
    assert origin.ping_registry(endpoint.id) == "unreachable"


def test_about_one_in_a_hundred_copies_fails() -> None:
    world = build_world(SimOptions(start=START, instances=60, history_days=8))
    copies = [t for i in world.instances for e in i.executions.values() for t in e.tasks if t.note != "skip"]
    failed = [t for t in copies if t.status == "Failed"]
    assert 0.002 < len(failed) / len(copies) < 0.03


def test_garbage_collection_frees_what_deletion_left(world: World) -> None:
    instance = world.instances[0]
    quiet(world)
    artifact = instance.find_artifact("docker-cache/grafana/grafana", "11.2.0")
    assert artifact is not None
    world.advance(START + HOUR)
    stored = instance.bucket.stats()
    instance.delete_artifact("docker-cache/grafana/grafana", "11.2.0")
    assert instance.bucket.stats() == stored
    assert instance.find_artifact("docker-cache/grafana/grafana", "11.2.0") is None
    instance.set_read_only(False)
    young = instance.start_gc()
    world.advance(START + HOUR + 600)
    assert young.status == "Success"
    assert instance.blob_size(artifact.image.manifest.hex) is not None, "younger than two hours: kept"
    dry = instance.start_gc(dry_run=True)
    world.advance(START + 4 * HOUR)
    run = instance.start_gc()
    assert run.status == "Pending"
    before = instance.bucket.stats()
    world.advance(START + 4 * HOUR + 1800)
    assert run.status == "Success"
    assert dry.status == "Success"
    assert instance.blob_size(artifact.image.manifest.hex) is None
    after = instance.bucket.stats()
    freed = run.parameters["freed_space"]
    assert isinstance(freed, int)
    assert freed > 0
    assert f"sha256:{artifact.image.manifest.hex}" in (instance.job_log(run.job_id) or "")
    assert before.bytes - after.bytes >= freed - 40_000_000 * 8


def test_a_listing_adds_up_to_the_statistics(world: World) -> None:
    for instance in world.instances:
        entries = list(instance.bucket.list())
        keys = [e.key for e in entries]
        assert keys == sorted(set(keys))
        stats = instance.bucket.stats()
        assert (len(entries), sum(e.size for e in entries)) == (stats.objects, stats.bytes)
        blobs = sum(e.size for e in instance.bucket.list(prefix="registry/docker/registry/v2/blobs/"))
        assert blobs >= instance.total_usage()
        assert blobs == sum(instance.bucket.blobs().values())
        middle = keys[len(keys) // 2]
        assert next(instance.bucket.list(after=middle)).key == keys[len(keys) // 2 + 1]
        assert instance.bucket.get(middle) == entries[len(keys) // 2]
        seen, _ = instance.bucket.scanned()
        assert START - HOUR < seen < START


def test_links_name_their_blob(world: World) -> None:
    bucket = world.instances[0].bucket
    links = [e for e in bucket.list() if e.key.endswith("/link")]
    assert links
    for entry in links[:200]:
        assert entry.size == 71
        body = bucket.body(entry)
        if body:
            assert len(body) == 71
            assert body.decode().removeprefix("sha256:") in entry.key


def test_bulk_blobs_are_sorted_addressable_and_counted() -> None:
    plain = build_world(SimOptions(start=START, instances=1)).instances[0].bucket
    bucket = build_world(SimOptions(start=START, instances=1, bulk_blobs=20_000)).instances[0].bucket
    entries = list(bucket.list())
    assert [e.key for e in entries] == sorted({e.key for e in entries})
    stats = bucket.stats()
    assert stats.objects == plain.stats().objects + 20_000 == len(entries)
    assert stats.bytes == sum(e.size for e in entries)
    part = list(bucket.list(prefix="registry/docker/registry/v2/blobs/sha256/a"))
    assert part == [e for e in entries if e.key.startswith("registry/docker/registry/v2/blobs/sha256/a")]
    assert bucket.get(entries[777].key) == entries[777]
    assert next(bucket.list(after=entries[777].key)) == entries[778]


def test_a_million_synthetic_keys_need_no_list() -> None:
    bucket = build_world(SimOptions(start=START, instances=1, bulk_blobs=1_000_000)).instances[0].bucket
    listing = bucket.list(prefix="registry/docker/registry/v2/blobs/sha256/80/")
    page = [entry for entry, _ in zip(listing, range(3), strict=False)]
    assert all(e.key.startswith("registry/docker/registry/v2/blobs/sha256/80/") for e in page)
    assert bucket.stats().objects > 1_000_000


def test_versioned_buckets_keep_what_garbage_collection_deleted() -> None:
    world = build_world(SimOptions(start=START, instances=1, versioning=True))
    bucket = world.instances[0].bucket
    stats: BucketStats = bucket.stats()
    assert stats.version_objects == stats.delete_markers > 0
    versions = list(bucket.versions())
    assert [v.key for v in versions] == sorted(v.key for v in versions)
    assert sum(v.size for v in versions if not v.latest) == stats.version_bytes
    assert sum(v.latest and not v.delete_marker for v in versions) == stats.objects


def test_queues_pause_resume_and_stop(world: World) -> None:
    instance = world.instances[0]
    quiet(world)
    world.advance(START + 600)
    instance.set_read_only(False)
    instance.queue_action("REPLICATION", "pause")
    instance.push("library/payments", "canary")
    world.advance(START + 800)
    queue = next(q for q in instance.queues() if q.job_type == "REPLICATION")
    assert (queue.count, queue.paused) == (2, True)
    assert queue.latency == 200
    instance.queue_action("REPLICATION", "stop")
    assert next(q for q in instance.queues() if q.job_type == "REPLICATION").count == 0
    world.advance(START + 860)
    newest = [e for e in instance.executions.values() if e.started >= START + 590]
    assert {e.status for e in newest} == {"Stopped"}
    instance.queue_action("all", "resume")
    with pytest.raises(ValueError, match="not supported"):
        instance.queue_action("REPLICATION", "explode")


def test_jobs_wait_while_the_job_service_is_down_and_go_on_after(world: World) -> None:
    instance = world.instances[0]
    alloc = world.nomad.current_alloc(instance.job_id)
    assert alloc is not None
    world.nomad.crash_task(alloc.id, "jobservice")
    run = instance.start_gc(dry_run=True)
    world.advance(START + 10)
    assert run.status == "Pending"
    pool = instance.pools()[0]
    assert pool.heartbeat_at <= START
    world.advance(START + 120)
    assert run.status == "Success"
    assert instance.pools()[0].pool_id != pool.pool_id


def test_schedules_can_be_changed_and_deleted(world: World) -> None:
    instance = world.instances[0]
    row = instance.set_schedule("GARBAGE_COLLECTION", "Daily", "0 0 0 * * *", {"delete_untagged": True})
    assert row is not None
    assert sum(s.vendor == "GARBAGE_COLLECTION" for s in instance.schedules.values()) == 1
    runs = len(instance.jobs["GARBAGE_COLLECTION"])
    world.advance(START + 2 * DAY)
    assert len(instance.jobs["GARBAGE_COLLECTION"]) == runs + 2
    assert instance.jobs["GARBAGE_COLLECTION"][-1].parameters["delete_untagged"] is True
    assert instance.set_schedule("GARBAGE_COLLECTION", "None", "", {}) is None
    world.advance(START + 8 * DAY)
    assert len(instance.jobs["GARBAGE_COLLECTION"]) == runs + 2


def test_pushes_are_refused_as_harbor_does(world: World) -> None:
    instance = world.instances[0]
    with pytest.raises(ValueError, match="proxy project"):
        instance.push("docker-cache/library/nginx", "x")
    with pytest.raises(ValueError, match="not found"):
        instance.push("nowhere/x", "x")
    library = instance.project("library")
    assert library is not None
    instance.set_quota(library.id, 1)
    with pytest.raises(ValueError, match="quota"):
        instance.push("library/payments", "x")
    instance.set_read_only(True)
    with pytest.raises(ValueError, match="read only"):
        instance.push("library/payments", "x")


def test_a_disabled_policy_does_nothing(world: World) -> None:
    instance = world.instances[0]
    for number in list(instance.policies):
        instance.set_policy(number, enabled=False)
    before = len(instance.executions), max(instance.executions)
    instance.push("library/payments", "canary")
    assert (len(instance.executions), max(instance.executions)) == before
    with pytest.raises(ValueError, match="disabled"):
        instance.start_replication(min(instance.policies))


def test_usage_grows_with_pushes_and_the_audit_log_knows(world: World) -> None:
    instance = world.instances[0]
    before = instance.bucket.stats().bytes
    artifact = instance.push("library/payments", "canary", user="alice")
    assert instance.bucket.stats().bytes >= before + artifact.image.layers[-1].size
    row = next(r for r in reversed(instance.audit) if r.operation == "create")
    assert (row.username, row.resource, row.op_time) == ("alice", "library/payments:canary", START)


def test_a_short_loss_of_redis_delays_jobs_and_loses_none(world: World) -> None:
    instance = world.instances[0]
    alloc = world.nomad.current_alloc(instance.job_id)
    assert alloc is not None
    instance.push("library/payments", "canary")
    world.advance(START + 3.2)
    assert instance.jobservice.running
    world.nomad.crash_task(alloc.id, "redis")
    world.advance(START + 15)
    newest = [e for e in instance.executions.values() if e.started == START]
    assert {e.status for e in newest} == {"InProgress"}
    world.advance(START + 150)
    assert {e.status for e in newest} == {"Succeed"}


def test_a_rebuilt_job_service_runs_the_jobs_of_its_dead_pool(world: World) -> None:
    instance = world.instances[0]
    run = instance.start_gc()
    world.advance(START + 20)
    assert run.status == "Running"
    world.nomad.stop_alloc(world.nomad.current_alloc(instance.job_id).id)  # type: ignore[union-attr]
    world.advance(START + 600)
    assert run.status == "Success"
    assert run.started > START + 20


def test_waiting_jobs_of_a_kind_that_runs_alone_wait_their_turn(world: World) -> None:
    instance = world.instances[0]
    first, second = instance.start_gc(), instance.start_gc(dry_run=True)
    world.advance(START + 10)
    assert (first.status, second.status) == ("Running", "Pending")
    instance.stop_job(first.job_id)
    assert first.status == "Stopped"
    world.advance(START + 60)
    assert second.status == "Success"


def test_incomplete_uploads_are_younger_where_the_store_expires_them() -> None:
    ages = {}
    for provider in ("minio", "rgw"):
        world = build_world(SimOptions(start=START, instances=1, provider=provider))  # type: ignore[arg-type]
        upload = world.instances[0].bucket.multipart[0]
        ages[provider] = START - upload.initiated
        assert world.instances[0].bucket.stats().multipart_bytes == sum(size for _, size, _ in upload.parts)
    assert ages["minio"] < DAY < ages["rgw"]
