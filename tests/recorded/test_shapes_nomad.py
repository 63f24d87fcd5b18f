"""The simulated Nomad's answers against those of a real one, in shape."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from harbortui.sim.thread import SimThread
from harbortui.sim.world import SimOptions
from harbortui.sim.world.nomad_types import PlacementFailure
from tests.recorded.exchange import Exchange, scenario
from tests.recorded.shape import differences

VERSION = "nomad-1.10.5"
JOB = "harbor-vm-06"
RECORDED = ("harbor-a", "harbor-rich")

DATA = (r".*\.(Env|Meta|Config)\..*", r".*\.Metrics\.NodesAvailable\..*", r".*\.Drivers\..*\.Attributes\..*")
"""Keys that are data and not shape: those of environments, meta blocks, driver settings and datacenters."""
DOCKER = (
    r".*\.TaskGroups\[\]\.(Tasks\[\]\.)?(Consul|Vault).*",
    r".*\.Networks\[\]\.(Reserved|Dynamic)Ports.*",
    r".*\.Tasks\[\]\.Config\..*",
    r".*\.Pids.*",
    r".*\.(NodeResources|Tags)\..*",
)
"""The recorded tasks run without containers and Vault, on ports that Nomad chose, on one node that is a server too."""
LATER = (
    r".*\.(DeploymentStatus|NextAllocation|FollowupEvalID|FinishedAt|ConstraintFiltered)\b.*",
    r".*\.Details\..*",
)
"""What depends on what has happened to an allocation; the broken recordings have it."""

MAPS = {
    "allocations": ("[].TaskStates",),
    "allocation": (
        ".Metrics.ScoreMetaData[].Scores",
        ".TaskStates",
        ".AllocatedResources.Tasks",
        ".AllocatedResources.TaskLifecycles",
        ".TaskResources",
    ),
    "deployment": (".TaskGroups",),
    "deployments": ("[].TaskGroups",),
    "evaluations": ("[].QueuedAllocations",),
    "evaluation": (".QueuedAllocations",),
    "jobs": ("[].JobSummary.Summary",),
    "summary": (".Summary",),
    "scale": (".TaskGroups",),
    "stats": (".Tasks",),
    "alloc-checks": ("",),
    "nodes": ("[].Drivers",),
    "nodes-os": ("[].Drivers",),
}
UNLIKE = {
    "get-action": "actions need a websocket, which the simulator does not speak",
    "get-stable": "marking a version stable is not simulated",
    "get-tag": "version tags are not simulated",
    "client-gc-get": "collecting a whole node is not simulated",
}
DETAILED = {"bad-filter", "bad-filter-syntax", "allocation-short", "allocations-odd-prefix", "get-evaluate"}
"""Whose text repeats details of Nomad's own parser."""
NAMES = (
    "job",
    "allocations",
    "deployment",
    "evaluations",
    "nodes",
    "nodes-os",
    "jobs",
    "stats",
    "summary",
    "versions",
    "deployments",
    "allocation",
    "evaluation",
    "namespaces",
    "token-self",
    "policy-own",
    "agent-health",
    "agent-members",
    "statuses",
    "scale",
    "services",
    "submission",
    "node-stats",
    "status-leader",
    "regions",
)


@pytest.fixture(scope="module")
def sim() -> Iterator[SimThread]:
    with SimThread(SimOptions(start=1_768_399_200.0, speed=0.0), only={"nomad"}) as fleet:
        fleet.call(_be_the_recorded_version)
        yield fleet


@pytest.fixture(scope="module")
def secrets(sim: SimThread) -> Any:
    return sim.call(lambda fleet: fleet.world.secrets)


@pytest.fixture(scope="module")
def client(sim: SimThread, secrets: Any) -> Iterator[httpx.Client]:
    headers = {"X-Nomad-Token": secrets.nomad_read_token}
    with httpx.Client(base_url=sim.url("nomad"), headers=headers, trust_env=False, timeout=30.0) as client:
        yield client


@pytest.fixture(scope="module")
def ids(client: httpx.Client) -> dict[str, str]:
    """Of the simulated cluster, by the words that stand for them in a path."""
    return {
        "job": JOB,
        "alloc": client.get(f"/v1/job/{JOB}/allocations").json()[0]["ID"],
        "evaluation": client.get(f"/v1/job/{JOB}/evaluations").json()[0]["ID"],
        "node": client.get("/v1/nodes").json()[0]["ID"],
    }


