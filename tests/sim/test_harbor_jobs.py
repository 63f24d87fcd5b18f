"""Replication, garbage collection, purge and the job service through the API."""

from __future__ import annotations

import json

import pytest

from tests.sim.harbor_site import Answer, Site, serving

NOT_HELD = {"code": 10010, "message": "object is not found"}


async def advance_until(site: Site, path: str, key: str, wanted: set[str]) -> dict[str, object]:
    """Move the world until a row's `key` is one of `wanted`; an hour of world time at most."""
    end = site.world.now + 3600.0
    while site.world.now < end:
        row = (await site.ask(path)).json
        if row[key] in wanted:
            return dict(row)
        site.world.advance(site.world.now + 2.0)
    raise AssertionError(f"{path} never became {wanted}")


def missing_log(answer: Answer, job_id: str) -> bool:
    """True for core's 404 with the job service's JSON inside."""
    return answer.status == 404 and json.loads(answer.message) == {**NOT_HELD, "details": job_id}


async def test_a_manual_replication_runs_to_its_end() -> None:
    async with serving() as site:
        started = await site.ask("/replication/executions", "admin", "POST", {"policy_id": 1})
        assert started.status == 201 and started.text == ""
        path = started.headers["Location"].removeprefix("/api/v2.0")
        first = (await site.ask(path)).json
        assert (first["status"], first["trigger"], first["policy_id"]) == ("InProgress", "manual", 1)
        assert first["end_time"] == "0001-01-01T00:00:00.000Z"
        tasks = (await site.ask(f"{path}/tasks?page_size=100&sort=id")).json
        assert len(tasks) == first["total"] > 0
        done = await advance_until(site, path, "status", {"Succeed", "Failed"})
        assert done["total"] == done["succeed"] + done["failed"] + done["stopped"]
        assert done["in_progress"] == 0 and done["end_time"] > done["start_time"]
        log = await site.ask(f"{path}/tasks/{tasks[0]['id']}/log")
        assert log.status == 200 and log.headers["Content-Type"].startswith("text/plain")
        assert tasks[0]["src_resource"].split(" ")[0].split("/")[-1] in log.text
        assert (await site.ask(f"/jobservice/jobs/{tasks[0]['job_id']}/log")).text == log.text
        assert (await site.ask("/replication/executions/999999/tasks")).status == 404
        other = await site.ask(f"/replication/executions/1/tasks/{tasks[0]['id']}/log")
        assert other.status == 404
        listed = (await site.ask("/replication/executions?policy_id=1&trigger=manual&page_size=100")).json
        assert done["id"] in {row["id"] for row in listed}
        succeeded = (await site.ask("/replication/executions?status=Succeed&page_size=100")).json
        assert {row["status"] for row in succeeded} == {"Succeed"}


async def test_logs_are_gone_after_a_day() -> None:
    async with serving() as site:
        execution = next(e for e in reversed(site.instance.executions.values()) if e.ended)
        task = execution.tasks[0]
        path = f"/replication/executions/{execution.id}/tasks/{task.id}/log"
        assert (await site.ask(path)).status == 200
        site.world.advance(site.world.now + 90_000.0)
        assert missing_log(await site.ask(f"/jobservice/jobs/{task.job_id}/log"), task.job_id)


async def test_stopping_an_execution() -> None:
    async with serving() as site:
        path = (await site.ask("/replication/executions", "admin", "POST", {"policy_id": 2})).headers["Location"]
        path = path.removeprefix("/api/v2.0")
        stopped = await site.ask(path, "admin", "PUT")
        assert (stopped.status, stopped.text) == (200, "")
        row = await advance_until(site, path, "status", {"Stopped", "Failed", "Succeed"})
        assert row["status"] == "Stopped" and row["stopped"] > 0


