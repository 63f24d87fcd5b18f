"""``harbortui usage``: how full each bucket is; counts or samples it on demand. stdout is the answer alone."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import aclosing
from typing import TYPE_CHECKING

from harbortui.cli import headless
from harbortui.cli.exits import ExitCode
from harbortui.model.failure import Failure

if TYPE_CHECKING:
    from harbortui.cli.arguments import Arguments
    from harbortui.cli.usage_formats import Told
    from harbortui.collect.counting import Counter
    from harbortui.collect.fleet import Fleet
    from harbortui.collect.store import SnapshotStore
    from harbortui.config.settings import Settings
    from harbortui.model.listing import BucketCount, CountProgress
    from harbortui.model.snapshot import Snapshot
    from harbortui.model.usage import UsagePlan

FACETS = ("bucket", "quotas")
OF_HARBOR = ("quotas",)
PROGRESS_EVERY = 10.0
"""Seconds between two lines of progress where stderr is no terminal."""
PROGRESS_CELLS = 78
"""Of the line that is written over."""
DECLINED = "not counted, because nobody said yes"


def run(settings: Settings, args: Arguments) -> int:
    """Ask, count where wanted, print; the exit code."""
    from harbortui.cli.recording import record
    from harbortui.cli.usage_formats import as_json, as_text
    from harbortui.cli.usage_projects import projects_text

    found = headless.run(_look(settings, args))
    if found is None:
        return ExitCode.USAGE
    snapshot, told = found
    write = as_json if args.format == "json" else projects_text if _asks_harbor(args) else as_text
    sys.stdout.write(write(snapshot, told, time.time()))
    kept = not args.record or record(settings, snapshot)
    return ExitCode.OK if kept and all(each.is_whole for each in told) else ExitCode.WARNING


async def _look(settings: Settings, args: Arguments) -> tuple[Snapshot, list[Told]] | None:
    from harbortui.collect.wiring import wire

    try:
        fleet = wire(settings, vault_password=args.vault_password, wall=time.time)
    except ValueError as error:
        _say(str(error))
        return None
    background = [asyncio.ensure_future(work()) for work in fleet.background]
    try:
        return await _ask(fleet, args)
    finally:
        for work in background:
            work.cancel()
        await asyncio.gather(*background, return_exceptions=True)
        await fleet.close()


async def _ask(fleet: Fleet, args: Arguments) -> tuple[Snapshot, list[Told]]:
    from harbortui.cli.usage_formats import Told
    from harbortui.collect.once import collect_once
    from harbortui.collect.store import INSTANCE, SnapshotStore
    from harbortui.model.usage import usage_ladder

    store = SnapshotStore(fleet.snapshot)
    facets = OF_HARBOR if _asks_harbor(args) else FACETS
    lookups = [each for each in fleet.lookups if each.key.scope == INSTANCE and each.key.facet in facets]
    await collect_once(lookups, store, deadline=args.timeout, wall=time.time, on_bug=headless.on_bug)
    told = {name: Told(name=name) for name in store.instance_names}
    if args.count or args.sample is not None:
        done: dict[tuple[str, str, str], Told] = {}
        for name, each in told.items():
            counter = fleet.counters.get(name)
            if counter is None:
                each.problem = "no bucket is configured"
                continue
            place = (*counter.place, store.instance(name).target.prefix)
            if place not in done:
                await _one(counter, store, each, args)
                done[place] = each
            else:
                each.take(done[place])
            _learn(store, each)
    if args.repositories is not None:
        from harbortui.cli.usage_projects import sum_project

        for name, each in told.items():
            each.problem = await sum_project(fleet.summers[name], store, name, args)
    now = time.time()
    for name, each in told.items():
        instance = store.instance(name)
        each.known = instance.quotas.value is not None if _asks_harbor(args) else bool(usage_ladder(instance, now))
        if args.repositories is not None:
            each.known = not each.problem
    return store.snapshot(now), list(told.values())


async def _one(counter: Counter, store: SnapshotStore, told: Told, args: Arguments) -> None:
    """Plan, ask, and count or sample one bucket; what came of it is in ``told``."""
    instance = store.instance(told.name)
    usage = instance.bucket.value.usage if instance.bucket.value is not None else None
    objects = usage.objects if usage is not None else None
    plan = await counter.plan(objects)
    if isinstance(plan, Failure):
        told.problem = _failed(told.name, plan)
        return
    if not _agreed(told.name, plan.value, args):
        told.problem = DECLINED
        return
    if args.sample is not None:
        sample = await counter.sample(args.sample)
        if isinstance(sample, Failure):
            told.problem = _failed(told.name, sample)
        else:
            told.sample = sample.value
        return
    count = await _count(counter, told.name, plan.value, objects)
    if isinstance(count, Failure):
        told.problem = _failed(told.name, count)
        return
    told.count = count
    hidden = await counter.hidden(count)
    if isinstance(hidden, Failure):
        told.hidden_note = _failed(told.name, hidden)
    else:
        told.hidden = hidden.value


def _asks_harbor(args: Arguments) -> bool:
    """True where the object store is not what was asked about."""
    return args.projects or args.repositories is not None


def _agreed(name: str, plan: UsagePlan, args: Arguments) -> bool:
    """Say what it takes; True when the person, or ``--yes``, agrees to it."""
    from harbortui.cli.usage_formats import sample_words
    from harbortui.ui.counting import after_words, plan_words

    if args.sample is not None:
        _say(f"{name}: sampling {plan.count.bucket}: {sample_words(plan.count, args.sample)}")
    else:
        _say(f"{name}: counting {plan.count.bucket}: {plan_words(plan)}; {after_words(plan)}")
    return said_yes(args)


def said_yes(args: Arguments) -> bool:
    """True when the person, or ``--yes``, agrees to what was just said."""
    from harbortui.cli.prompt import ask_line

    if args.yes:
        return True
    answer = ask_line("Go on? y or n", "n")
    if answer is None:
        _say("there is no terminal to ask at; say --yes")
    return (answer or "").lower() in ("y", "yes")


async def _count(counter: Counter, name: str, plan: UsagePlan, objects: int | None) -> BucketCount | Failure:
    from harbortui.model.listing import BucketCount

    shown = _Progress(name, plan)
    async with aclosing(counter.count(objects)) as events:
        async for event in events:
            if isinstance(event, BucketCount | Failure):
                shown.end()
                return event
            shown.show(event)
    raise AssertionError("a count without an end")


class _Progress:
    """Progress on stderr: one line that is written over at a terminal, else a line now and then."""

    def __init__(self, name: str, plan: UsagePlan) -> None:
        self._name = name
        self._plan = plan
        self._terminal = sys.stderr.isatty()
        self._next = PROGRESS_EVERY
        self._open = False

    def show(self, progress: CountProgress) -> None:
        """How far it is."""
        from harbortui.ui.counting import rate_words
        from harbortui.ui.fit import fit

        text = f"harbortui: {self._name}: {rate_words(progress, self._plan)}"
        if self._terminal:
            print(f"\r{fit(text, PROGRESS_CELLS)}", end="", file=sys.stderr, flush=True)
            self._open = True
        elif progress.elapsed >= self._next:
            self._next = progress.elapsed + PROGRESS_EVERY
            print(text, file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the line."""
        if self._open:
            print(file=sys.stderr)


def _learn(store: SnapshotStore, told: Told) -> None:
    """Our count into the snapshot, from which ladder, difference and history are told."""
    from harbortui.collect.lookup import FacetKey
    from harbortui.collect.store import INSTANCE
    from harbortui.model.usage import CountedUsage
    from harbortui.sources.answer import Ok

    if told.count is not None:
        counted = CountedUsage(count=told.count, hidden=told.hidden, hidden_note=told.hidden_note)
        store.learn(FacetKey(INSTANCE, told.name, "counted"), Ok(counted), time.time())


def _failed(name: str, failure: Failure) -> str:
    from harbortui.ui.facets import failure_words

    words = failure_words(failure)
    _say(f"{name}: {words}")
    return words


def _say(text: str) -> None:
    print(f"harbortui: {text}", file=sys.stderr)
