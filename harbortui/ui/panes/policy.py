"""A replication policy's page: where to, what of, when, how the other side is, and how it went lately."""

from __future__ import annotations

from collections.abc import Iterator

from harbortui.model.finding import State
from harbortui.model.harbor import Policy, RegistryEndpoint
from harbortui.model.snapshot import InstanceSnapshot
from harbortui.ui.cell import Block, Cell, Pane, Row, note
from harbortui.ui.facets import is_old
from harbortui.ui.panes.execution import failed_because
from harbortui.ui.panes.join import replication_state
from harbortui.ui.panes.parts import (
    FACTS,
    NOT_KNOWN,
    badge,
    empty_page,
    fact,
    facts,
    instance_of,
    joined,
    link,
    moment_ago,
    not_there,
    told,
)
from harbortui.ui.panes.related import findings_block
from harbortui.ui.panes.replication import COLUMNS, execution_row
from harbortui.ui.symbols import UNICODE
from harbortui.ui.things import Thing, key_of
from harbortui.ui.view import View


def page(view: View, thing: Thing, width: int) -> Pane:
    """One policy, with the executions that are known of it."""
    instance = instance_of(view, thing)
    if instance is None:
        return empty_page(view, "Policy", thing)
    now = view.now
    policy = next((each for each in instance.policies.value or () if str(each.id) == thing.id), None)
    mine = [each for each in instance.executions.value or () if str(each.policy_id) == thing.id]
    mine.sort(key=lambda each: (-(each.start_time or 0.0), -each.id))
    rows = [*told((instance.executions, instance.registries), now, width)]
    if policy is None:
        rows += not_there(instance.policies, now, f"policy {thing.id}", width)
    else:
        rows = [*told((instance.policies,), now, width), *rows]
        finished = next((each for each in mine if each.status != "InProgress" and not each.skipped), None)
        if finished is not None and finished.status == "Failed":
            rows += failed_because(finished, policy, width)
        rows += _facts(instance, policy, now)
    state = State.UNKNOWN if is_old(instance.executions, now) else replication_state(tuple(mine))
    listed = [execution_row(each, policy, now)._replace(key=_key(thing, each.id)) for each in mine]
    if instance.executions.value is not None and not mine:
        listed.append(note("none", "no execution among those Harbor tells of all policies"))
    blocks = [
        Block(FACTS, tuple(rows)),
        *findings_block(view, thing.instance, policy.name if policy else f"policy {thing.id}"),
    ]
    if listed:
        blocks.append(Block(COLUMNS, tuple(listed), "Executions"))
    title = f"Policy {policy.name}" if policy is not None else f"Policy {thing.id}"
    return Pane(title, tuple(blocks), _badge(policy, state, seen=bool(mine)))


def crumb(thing: Thing) -> str:
    """What the header calls it."""
    return f"policy {thing.id}"


def _key(thing: Thing, id_: int) -> str:
    return key_of(Thing("execution", thing.instance, str(id_)))


def _badge(policy: Policy | None, state: State, *, seen: bool) -> Cell:
    if policy is None:
        return NOT_KNOWN
    if not policy.enabled:
        return Cell(f"{UNICODE.dot} disabled", "muted")
    if not seen:
        return Cell("no execution seen", "muted")
    return badge(state, {State.OK: "goes well", State.UNKNOWN: "stale"}.get(state, "failing"))


def _facts(instance: InstanceSnapshot, policy: Policy, now: float) -> Iterator[Row]:
    yield fact(
        "enabled",
        "Enabled",
        "yes" if policy.enabled else "no: it does not start by itself",
        "text" if policy.enabled else "warning",
    )
    arrow = UNICODE.right if policy.direction == "push" else UNICODE.left
    yield fact("direction", "Direction", f"{policy.direction}: this Harbor {arrow} {policy.peer}")
    endpoint = endpoint_named(instance, policy.peer)
    url = policy.destination_url or policy.source_url
    if endpoint is not None:
        state = endpoint_state(endpoint)
        text = joined(endpoint.name, endpoint.status or "status not told", endpoint.url or url)
        yield link(
            Thing("endpoint", instance.name, str(endpoint.id)), "Peer", text, "warning" if state else "text", state
        )
    else:
        yield fact("peer", "Peer", joined(policy.peer, url) or "not told")
    yield from facts(
        ("trigger", "Trigger", joined(policy.trigger.replace("_", " "), policy.cron)),
        ("filters", "Filters", ", ".join(policy.filters) or "none: everything"),
        ("override", "Overrides", "yes: what the other side has under a tag is replaced" if policy.override else "no"),
        ("deletion", "Deletions", "replicated too" if policy.replicate_deletion else "not replicated"),
        ("updated", "Changed", moment_ago(policy.updated, now)),
    )


def endpoint_named(instance: InstanceSnapshot, name: str) -> RegistryEndpoint | None:
    """The endpoint a policy names."""
    return next((each for each in instance.registries.value or () if each.name == name), None)


def endpoint_state(endpoint: RegistryEndpoint) -> State:
    """How Harbor finds it; the word may be five minutes old."""
    return State.OK if endpoint.status == "healthy" else State.WARNING if endpoint.status else State.UNKNOWN