async def test_a_policy_is_disabled_by_a_full_replacement() -> None:
    async with serving("v2.14.4") as site:
        policy = (await site.ask("/replication/policies/1")).json
        policy["enabled"] = False
        assert (await site.ask("/replication/policies/1", "console", "PUT", policy)).status == 403
        assert (await site.ask("/replication/policies/1", "operator", "PUT", policy)).status == 200
        after = (await site.ask("/replication/policies/1")).json
        assert "enabled" not in after
        assert after == {**{k: v for k, v in policy.items() if k != "enabled"}, "update_time": after["update_time"]}
        refused = await site.ask("/replication/executions", "admin", "POST", {"policy_id": 1})
        assert (refused.status, refused.code) == (412, "PRECONDITION")
        # What a body does not say becomes false.
        bare = {"name": policy["name"], "dest_registry": {"id": policy["dest_registry"]["id"]}, "enabled": True}
        assert (await site.ask("/replication/policies/1", "admin", "PUT", bare)).status == 200
        replaced = (await site.ask("/replication/policies/1")).json
        assert "override" not in replaced and replaced["filters"] is None and replaced["trigger"]["type"] == "manual"
        for wrong in ({**bare, "name": ""}, {**bare, "src_registry": {"id": 1}}, {"name": "x"}):
            assert (await site.ask("/replication/policies/1", "admin", "PUT", wrong)).status == 400
        single = {**policy, "single_active_replication": True, "trigger": {"type": "event_based"}}
        assert (await site.ask("/replication/policies/1", "admin", "PUT", single)).status == 500


async def test_a_manual_collection_frees_what_the_world_says() -> None:
    async with serving() as site:
        for row in list(site.instance.repositories.values())[:4]:
            for artifact in list(row.artifacts[:2]):
                site.instance.delete_artifact(row.name, artifact.image.digest)
        site.world.advance(site.world.now + 3 * 3600.0)
        body = {
            "schedule": {"type": "Manual"},
            "parameters": {"delete_untagged": False, "dry_run": False, "workers": 2},
        }
        started = await site.ask("/system/gc/schedule", "admin", "POST", body)
        assert started.status == 201
        path = started.headers["Location"].removeprefix("/api/v2.0")
        queued = (await site.ask(path)).json
        assert queued["job_status"] == "Running" and queued["schedule"]["type"] == "Manual"
        run = site.instance.jobs["GARBAGE_COLLECTION"][-1]
        assert missing_log(await site.ask(f"{path}/log"), run.job_id)
        waiting = {q["job_type"]: q.get("count", 0) for q in (await site.ask("/jobservice/queues")).json}
        assert waiting["GARBAGE_COLLECTION"] == 1
        while run.status == "Pending":
            site.world.advance(site.world.now + 0.5)
        busy = [w for w in (await site.ask("/jobservice/pools/all/workers")).json if "job_id" in w]
        assert {"GARBAGE_COLLECTION"} <= {w["job_name"] for w in busy} and all("start_at" in w for w in busy)
        before = site.instance.bucket.stats().bytes
        done = await advance_until(site, path, "job_status", {"Success", "Error"})
        assert done["job_status"] == "Success"
        parameters = json.loads(str(done["job_parameters"]))
        assert before - site.instance.bucket.stats().bytes >= parameters["freed_space"] > 0
        assert parameters["workers"] == 2 and parameters["purged_blobs"] > 0
        assert list(parameters) == sorted(parameters)
        log = await site.ask(f"{path}/log")
        assert log.status == 200 and log.headers["Content-Type"].startswith("text/plain") and log.text
        assert (await site.ask("/system/gc?page_size=1")).json[0]["id"] == done["id"]


@pytest.mark.parametrize(
    ("workers", "status"), [(1, 201), (5, 201), (6, 400), (0, 400), (-1, 400), (1.5, 400), ("3", 201), (True, 201)]
)
async def test_workers_must_be_a_small_number_and_other_types_are_ignored(workers: object, status: int) -> None:
    body = {"schedule": {"type": "Manual"}, "parameters": {"workers": workers, "dry_run": True}}
    async with serving("v2.12.4") as site:
        assert (await site.ask("/system/gc/schedule", "admin", "POST", body)).status == status


