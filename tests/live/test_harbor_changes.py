"""What the console's source makes of a Harbor that changes: robots, a push, replication, garbage collection.

Everything is made by the test itself, as administrator, and removed again; see ``harbor_made.py``.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from typing import Any, TypeVar

import pytest

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.harbor import AccountKind, Execution, GcRun
from harbortui.sim.harbor.grants import CONSOLE_PROJECT, CONSOLE_SYSTEM, PEER_PROJECT, PEER_SYSTEM
from harbortui.sources.answer import Answer
from harbortui.sources.credentials import Credentials
from harbortui.sources.harbor.policy import NEEDS
from harbortui.sources.harbor.source import HarborSource
from tests.live.answers import value
from tests.live.harbor_made import PATIENCE, Made
from tests.live.harbor_open import opened
from tests.live.harbor_plain import Plain
from tests.live.harbor_push import Pusher
from tests.live.settings import LiveHarbor

T = TypeVar("T")
READS = ("system", "quotas", "registries", "policies", "executions", "gc_runs", "gc_schedule")
LAYER = 100_000
"""Bytes of the one layer that is pushed."""


@pytest.fixture
def made(live_harbor: LiveHarbor, live_change: str) -> Iterator[Made]:
    if live_harbor.admin is None:
        pytest.skip("no administrator")
    with ExitStack() as stack:
        yield Made(Plain(live_harbor, live_harbor.admin), live_change, stack)


@pytest.fixture
def admin(live_harbor: LiveHarbor, made: Made) -> Credentials:
    assert live_harbor.admin is not None
    return live_harbor.admin


async def eventually(ask: Callable[[], Awaitable[Answer[T]]], right: Callable[[T], bool]) -> T:
    """The first value that is right; every answer on the way must be a value."""
    async with asyncio.timeout(PATIENCE):
        while True:
            told = value(await ask())
            if right(told):
                return told
            await asyncio.sleep(1)


async def test_a_robot_with_exactly_the_needed_rights_reads_everything(live_harbor: LiveHarbor, made: Made) -> None:
    robot, _ = made.robot("reader", sorted(set(NEEDS.values())))
    async with opened(live_harbor, robot) as source:
        account = value(await source.account())
        assert (account.kind, account.name) == (AccountKind.ROBOT, robot.user)
        for name in READS:
            value(await getattr(source, name)())
        assert value(await source.system()).version


async def test_a_robot_with_few_rights_is_told_which_are_missing(live_harbor: LiveHarbor, made: Made) -> None:
    robot, _ = made.robot("few", ["project:list"])
    async with opened(live_harbor, robot) as source:
        assert value(await source.account()).kind is AccountKind.ROBOT
        missing = {
            "quotas": "quota:list",
            "registries": "registry:list",
            "policies": "replication-policy:list",
            "executions": "replication:list",
            "gc_runs": "garbage-collection:list",
            "gc_schedule": "garbage-collection:read",
        }
        for name, needs in missing.items():
            answer: Answer[Any] = await getattr(source, name)()
            assert isinstance(answer, Failure) and answer.kind is FailureKind.FORBIDDEN, (name, answer)
            assert (answer.status, answer.needs) == (403, needs)


async def test_a_disabled_robot_is_refused_and_a_new_secret_admits_again(live_harbor: LiveHarbor, made: Made) -> None:
    robot, number = made.robot("reader", CONSOLE_SYSTEM, CONSOLE_PROJECT)
    whole = made.admin.get(f"/robots/{number}")
    async with opened(live_harbor, robot) as source:
        value(await source.policies())
        made.admin.change("PUT", f"/robots/{number}", whole | {"disable": True})
        for answer in (await source.policies(), await source.system(), await source.account()):
            assert isinstance(answer, Failure) and answer.kind is FailureKind.AUTH, answer
    made.admin.change("PUT", f"/robots/{number}", whole | {"disable": False})
    async with opened(live_harbor, robot) as source:
        value(await source.policies())
        made.admin.change("PATCH", f"/robots/{number}", {"secret": "Another-secret-of-20"})
        system: Answer[Any] = await source.system()
        assert isinstance(system, Failure) and system.kind is FailureKind.AUTH, system


async def test_a_push_is_counted_in_the_quota(live_harbor: LiveHarbor, made: Made, admin: Credentials) -> None:
    project = made.project()
    Pusher(made.admin, f"{project}/one").push("1", [os.urandom(LAYER)])
    async with opened(live_harbor, admin) as source:
        quotas = await eventually(source.quotas, lambda rows: any(q.project == project and q.used for q in rows))
    assert next(each.used for each in quotas if each.project == project) >= LAYER


async def test_a_replication_is_followed_to_its_end(live_harbor: LiveHarbor, made: Made, admin: Credentials) -> None:
    project, source_url = made.project(), await own_url(live_harbor, admin)
    Pusher(made.admin, f"{project}/one").push("1", [os.urandom(LAYER)])
    target = made.project_of_others(f"{project}-copy")
    robot, number = made.robot("peer", PEER_SYSTEM, PEER_PROJECT)
    registry = made.registry(source_url, robot)
    if registry is None:
        pytest.skip(f"this Harbor does not reach itself at {source_url}")
    policy = made.policy(
        {
            "dest_registry": {"id": registry},
            "dest_namespace": target,
            "dest_namespace_replace_count": 1,
            "trigger": {"type": "manual"},
            "filters": [{"type": "name", "value": f"{project}/**"}],
            "enabled": True,
            "override": True,
        }
    )
    async with opened(live_harbor, admin) as source:
        shown = next(each for each in value(await source.policies()) if each.id == policy)
        assert (shown.peer, shown.direction, shown.enabled) == (made.name, "push", True)
        assert shown.filters == (f"name {project}/**",)
        good = await finished(source, start(made, policy))
        assert (good.status, good.total, good.succeed, good.trigger) == ("Succeed", 1, 1, "manual"), good
        (task,) = value(await source.looks.tasks(str(good.id)))
        assert (task.status, task.operation) == ("Succeed", "copy") and f"{target}/one" in task.destination
        assert value(await source.looks.task_log(str(good.id), str(task.id))).lines
        assert made.admin.rows(f"/projects/{target}/repositories")

        made.admin.change("PATCH", f"/robots/{number}", {"secret": "Another-secret-of-20"})
        bad = await finished(source, start(made, policy))
        assert bad.status == "Failed", bad
        words = bad.status_text
        for each in value(await source.looks.tasks(str(bad.id))):
            log = value(await source.looks.task_log(str(bad.id), str(each.id))).lines
            words += "\n".join(log)
        assert "401" in words


async def test_a_dry_run_of_the_garbage_collection(live_harbor: LiveHarbor, made: Made, admin: Credentials) -> None:
    started = made.admin.ask(
        "POST",
        "/system/gc/schedule",
        body={"schedule": {"type": "Manual"}, "parameters": {"dry_run": True, "delete_untagged": False, "workers": 1}},
    )
    if started.status_code == 409:
        pytest.skip("a garbage collection runs already")
    assert started.status_code == 201, started.text
    number = int(started.headers["location"].rpartition("/")[2])
    async with opened(live_harbor, admin) as source:

        def ended(runs: tuple[GcRun, ...]) -> bool:
            return next(each for each in runs if each.id == number).status != "Running"

        runs = await eventually(source.gc_runs, ended)
        run = next(each for each in runs if each.id == number)
        assert (run.status, run.kind, run.dry_run, run.delete_untagged) == ("Success", "MANUAL", True, False)
        assert run.start_time is not None and run.end_time is not None and run.workers == 1
        assert "redis://" not in repr(runs)
    log = made.admin.ask("GET", f"/system/gc/{number}/log")
    assert log.status_code == 200 and "dry_run" in log.text.replace("dry run", "dry_run")


async def own_url(live_harbor: LiveHarbor, admin: Credentials) -> str:
    """Where Harbor says that it is found, which it must reach itself to replicate to itself."""
    async with opened(live_harbor, admin) as source:
        return value(await source.system()).external_url or live_harbor.url


def start(made: Made, policy: int) -> int:
    """Start the policy; the execution's id."""
    return int(made.admin.change("POST", "/replication/executions", {"policy_id": policy}).rpartition("/")[2])


async def finished(source: HarborSource, number: int) -> Execution:
    """The execution once it ended."""

    def over(rows: tuple[Execution, ...]) -> bool:
        return any(each.id == number and each.status != "InProgress" for each in rows)

    rows = await eventually(source.executions, over)
    return next(each for each in rows if each.id == number)
