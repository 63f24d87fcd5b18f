"""Which instance replicates to which, and how that went: every policy joined with its executions. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from harbortui.model.facet import FacetState
from harbortui.model.finding import State, Verdict
from harbortui.model.harbor import Execution, Policy
from harbortui.model.snapshot import InstanceSnapshot, Snapshot
from harbortui.ui.facets import brief, is_old

SEEN = 30
"""The newest executions that are collected: of a policy that ran before them nothing is known."""
MOST = 4096


class Run(NamedTuple):
    """One policy and what is known of its executions."""

    policy: Policy
    failed: int
    is_failing: bool
    """Its newest finished execution failed; failures that a success followed are history."""
    ok_at: float | None
    is_running: bool
    reason: str
    is_out_of_sight: bool
    """It did not run among the executions that are known, and there are more."""


class Way(NamedTuple):
    """What replicates from one registry to another; one that is not of the fleet has its endpoint's name."""

    origin: str
    to: str
    holder: str
    """The instance whose policies these are: the origin where they push, the other where they pull."""
    runs: tuple[Run, ...]
    state: State
    veil: str = ""
    """Why the present is not known, in a word; empty while it is."""

    @property
    def is_on(self) -> bool:
        """True when at least one policy is enabled."""
        return any(run.policy.enabled for run in self.runs)

    @property
    def failed(self) -> int:
        """Executions that failed, of those that are known."""
        return sum(run.failed for run in self.runs)

    @property
    def ok_at(self) -> float | None:
        """When it last went well."""
        return max((run.ok_at for run in self.runs if run.ok_at is not None), default=None)

    @property
    def worst(self) -> Run:
        """The policy to look at first."""
        return min(self.runs, key=lambda run: (not run.is_failing, not run.policy.enabled, run.policy.id))


def ways(snapshot: Snapshot, verdict: Verdict) -> tuple[Way, ...]:
    """All ways of the fleet, the order of its instances kept."""
    names = _names(snapshot)
    judged = {
        (each.instance, each.subject): each.state for each in verdict.findings if each.rule == "replication-failing"
    }
    found: list[Way] = []
    for instance in snapshot.instances:
        veil = _veil(instance, snapshot.taken_at)
        ends: dict[tuple[str, str], list[Run]] = {}
        for run in _runs(instance):
            pushes = run.policy.direction == "push"
            url = run.policy.destination_url if pushes else run.policy.source_url
            peer = names.get(_plain(url)) or names.get(run.policy.peer, run.policy.peer)
            ends.setdefault((instance.name, peer) if pushes else (peer, instance.name), []).append(run)
        found += (
            Way(origin, to, instance.name, tuple(runs), _state(instance.name, runs, judged, veil), veil)
            for (origin, to), runs in ends.items()
        )
    return tuple(found)


def unseen(instance: InstanceSnapshot, now: float) -> str:
    """Why nobody knows where the instance replicates to, in a word; empty where that is known."""
    absent = instance.policies.state(now) is FacetState.ABSENT
    return brief(instance.policies, now).text if instance.policies.value is None and not absent else ""


def _veil(instance: InstanceSnapshot, now: float) -> str:
    if instance.executions.value is None:
        return brief(instance.executions, now).text
    return "stale" if is_old(instance.executions, now) or is_old(instance.policies, now) else ""


def _state(holder: str, runs: Iterable[Run], judged: dict[tuple[str, str], State], veil: str) -> State:
    on = [run for run in runs if run.policy.enabled or run.is_failing]
    failing = [judged.get((holder, run.policy.name), State.WARNING) for run in on if run.is_failing]
    return State.UNKNOWN if veil and on else max(failing, default=State.OK)


def _plain(url: str) -> str:
    return url.partition("://")[2].rstrip("/").lower()


def _names(snapshot: Snapshot) -> dict[str, str]:
    """What policies call an instance -> its name: addresses before names, which are free text in Harbor."""
    found = {each.name: each.name for each in snapshot.instances}
    for each in snapshot.instances:
        for url in (each.target.url, each.target.external_url):
            if url:
                found[_plain(url)] = each.name
    return found


_kept: dict[str, tuple[Any, Any, tuple[Run, ...]]] = {}
"""By instance: what its runs were made from, which is the same object until it changes. With 300 instances polled a
refresh changes a few."""


def _runs(instance: InstanceSnapshot) -> tuple[Run, ...]:
    policies, executions = instance.policies.value, instance.executions.value
    kept = _kept.get(instance.name)
    if kept is not None and kept[0] is policies and kept[1] is executions:
        return kept[2]
    if len(_kept) >= MOST:
        _kept.clear()
    by_policy: dict[int, list[Execution]] = {}
    for each in sorted(executions or (), key=lambda run: (-(run.start_time or 0.0), -run.id)):
        if not each.skipped:
            by_policy.setdefault(each.policy_id, []).append(each)
    full = len(executions or ()) + len(instance.executions.lost_rows) >= SEEN
    runs = tuple(_run(policy, by_policy.get(policy.id, []), full) for policy in policies or ())
    _kept[instance.name] = (policies, executions, runs)
    return runs


def _run(policy: Policy, newest_first: list[Execution], full: bool) -> Run:
    finished = [each for each in newest_first if each.status != "InProgress"]
    good = next((each for each in finished if each.status == "Succeed"), None)
    bad = [each for each in finished if each.status == "Failed"]
    return Run(
        policy,
        len(bad),
        bool(bad) and finished[0] is bad[0],
        (good.end_time or good.start_time) if good is not None else None,
        any(each.status == "InProgress" for each in newest_first),
        bad[0].status_text if bad else "",
        full and not newest_first,
    )