@pytest.fixture(scope="module")
def real() -> dict[str, list[Exchange]]:
    """Good answers by name, of the plain job and of one with constraints, templates and services."""
    found: dict[str, list[Exchange]] = {}
    for folder in ("healthy", "healthy-constrained", "acls-off"):
        for name, exchange in scenario(f"{VERSION}/{folder}").items():
            if exchange.status == 200 and (folder != "acls-off" or name == "stats"):
                found.setdefault(name, []).append(exchange)
    return found


def _be_the_recorded_version(fleet: Any) -> None:
    for node in fleet.world.nomad.nodes.values():
        node.version = "1.10.5"


def here(exchange: Exchange, ids: dict[str, str]) -> tuple[str, list[tuple[str, str]]]:
    """The recorded request with the simulated cluster's ids."""
    parts = exchange.path.split("/")
    for number, part in enumerate(parts):
        before = parts[number - 1] if number else ""
        if part in RECORDED:
            parts[number] = ids["job"]
        elif len(part) == 36 and part.count("-") == 4:
            parts[number] = ids["evaluation"] if before == "evaluation" else ids["alloc"]
    return "/".join(parts), [(key, ids["node"] if key == "node_id" else value) for key, value in exchange.query]


def ask(client: httpx.Client, exchange: Exchange, ids: dict[str, str]) -> httpx.Response:
    path, query = here(exchange, ids)
    return client.request(exchange.method, path, params=httpx.QueryParams(tuple(query)))


def of_nomad(headers: Any) -> set[str]:
    return {name.lower() for name in headers if name.lower().startswith("x-nomad-")}


@pytest.mark.parametrize("name", NAMES)
def test_a_good_answer_has_the_real_shape(
    client: httpx.Client, real: dict[str, list[Exchange]], ids: dict[str, str], name: str
) -> None:
    exchanges = real[name]
    answers = [ask(client, each, ids) for each in exchanges]
    for exchange, answer in zip(exchanges, answers, strict=True):
        assert answer.status_code == exchange.status, answer.text
        assert answer.headers["Content-Type"] == exchange.headers["content-type"]
        assert of_nomad(answer.headers) == of_nomad(exchange.headers)
    found = differences(
        [each.json() for each in exchanges],
        [each.json() for each in answers],
        maps=MAPS.get(name, ()),
        left_out=(*DATA, *DOCKER, *LATER),
    )
    assert [each for each in found if not _is_data(each)] == []


def _is_data(sentence: str) -> bool:
    path = sentence.partition(": ")[0]
    return any(re.fullmatch(each, path) for each in (*DATA, *DOCKER, *LATER))


@pytest.mark.parametrize(
    "name",
    [name for name, each in sorted(scenario(f"{VERSION}/refusals").items()) if each.status >= 400],
)
def test_a_refusal_has_the_real_words(client: httpx.Client, ids: dict[str, str], name: str) -> None:
    exchange = scenario(f"{VERSION}/refusals")[name]
    if name in UNLIKE:
        pytest.skip(UNLIKE[name])
    answer = ask(client, exchange, ids) if "unknown-alloc" not in name else _as_it_is(client, exchange)
    assert (answer.status_code, answer.headers["Content-Type"]) == (exchange.status, exchange.headers["content-type"])
    text = exchange.body.decode()
    if name not in DETAILED:
        assert answer.text == text


def _as_it_is(client: httpx.Client, exchange: Exchange) -> httpx.Response:
    return client.request(exchange.method, exchange.path, params=httpx.QueryParams(exchange.query))


@pytest.mark.parametrize(
    ("folder", "token"),
    [
        ("wrong-token", "11111111-2222-4333-8444-555555555555"),
        ("expired-token", "expired"),
        ("no-token", ""),
        ("token-without-log-rights", "nologs"),
    ],
)
def test_a_token_is_refused_in_the_real_words(
    sim: SimThread, secrets: Any, ids: dict[str, str], folder: str, token: str
) -> None:
    known = {"expired": secrets.nomad_expired_token, "nologs": secrets.nomad_nologs_token}
    headers = {"X-Nomad-Token": known.get(token, token)} if token else {}
    different = {}
    with httpx.Client(base_url=sim.url("nomad"), headers=headers, trust_env=False, timeout=30.0) as client:
        for name, exchange in scenario(f"{VERSION}/{folder}").items():
            if name in ("agent-self", "allocation-files", "events", "allocation") or exchange.status < 400:
                continue
            answer = ask(client, exchange, ids)
            # Nomad puts "rpc error: " before it or not, depending on who had looked the token up before.
            texts = {exchange.body.decode().removeprefix("rpc error: "), answer.text}
            if answer.status_code != exchange.status or len(texts) > 1:
                different[name] = (exchange.status, answer.status_code, texts)
    assert different == {}


