"""Counting a bucket as a person meets it: the plan in a bar, the confirmation, how far it is, and how it ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from harbortui.model.finding import State
from harbortui.model.listing import CountProgress
from harbortui.model.usage import UsagePlan
from harbortui.ui import sums, words
from harbortui.ui.cell import Cell
from harbortui.ui.facets import failure_words
from harbortui.ui.fit import wrap
from harbortui.ui.sums import SumDesk
from harbortui.ui.symbols import UNICODE
from harbortui.ui.view import View

if TYPE_CHECKING:
    from harbortui.engine.messages import CountState, ToEngine

BAR_CELLS = 6
MOST_ESTIMATED = 0.99
"""How full the bar gets by an estimate: only the end is the end."""
ENDED = "the engine ended"


class Desk:
    """Keeps what the view says of counts, and tells the engine; ``send`` hands a command to it."""

    def __init__(self, view: View, send: Callable[[ToEngine], None]) -> None:
        self._view = view
        self._send = send
        self.sums = SumDesk(view, send)

    def ask(self) -> None:
        """Ask what counting the bucket looked at takes."""
        from harbortui.engine.messages import CountStage, CountState, PlanCount

        view, name = self._view, self._view.instance
        view.counts[name] = CountState(instance=name, stage=CountStage.PLANNING)
        view.asking = name
        self._send(PlanCount(instance=name))

    @property
    def is_counting(self) -> bool:
        """True while the store of the instance looked at is asked on our behalf."""
        state = self._view.counts.get(self._view.instance)
        return state is not None and state.stage.is_busy

    @property
    def is_busy(self) -> bool:
        """The same, or its Harbor is asked for the sums of a project."""
        return self.is_counting or self.sums.is_busy

    @property
    def is_asking(self) -> bool:
        """True while the bar is open."""
        return bool(self._view.asking or self._view.asking_project)

    def confirm(self) -> bool:
        """Begin what the bar says; False while there is no plan yet."""
        from harbortui.engine.messages import CountStage, CountState, StartCount

        view, name = self._view, self._view.asking
        if view.asking_project:
            return self.sums.confirm()
        state = view.counts.get(name)
        if state is None or state.stage is not CountStage.PLANNED:
            return False
        view.asking = ""
        view.counts[name] = CountState(instance=name, stage=CountStage.COUNTING, plan=state.plan)
        self._send(StartCount(instance=name))
        return True

    def dismiss(self) -> None:
        """Close the bar without a count."""
        from harbortui.engine.messages import CancelCount, CountStage

        self.sums.dismiss()
        view, name = self._view, self._view.asking
        if not name:
            return
        view.asking = ""
        state = view.counts.pop(name, None)
        if state is not None and state.stage is CountStage.PLANNING:
            self._send(CancelCount(instance=name))

    def cancel(self) -> None:
        """Close the bar, or end what is under way at the instance looked at."""
        from harbortui.engine.messages import CancelCount

        if self.is_asking:
            self.dismiss()
        elif self.is_counting or not self.sums.stop():
            self._send(CancelCount(instance=self._view.instance))

    def take(self, state: CountState) -> str:
        """Note what the engine says; a sentence for the person when a plan failed before their eyes."""
        from harbortui.engine.messages import CountStage

        view, name = self._view, state.instance
        asking = view.asking == name
        if state.stage in (CountStage.PLANNING, CountStage.PLANNED) and not asking:
            return ""  # Meanwhile it was dismissed.
        if state.stage is CountStage.CANCELLED and name not in view.counts:
            return ""
        if state.stage is CountStage.DONE:
            view.counts.pop(name, None)
            return ""
        before = view.counts.get(name)
        if state.stage is CountStage.CANCELLED and before is not None:
            if asking:
                return ""  # The end of an older plan; the present one is still to come.
            state = type(state)(instance=name, stage=state.stage, progress=before.progress)
        if state.plan is None and before is not None:
            state = type(state)(
                instance=name, stage=state.stage, plan=before.plan, progress=state.progress, failure=state.failure
            )
        view.counts[name] = state
        if asking and state.stage is CountStage.FAILED:
            view.asking = ""
            return f"not counted: {failure_words(state.failure)}" if state.failure is not None else "not counted"
        return ""

    def engine_ended(self) -> None:
        """What was under way ended with the engine."""
        from harbortui.engine.messages import CountStage, CountState
        from harbortui.model.failure import Failure, FailureKind

        view = self._view
        for name, state in view.counts.items():
            if state.stage.is_busy:
                failure = Failure(kind=FailureKind.LOCAL, detail=ENDED)
                view.counts[name] = CountState(
                    instance=name, stage=CountStage.FAILED, failure=failure, progress=state.progress
                )
        view.asking = ""
        self.sums.engine_ended()


def bar_lines(view: View, width: int) -> tuple[tuple[Cell, ...], ...]:
    """The bar, as many lines as it needs: what a count takes and what comes after it, then the keys."""
    if view.asking_project:
        return sums.bar_lines(view, width)
    state = view.counts.get(view.asking)
    instance = view.looked_at
    bucket = f"bucket {instance.target.bucket}" if instance is not None and instance.target.bucket else "the bucket"
    leave = Cell("esc leave it", "bar")
    if state is None or state.plan is None:
        return (Cell(f"Count {bucket}: asking what that takes", "bar"),), (leave,)
    said = wrap(f"Count {bucket}: {plan_words(state.plan)}; {after_words(state.plan)}", max(1, width - 2))
    return *((Cell(line, "bar"),) for line in said), (Cell("enter count", "key"), leave)


def plan_words(plan: UsagePlan) -> str:
    """Calls, seconds, dollars, and what they are estimated from."""
    count = plan.count
    about = "at least" if count.at_least else "about"
    dollars = "" if count.dollars is None else f", ${count.dollars:.2f}" if count.dollars >= 0.01 else ", below $0.01"
    calls = words.plural(count.calls, "call")
    seconds = words.roughly(count.seconds) if count.seconds >= 1 else "<1 s"
    return f"{about} {calls}, {seconds}{dollars} for {words.number(count.objects)} objects ({count.objects_from})"


def after_words(plan: UsagePlan) -> str:
    """What comes after the count."""
    if plan.keeps_versions:
        return "old versions are kept and take as many calls again, or more"
    if plan.versioning is None:
        return "it only lists; whether old versions are kept is not tellable"
    return "it only lists"


def progress_words(state: CountState) -> tuple[State | None, Cell]:
    """How far it is or how it ended, and the state of that."""
    from harbortui.engine.messages import CountStage

    progress, stage = state.progress, state.stage
    counted = _counted(progress)
    if stage is CountStage.FAILED:
        why = failure_words(state.failure) if state.failure is not None else "no reason given"
        return State.CRITICAL, Cell(f"failed: {why}" + (f" (after {counted})" if counted else ""), "critical")
    if stage is CountStage.CANCELLED:
        return State.UNKNOWN, Cell("cancelled" + (f" after {counted}" if counted else ""), "muted")
    if stage is CountStage.HIDDEN:
        return None, Cell(f"{counted or 'counted'}, looking for what a listing does not show {UNICODE.dot} u stops")
    if progress is None:
        return None, Cell("begins", "text")
    return None, Cell(f"{rate_words(progress, state.plan)} {UNICODE.dot} u stops", "text")


def rate_words(progress: CountProgress, plan: UsagePlan | None = None) -> str:
    """A bar, what is left, how fast it is and how far; by the plan where the number of keys is only estimated."""
    rate = f"{words.number(round(progress.rate))}/s"
    if progress.remaining is not None:
        share = progress.elapsed / (progress.elapsed + progress.remaining) if progress.elapsed > 0 else 0.0
        parts = (f"{words.roughly(progress.remaining)} left", rate, _counted(progress))
    elif plan is not None:
        expected = plan.count.objects
        share = min(MOST_ESTIMATED, progress.objects / max(1, expected))
        more = progress.rate > 0 and progress.objects < expected
        left = f">{words.roughly((expected - progress.objects) / progress.rate)} left" if more else ""
        parts = (left, rate, f"{_counted(progress)} of at least {words.number(expected)}")
    else:
        return f"{rate}, {_counted(progress)}"
    return f"{_bar(share)} {', '.join(part for part in parts if part)}"


def _counted(progress: CountProgress | None) -> str:
    return "" if progress is None else f"{words.number(progress.objects)} objects"


def _bar(share: float) -> str:
    full = int(BAR_CELLS * share)
    return f"{UNICODE.full * full}{UNICODE.empty * (BAR_CELLS - full)} {100 * share:.0f}%"
