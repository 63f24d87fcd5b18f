"""Where to look after a finding: the things it is about, each one enter away."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from harbortui.model.finding import Finding
from harbortui.model.snapshot import InstanceSnapshot
from harbortui.ui.cell import Row
from harbortui.ui.panes.join import current_allocation
from harbortui.ui.panes.parts import joined, link, node_of, node_state, node_trouble, nodes_of
from harbortui.ui.panes.policy import endpoint_named, endpoint_state
from harbortui.ui.things import Thing
from harbortui.ui.view import View

Leads = Callable[[View, InstanceSnapshot, Finding], Iterator[Row]]


def leads(view: View, finding: Finding) -> tuple[Row, ...]:
    """Rows that open what a finding is about, the most telling first."""
    instance = view.snapshot.instance(finding.instance) if view.snapshot is not None else None
    if instance is None:
        return (*_fleet(view, finding), link(Thing("ages"), "Sources", "what each source says, and since when"))
    kind = finding.rule.partition("-")[0]
    own = _BY_RULE.get(finding.rule) or _BY_KIND.get(kind)
    rows = [*(own(view, instance, finding) if own is not None else ())]
    rows.append(link(Thing("instance", instance.name), "Instance", f"{instance.name}, all panes"))
    return tuple({row.key: row for row in rows}.values())


def _component(_view: View, instance: InstanceSnapshot, finding: Finding) -> Iterator[Row]:
    yield link(Thing("component", instance.name, finding.subject), "Component", finding.subject)
    yield link(Thing("live-log", instance.name, finding.subject), "Log", f"the live log of {finding.subject}")
    yield from _current(instance)


def _core(_view: View, instance: InstanceSnapshot, _finding: Finding) -> Iterator[Row]:
    for name in ("core", "nginx"):
        yield link(Thing("component", instance.name, name), "Component", name)
    yield link(Thing("live-log", instance.name, "core"), "Log", "the live log of core")
    yield from _current(instance)


def _current(instance: InstanceSnapshot) -> Iterator[Row]:
    current = current_allocation(instance)
    if current is not None:
        text = joined(current.short_id, current.status, current.node_name)
        yield link(Thing("allocation", instance.name, current.id), "Allocation", text)


def _allocation(view: View, instance: InstanceSnapshot, finding: Finding) -> Iterator[Row]:
    for each in instance.allocations.value or ():
        if each.short_id == finding.subject:
            yield link(Thing("allocation", instance.name, each.id), "Allocation", joined(each.short_id, each.status))
            node = node_of(nodes_of(view.snapshot, instance).value or (), each.node_id, each.node_name)
            if node is not None:
                text = joined(node.name, node_trouble(node))
                yield link(Thing("node", instance.name, node.id), "Node", text, "text", node_state(node))
    yield from _placement(view, instance, finding)


def _placement(_view: View, instance: InstanceSnapshot, _finding: Finding) -> Iterator[Row]:
    placement = instance.placement.value
    if placement is not None and placement.evaluation_id:
        count = len(placement.failures)
        text = "why Nomad finds no node" if count else "what the newest evaluation says"
        yield link(Thing("placement", instance.name), "Placement", text)


def _job(view: View, instance: InstanceSnapshot, finding: Finding) -> Iterator[Row]:
    yield from _current(instance)
    yield from _placement(view, instance, finding)
    ended = [each for each in instance.allocations.value or () if not each.is_current]
    for each in sorted(ended, key=lambda it: -(it.create_time or 0.0))[:1]:
        yield link(Thing("allocation", instance.name, each.id), "The last one", joined(each.short_id, each.status))
    yield link(Thing("raw", instance.name, "", "job"), "Job", f"{instance.target.job}, as Nomad tells it")


def _deployment(_view: View, instance: InstanceSnapshot, _finding: Finding) -> Iterator[Row]:
    latest = instance.deployment.value.latest if instance.deployment.value is not None else None
    if latest is not None:
        text = joined(latest.id[:8], latest.status, f"version {latest.job_version}")
        yield link(Thing("deployment", instance.name, latest.id), "Deployment", text)
    yield from _current(instance)


def _node(view: View, instance: InstanceSnapshot, finding: Finding) -> Iterator[Row]:
    for node in nodes_of(view.snapshot, instance).value or ():
        if node.name == finding.subject:
            text = joined(node.name, node_trouble(node))
            yield link(Thing("node", instance.name, node.id), "Node", text, "text", node_state(node))
    yield from _current(instance)


def _replication(_view: View, instance: InstanceSnapshot, finding: Finding) -> Iterator[Row]:
    name, _, number = finding.subject.rpartition("/")
    policies = {each.id: each for each in instance.policies.value or ()}
    runs = sorted(instance.executions.value or (), key=lambda each: (-(each.start_time or 0.0), -each.id))

    def is_of(policy_id: int) -> bool:
        known = policies[policy_id].name if policy_id in policies else f"policy {policy_id}"
        return known in (finding.subject, name)

    stuck = [each for each in runs if str(each.id) == number and name]
    newest = [each for each in runs if is_of(each.policy_id) and each.status == "Failed" and not each.skipped][:1]
    for run in stuck or newest:
        text = joined(str(run.id), run.status.lower(), run.status_text)
        yield link(Thing("execution", instance.name, str(run.id)), "Execution", text)
    for policy in policies.values():
        if is_of(policy.id):
            yield link(Thing("policy", instance.name, str(policy.id)), "Policy", joined(policy.name, policy.direction))
            endpoint = endpoint_named(instance, policy.peer)
            if endpoint is not None:
                text = joined(endpoint.name, endpoint.status)
                thing = Thing("endpoint", instance.name, str(endpoint.id))
                yield link(thing, "Peer", text, "text", endpoint_state(endpoint))
    yield link(Thing("component", instance.name, "jobservice"), "Component", "jobservice, which runs replication")


def _endpoint(_view: View, instance: InstanceSnapshot, finding: Finding) -> Iterator[Row]:
    endpoint = endpoint_named(instance, finding.subject)
    if endpoint is not None:
        text = joined(endpoint.name, endpoint.status, endpoint.url)
        yield link(Thing("endpoint", instance.name, str(endpoint.id)), "Registry", text)


def _gc(_view: View, instance: InstanceSnapshot, _finding: Finding) -> Iterator[Row]:
    runs = [each for each in instance.gc_runs.value or () if not each.dry_run]
    for run in sorted(runs, key=lambda each: -(each.start_time or 0.0))[:1]:
        yield link(Thing("gc", instance.name, str(run.id)), "Last GC", joined(str(run.id), run.status.lower()))
        yield link(Thing("gc-log", instance.name, str(run.id)), "Its log", "what it wrote")
    yield link(Thing("component", instance.name, "registryctl"), "Component", "registryctl, which deletes the blobs")
    yield link(Thing("bucket", instance.name), "Storage", "the bucket and all collections")


def _bucket(_view: View, instance: InstanceSnapshot, _finding: Finding) -> Iterator[Row]:
    yield link(Thing("bucket", instance.name), "Bucket", joined(instance.target.bucket, instance.target.store_endpoint))
    yield link(Thing("component", instance.name, "registry"), "Component", "registry, which uses it")


def _fleet(view: View, finding: Finding) -> Iterator[Row]:
    """A finding of the whole fleet may be about a node, or a store that several instances share."""
    for instance in view.snapshot.instances if view.snapshot is not None else ():
        for node in nodes_of(view.snapshot, instance).value or ():
            if node.name == finding.subject and finding.rule == "fleet-node-down":
                yield link(Thing("node", instance.name, node.id), "Node", joined(node.name, node_trouble(node)))
                return


_BY_RULE: dict[str, Leads] = {
    "core-unreachable": _core,
    "read-only": _core,
    "clock-skew": _core,
    "database-hanging": _component,
    "no-allocation": _job,
    "deployment-failed": _deployment,
    "placement-blocked": _job,
    "endpoint-unhealthy": _endpoint,
}
_BY_KIND: dict[str, Leads] = {
    "component": _component,
    "task": _component,
    "allocation": _allocation,
    "job": _job,
    "node": _node,
    "replication": _replication,
    "gc": _gc,
    "bucket": _bucket,
    "store": _bucket,
}