async def test_the_gc_schedule_is_set_read_back_and_deleted() -> None:
    async with serving() as site:
        schedule = (await site.ask("/system/gc/schedule")).json
        assert schedule["schedule"]["cron"] == "0 0 3 * * 0" and schedule["schedule"]["type"] == "Weekly"
        assert schedule["schedule"]["next_scheduled_time"] == "2026-01-18T03:00:00.000Z"
        assert json.loads(schedule["job_parameters"]) == {"delete_untagged": False, "workers": 1}
        body = {
            "schedule": {"type": "Custom", "cron": "0 30 4 * * 6"},
            "parameters": {"workers": 3, "delete_untagged": True},
        }
        assert (await site.ask("/system/gc/schedule", "admin", "PUT", body)).status == 200
        after = (await site.ask("/system/gc/schedule")).json
        assert after["job_kind"] == after["schedule"]["cron"] == "0 30 4 * * 6"
        assert json.loads(after["job_parameters"]) == {"delete_untagged": True, "workers": 3}
        rows = [s for s in (await site.ask("/schedules")).json if s["vendor_type"] == "GARBAGE_COLLECTION"]
        assert [r["cron"] for r in rows] == ["0 30 4 * * 6"]
        assert (await site.ask("/system/gc/schedule", "admin", "PUT", {"schedule": {"type": "None"}})).status == 200
        gone = await site.ask("/system/gc/schedule")
        assert (gone.status, gone.text) == (200, "")
        wrong = await site.ask("/system/gc/schedule", "admin", "PUT", {"schedule": {"type": "Sometimes"}})
        assert wrong.status == 422
        assert (await site.ask("/system/gc/schedule", "admin", "PUT", {})).status == 500


async def test_a_running_collection_can_be_stopped() -> None:
    async with serving("v2.14.4") as site:
        body = {"schedule": {"type": "Manual"}}
        path = (await site.ask("/system/gc/schedule", "operator", "POST", body)).headers["Location"]
        path = path.removeprefix("/api/v2.0")
        assert (await site.ask(path, "console", "PUT")).status == 403
        assert (await site.ask(path, "operator", "PUT")).status == 200
        assert (await site.ask(path)).json["job_status"] == "Stopped"


@pytest.mark.parametrize(("version", "name"), [("v2.11.2", "include_operations"), ("v2.14.4", "include_event_types")])
async def test_the_purge_asks_for_what_its_version_calls_it(version: str, name: str) -> None:
    async with serving(version) as site:
        good = {"audit_retention_hour": 48, name: "create,delete", "dry_run": True}
        for missing in ("audit_retention_hour", name):
            parameters = {k: v for k, v in good.items() if k != missing}
            body = {"schedule": {"type": "Manual"}, "parameters": parameters}
            refused = await site.ask("/system/purgeaudit/schedule", "admin", "POST", body)
            assert (refused.status, refused.message) == (400, f"{missing} should provide")
        body = {"schedule": {"type": "Manual"}, "parameters": good}
        started = await site.ask("/system/purgeaudit/schedule", "admin", "POST", body)
        path = started.headers["Location"].removeprefix("/api/v2.0")
        done = await advance_until(site, path, "job_status", {"Success", "Error"})
        assert json.loads(str(done["job_parameters"]))[name] == "create,delete"
        schedule = (await site.ask("/system/purgeaudit/schedule")).json
        assert set(json.loads(schedule["job_parameters"])) == {"audit_retention_hour", name}


