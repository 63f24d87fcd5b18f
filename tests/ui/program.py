"""The console on samples, as a program for the pty tests: ``python -m tests.ui.program SCENE``.

SIGUSR1 makes the engine say the next thing of the scene, SIGUSR2 changes the theme. The real
console's driver, guard and crash path are used.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from harbortui.cli import console
from harbortui.engine.messages import EngineNote, FleetPast, InstancePast, LogLines, TailState
from harbortui.model.nomad import AllocationUsage, TaskUsage
from harbortui.model.snapshot import Snapshot
from harbortui.ui.port import Shown
from harbortui.ui.view import Start
from tests.ui import pasts, samples

Message = Shown | FleetPast | InstancePast | LogLines | EngineNote | BaseException
FLOOD = 300
"""Messages of the flood, each of which paints the whole log anew."""
HOSTILE = "\x1b]52;c;ZXZpbA==\x07\x1b[2J\x9b31m[@click=app.quit]x[/]\u202e\x1b]0;owned\x07"


def _same() -> Iterator[Message]:
    """The same values learned again, at a later time within the same minute."""
    snapshot, verdict = samples.hurt()
    for second in range(1, 50):
        facets = {
            name: msgspec.structs.replace(getattr(each, name), at=samples.NOW + second)
            for each in snapshot.instances[:1]
            for name in ("health", "allocations", "usage")
        }
        instances = (msgspec.structs.replace(snapshot.instances[0], **facets), *snapshot.instances[1:])
        yield Shown(msgspec.structs.replace(snapshot, instances=instances, taken_at=samples.NOW + second / 2), verdict)


def _told() -> Iterator[Message]:
    """What the history answers minute after minute: the figures move, what they say does not."""
    yield Shown(*samples.hurt())
    for minute in range(50):
        moved = {"until": samples.NOW + 60 * minute, "per_day": pasts.TREND.per_day + 1000 * minute}
        bucket = pasts.bucket(trend=msgspec.structs.replace(pasts.TREND, **moved))
        yield FleetPast(instances=tuple(pasts.past(name, bucket=bucket) for name in samples.NAMES))


def _drawn() -> Iterator[Message]:
    """Plots of one instance minute after minute: twice the same, then every task takes a little more."""
    yield Shown(*samples.hurt())
    curves = pasts.trends()
    for minute in range(50):
        more = float(minute // 2 * 8 * samples.MIB)
        memory = tuple(
            msgspec.structs.replace(each, values=(*each.values[:-1], each.values[-1] + more)) for each in curves.memory
        )
        yield InstancePast(detail=pasts.detail(trends=msgspec.structs.replace(curves, memory=memory)))


def _hundred(round_: int) -> Snapshot:
    """A hundred instances of which one column changes in half of the rows: 5 % of ten columns."""
    instances = []
    for number in range(100):
        each = samples.instance(f"harbor-{number:03d}")
        share = 200 + (round_ * 40 if number % 2 else 0)
        tasks = tuple(
            TaskUsage(name=task.name, memory_bytes=share * samples.MIB, cpu_mhz=1.0) for task in each.usage.value.tasks
        )
        usage = AllocationUsage(allocation_id=each.usage.value.allocation_id, tasks=tasks)
        instances.append(msgspec.structs.replace(each, usage=samples.fresh("Nomad client stats", usage)))
    return samples.fleet(*instances)


def _changing() -> Iterator[Message]:
    for round_ in range(10):
        snapshot = _hundred(round_)
        yield Shown(snapshot, samples.verdict(snapshot))


def _hostile() -> Iterator[Message]:
    snapshot, _ = samples.hurt()
    target = msgspec.structs.replace(snapshot.instances[0].target, name=HOSTILE, bucket=HOSTILE, url=HOSTILE)
    first = msgspec.structs.replace(snapshot.instances[0], target=target)
    snapshot = samples.fleet(first, *snapshot.instances[1:])
    finding = samples.Finding(rule="x", state=samples.State.CRITICAL, instance=HOSTILE, subject=HOSTILE, title=HOSTILE)
    yield Shown(snapshot, samples.verdict(snapshot, finding))
    yield LogLines(instance=HOSTILE, task="core", stream="stdout", lines=(HOSTILE,) * 5, state=TailState.LIVE)
    yield EngineNote(text=HOSTILE)


def _flood() -> Iterator[Message]:
    for number in range(FLOOD):
        lines = tuple(f"{number} {chr(97 + number % 26) * 300}" for _ in range(200))
        yield LogLines(instance=samples.NAMES[0], task="core", stream="stdout", lines=lines, state=TailState.LIVE)


def _crash() -> Iterator[Message]:
    yield Shown(*samples.hurt())
    token = "hvs.CAESIPlanted0123456789abcdefghij"
    yield RuntimeError(f"lost {token} on the way")


SCENES: dict[str, Callable[[], Iterator[Message]]] = {
    "same": _same,
    "changing": _changing,
    "told": _told,
    "drawn": _drawn,
    "hostile": _hostile,
    "flood": _flood,
    "crash": _crash,
}


def _played(scene: str) -> tuple[Iterator[Message], samples.FakePort]:
    """What the engine says by turns, and the engine that has said the first of it."""
    if scene.startswith("spoilt"):
        from tests.safety.spoilt import Spoilt, spoiler

        answering = Spoilt(spoiler(), words="words" in scene)
        return (answering.shown(step) for step in itertools.count(1)), answering
    script = SCENES[scene]()
    return script, samples.FakePort(next(script))


def main(scene: str, *, instance: str = "") -> int:
    """Run one scene in this terminal."""
    problem = console.terminal_problem(os.environ)
    if problem:
        print(problem, file=sys.stderr)
        return 2
    console.prepare_environment(os.environ)
    from harbortui.ui import symbols, themes
    from harbortui.ui.app import HarborApp

    async def drive() -> int:
        script, port = _played(scene)

        def go_on() -> None:
            if scene == "flood":
                floods.append(asyncio.create_task(flood()))
            else:
                port.say(next(script))

        async def flood() -> None:
            for message in script:
                port.say(message)
                await asyncio.sleep(0.005)

        floods: list[asyncio.Task[None]] = []

        def other_theme() -> None:
            other = themes.load(next(looks))
            app.look.palette = other.palette
            app.use_theme(other)
            app.action_redraw()

        looks = itertools.cycle(("light", "dark"))
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, go_on)
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR2, lambda: app.call_later(other_theme))
        start = Start("ackermann", getattr(port, "names", samples.NAMES), instance=instance)
        theme = themes.load(themes.choose("", os.environ))
        app = HarborApp(
            start, port, theme=theme, symbols=symbols.choose(os.environ), clock=lambda: samples.NOW, on_crash=reporter
        )
        door = console._Door(port, start, lambda: None)
        return await console._drive(app, door, mouse=False, reporter=reporter)

    reporter = console._reporter()
    reporter.install()
    code = asyncio.run(drive())
    if reporter.line:
        print(reporter.line, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    sys.exit(main(sys.argv[1], instance=sys.argv[2] if len(sys.argv) > 2 else ""))
