"""What the console's panes and keys lack, instance by instance."""

from __future__ import annotations

from collections.abc import Iterator

from harbortui.config.settings import InstanceSettings
from harbortui.model.failure import Failure, FailureKind
from harbortui.probes.judge import harbor, nomad
from harbortui.probes.learned import Learned, of_bucket, of_instance, of_nomad
from harbortui.probes.result import Blind, Role
from harbortui.probes.views import FACET_NEEDS, WORDS, Right, View, views_of
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.storage.inquiry import LISTING, UPLOADS, VERSIONS

_HARBOR = frozenset(("health", "system", "account", "quotas", "registries", "policies", "executions"))
_HARBOR_MORE = frozenset(("task_logs", "gc_runs", "gc_schedule", "job_service", "projects", "scans", "audit"))
_BUCKET = {"bucket": "bucket", "listing": LISTING, "versions": VERSIONS, "uploads": UPLOADS}
_NEVER_RAN = "the job has no current allocation to ask about"


def blind_of(learned: Learned, instance: InstanceSettings, role: Role) -> tuple[Blind, ...]:
    """The panes that miss something and the keys that will be refused."""
    found = (_pane(learned, instance, view) if view.kind == "pane" else _key(learned, instance, view) for view in
             views_of(role))  # fmt: skip
    return tuple(each for each in found if each is not None)


def _pane(learned: Learned, instance: InstanceSettings, view: View) -> Blind | None:
    reasons: dict[str, list[str]] = {}
    needs: dict[str, None] = {}
    for facet in view.facets:
        reason, rights = _gap(learned, instance, facet)
        if reason:
            reasons.setdefault(reason, []).append(WORDS[facet])
            needs.update(dict.fromkeys(map(str, rights)))
    if not reasons:
        return None
    said = tuple(f"{', '.join(words)}: {reason}" for reason, words in reasons.items())
    return Blind(instance=instance.name, kind="pane", name=view.name, reasons=said, needs=tuple(needs))


def _gap(learned: Learned, instance: InstanceSettings, facet: str) -> tuple[str, tuple[Right, ...]]:
    """Why something cannot be seen, and the rights that would mend it; an empty reason when it can."""
    answer = _answer(learned, instance, facet)
    if isinstance(answer, str):
        return answer, ()
    if isinstance(answer, Ok) or answer.kind is FailureKind.NOT_FOUND:
        unsupported = facet in _BUCKET and isinstance(answer, Ok) and not getattr(answer.value, "supported", True)
        return ("this store does not know it" if unsupported else ""), ()
    denied = answer.kind is FailureKind.FORBIDDEN
    return answer.words if denied else answer.detail, FACET_NEEDS[facet] if denied else ()


def _answer(learned: Learned, instance: InstanceSettings, facet: str) -> Answer[object] | str:
    subject = of_instance(instance.name)
    if facet in _HARBOR | _HARBOR_MORE:
        if facet == "task_logs" and not learned.was_asked(subject, facet):
            return learned.answer(subject, "account") if _failed(learned, subject, "account") else ""
        return learned.answer(subject, facet)
    if facet in _BUCKET:
        return _of_bucket(learned, instance, facet)
    if instance.nomad is None:
        return "no Nomad address is configured"
    if facet == "nodes":
        return learned.answer(of_nomad(instance.nomad), "nodes")
    if facet in ("usage", "logs") and not learned.was_asked(subject, facet):
        allocations = learned.answer(subject, "allocations")
        return allocations if isinstance(allocations, Failure) else _NEVER_RAN
    return learned.answer(subject, facet)


def _of_bucket(learned: Learned, instance: InstanceSettings, facet: str) -> Answer[object] | str:
    if instance.storage is None or not instance.bucket:
        return "no bucket is configured"
    subject = of_bucket(instance.storage, instance.bucket)
    what = _BUCKET[facet]
    return learned.answer(subject, what if learned.was_asked(subject, what) else "bucket")


def _failed(learned: Learned, subject: str, what: str) -> bool:
    return isinstance(learned.answer(subject, what), Failure)


def _key(learned: Learned, instance: InstanceSettings, view: View) -> Blind | None:
    if instance.nomad is None and any(right.system == "Nomad" for right in view.rights):
        # A choice of the configuration, not a right that somebody forgot.
        return Blind(instance=instance.name, kind="key", name=view.name, reasons=("no Nomad address is configured",))
    lacking = tuple(right for right in view.rights if _may(learned, instance, right) is False)
    if not lacking:
        return None
    text = f"would be refused: {', '.join(right.name for right in lacking)} is not granted"
    return Blind(instance=instance.name, kind="key", name=view.name, reasons=(text,), needs=tuple(map(str, lacking)))


def _may(learned: Learned, instance: InstanceSettings, right: Right) -> bool | None:
    if right.system == "Harbor":
        return harbor.may(learned, instance, right.name)
    return nomad.may(learned, instance.nomad, right.name) if instance.nomad is not None else False


def untold(learned: Learned, instance: InstanceSettings, role: Role) -> Iterator[str]:
    """The keys of which it cannot be told whether they will work."""
    for view in views_of(role):
        if view.kind == "key" and any(_may(learned, instance, right) is None for right in view.rights):
            yield view.name
