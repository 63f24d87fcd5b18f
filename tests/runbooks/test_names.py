"""Which names a page gets from a snapshot and from what is pointed at."""

from __future__ import annotations

import msgspec

from harbortui.model.finding import Finding, State
from harbortui.model.harbor import Execution, RegistryEndpoint
from harbortui.model.snapshot import Target
from harbortui.runbooks.names import PLACEHOLDERS, Subject, names_of, subject_of, target_names
from tests.ui import samples
from tests.ui.samples import NAMES, NOW, fresh

replace = msgspec.structs.replace
PEER = RegistryEndpoint(id=9, name="harbor-nas", type="harbor", url="https://u:p@nas.example/", status="healthy")


def broken() -> samples.InstanceSnapshot:
    runs = tuple(
        Execution(id=number, policy_id=1, status=status, start_time=NOW - 100 + number)
        for number, status in ((1, "Succeed"), (2, "Failed"), (3, "Succeed"))
    )
    old = samples.allocation(NAMES[0], id="0ld0ld00-0000", desired="stop", status="complete", node_name="node-9")
    each = samples.instance(NAMES[0])
    return replace(
        each,
        executions=fresh("x", runs),
        registries=fresh("x", (PEER,)),
        allocations=fresh("x", (old, *(each.allocations.value or ()))),
    )


def finding(rule: str, subject: str) -> Finding:
    return Finding(rule=rule, state=State.CRITICAL, instance=NAMES[0], subject=subject, title="x")


def test_the_configuration_alone_tells_addresses_without_credentials() -> None:
    target = Target(
        name="a", url="https://me:word@h.example:8443", nomad_address="http://n", bucket="b", prefix="/r/x/"
    )
    names = target_names(target)
    assert (names["url"], names["host"], names["port"]) == ("https://h.example:8443", "h.example", "8443")
    assert names["prefix"] == "r/x/" and names["namespace"] == "default"
    assert target_names(replace(target, url="http://[broken", prefix=""))["host"] == ""
    assert target_names(replace(target, prefix=""))["prefix"] == ""
    assert "prefix" not in target_names(Target(name="a"))


def test_the_current_allocation_is_meant_unless_another_one_is_pointed_at() -> None:
    snapshot = samples.fleet(broken())
    assert names_of(snapshot, NAMES[0])["node"] == "client-06"
    names = names_of(snapshot, NAMES[0], Subject("allocation", "0ld0ld00-0000", "redis"))
    assert (names["allocation"], names["node"], names["task"]) == ("0ld0ld00-0000", "node-9", "redis")


def test_a_policy_brings_its_newest_failure_and_its_peer() -> None:
    snapshot = samples.fleet(broken())
    names = names_of(snapshot, NAMES[0], Subject("policy", "1"))
    assert (names["policy"], names["policy_name"], names["execution"]) == ("1", "sync-to-nas", "2")
    assert (names["peer"], names["peer_url"], names["registry"]) == ("harbor-nas", "https://nas.example", "9")
    assert names_of(snapshot, NAMES[0], Subject("execution", "3"))["execution"] == "3"
    assert names_of(snapshot, NAMES[0], Subject("registry", "harbor-nas"))["registry"] == "9"


def test_a_finding_is_about_what_its_subject_names() -> None:
    each = broken()
    assert subject_of(each, finding("task-dead", "registry")) == Subject("component", "registry")
    assert subject_of(each, finding("replication-failing", "sync-to-nas")) == Subject("policy", "1")
    assert subject_of(each, finding("replication-stuck", "sync-to-nas/3")) == Subject("execution", "3")
    assert subject_of(each, finding("endpoint-unhealthy", "harbor-nas")) == Subject("registry", "harbor-nas")
    assert subject_of(each, finding("gc-failed", "garbage collection")) == Subject()
    names = names_of(samples.fleet(each), NAMES[0], finding=finding("task-dead", "registry"))
    assert names["task"] == "registry" and names["gc"] == "7"


def test_nothing_is_known_of_an_instance_that_is_not_there_and_nothing_unheard_of_is_named() -> None:
    assert names_of(samples.fleet(), "nowhere") == {}
    names = names_of(samples.fleet(broken()), NAMES[0], Subject("policy", "1", "core"))
    assert set(names) <= set(PLACEHOLDERS) and all(value for name, value in names.items() if name != "prefix")
