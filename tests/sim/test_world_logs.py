"""Container logs are append-only, deterministic, and tell what happened."""

from __future__ import annotations

from harbortui.sim.world import SimOptions, World, build_world
from harbortui.sim.world.log_lines import HOSTILE
from harbortui.sim.world.options import TASK_NAMES

START = 1_768_399_200.0


def text(world: World, task: str, stream: str, job: str = "harbor-vm-06") -> bytes:
    """All bytes of a stream of the job's running allocation."""
    alloc = world.nomad.current_alloc(job)
    assert alloc is not None
    log = world.logs.stream(alloc.id, task, stream)
    assert log is not None
    return log.read(0, 50_000_000)


def test_every_task_prints_in_some_stream(world: World) -> None:
    world.advance(START + 600)
    for task in TASK_NAMES:
        assert text(world, task, "stdout") + text(world, task, "stderr"), task


def test_offsets_are_stable_while_the_stream_grows(world: World) -> None:
    before = text(world, "core", "stdout")
    world.instances[0].push("library/payments", "canary")
    world.advance(START + 37.5)
    world.advance(START + 600)
    after = text(world, "core", "stdout")
    assert after.startswith(before)
    assert len(after) > len(before)
    alloc = world.nomad.current_alloc("harbor-vm-06")
    assert alloc is not None
    log = world.logs.stream(alloc.id, "core", "stdout")
    assert log is not None
    assert log.read(len(before), 100) == after[len(before) : len(before) + 100]
    assert log.read(log.size()) == b""
    assert b"PushArtifact event: library/payments:canary" in after


def test_bytes_do_not_depend_on_when_they_are_read() -> None:
    often, once = (build_world(SimOptions(start=START)) for _ in range(2))
    for step in range(0, 1_800, 7):
        often.advance(START + step)
        text(often, "nginx", "stdout")
        text(often, "jobservice", "stdout")
    for world in (often, once):
        world.advance(START + 1_800)
    assert text(often, "nginx", "stdout") == text(once, "nginx", "stdout")
    assert text(often, "jobservice", "stdout") == text(once, "jobservice", "stdout")


def test_lines_hold_planted_secrets_escapes_and_markup(world: World) -> None:
    world.advance(START + 3_600)
    core = text(world, "core", "stdout")
    assert world.secrets.log_token.encode() in core
    nginx = text(world, "nginx", "stdout").decode()
    assert b"\x1b[31m" in nginx.encode()
    assert any(name in nginx for name in HOSTILE)


def test_nothing_older_than_two_hours_and_nothing_from_the_future(world: World) -> None:
    lines = text(world, "core", "stdout").decode().splitlines()
    stamps = [line[:20] for line in lines]
    assert min(stamps) >= "2026-01-14T12:00:00Z"
    assert max(stamps) <= "2026-01-14T14:00:00Z"
    assert stamps == sorted(stamps)


def test_a_stopped_task_is_silent_and_its_end_is_told(world: World) -> None:
    alloc = world.nomad.current_alloc("harbor-vm-06")
    assert alloc is not None
    world.nomad.stop_job("harbor-vm-06")
    world.advance(START + 120)
    log = world.logs.stream(alloc.id, "core", "stdout")
    assert log is not None
    size = log.size()
    assert b"shutting down" in log.read(size - 300, 300)
    world.advance(START + 3_600)
    assert log.size() == size


def test_a_past_allocation_still_has_its_last_minutes(world: World) -> None:
    past = world.nomad.job_allocs("harbor-vm-06")[0]
    log = world.logs.stream(past.id, "core", "stdout")
    assert log is not None
    assert 0 < log.size() < 100_000
    assert world.logs.stream("nothing", "core", "stdout") is None
    assert world.logs.stream(past.id, "core", "stdwhat") is None
