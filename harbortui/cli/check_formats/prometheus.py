"""Prometheus text exposition format 0.0.4, for a textfile collector or a scrape through a wrapper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from harbortui.cli.check_formats.facts import components_of, executions_by_status, facets_of, tasks_of
from harbortui.model.finding import State, Verdict
from harbortui.model.snapshot import InstanceSnapshot, Snapshot

STATES = (State.OK, State.WARNING, State.CRITICAL, State.UNKNOWN)


@dataclass(slots=True)
class Metric:
    """One metric family."""

    name: str
    help: str
    type: str = "gauge"
    samples: dict[tuple[tuple[str, str], ...], float] = field(default_factory=dict)
    """By labels: one series twice would make Prometheus refuse the whole file."""

    def add(self, value: float, **labels: str) -> None:
        """One sample."""
        self.samples[tuple(labels.items())] = value

    def lines(self) -> Iterator[str]:
        """The family in exposition format; nothing when it has no sample."""
        if not self.samples:
            return
        yield f"# HELP {self.name} {self.help}"
        yield f"# TYPE {self.name} {self.type}"
        for labels, value in self.samples.items():
            pairs = ",".join(f'{key}="{escape(text)}"' for key, text in labels)
            yield f"{self.name}{{{pairs}}} {number(value)}" if pairs else f"{self.name} {number(value)}"


def as_prometheus(snapshot: Snapshot, verdict: Verdict) -> str:
    """All metric families; what is unknown has no sample rather than a made-up zero."""
    states = Metric("harbortui_instance_state", "State of the instance: 1 for the state it is in, 0 for the others.")
    fleet = Metric("harbortui_fleet_state", "State of the fleet: 1 for the state it is in, 0 for the others.")
    for state in STATES:
        fleet.add(float(verdict.state is state), state=state.word)
        for each in verdict.instances:
            states.add(float(each.state is state), instance=each.name, state=state.word)
    findings = Metric("harbortui_findings", "Findings by state.")
    for each in verdict.instances:
        for state in STATES[1:]:
            count = sum(1 for finding in verdict.findings if (finding.instance, finding.state) == (each.name, state))
            findings.add(count, instance=each.name, state=state.word)
    taken = Metric("harbortui_check_timestamp_seconds", "When this check was taken, in unix seconds.")
    taken.add(snapshot.taken_at)
    metrics = [fleet, states, findings, taken, *_instances(snapshot)]
    return "".join(f"{line}\n" for metric in metrics for line in metric.lines())


def _instances(snapshot: Snapshot) -> list[Metric]:
    up = Metric("harbortui_component_up", "1 when the component is healthy, by Harbor or else by its Nomad task.")
    restarts = Metric("harbortui_task_restarts_total", "Restarts of the task in its current allocation.", "counter")
    size = Metric("harbortui_bucket_bytes", "Bytes in the bucket, as the object store itself knows it.")
    executions = Metric("harbortui_replication_executions", "The newest replication executions by status.")
    age = Metric("harbortui_facet_age_seconds", "Age of what was learned when the check ended.")
    failed = Metric("harbortui_facet_failed", "1 when the newest attempt to learn this failed.")
    for instance in snapshot.instances:
        name = instance.name
        for component in components_of(instance):
            if component.up is not None:
                up.add(float(component.up), instance=name, component=component.name)
        for task in tasks_of(instance):
            restarts.add(task.restarts, instance=name, task=task.name)
        _bucket(size, instance)
        for status, count in (executions_by_status(instance) or {}).items():
            executions.add(count, instance=name, status=status)
        for facet_name, facet in facets_of(snapshot, instance):
            failed.add(float(facet.failure is not None), instance=name, facet=facet_name)
            known = facet.age(snapshot.taken_at)
            if known is not None:
                age.add(known, instance=name, facet=facet_name)
    return [up, restarts, size, executions, age, failed]


def _bucket(size: Metric, instance: InstanceSnapshot) -> None:
    bucket = instance.bucket.value
    if bucket is not None and bucket.usage is not None:
        size.add(bucket.usage.bytes, instance=instance.name, bucket=bucket.name, source=bucket.usage.source)


def escape(text: str) -> str:
    """A label's value: backslash, quote and line end are what the format escapes."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def number(value: float) -> str:
    """A sample's value, whole numbers without a fraction."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))
