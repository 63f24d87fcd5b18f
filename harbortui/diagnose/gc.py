"""Rules about garbage collection."""

from __future__ import annotations

from collections.abc import Iterator

from harbortui.diagnose.cron import missed_firing
from harbortui.diagnose.view import View, utc
from harbortui.model.finding import Finding, State

SUBJECT = "garbage collection"


def gc_rules(view: View) -> Iterator[Finding]:
    """The last real run failed, the schedule's time passed without a success, or there is no schedule (a note)."""
    schedule = view.known(view.instance.gc_schedule)
    runs = view.known(view.instance.gc_runs)
    if schedule is not None and not schedule.scheduled:
        yield view.finding("gc-unscheduled", State.OK, SUBJECT, "garbage collection is not scheduled")
    if runs is None:
        return
    real = sorted((run for run in runs if not run.dry_run), key=lambda run: run.start_time or 0.0, reverse=True)
    finished = [run for run in real if run.status != "Running"]
    if finished and finished[0].status == "Error":
        title = "the last garbage collection ended in an error"
        evidence = (f"run {finished[0].id} ({finished[0].kind.lower()})",)
        yield view.finding("gc-failed", State.WARNING, SUBJECT, title, evidence=evidence, since=finished[0].start_time)
    if schedule is None or not schedule.scheduled:
        return
    success = next((run for run in real if run.status == "Success" and run.start_time is not None), None)
    running = any(run.status == "Running" for run in real)
    if success is not None and success.start_time is not None and not running:
        yield from _overdue(view, schedule.cron, success.start_time)


def _overdue(view: View, cron: str, last_success: float) -> Iterator[Finding]:
    """Overdue when a scheduled time went by without success, and the grace after it too."""
    missed = missed_firing(cron, last_success, view.now, view.limits.gc_overdue_factor)
    if missed is not None:
        title = "garbage collection is overdue"
        evidence = (f"last success {utc(last_success)}, scheduled for {utc(missed.due)}", f"schedule {cron}")
        yield view.finding("gc-overdue", State.WARNING, SUBJECT, title, evidence=evidence, since=missed.before)
