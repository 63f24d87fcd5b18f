"""The world is deterministic, is the reference fleet by default, and begins with a history."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from harbortui.sim.summary import summary
from harbortui.sim.world import SimOptions, World, build_world
from harbortui.sim.world.options import DAY

START = 1_768_399_200.0


def everything(world: World) -> str:
    """A text that differs when anything visible differs."""
    parts: list[object] = [summary(world)]
    for instance in world.instances:
        parts += [list(instance.executions.values()), list(instance.audit), instance.jobs]
        parts.append([entry for entry in instance.bucket.list()])
    parts += [list(world.nomad.allocs.values()), list(world.nomad.events)]
    return "\n".join(map(repr, parts))


def test_equal_options_give_an_equal_world_and_an_equal_future() -> None:
    first, second = (build_world(SimOptions(start=START, seed=7)) for _ in range(2))
    assert everything(first) == everything(second)
    first.advance(START + DAY)
    for step in range(1, 25):
        second.advance(START + step * 3600)
    assert everything(first) == everything(second)


def test_another_seed_gives_another_world() -> None:
    first, second = (build_world(SimOptions(start=START, seed=seed)) for seed in (1, 2))
    assert everything(first) != everything(second)


def test_the_same_seed_begins_alike_at_another_time() -> None:
    first = build_world(SimOptions(start=START))
    second = build_world(SimOptions(start=START + 28 * DAY))
    counts = [[len(i.executions) for i in world.instances] for world in (first, second)]
    assert counts[0] == counts[1]
    a, b = (list(world.nomad.allocs.values())[-1] for world in (first, second))
    assert a.id == b.id
    assert b.create_time - a.create_time == pytest.approx(28 * DAY)


def test_the_reference_fleet(world: World) -> None:
    rows = [(i.name, i.node_name, f"{i.host}:{i.port}", i.external_url, i.bucket_name) for i in world.instances]
    assert rows == [
        ("harbor-vm-06", "vm-nomad-client-06", "10.0.2.126:8880", "https://harbor.ackermannprivat.ch", "harbor"),
        ("harbor-vm-05", "vm-nomad-client-05", "10.0.2.125:8880", "https://harbor-05.ackermannprivat.ch", "harbor-05"),
        ("harbor-nas", "nas", "10.0.0.200:8880", "https://harbor-nas.ackermannprivat.ch", "harbor-nas"),
    ]
    assert [i.primary for i in world.instances] == [True, False, False]
    job = world.nomad.jobs["harbor-vm-06"].current
    sizes = {t.name: (t.cpu, t.memory, t.memory_max) for t in job.tasks}
    assert sizes["database"] == (200, 512, 1024)
    assert sizes["core"] == (300, 512, 1024)
    assert sizes["nginx"] == (100, 128, 256)
    assert {t.image.split(":")[1] for t in job.tasks} == {"v2.11.2"}
    assert [p.name for p in world.instances[0].projects.values()] == [
        "library", "docker-cache", "ghcr-cache", "lscr-cache", "quay-cache",
    ]  # fmt: skip


def test_more_instances_are_sites_of_three_that_replicate_among_themselves() -> None:
    world = build_world(SimOptions(start=START, instances=7))
    assert len({i.name for i in world.instances}) == len({i.host for i in world.instances}) == 7
    for instance in world.instances:
        peers = {i.name for i in world.instances if i.site == instance.site and i is not instance}
        assert {p.name for p in instance.policies.values()} == {f"sync-to-{peer}" for peer in peers}
    assert [len(i.policies) for i in world.instances] == [2, 2, 2, 2, 2, 2, 0]


def test_history_holds_what_a_real_fleet_shows(world: World) -> None:
    for instance in world.instances:
        allocs = world.nomad.job_allocs(instance.job_id)
        assert [a.client_status for a in allocs].count("running") == 1
        assert len(allocs) >= 3
        assert len(world.nomad.jobs[instance.job_id].versions) == 3
        assert {d.status for d in world.nomad.deployments.values()} == {"successful"}
        per_policy = Counter(e.policy_id for e in instance.executions.values())
        assert set(per_policy.values()) == {50}
        scheduled = [r for r in instance.jobs["GARBAGE_COLLECTION"] if r.kind == "SCHEDULE"]
        assert len(scheduled) == 3
        assert all(r.created % DAY == 3 * 3600 and (r.created // DAY + 4) % 7 == 0 for r in scheduled)
        assert any(r.parameters["dry_run"] for r in instance.jobs["GARBAGE_COLLECTION"])
        assert all("PLANTED" in str(r.parameters["redis_url_reg"]) for r in scheduled)
    terminated = [
        e.details for a in world.nomad.allocs.values() for e in a.tasks["jobservice"].events if e.type == "Terminated"
    ]
    assert {"137"} <= {d["exit_code"] for d in terminated if d["oom_killed"] == "true"}
    assert any(a.client_status == "failed" for a in world.nomad.allocs.values())


def test_secrets_are_all_marked(world: World) -> None:
    secrets = world.secrets.all()
    assert all("PLANTED" in value for value in secrets.values())
    assert len(set(secrets.values())) == len(secrets)
    assert len(world.secrets.csrf_key) == 32
    text = json.dumps(world.vault.data)
    assert world.secrets.s3_secret_key in text


def test_every_harbor_has_a_robot_for_the_console() -> None:
    new = build_world(SimOptions(start=START, instances=1, harbor_version="v2.14.4"))
    assert new.options.console_user == "robot$ops-console"
    assert "robot$ops-console" in {r.name for r in new.instances[0].robots}
    assert "login" in {row.operation for row in new.instances[0].audit}
    old = build_world(SimOptions(start=START, instances=1))
    assert "login" not in {row.operation for row in old.instances[0].audit}
    assert old.options.console_user == "robot$ops-console"
    assert "robot$ops-console" in {r.name for r in old.instances[0].robots}
