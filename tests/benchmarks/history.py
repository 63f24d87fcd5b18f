"""A year of thirty instances in the local history: its size, how fast it opens and answers, what a minute costs."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from harbortui.collect.history.append import append
from harbortui.collect.history.database import writing
from harbortui.collect.history.place import HistoryPlace
from harbortui.collect.history.read import History
from harbortui.collect.history.remember import Remembering
from harbortui.collect.history.retain import tidy
from harbortui.collect.history.rows import Rows, Sample
from harbortui.model.history import Measure, Outlook, Subject
from harbortui.model.past import Past
from harbortui.sources.answer import Ok
from tests.benchmarks.budget import Budget
from tests.history.years import fill, place_at, places, target

INSTANCES = 30
REPEATS = 15
FRESH = 5
NOW = 1_768_399_200.0
DAY = 86_400.0


def _milliseconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def _answer(name: str, call: Callable[[], object], what: str = "") -> Budget:
    """The best of some: what other programs take of the machine meanwhile is no cost of ours."""
    times = [_milliseconds(call) for _ in range(REPEATS)]
    detail = f"best of {REPEATS}, median {median(times):.1f} ms"
    return Budget(name, min(times), 20.0, "ms", f"{what}, {detail}" if what else detail)


def _write_minute(place: HistoryPlace, minute: int) -> None:
    samples = tuple(Sample(each, minute, 7) for number in range(INSTANCES) for each in places(target(number)))
    with writing(place) as connection:
        tidy(connection, place, minute * 60.0 + 400)
        append(connection, Rows(samples=samples))


def _first_answer(place: HistoryPlace) -> float:
    """A fresh engine, from the import of the history to its first answer; the best of a few."""
    program = (
        "import time, harbortui.engine.engine\n"
        "from pathlib import Path\n"
        "begun = time.perf_counter()\n"
        "from harbortui.collect.history.place import HistoryPlace\n"
        "from harbortui.collect.history.read import History\n"
        "from harbortui.model.history import Subject\n"
        "from harbortui.model.snapshot import Target\n"
        f"history = History(HistoryPlace(Path({str(place.directory)!r}), {place.writer!r}), lambda: {NOW})\n"
        f"answer = history.since(Target(name='x', url={target(0).url!r}), Subject.COMPONENT, 'core')\n"
        "assert answer.value.state == 'unhealthy'\n"
        "print((time.perf_counter() - begun) * 1000)\n"
    )
    command = [sys.executable, "-c", program]
    runs = [subprocess.run(command, capture_output=True, text=True, timeout=60, check=True) for _ in range(FRESH)]
    return min(float(run.stdout) for run in runs)


def measure() -> list[Budget]:
    """Every figure of the local history."""
    with tempfile.TemporaryDirectory() as folder:
        place = place_at(Path(folder), max_bytes=200_000_000)
        fill(place, INSTANCES, NOW)
        history = History(place, lambda: NOW)
        one = target(3)

        def trend() -> None:
            answer = history.forecast(one, 1e15)
            assert isinstance(answer, Ok) and answer.value.outlook is not Outlook.SHORT

        def series(span: float) -> Callable[[], object]:
            return lambda: history.series(one, Measure.MEMORY_BYTES, start=NOW - span, end=NOW, name="core")

        def detail() -> None:
            remembering = Remembering(history, NOW)
            past = Past(instance="x", bucket=remembering.bucket(one, 10**15), standings=remembering.standings(one))
            remembering.detail(one, past, trends=True)
            assert not remembering.lost and past.standings

        panes = [_milliseconds(detail) for _ in range(FRESH)]
        size = place.own.stat().st_size / 1e6
        minutes = [_milliseconds(lambda each=each: _write_minute(place, int(NOW // 60) + each)) for each in range(5)]  # type: ignore[misc]
        hourly = _milliseconds(lambda: _write_minute(place, int(NOW // 60) + 60))
        return [
            Budget("a year of 30 instances in the history", size, 200.0, "MB"),
            Budget("opening it, to the first answer of a fresh engine", _first_answer(place), 50.0, "ms"),
            _answer("a trend and forecast of it", trend, "60 days by the hour"),
            _answer("a series of two days", series(1.9 * DAY)),
            _answer("a series of 60 days", series(60 * DAY)),
            _answer("a series of a year", series(365 * DAY)),
            _answer("since when a component is as it is", lambda: history.since(one, Subject.COMPONENT, "core")),
            _answer("the newest 500 of 20,000 executions", lambda: history.executions(one, 3)),
            Budget(
                "all that the panes of one instance take of it, with curves", min(panes), 300.0, "ms", "once a minute"
            ),
            Budget("recording a minute of 30 instances", median(minutes), 300.0, "ms", f"worst {max(minutes):.0f} ms"),
            Budget("the same once an hour, with summing up and forgetting", hourly, 3000.0, "ms"),
        ]
