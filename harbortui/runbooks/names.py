"""The names that a runbook's placeholders stand for, out of a snapshot and of what a person points at. Pure.

No value is ever a secret: the snapshot holds none, and credentials inside an address are taken off.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urlsplit

from harbortui.model.finding import Finding
from harbortui.model.harbor import COMPONENTS, Execution, Policy
from harbortui.model.nomad import Allocation
from harbortui.model.snapshot import InstanceSnapshot, Snapshot, Target

Names = Mapping[str, str]
"""Placeholder -> value; what is not known is not in it."""

PLACEHOLDERS: Names = MappingProxyType(
    {
        "instance": "the instance's name in the configuration",
        "url": "Harbor's address, without a slash at its end",
        "host": "the host of that address",
        "port": "its port",
        "nomad_address": "Nomad's address",
        "namespace": "the job's namespace",
        "job": "the Nomad job",
        "allocation": "the allocation in focus, else the current one: its full id",
        "node": "the name of that allocation's node",
        "task": "the task or component in focus",
        "endpoint": "the object store's address",
        "bucket": "the bucket",
        "prefix": "Harbor's root directory in the bucket with a slash at its end; nothing where it has none",
        "policy": "the number of the replication policy in focus",
        "policy_name": "its name",
        "execution": "the number of the execution in focus, else of the policy's newest one that failed",
        "peer": "the name of the registry on the policy's other side",
        "peer_url": "its address",
        "registry": "its number",
        "gc": "the number of the garbage collection in focus, else of the newest one",
    }
)
"""All that a page may name, and what it stands for."""

_ACCOUNT = re.compile(r"(?<=://)[^/@]*@")


class Subject(NamedTuple):
    """What a person points at: a kind of :data:`harbortui.runbooks.catalogue.OBJECTS` and which one it is."""

    kind: str = ""
    id: str = ""
    task: str = ""
    """The task, where more than the thing itself is pointed at."""


def names_of(
    snapshot: Snapshot, instance: str, subject: Subject | None = None, finding: Finding | None = None
) -> Names:
    """All names that are known of an instance, with those of what is pointed at in front."""
    found = snapshot.instance(instance)
    if found is None:
        return {}
    subject = subject or Subject()
    if finding is not None and not subject.kind:
        subject = subject_of(found, finding)
    known = {
        **target_names(found.target),
        **_allocation(found, subject),
        **_replication(found, subject),
        **_gc(found, subject),
    }
    known["task"] = subject.id if subject.kind == "component" else subject.task
    return {name: value for name, value in known.items() if value or name == "prefix"}


def target_names(target: Target) -> dict[str, str]:
    """What the configuration alone tells of an instance."""
    url = _ACCOUNT.sub("", target.url)
    host, port = _place(url)
    prefix = target.prefix.strip("/")
    return {
        "instance": target.name,
        "url": url,
        "host": host,
        "port": port,
        "nomad_address": _ACCOUNT.sub("", target.nomad_address),
        "namespace": target.namespace if target.nomad_address or target.namespace != "default" else "",
        "job": target.job,
        "endpoint": _ACCOUNT.sub("", target.store_endpoint),
        "bucket": target.bucket,
        **({"prefix": f"{prefix}/" if prefix else ""} if target.bucket else {}),
    }


def _place(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:
        return "", ""
    return parts.hostname or "", str(port) if parts.hostname and port else ""


def subject_of(instance: InstanceSnapshot, finding: Finding) -> Subject:
    """What a finding is about, by what its subject is the name of."""
    about = finding.subject
    policies = instance.policies.value or ()
    _, _, execution = about.rpartition("/")
    if finding.rule == "replication-stuck" and execution.isdecimal():
        return Subject("execution", execution)
    if finding.rule.startswith("replication-"):
        return Subject("policy", next((str(each.id) for each in policies if each.name == about), ""))
    if finding.rule == "endpoint-unhealthy":
        return Subject("registry", about)
    tasks = {task.name for each in instance.allocations.value or () for task in each.tasks}
    return Subject("component", about) if about in tasks or about in COMPONENTS else Subject()


def _allocation(instance: InstanceSnapshot, subject: Subject) -> dict[str, str]:
    known = instance.allocations.value or ()
    chosen = next((each for each in known if subject[:2] == ("allocation", each.id)), None)
    chosen = chosen or max(known, key=_currency, default=None)
    return {} if chosen is None else {"allocation": chosen.id, "node": chosen.node_name}


def _currency(allocation: Allocation) -> tuple[bool, float]:
    return allocation.is_current, allocation.create_time or 0.0


def _replication(instance: InstanceSnapshot, subject: Subject) -> dict[str, str]:
    runs = sorted(instance.executions.value or (), key=lambda each: (each.start_time or 0.0, each.id), reverse=True)
    run = next((each for each in runs if subject[:2] == ("execution", str(each.id))), None)
    if subject.kind == "registry":
        return _endpoint(instance, subject.id)
    wanted = str(run.policy_id) if run is not None else subject.id if subject.kind == "policy" else ""
    policy = next((each for each in instance.policies.value or () if str(each.id) == wanted), None)
    run = run or _newest(runs, wanted)
    known = {"policy": wanted, "execution": str(run.id) if run is not None else ""}
    return known if policy is None else {**known, **_of_policy(instance, policy)}


def _newest(runs: list[Execution], policy: str) -> Execution | None:
    """The policy's newest execution that failed, else its newest."""
    mine = [each for each in runs if str(each.policy_id) == policy]
    return next((each for each in mine if each.status == "Failed"), mine[0] if mine else None)


def _of_policy(instance: InstanceSnapshot, policy: Policy) -> dict[str, str]:
    url = policy.destination_url if policy.direction == "push" else policy.source_url
    endpoint = _endpoint(instance, policy.peer)
    return {"policy_name": policy.name, "peer": policy.peer, "peer_url": _ACCOUNT.sub("", url.rstrip("/")), **endpoint}


def _endpoint(instance: InstanceSnapshot, name: str) -> dict[str, str]:
    """What is known of a registry, by its name or number."""
    for each in instance.registries.value or ():
        if name in (each.name, str(each.id)):
            return {"peer": each.name, "peer_url": _ACCOUNT.sub("", each.url.rstrip("/")), "registry": str(each.id)}
    return {}


def _gc(instance: InstanceSnapshot, subject: Subject) -> dict[str, str]:
    runs = instance.gc_runs.value or ()
    newest = max(runs, key=lambda each: (each.start_time or 0.0, each.id), default=None)
    chosen = subject.id if subject.kind == "gc-run" else ""
    return {"gc": chosen or (str(newest.id) if newest is not None else "")}
