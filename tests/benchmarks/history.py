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
from harbortui.collect.history.retain import tidy
from harbortui.collect.history.rows import Rows, Sample
from harbortui.model.history import Measure, Outlook, Subject
from harbortui.sources.answer import Ok
from tests.benchmarks.budget import Budget
from tests.history.years import fill, place_at, places, target

INSTANCES = 30
REPEATS = 15
NOW = 1_768_399_200.0
DAY = 86_400.0


def _milliseconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def _typical(call: Callable[[], object]) -> float:
    return median(_milliseconds(call) for _ in range(REPEATS))


def _write_minute(place: HistoryPlace, minute: int) -> None:
    samples = tuple(Sample(each, minute, 7) for number in range(INSTANCES) for each in places(target(number)))
    with writing(place) as connection:
        tidy(connection, place, minute * 60.0 + 400)
        append(connection, Rows(samples=samples))


def _first_answer(place: HistoryPlace) -> float:
    """A fresh engine, from the import of the history to its first answer."""
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
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    return float(run.stdout)


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

        size = place.own.stat().st_size / 1e6
        minutes = [_milliseconds(lambda each=each: _write_minute(place, int(NOW // 60) + each)) for each in range(5)]  # type: ignore[misc]
        hourly = _milliseconds(lambda: _write_minute(place, int(NOW // 60) + 60))
        lists = _typical(lambda: history.executions(one, 3))
        figures = [
            Budget("a year of 30 instances in the history", size, 200.0, "MB"),
            Budget("opening it, to the first answer of a fresh engine", _first_answer(place), 50.0, "ms"),
            Budget("a trend and forecast of it", _typical(trend), 20.0, "ms", "60 days by the hour"),
        ]
        for name, span in (("two days", 1.9 * DAY), ("60 days", 60 * DAY), ("a year", 365 * DAY)):
            figures.append(Budget(f"a series of {name}", _typical(series(span)), 20.0, "ms"))
        since = _typical(lambda: history.since(one, Subject.COMPONENT, "core"))
        return [
            *figures,
            Budget("since when a component is as it is", since, 20.0, "ms"),
            Budget("the newest 500 of 20,000 executions", lists, 20.0, "ms"),
            Budget("recording a minute of 30 instances", median(minutes), 300.0, "ms", f"worst {max(minutes):.0f} ms"),
            Budget("the same once an hour, with summing up and forgetting", hourly, 3000.0, "ms"),
        ]
