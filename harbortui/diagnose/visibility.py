"""What cannot be seen of an instance, so that nobody takes silence for health."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from harbortui.diagnose.view import View
from harbortui.model.facet import Facet
from harbortui.model.failure import DENIED, Failure, FailureKind

HARBOR = {
    "health": "health",
    "system": "system information",
    "executions": "replication executions",
    "policies": "replication policies",
    "gc_runs": "garbage collection runs",
    "gc_schedule": "garbage collection schedule",
}
NOMAD = {"job": "Nomad job", "allocations": "Nomad allocations", "placement": "placement", "deployment": "deployment"}


Gap: TypeAlias = tuple[str, str, str]
"""What is missing, the reason, and the kind of failure in words."""


def not_visible(view: View) -> tuple[str, ...]:
    """All that the rules need and do not have now, with the reasons; a source of which nothing is seen is one entry."""
    return tuple(
        text
        for source, needed in _needed(view).items()
        for text in _said(source, len(needed), [gap for words, facet in needed for gap in _gap(view, words, facet)])
    )


def _said(source: str, of: int, gaps: list[Gap]) -> Iterator[str]:
    by_reason: dict[str, list[str]] = {}
    for words, reason, _ in gaps:
        by_reason.setdefault(reason, []).append(words)
    if len(gaps) == of > 1 and len(by_reason) > 1 and len({kind for _, _, kind in gaps}) == 1:
        yield f"{source} ({gaps[0][2]})"
        return
    for reason, words_of in by_reason.items():
        named = source if len(words_of) == of > 1 else ", ".join(words_of)
        yield f"{named} ({reason})"


def _gap(view: View, words: str, facet: Facet[Any]) -> Iterator[Gap]:
    """A value is no excuse while its source fails: what it says was true before the failure."""
    if view.known(facet) is None or (facet.failure is not None and facet.failure.kind is not FailureKind.CANCELLED):
        yield words, _why(facet), facet.failure.words if facet.failure is not None else ""
    elif facet.lost_rows:
        count = len(facet.lost_rows)
        yield words, f"{count} {'row' if count == 1 else 'rows'} could not be read", ""
    elif facet is view.instance.health and facet.value is not None and not facet.value.components:
        yield "components", "Harbor /health names none", ""


def is_waiting(view: View) -> bool:
    """True while some facets have never been tried: then nothing is wrong, it is only too early."""
    return any(facet.at is None and facet.failure is None for needed in _needed(view).values() for _, facet in needed)


def _needed(view: View) -> dict[str, list[tuple[str, Facet[Any]]]]:
    """What the rules need of each source: words for it, and the facet."""
    instance = view.instance
    needed = {"Harbor": [(words, getattr(instance, name)) for name, words in HARBOR.items()]}
    if instance.target.nomad_address:
        needed["Nomad"] = [(words, getattr(instance, name)) for name, words in NOMAD.items()]
    if instance.target.store_endpoint and instance.target.bucket:
        needed["bucket"] = [("bucket", instance.bucket)]
    return needed


def _why(facet: Facet[Any]) -> str:
    failure = facet.failure
    if failure is None:
        return "not asked yet" if facet.at is None else "no news in time"
    return failure_reason(failure)


def failure_reason(failure: Failure) -> str:
    """Why something is not visible, in a few words."""
    if failure.needs and failure.kind in DENIED:
        return f"needs {failure.needs}"
    return failure.words
