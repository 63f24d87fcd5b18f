"""Which instance replicates to which, and how that went: every policy joined with its executions. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from harbortui.model.facet import FacetState
from harbortui.model.finding import State, Verdict
from harbortui.model.harbor import Execution, Policy
from harbortui.model.snapshot import InstanceSnapshot, Snapshot, Target
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
    is_on: bool
    """True when at least one policy is enabled."""
    veil: str = ""
    """Why the present is not known, in a word; empty while it is."""

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


def ways(snapshot: Snapshot, verdict: Verdict, now: float) -> tuple[Way, ...]:
    """All ways of the fleet, the order of its instances kept."""
    names = _names(snapshot)
    judged: dict[str, dict[str, State]] = {}
    for each in verdict.findings:
        if each.rule == "replication-failing":
            judged.setdefault(each.instance, {})[each.subject] = each.state
    return tuple(way for each in snapshot.instances for way in _ways_of(each, names, judged.get(each.name, {}), now))


class _Kept(NamedTuple):
    """The ways of one instance and what they were made from."""

    instance: InstanceSnapshot
    names: dict[str, str]
    judged: dict[str, State]
    now: float
    ways: tuple[Way, ...]


_kept: dict[str, _Kept] = {}
"""By instance. With 300 instances polled a refresh changes a few, and all anew take longer than a frame."""


def _ways_of(
    instance: InstanceSnapshot, names: dict[str, str], judged: dict[str, State], now: float
) -> tuple[Way, ...]:
    """The ways of its policies; an instance that did not change is the same object as before."""
    kept = _kept.get(instance.name)
    same = kept is not None and kept.instance is instance and kept.names is names
    if kept is not None and same and (kept.now, kept.judged) == (now, judged):
        return kept.ways
    if len(_kept) >= MOST:
        _kept.clear()
    veil = _veil(instance, now)
    ends: dict[tuple[str, str], list[Run]] = {}
    for run in _runs(instance):
        pushes = run.policy.direction == "push"
        url = run.policy.destination_url if pushes else run.policy.source_url
        peer = names.get(_plain(url)) or names.get(run.policy.peer, run.policy.peer)
        ends.setdefault((instance.name, peer) if pushes else (peer, instance.name), []).append(run)
    found = tuple(
        Way(
            *(origin, to, instance.name, tuple(runs), _state(runs, judged, veil)),
            any(run.policy.enabled for run in runs),
            veil,
        )
        for (origin, to), runs in ends.items()
    )
    _kept[instance.name] = _Kept(instance, names, judged, now, found)
    return found


def unseen(instance: InstanceSnapshot, now: float) -> str:
    """Why nobody knows where the instance replicates to, in a word; empty where that is known."""
    absent = instance.policies.state(now) is FacetState.ABSENT
    return brief(instance.policies, now).text if instance.policies.value is None and not absent else ""


def _veil(instance: InstanceSnapshot, now: float) -> str:
    if instance.executions.value is None:
        return brief(instance.executions, now).text
    return "stale" if is_old(instance.executions, now) or is_old(instance.policies, now) else ""


def _state(runs: Iterable[Run], judged: dict[str, State], veil: str) -> State:
    on = [run for run in runs if run.policy.enabled or run.is_failing]
    failing = [judged.get(run.policy.name, State.WARNING) for run in on if run.is_failing]
    return State.UNKNOWN if veil and on else max(failing, default=State.OK)


def _plain(url: str) -> str:
    return url.partition("://")[2].rstrip("/").lower()


_named: tuple[list[Target], dict[str, str]] = ([], {})
"""The newest targets, and what policies call them."""


def _names(snapshot: Snapshot) -> dict[str, str]:
    """What policies call an instance -> its name: addresses before names, which are free text in Harbor.

    The same object until the configuration changes.
    """
    global _named
    targets = [each.target for each in snapshot.instances]
    if _named[0] != targets:
        found = {each.name: each.name for each in targets}
        found.update((_plain(url), each.name) for each in targets for url in (each.url, each.external_url) if url)
        _named = (targets, found)
    return _named[1]


def _runs(instance: InstanceSnapshot) -> tuple[Run, ...]:
    executions = instance.executions.value or ()
    by_policy: dict[int, list[Execution]] = {}
    for each in sorted(executions, key=lambda run: (-(run.start_time or 0.0), -run.id)):
        if not each.skipped:
            by_policy.setdefault(each.policy_id, []).append(each)
    full = len(executions) + len(instance.executions.lost_rows) >= SEEN
    return tuple(_run(policy, by_policy.get(policy.id, []), full) for policy in instance.policies.value or ())


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
