"""Tasks, allocations, evaluations and deployments behave as Nomad's do."""

from __future__ import annotations

from itertools import pairwise

import pytest

from harbortui.sim.world import Allocation, NomadError, PlacementFailure, World

START = 1_768_399_200.0
JOB = "harbor-vm-06"


def current(world: World, job: str = JOB) -> Allocation:
    """The running allocation of a job."""
    alloc = world.nomad.current_alloc(job)
    assert alloc is not None
    return alloc


def test_the_index_rises_and_every_object_knows_its_own(world: World) -> None:
    nomad = world.nomad
    assert all(0 < a.create_index <= a.modify_index <= nomad.index for a in nomad.allocs.values())
    indexes = [e.index for e in nomad.events]
    assert indexes == sorted(set(indexes))
    before, table = nomad.index, nomad.table_index("allocs")
    nomad.restart_task(current(world).id, "core")
    assert nomad.index > before
    assert nomad.table_index("allocs") > table
    assert nomad.table_index("jobs") <= before
    assert [e.topic for e in nomad.events_since(before)] == ["Allocation"]


def test_a_restart_in_place_has_the_real_sequence(world: World) -> None:
    alloc = current(world)
    task = alloc.tasks["database"]
    restarts = task.restarts
    done = world.nomad.restart_task(alloc.id, "database")
    assert START < done <= START + 60
    world.advance(done - 0.01)
    assert task.state == "running"
    world.advance(done)
    assert (task.state, task.restarts) == ("pending", restarts + 1)
    world.advance(done + 30)
    assert task.state == "running"
    assert task.started_at > done  # type: ignore[operator]
    assert [e.type for e in task.events][-4:] == ["Restart Signaled", "Terminated", "Restarting", "Started"]
    assert current(world) is alloc
    assert alloc.tasks["redis"].restarts == 0


def test_only_ten_events_are_kept(world: World) -> None:
    alloc = current(world)
    for step in range(1, 8):
        world.nomad.crash_task(alloc.id, "core", exit_code=2)
        world.advance(START + 60 * step)
    assert len(alloc.tasks["core"].events) == 10
    assert alloc.tasks["core"].restarts == 7


def test_memory_kills_say_so(world: World) -> None:
    alloc = current(world)
    world.nomad.oom_kill(alloc.id, "core")
    event = next(e for e in reversed(alloc.tasks["core"].events) if e.type == "Terminated")
    assert event.exit_code == 137
    assert event.details["oom_killed"] == "true"
    assert "OOM Killed" in event.display
    assert not world.instances[0].component_up("core")
    assert world.instances[0].started_at == 0.0
    world.advance(START + 60)
    assert world.instances[0].started_at > START


def test_a_restart_loop_goes_on_until_it_is_ended(world: World) -> None:
    alloc = current(world)
    world.nomad.restart_loop(alloc.id, "registry", every=20.0)
    world.advance(START + 600)
    count = alloc.tasks["registry"].restarts
    assert count > 8
    world.nomad.stop_loop(alloc.id, "registry")
    world.advance(START + 700)
    settled = alloc.tasks["registry"].restarts
    world.advance(START + 3_000)
    assert alloc.tasks["registry"].restarts == settled
    assert alloc.tasks["registry"].state == "running"


def test_stopping_an_allocation_places_a_replacement(world: World) -> None:
    old = current(world)
    evaluation = world.nomad.stop_alloc(old.id)
    world.advance(START + 120)
    new = current(world)
    assert new is not old
    assert (old.client_status, old.next, new.previous) == ("complete", new.id, old.id)
    assert new.eval_id == evaluation.id
    assert new.client_status == "running"
    assert [e.type for e in new.tasks["core"].events] == ["Received", "Task Setup", "Driver", "Started"]
    assert [e.type for e in old.tasks["core"].events][-3:] == ["Killing", "Terminated", "Killed"]


def test_revert_stop_and_start_make_versions_and_deployments(world: World) -> None:
    nomad = world.nomad
    job = nomad.jobs[JOB]
    last = job.current.version
    with pytest.raises(NomadError, match="current version"):
        nomad.revert(JOB, last)
    evaluation = nomad.revert(JOB, last - 1)
    assert (job.current.version, job.current.harbor_version) == (last + 1, "v2.11.1")
    deployment = nomad.deployments[evaluation.deployment_id]
    assert deployment.status == "running"
    world.advance(START + 200)
    assert deployment.status == "successful"
    nomad.stop_job(JOB)
    world.advance(START + 300)
    assert (job.status, nomad.current_alloc(JOB)) == ("dead", None)
    nomad.start_job(JOB)
    world.advance(START + 400)
    assert job.status == "running"
    assert current(world).client_status == "running"


