"""python-nomad, a client no one here wrote, against the simulated cluster."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import nomad
import pytest
import requests
from nomad.api.exceptions import BaseNomadException, URLNotAuthorizedNomadException, URLNotFoundNomadException

from harbortui.sim.thread import SimThread
from harbortui.sim.world import SimOptions

from .conftest import JOB, START

NAMESPACE = {"namespace": "default"}


@contextmanager
def connected(sim: SimThread, token: str) -> Iterator[Any]:
    with requests.Session() as session:
        session.trust_env = False
        yield nomad.Nomad(address=sim.url("nomad"), token=token, namespace="default", timeout=10, session=session)


@pytest.fixture
def n(sim: SimThread) -> Iterator[Any]:
    with connected(sim, sim.world.secrets.nomad_read_token) as client:
        yield client


@pytest.fixture
def running(sim: SimThread) -> str:
    return sim.call(lambda fleet: current(fleet.world))


def current(world: Any) -> str:
    found = world.nomad.current_alloc(JOB)
    assert found is not None
    return str(found.id)


def newest_event(world: Any, alloc_id: str) -> str:
    return str(world.nomad.allocs[alloc_id].tasks["core"].events[-1].type)


def poll(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.01)


def test_jobs(n: Any) -> None:
    found = n.jobs.get_jobs(namespace="*", filter_='Meta["app"] == "harbor"', meta=True)
    assert [row["ID"] for row in found] == ["harbor-nas", "harbor-vm-05", "harbor-vm-06"]
    answer = n.jobs.request("statuses", method="get", params={"namespace": "*"}, timeout=(5, 40))
    assert int(answer.headers["X-Nomad-Index"]) > 0
    assert len(answer.json()) == 3
    quoted = quote(JOB, safe="")
    assert n.job.get_job(quoted, namespace="default")["ID"] == JOB
    for part in ("summary", "versions", "deployments", "deployment", "scale"):
        assert n.job.request(quoted, part, method="get", params=dict(NAMESPACE)).json()
    assert n.job.request(quoted, "submission", method="get", params={"version": 0}).json()["Format"] == "hcl2"
    assert n.job.get_allocations(quoted, namespace="default")
    assert n.job.get_evaluations(quoted, namespace="default")
    with pytest.raises(URLNotFoundNomadException):
        n.job.get_job(quote("a/b", safe=""))


def test_a_blocking_query_times_out_with_its_index(n: Any) -> None:
    index = n.jobs.request("statuses", method="get").headers["X-Nomad-Index"]
    params = {"index": index, "wait": "50ms"}
    assert n.jobs.request("statuses", method="get", params=params, timeout=(5, 10)).headers["X-Nomad-Index"] == index


def test_allocations(n: Any, running: str) -> None:
    newest = n.allocations.get_allocations(
        namespace="default", filter_=f'JobID == "{JOB}"', resources=True, task_states=True, per_page=200, reverse="true"
    )
    assert newest[0]["ID"] == running
    assert newest[0]["AllocatedResources"]["Tasks"]["core"]["Memory"] == {"MemoryMB": 512, "MemoryMaxMB": 1_024}
    ignored = n.allocations.get_allocations(namespace="default", filter_=f'JobID == "{JOB}"', reverse=True)
    assert ignored[-1]["ID"] == running
    assert n.allocation.get_allocation(running)["JobID"] == JOB
    assert n.client.allocation.read_allocation_stats(running)["Tasks"]["core"]["Timestamp"]


def test_the_rest_of_the_reads(n: Any) -> None:
    ours = f'JobID == "{JOB}"'
    deployments = n.deployments.request(
        method="get", params={**NAMESPACE, "filter": ours, "reverse": "true", "per_page": 20}
    ).json()
    deployment = n.deployment.get_deployment(deployments[0]["ID"])
    assert deployment["JobID"] == JOB
    assert n.deployment.get_deployment_allocations(deployment["ID"])
    rows = n.evaluations.request(method="get", params={**NAMESPACE, "filter": ours, "per_page": 20, "reverse": "true"})
    evaluation = n.evaluation.get_evaluation(rows.json()[0]["ID"])
    assert evaluation["JobID"] == JOB
    node = n.nodes.get_nodes()[0]
    assert n.node.get_node(node["ID"])["Name"] == node["Name"]
    assert n.namespaces.get_namespaces()[0]["Name"] == "default"
    assert n.regions.get_regions() == ["global"]
    assert n.acl.get_self_token()["Name"] == "console-read"
    assert n.status.leader.get_leader().endswith(":4647")
    assert len(n.status.peers.get_peers()) == 3
    assert n.agent.request("health", method="get", params={"type": "server"}).json()["server"]["ok"] is True
    assert n.agent.get_members()["ServerRegion"] == "global"
    assert n.client.stats.read_stats(node["ID"])["Memory"]["Total"] > 0
    assert n.search.search("harbor-vm-0", "jobs")["Matches"]["jobs"]


def test_framed_logs(n: Any, running: str) -> None:
    params = {"task": "core", "type": "stdout", "follow": "true", "origin": "end", "offset": 60_000, **NAMESPACE}
    headers = {"Accept-Encoding": "identity"}
    stream = n.client.stream_logs.request(
        running, method="get", stream=True, timeout=(5, 10), headers=headers, params=params
    )
    decoder, text, data = json.JSONDecoder(), "", 0
    with stream:
        for chunk in stream.iter_content(chunk_size=None):
            text += chunk.decode()
            while text.startswith("{") and text.rstrip().endswith("}"):
                frame, end = decoder.raw_decode(text)
                text = text[end:]
                data += len(frame.get("Data", ""))
            if data:
                break
    assert data >= 80_000
    assert "[INFO]" in n.client.stream_logs.stream(running, "core", "stdout", plain=True)


def test_events(n: Any) -> None:
    params: dict[str, Any] = {**NAMESPACE, "index": 0, "topic": ["Allocation", "Deployment", "Evaluation", "Job"]}
    headers = {"Accept-Encoding": "identity"}
    stream = n.event.stream.request(method="get", stream=True, timeout=(5, 45), headers=headers, params=params)
    with stream:
        lines = stream.iter_lines()
        assert json.loads(next(lines)) == {}
        assert json.loads(next(lines))["Events"][0]["Topic"] in params["topic"]


def test_denials(sim: SimThread, n: Any, running: str) -> None:
    with pytest.raises(URLNotAuthorizedNomadException):
        n.client.allocation.request(running, "restart", method="put", json={"TaskName": "core"})
    with connected(sim, sim.world.secrets.nomad_nologs_token) as poor, pytest.raises(BaseNomadException) as denied:
        poor.client.stream_logs.stream(running, "core", "stdout")
    response = denied.value.nomad_resp
    assert (response.status_code, response.text) == (500, "Permission denied")


def test_a_restart_outlives_its_clients_patience() -> None:
    options = SimOptions(start=START, speed=0.0)
    with SimThread(options, only=("nomad",)) as own, connected(own, own.world.secrets.nomad_operator_token) as n:
        running = own.call(lambda fleet: current(fleet.world))

        def kinds() -> list[str]:
            return own.call(lambda f: [event.type for event in f.world.nomad.allocs[running].tasks["core"].events])

        with pytest.raises(BaseNomadException):
            n.client.allocation.request(running, "restart", method="put", json={"TaskName": "core"}, timeout=(5, 0.2))
        assert kinds()[-1] == "Restart Signaled"
        own.control.clock(advance=30.0)
        poll(lambda: kinds()[-1] == "Started")


def test_writes() -> None:
    options = SimOptions(start=START, speed=0.0)
    with SimThread(options, only=("nomad",)) as own, connected(own, own.world.secrets.nomad_token) as n:
        running = own.call(lambda fleet: current(fleet.world))
        answers: list[Any] = []

        def restart() -> None:
            request = n.client.allocation.request
            answers.append(request(running, "restart", method="put", json={"AllTasks": True}, timeout=(5, 60)).json())

        thread = threading.Thread(target=restart, daemon=True)
        thread.start()
        poll(
            lambda: (
                own.call(lambda f: f.world.nomad.allocs[running].tasks["core"].events[-1].type) == "Restart Signaled"
            )
        )
        own.control.clock(advance=60.0)
        thread.join(10)
        assert answers == [{"Index": 0}]
        assert n.client.allocation.signal_allocation(running, "SIGHUP", task="core") == {"Index": 0}
        assert n.allocation.stop_allocation(running)["EvalID"]
        own.control.clock(advance=60.0)
        job = n.job.get_job(JOB)
        assert n.job.plan_job(JOB, {"Job": job}, diff=True)["Diff"]["Type"] == "None"
        assert n.job.revert_job(JOB, 0)["EvalID"]
        deployment = n.job.get_deployment(JOB)
        assert n.deployment.fail_deployment(deployment["ID"])["DeploymentModifyIndex"] > 0
        with pytest.raises(BaseNomadException):
            n.deployment.promote_deployment_all(deployment["ID"])
        assert n.job.evaluate_job(JOB)["EvalID"]
        assert n.job.deregister_job(JOB)["EvalID"]
        assert n.system.initiate_garbage_collection() is True
