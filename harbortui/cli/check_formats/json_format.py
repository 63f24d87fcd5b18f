"""For programs: the versioned document that docs/check.md describes and docs/check.schema.json checks."""

from __future__ import annotations

import msgspec

from harbortui import __version__
from harbortui.cli.check_formats.facts import ComponentFacts, components_of, executions_by_status, facets_of
from harbortui.model.finding import Finding, Verdict
from harbortui.model.snapshot import InstanceSnapshot, Snapshot

SCHEMA = 1
"""Raised when a field changes its meaning or goes away; new fields may come without."""


class FindingFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One finding."""

    rule: str
    state: str
    instance: str | None
    subject: str
    title: str
    evidence: tuple[str, ...]
    since: float | None


class FacetFacts(msgspec.Struct, frozen=True, kw_only=True):
    """How one thing was learned, or why it was not."""

    source: str
    at: float | None
    error: str | None = None
    detail: str | None = None
    lost_rows: int = 0


class InstanceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One instance."""

    name: str
    state: str
    sentence: str
    url: str
    production: bool
    version: str | None
    components: tuple[ComponentFacts, ...]
    not_visible: tuple[str, ...]
    bucket_bytes: int | None
    replication_executions: dict[str, int] | None
    facets: dict[str, FacetFacts]


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer."""

    harbortui_check: int
    version: str
    taken_at: float
    fleet: str
    origin: str
    state: str
    sentence: str
    instances: tuple[InstanceFacts, ...]
    findings: tuple[FindingFacts, ...]


def as_json(snapshot: Snapshot, verdict: Verdict) -> str:
    """The document, indented, in one fixed order of fields."""
    by_name = {each.name: each for each in verdict.instances}
    document = Document(
        harbortui_check=SCHEMA,
        version=__version__,
        taken_at=snapshot.taken_at,
        fleet=snapshot.fleet,
        origin=snapshot.origin.value,
        state=verdict.state.word,
        sentence=verdict.sentence,
        instances=tuple(
            _instance(
                snapshot,
                each,
                by_name[each.name].state.word,
                by_name[each.name].sentence,
                by_name[each.name].not_visible,
            )
            for each in snapshot.instances
        ),
        findings=tuple(_finding(each) for each in verdict.findings),
    )
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _instance(
    snapshot: Snapshot, instance: InstanceSnapshot, state: str, sentence: str, not_visible: tuple[str, ...]
) -> InstanceFacts:
    system, bucket = instance.system.value, instance.bucket.value
    return InstanceFacts(
        name=instance.name,
        state=state,
        sentence=sentence,
        url=instance.target.url,
        production=instance.target.production,
        version=(system.version or None) if system is not None else None,
        components=components_of(instance),
        not_visible=not_visible,
        bucket_bytes=bucket.usage.bytes if bucket is not None and bucket.usage is not None else None,
        replication_executions=executions_by_status(instance),
        facets={
            name: FacetFacts(
                source=facet.source,
                at=facet.at,
                error=facet.failure.kind.value if facet.failure is not None else None,
                detail=facet.failure.detail if facet.failure is not None else None,
                lost_rows=len(facet.lost_rows),
            )
            for name, facet in facets_of(snapshot, instance)
        },
    )


def _finding(finding: Finding) -> FindingFacts:
    return FindingFacts(
        rule=finding.rule,
        state=finding.state.word if finding.state else "note",
        instance=finding.instance or None,
        subject=finding.subject,
        title=finding.title,
        evidence=finding.evidence,
        since=finding.since,
    )