def test_a_drained_node_blocks_placement_and_gives_it_back(world: World) -> None:
    alloc = current(world)
    world.nomad.drain(alloc.node_id)
    world.advance(START + 100)
    assert world.nomad.current_alloc(JOB) is None
    blocked = [e for e in world.nomad.evals.values() if e.status == "blocked"]
    assert [e.job_id for e in blocked] == [JOB]
    assert blocked[0].failed_groups["harbor"].nodes_filtered == 2
    world.nomad.drain(alloc.node_id, on=False)
    world.advance(START + 200)
    assert current(world).client_status == "running"
    assert blocked[0].status == "complete"


def test_failing_placement_and_lost_nodes(world: World) -> None:
    alloc = current(world)
    world.nomad.fail_placement(PlacementFailure(3, nodes_exhausted=3, dimension_exhausted={"memory": 3}))
    world.nomad.node_down(alloc.node_id)
    assert alloc.client_status == "lost"
    with pytest.raises(NomadError, match="No path to node") as caught:
        world.nomad.restart_task(alloc.id, "core")
    assert caught.value.status == 404
    world.nomad.node_down(alloc.node_id, down=False)
    assert world.nomad.current_alloc(JOB) is None
    world.nomad.fail_placement(None)
    world.advance(START + 60)
    assert current(world).client_status == "running"


def test_a_failed_allocation_is_rescheduled(world: World) -> None:
    old = current(world)
    world.nomad.fail_alloc(old.id, "core")
    world.advance(START + 200)
    assert old.client_status == "failed"
    assert old.tasks["core"].failed
    assert "Sibling Task Failed" in [e.type for e in old.tasks["redis"].events]
    assert current(world).previous == old.id


def test_refusals_use_nomads_words(world: World) -> None:
    nomad, alloc = world.nomad, current(world)
    with pytest.raises(NomadError, match="Unknown allocation"):
        nomad.restart_task("0" * 36, "core")
    with pytest.raises(NomadError, match="Could not find task runner"):
        nomad.restart_task(alloc.id, "nothing")
    nomad.crash_task(alloc.id, "core")
    with pytest.raises(NomadError, match="Task not running"):
        nomad.restart_task(alloc.id, "core")
    with pytest.raises(NomadError, match="job not found"):
        nomad.evaluate("nothing")


def test_signals_are_recorded_and_deadly_ones_kill(world: World) -> None:
    alloc = current(world)
    world.nomad.signal(alloc.id, "SIGHUP", "nginx")
    assert alloc.tasks["nginx"].events[-1].type == "Signaling"
    assert alloc.tasks["nginx"].state == "running"
    world.nomad.signal(alloc.id, "SIGKILL", "nginx")
    assert alloc.tasks["nginx"].state == "pending"


def test_samples_are_smooth_deterministic_and_within_limits(world: World) -> None:
    alloc = current(world)
    for name, limit in (("database", 1024), ("core", 1024), ("nginx", 256)):
        samples = [world.stats.sample(alloc.id, name, START + n * 10) for n in range(200)]
        values = [s.rss for s in samples if s is not None]
        assert len(values) == 200
        assert all(0 < v < limit * 1_048_576 for v in values)
        assert max(abs(a - b) for a, b in pairwise(values)) < limit * 1_048_576 * 0.05
        assert samples == [world.stats.sample(alloc.id, name, START + n * 10) for n in range(200)]
    first = world.stats.sample(alloc.id, "database", START)
    later = world.stats.sample(alloc.id, "database", START + 10 * 86_400)
    assert first is not None
    assert later is not None
    assert later.rss > first.rss
    total = world.stats.total(alloc.id)
    assert total is not None
    parts = [world.stats.sample(alloc.id, name) for name in alloc.tasks]
    assert total.rss == sum(p.rss for p in parts if p is not None)


def test_tokens_have_kinds(world: World) -> None:
    s, nomad = world.secrets, world.nomad
    assert nomad.token_kind(s.nomad_token) == "management"
    assert nomad.token_kind(s.nomad_read_token) == "read"
    assert nomad.token_kind("") == "anonymous"
    assert nomad.token_kind("wrong") is None


def test_a_purged_job_leaves_no_trap(world: World) -> None:
    alloc = current(world)
    world.nomad.stop_job(JOB, purge=True)
    world.advance(START + 120)
    assert JOB not in world.nomad.jobs
    assert alloc.client_status == "complete"
    assert world.stats.sample(alloc.id, "core") is None
    assert world.nomad.current_alloc(JOB) is None
    world.advance(START + 86_400)
