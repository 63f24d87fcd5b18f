"""What cannot be seen of an instance, so that nobody takes silence for health."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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
WORDS = {
    FailureKind.NO_CREDENTIALS: "no credentials",
    FailureKind.AUTH: "credentials refused",
    FailureKind.FORBIDDEN: "forbidden",
    FailureKind.SEALED: "Vault is sealed",
    FailureKind.TIMEOUT: "no answer in time",
    FailureKind.REFUSED: "connection refused",
    FailureKind.DNS: "name not found",
    FailureKind.TLS: "TLS failed",
}


def not_visible(view: View) -> tuple[str, ...]:
    """Everything the rules need and do not have now, each with the reason."""
    return tuple(_hidden(view))


def is_waiting(view: View) -> bool:
    """True while some facets have never been tried: then nothing is wrong, it is only too early."""
    return any(facet.at is None and facet.failure is None for _, facet in _needed(view))


def _hidden(view: View) -> Iterator[str]:
    for words, facet in _needed(view):
        if view.known(facet) is None:
            yield f"{words} ({_why(facet)})"
        elif facet.lost_rows:
            yield f"{words} ({len(facet.lost_rows)} rows could not be read)"
    health = view.known(view.instance.health)
    if health is not None and not health.components:
        yield "components (Harbor /health names none)"


def _needed(view: View) -> Iterator[tuple[str, Facet[Any]]]:
    instance = view.instance
    for name, words in HARBOR.items():
        yield words, getattr(instance, name)
    if instance.target.nomad_address:
        for name, words in NOMAD.items():
            yield words, getattr(instance, name)
    if instance.target.store_endpoint:
        yield "bucket", instance.bucket


def _why(facet: Facet[Any]) -> str:
    failure = facet.failure
    if failure is None:
        return "not asked yet" if facet.at is None else "no news in time"
    return failure_reason(failure)


def failure_reason(failure: Failure) -> str:
    """Why something is not visible, in a few words."""
    if failure.needs and failure.kind in DENIED:
        return f"needs {failure.needs}"
    return WORDS.get(failure.kind, failure.kind.value.replace("_", " "))