async def test_a_paused_queue_keeps_its_jobs_until_it_is_resumed() -> None:
    async with serving() as site:

        async def queue() -> dict[str, object]:
            rows = (await site.ask("/jobservice/queues")).json
            return next(row for row in rows if row["job_type"] == "GARBAGE_COLLECTION")

        path = "/jobservice/queues/garbage_collection"
        assert (await site.ask(path, "admin", "PUT", {"action": "pause"})).status == 200
        assert (await queue())["paused"] is True
        await site.ask("/system/gc/schedule", "admin", "POST", {"schedule": {"type": "Manual"}})
        site.world.advance(site.world.now + 100.0)
        waiting = await queue()
        assert waiting["count"] == 1 and 95 <= int(str(waiting["latency"])) <= 101
        assert (await site.ask(path, "admin", "PUT", {"action": "resume"})).status == 200
        site.world.advance(site.world.now + 30.0)
        assert "count" not in await queue()
        assert (await site.ask("/jobservice/queues/NOBODY", "admin", "PUT", {"action": "stop"})).status == 200
        assert (await site.ask("/schedules/all/paused", "viewer")).json == {"paused": False}
        await site.ask("/jobservice/queues/SCHEDULER", "admin", "PUT", {"action": "pause"})
        assert (await site.ask("/schedules/all/paused")).json == {"paused": True}
        assert (await site.ask("/schedules/GARBAGE_COLLECTION/paused")).status == 400


async def test_pools_beat_and_workers_are_ten() -> None:
    async with serving() as site:
        pool = (await site.ask("/jobservice/pools")).json[0]
        assert "host" not in pool and pool["concurrency"] == 10
        assert pool["heartbeat_at"].endswith(".000Z")
        workers = (await site.ask(f"/jobservice/pools/{pool['worker_pool_id']}/workers")).json
        assert len(workers) == 10
        assert (await site.ask("/jobservice/pools/nobody/workers")).json == []
        assert (await site.ask("/jobservice/jobs/all", "admin", "PUT")).status == 200


async def test_scans_are_412_without_a_scanner_once_the_permission_is_there() -> None:
    async with serving() as site:
        for method, path in (
            ("GET", "/system/scanAll/schedule"),
            ("GET", "/scans/all/metrics"),
            ("POST", "/system/scanAll/stop"),
        ):
            assert (await site.ask(path, "admin", method)).status == 412
            assert (await site.ask(path, "viewer", method)).status == 403
            assert (await site.ask(path, "anonymous", method)).status == 401
        assert (await site.ask("/scanners")).json == []


async def test_a_log_is_text_and_a_json_string_that_calls_itself_text_for_who_wants_json() -> None:
    async with serving() as site:
        run = next(r for r in reversed(site.instance.jobs["EXECUTION_SWEEP"]) if site.instance.job_log(r.job_id))
        path = f"/jobservice/jobs/{run.job_id}/log"
        for accept in ("text/plain", "*/*", "text/*", "application/json, text/plain;q=0.5"):
            assert (await site.ask(path, headers={"Accept": accept})).status == 200
        quoted = await site.ask(path, headers={"Accept": "application/json"})
        assert (quoted.status, quoted.headers["Content-Type"]) == (200, "text/plain")
        assert json.loads(quoted.text) == (await site.ask(path)).text
        refused = await site.ask("/quotas", headers={"Accept": "text/plain"})
        assert (refused.status, refused.code) == (422, "UNPROCESSABLE_ENTITY")
        ping = await site.ask("/ping", headers={"Accept": "application/json"})
        assert (ping.headers["Content-Type"], ping.json) == ("application/json", "Pong")


async def test_retention_of_a_proxy_cache() -> None:
    async with serving() as site:
        metadata = (await site.ask("/projects/docker-cache")).json["metadata"]
        number = metadata["retention_id"]
        policy = (await site.ask(f"/retentions/{number}")).json
        assert policy["scope"] == {"level": "project", "ref": 2}
        runs = (await site.ask(f"/retentions/{number}/executions")).json
        assert runs and all("." not in r["start_time"] or r["start_time"].endswith("Z") for r in runs)
        tasks = (await site.ask(f"/retentions/{number}/executions/{runs[0]['id']}/tasks?page_size=50")).json
        assert len(tasks) == sum(r.project_id == 2 for r in site.instance.repositories.values())
        assert (await site.ask("/retentions/999")).status == 500
        assert (await site.ask(f"/retentions/{number}/executions/999999/tasks")).status == 404
