"""What Nomad lets us see of an instance's job."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from harbortui.config.settings import InstanceSettings
from harbortui.model.failure import Failure, FailureKind
from harbortui.probes.judge.common import not_seen
from harbortui.probes.learned import Learned, of_instance
from harbortui.probes.result import Check, Level
from harbortui.probes.views import FACET_NEEDS, WORDS
from harbortui.sources.answer import Ok

ASKED = ("job", "allocations", "deployment", "placement", "usage", "logs", "events")


def judge(learned: Learned, instance: InstanceSettings, told: Collection[str] = ()) -> Iterator[Check]:
    """The checks of one job; that rights of ``told`` are missing was said of the token already."""
    subject = of_instance(instance.name)
    job = learned.answer(subject, "job")
    if isinstance(job, Failure) and job.kind is FailureKind.NOT_FOUND:
        space = instance.nomad.namespace if instance.nomad is not None else ""
        text = f"there is no job {instance.job} in namespace {space} (instance {instance.name})"
        yield Check(id="job-missing", level=Level.MISSING, text=text, hint="check job and namespace in the file")
        return
    idle = learned.value(subject, "running") is False
    placed = isinstance(learned.answer(subject, "allocations"), Ok)
    asked = [what for what in ASKED if what not in ("usage", "logs") or (placed and not idle)]
    answers = [(WORDS[what], learned.answer(subject, what), FACET_NEEDS[what][0].name) for what in asked]
    seen = sum(isinstance(answer, Ok) for _, answer, _ in answers)
    yield from (check for check in not_seen(answers, of=instance.job) if check.needs not in told or not check.needs)
    if idle:
        text = f"{instance.job} has no current allocation: whether its logs may be read cannot be told"
        yield Check(id="logs-untold", level=Level.NOTE, text=text)
    elif seen:
        yield Check(id="job", level=Level.OK, text=f"job {instance.job}: {seen} of {len(ASKED)} things visible")