def test_frames_of_a_log_are_alike(client: httpx.Client, ids: dict[str, str]) -> None:
    recorded = scenario(f"{VERSION}/healthy")
    real = [
        frame for name in ("logs-core-stdout", "logs-core-stderr", "logs-once") for frame in frames(recorded[name].body)
    ]
    path = f"/v1/client/fs/logs/{ids['alloc']}"
    answer = client.get(path, params={"task": "core", "type": "stdout", "origin": "end", "offset": "4000"})
    assert answer.headers["Content-Type"] == recorded["logs-once"].headers["content-type"]
    ours = frames(answer.content)
    assert differences([each for each in real if each], ours) == []
    assert {} in real  # A heartbeat.


def frames(body: bytes) -> list[Any]:
    """The objects of a framed log, as long as they are whole."""
    text, found = body.decode(), []
    decoder = json.JSONDecoder()
    while text.startswith("{"):
        try:
            frame, end = decoder.raw_decode(text)
        except ValueError:
            break
        found.append(frame)
        text = text[end:]
    return found


def test_events_are_alike(sim: SimThread, client: httpx.Client) -> None:
    recorded = scenario(f"{VERSION}/healthy")["events"]
    real = [event for line in lines(recorded.body) for event in line.get("Events", ())]
    assert {each["Topic"] for each in real} == {"Allocation", "Deployment", "Evaluation", "Job"}
    sim.call(_crash_core)
    body = b""
    query = [("topic", f"{topic}:*") for topic in ("Allocation", "Deployment", "Evaluation")]
    with client.stream("GET", "/v1/event/stream", params=[*query, ("index", "0")]) as answer:
        assert answer.headers["Content-Type"] == recorded.headers["content-type"]
        for chunk in answer.iter_bytes():
            body += chunk
            if b'"Topic":"Allocation"' in body and body.endswith(b"\n"):
                break
    assert body.startswith(b"{}") and recorded.body.startswith(b"{}")
    ours = [event for line in lines(body) for event in line.get("Events", ())]
    assert ours
    outside = [{**each, "Payload": {}} for each in real], [{**each, "Payload": {}} for each in ours]
    assert differences(*outside) == []
    assert all(list(each["Payload"]) == [each["Topic"]] for each in (*real, *ours))
    for each in (*real, *ours):
        assert "Job" not in each["Payload"].get("Allocation", {})


def _crash_core(fleet: Any) -> None:
    fleet.world.nomad.crash_task(fleet.world.nomad.current_alloc(JOB).id, "core")


def lines(body: bytes) -> list[Any]:
    """The whole lines of an event stream."""
    whole = body.decode()
    return [json.loads(line) for line in whole[: whole.rfind("\n") + 1].splitlines() if line.strip()]


def test_a_group_without_a_place_is_explained_alike(sim: SimThread, client: httpx.Client) -> None:
    real = [
        row
        for folder in ("placement-constraint", "placement-memory", "placement-datacenter")
        for row in scenario(f"{VERSION}/{folder}")["evaluations"].json()
        if row["Status"] == "blocked"
    ]
    sim.call(_nothing_fits)
    try:
        (ours,) = [row for row in client.get(f"/v1/job/{JOB}/evaluations").json() if row["Status"] == "blocked"]
    finally:
        sim.call(lambda fleet: fleet.world.nomad.fail_placement(None))
    theirs, mine = ([each["FailedTGAllocs"]["harbor"] for each in rows] for rows in (real, [ours]))
    maps = (".ConstraintFiltered", ".DimensionExhausted", ".NodesAvailable", ".ResourcesExhausted")
    assert differences(theirs, mine, maps=maps) == []
    left_out = (r"\.ClassEligibility.*", r"\.FailedTGAllocs.*", r"\.QueuedAllocations.*", r"\.EscapedComputedClass")
    whole = differences(real, [ours], left_out=left_out)
    assert [each for each in whole if not re.match(r"\.(FailedTG|Queued|Escaped)", each)] == []


def _nothing_fits(fleet: Any) -> None:
    world = fleet.world
    world.nomad.fail_placement(PlacementFailure(3, nodes_exhausted=3, dimension_exhausted={"memory": 3}))
    world.nomad.stop_alloc(world.nomad.current_alloc(JOB).id)
