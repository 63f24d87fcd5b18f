"""``harbortui history``: what the local history tells, without a screen and without asking any backend."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from harbortui.cli.exits import ExitCode

if TYPE_CHECKING:
    from harbortui.cli.arguments import Arguments
    from harbortui.config.settings import Settings
    from harbortui.model.snapshot import Snapshot

NONE_KEPT = "no history is kept: it is switched off"
NOT_SIMULATED = "a simulated fleet has a history only where --history names a directory"


def run(settings: Settings, args: Arguments) -> int:
    """Print what is known of each instance in the format asked for; 1 when there is nothing or not all can be read."""
    from harbortui.cli.history_formats import Told, as_json, as_text
    from harbortui.collect.history.read import history_of
    from harbortui.collect.history.remember import Remembering
    from harbortui.collect.targets import empty_snapshot
    from harbortui.model.past import Past

    history = history_of(settings, time.time)
    if history is None:
        _say(NONE_KEPT if not settings.history.enabled else NOT_SIMULATED)
        return ExitCode.WARNING
    now = time.time()
    fleet = empty_snapshot(settings)
    limits = _limits(fleet)
    remembering = Remembering(history, now)
    told = []
    for each in fleet.instances:
        target = each.target
        bucket = remembering.bucket(target, limits.get(each.name))
        past = Past(instance=each.name, bucket=bucket, standings=remembering.standings(target))
        told.append(Told(target, remembering.detail(target, past, trends=False)))
    for problem in remembering.lost:
        _say(problem)
    write = as_json if args.format == "json" else as_text
    sys.stdout.write(write(told, now, tuple(remembering.lost), fleet=fleet.fleet, origin=fleet.origin.value))
    known = any(each.detail.past != Past(instance=each.target.name) for each in told)
    if not known:
        _say("nothing is recorded yet: a running console does it, or harbortui check --record")
    return ExitCode.OK if known and not remembering.lost else ExitCode.WARNING


def _limits(fleet: Snapshot) -> dict[str, int]:
    """Quotas as the last session saw them, by instance: the history keeps none, and nothing is asked here."""
    from harbortui.collect.cache import SnapshotCache, state_directory
    from harbortui.engine.desk import quota_of

    last = SnapshotCache(state_directory() / "last", fleet).load()
    found = {each.name: quota_of(each) for each in last.instances} if last is not None else {}
    return {name: limit for name, limit in found.items() if limit}


def _say(text: str) -> None:
    print(f"harbortui: {text}", file=sys.stderr)
