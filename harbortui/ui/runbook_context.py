"""What a person points at, as a runbook needs it: which page fits, and whose names go into it. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

from harbortui.model.finding import State
from harbortui.runbooks.catalogue import fitting
from harbortui.runbooks.names import Subject
from harbortui.ui.things import thing_of

if TYPE_CHECKING:
    from harbortui.model.asked import Query
    from harbortui.model.finding import Finding
    from harbortui.model.snapshot import InstanceSnapshot
    from harbortui.ui.cell import Row
    from harbortui.ui.things import Thing
    from harbortui.ui.view import View

COLLECTION = "garbage collection"
"""What findings of the garbage collection are about."""
PANES = {"instance/1": "component", "instance/2": "allocation", "instance/3": "bucket", "instance/4": "policy"}
"""The kind of a row that says no more of itself."""
_KINDS = {
    "placement": "evaluation",
    "task-log": "execution",
    "endpoint": "registry",
    "gc": "gc-run",
    "gc-log": "gc-run",
}
"""What pages of single things call differently."""
_NAMESAKES = ("job", "evaluation", "bucket")
"""Kinds that often have one name: a job and its bucket."""
_STORAGE = {"store": "store", "gc": "gc", "gc-next": "gc"}


class About(NamedTuple):
    """What a page is opened for."""

    name: str = ""
    """A rule, or a kind of object; empty when nothing tells which page it should be."""
    instance: str = ""
    subject: Subject = Subject()
    finding: Finding | None = None


def about_row(view: View, instance: str, where: str, row: Row) -> About:
    """What the row of the table at ``where`` is about; ``instance`` is the one that keys are about."""
    if where == "fleet/findings":
        return _finding_row(view, row)
    if where == "fleet/instances":
        return _worst(view, row.key, None) or About(instance=row.key)
    if where == "fleet/replication" and (way := thing_of(row.key)) is not None:
        return about_object(view, way.instance, Subject("policy", way.id))
    if where in PANES:
        return about_object(view, instance, _subject(where, row))
    return About("jobs", instance) if where == "jobs" else About(instance=instance)


def about_object(view: View, instance: str, subject: Subject) -> About:
    """A thing of an instance: the worst finding about it where there is one, else what it is."""
    looked_at = view.snapshot.instance(instance) if view.snapshot is not None else None
    called = _called(looked_at, subject) if looked_at is not None else ()
    found = _worst(view, instance, called, subject.kind if subject.kind in _NAMESAKES else "")
    return found._replace(subject=subject) if found is not None else About(subject.kind, instance, subject)


def about_query(view: View, query: Query) -> About:
    """What a page is about that shows an object of a backend, by the question it asks."""
    topics = {"execution-tasks": "execution", "task-log": "execution", "gc-log": "gc-run", "job-service": "jobs"}
    kind = topics.get(query.topic.value, query.sub if query.topic.value == "raw" else "")
    return about_object(view, query.instance, Subject(kind, query.id)) if kind else About(instance=query.instance)


def about_thing(view: View, thing: Thing) -> About:
    """What the page of a single thing is about."""
    if thing.kind == "finding":
        for each in view.verdict.findings if view.verdict is not None else ():
            if (each.instance, each.rule, each.subject) == thing[1:]:
                return About(each.rule, each.instance, finding=each)
        return About(thing.id, thing.instance)
    kind = thing.sub if thing.kind == "raw" else _KINDS.get(thing.kind, thing.kind)
    return about_object(view, thing.instance, Subject(kind, thing.id))


def _finding_row(view: View, row: Row) -> About:
    for each in view.verdict.findings if view.verdict is not None else ():
        if row.key == f"{each.rule}/{each.instance}/{each.subject}":
            return About(each.rule, each.instance, finding=each)
    kind, _, name = row.key.partition("/")
    return About("unseen", name) if kind == "unseen" else About()


def _worst(view: View, instance: str, called: Collection[str] | None, kind: str = "") -> About | None:
    """The first of the instance's findings, which come worst first, about what is called so.

    With ``kind`` only one whose runbook is about things of that kind.
    """
    for each in view.verdict.findings if view.verdict is not None else ():
        if each.instance == instance and each.state > State.OK and (called is None or each.subject in called):
            book = fitting(each.rule) if kind else None
            if book is None or kind in book.front.fits:
                return About(each.rule, instance, finding=each)
    return None


def _subject(where: str, row: Row) -> Subject:
    kind, _, id_ = row.key.partition("/")
    more = dict(row.more)
    if kind in ("execution", "policy"):
        return Subject(kind, id_)
    if kind == "event":
        return Subject("allocation", more.get("allocation", ""), id_.split("/")[1] if "/" in id_ else "")
    if kind == "deployment" or kind == "placement":
        return Subject("deployment" if kind == "deployment" else "evaluation")
    if where == "instance/3":
        return Subject("gc-run", id_) if kind == "gc" and id_ else Subject(_STORAGE.get(row.key, "bucket"))
    if row.wide:
        return Subject(PANES[where])
    return Subject(PANES[where], row.key if where in ("instance/1", "instance/2") else "")


def _called(instance: InstanceSnapshot, subject: Subject) -> tuple[str, ...]:
    """What findings call the thing."""
    target = instance.target
    policies = {str(each.id): each.name for each in instance.policies.value or ()}
    if subject.kind == "execution":
        run = next((each for each in instance.executions.value or () if str(each.id) == subject.id), None)
        name = policies.get(str(run.policy_id), "") if run is not None else ""
        return (f"{name}/{subject.id}", name) if name else ()
    known = {
        "component": (subject.id,),
        "allocation": (subject.task, subject.id[:8]),
        "evaluation": (target.job,),
        "job": (target.job,),
        "bucket": (target.bucket,),
        "store": (target.store_endpoint,),
        "gc": (COLLECTION,),
        "gc-run": (COLLECTION,),
        "policy": (policies.get(subject.id, ""),),
    }
    return tuple(each for each in known.get(subject.kind, ()) if each)
