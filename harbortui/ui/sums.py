"""Summing a project's repositories as a person meets it: the plan in the bar, the confirmation, how far it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.finding import State
from harbortui.model.project_usage import REFERENCED, ProjectPlan, ProjectProgress
from harbortui.ui import words
from harbortui.ui.cell import Cell
from harbortui.ui.facets import failure_words
from harbortui.ui.fit import wrap
from harbortui.ui.symbols import UNICODE
from harbortui.ui.view import View

if TYPE_CHECKING:
    from harbortui.engine.messages import SumState, ToEngine

ENDED = "the engine ended"


class SumDesk:
    """Keeps what the view says of sums at the instance looked at, and tells the engine."""

    def __init__(self, view: View, send: Callable[[ToEngine], None]) -> None:
        self._view = view
        self._send = send

    def toggle(self, project: str) -> None:
        """Ask what it takes; close the bar, or stop what is under way of this project."""
        from harbortui.engine.messages import CancelSums, CountStage, PlanSums, SumState

        view, name = self._view, self._view.instance
        state = view.sums.get((name, project))
        if view.asking_project:
            self.dismiss()
        elif state is not None and state.stage.is_busy:
            self._send(CancelSums(instance=name, project=project))
        else:
            view.sums[name, project] = SumState(instance=name, project=project, stage=CountStage.PLANNING)
            view.asking_project = project
            self._send(PlanSums(instance=name, project=project))

    def confirm(self) -> bool:
        """Begin what the bar says; False while there is no plan yet."""
        from harbortui.engine.messages import CountStage, StartSums, SumState

        view, name, project = self._view, self._view.instance, self._view.asking_project
        state = view.sums.get((name, project))
        if state is None or state.stage is not CountStage.PLANNED:
            return False
        view.asking_project = ""
        view.sums[name, project] = SumState(instance=name, project=project, stage=CountStage.COUNTING, plan=state.plan)
        self._send(StartSums(instance=name, project=project))
        return True

    def dismiss(self) -> None:
        """Close the bar without a sum."""
        from harbortui.engine.messages import CancelSums, CountStage

        view, name, project = self._view, self._view.instance, self._view.asking_project
        if not project:
            return
        view.asking_project = ""
        state = view.sums.pop((name, project), None)
        if state is not None and state.stage is CountStage.PLANNING:
            self._send(CancelSums(instance=name, project=project))

    def stop(self) -> bool:
        """End what is under way at the instance looked at; False when nothing was."""
        from harbortui.engine.messages import CancelSums

        busy = [project for (name, project), state in self._view.sums.items() if self._is_ours(name, state)]
        for project in busy:
            self._send(CancelSums(instance=self._view.instance, project=project))
        return bool(busy)

    @property
    def is_busy(self) -> bool:
        """True while the Harbor of the instance looked at is asked on our behalf."""
        return any(self._is_ours(name, state) for (name, _), state in self._view.sums.items())

    def take(self, state: SumState) -> str:
        """Note what the engine says; a sentence for the person when a plan failed before their eyes."""
        from harbortui.engine.messages import CountStage

        view, place = self._view, (state.instance, state.project)
        asking = view.asking_project == state.project and view.instance == state.instance
        before = view.sums.get(place)
        if state.stage is CountStage.DONE:
            view.sums.pop(place, None)
        elif (state.stage.is_plan and not asking) or (state.stage is CountStage.CANCELLED and (asking or not before)):
            return ""  # Meanwhile it was dismissed, or asked for anew.
        else:
            plan = state.plan or (before.plan if before is not None else None)
            progress = state.progress or (before.progress if before is not None else None)
            view.sums[place] = type(state)(
                instance=state.instance,
                project=state.project,
                stage=state.stage,
                plan=plan,
                progress=progress,
                failure=state.failure,
            )
        if asking and state.stage is CountStage.FAILED:
            view.asking_project = ""
            return f"not summed: {failure_words(state.failure)}" if state.failure is not None else "not summed"
        return ""

    def engine_ended(self) -> None:
        """What was under way ended with the engine."""
        from harbortui.engine.messages import CountStage, SumState

        view = self._view
        for (name, project), state in view.sums.items():
            if state.stage.is_busy:
                failure = Failure(kind=FailureKind.LOCAL, detail=ENDED)
                view.sums[name, project] = SumState(
                    instance=name, project=project, stage=CountStage.FAILED, failure=failure, progress=state.progress
                )
        view.asking_project = ""

    def _is_ours(self, name: str, state: SumState) -> bool:
        return name == self._view.instance and state.stage.is_busy


def bar_lines(view: View, width: int) -> tuple[tuple[Cell, ...], ...]:
    """The bar, as many lines as it needs: what it takes and what comes of it, then the keys."""
    project = view.asking_project
    state = view.sums.get((view.instance, project))
    leave = Cell("esc leave it", "bar")
    if state is None or state.plan is None:
        return (Cell(f"Sum the repositories of {project}: asking what that takes", "bar"),), (leave,)
    said = wrap(f"Sum the repositories of {project}: {plan_words(state.plan)}; {REFERENCED}", max(1, width - 2))
    return *((Cell(line, "bar"),) for line in said), (Cell("enter sum", "key"), leave)


def plan_words(plan: ProjectPlan) -> str:
    """Calls, seconds, and what they are for."""
    calls = words.plural(plan.calls, "call")
    seconds = words.roughly(plan.seconds) if plan.seconds >= 1 else "<1 s"
    of = "" if plan.repositories is None else f" in {words.plural(plan.repositories, 'repository', 'repositories')}"
    left_out = f"; {words.number(plan.left_out)} more are left out" if plan.left_out else ""
    return f"about {calls} to Harbor, {seconds} for {words.plural(plan.artifacts, 'artifact')}{of}{left_out}"


def progress_words(state: SumState) -> tuple[State | None, Cell]:
    """How far it is or how it ended, and the state of that."""
    from harbortui.engine.messages import CountStage

    done = _done(state.progress)
    if state.stage is CountStage.FAILED:
        why = failure_words(state.failure) if state.failure is not None else "no reason given"
        return State.CRITICAL, Cell(f"failed: {why}" + (f" (after {done})" if done else ""), "critical")
    if state.stage is CountStage.CANCELLED:
        return State.UNKNOWN, Cell("cancelled" + (f" after {done}" if done else ""), "muted")
    return None, Cell(f"{done or 'begins'} {UNICODE.dot} u stops", "text")


def _done(progress: ProjectProgress | None) -> str:
    if progress is None:
        return ""
    return f"{words.number(progress.artifacts)} of {words.plural(progress.total, 'artifact')}"
