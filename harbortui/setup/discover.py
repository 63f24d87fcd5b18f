"""Which jobs are Harbors: pure functions over what jobs say of themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable

from harbortui.model.harbor import COMPONENTS
from harbortui.model.jobfacts import JobFacts, JobStub

IMAGES: dict[str, str] = {
    "harbor-core": "core",
    "harbor-db": "database",
    "harbor-jobservice": "jobservice",
    "harbor-portal": "portal",
    "harbor-registryctl": "registryctl",
    "harbor-registry": "registry",
    "registry-photon": "registry",
    "nginx-photon": "nginx",
    "redis-photon": "redis",
    "harbor-exporter": "exporter",
    "trivy-adapter-photon": "trivy",
    "harbor-adapter-trivy": "trivy",
}
"""The last part of an image's name, of whatever registry or mirror, and the component in it."""

ENOUGH_TASKS = 4
MAX_SPECS = 400
"""Specifications that are read at most; jobs that look like a Harbor by their name or meta come first."""

_WORD = re.compile(r"harbor", re.IGNORECASE)


def worth_reading(stubs: Iterable[JobStub]) -> list[JobStub]:
    """The jobs whose specification may be a Harbor's, the likeliest first; children of other jobs are none."""
    found = [each for each in stubs if not each.parent and each.type in ("service", "system", "")]
    return sorted(found, key=lambda each: (not _likely(each), each.namespace, each.id))


def _likely(stub: JobStub) -> bool:
    return _WORD.search(stub.id) is not None or any(_WORD.search(value) for value in stub.meta.values())


def base_name(image: str) -> str:
    """``harbor-core`` from ``mirror.example.org:5000/goharbor/harbor-core:v2.11.2@sha256:…``."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0]


def why_harbor(facts: JobFacts) -> str:
    """The evidence that a job is a Harbor, in words; empty when it is none.

    Its core must be there: without it there is nothing to ask. Images say most; a job without images (another driver)
    is believed by its tasks' names together with its own name, meta or services.
    """
    by_image = {IMAGES[base] for task in facts.tasks if (base := base_name(task.image)) in IMAGES}
    if "core" in by_image:
        others = len(by_image) - 1
        return f"its images: harbor-core and {others} more of Harbor's" if others else "its image harbor-core"
    named = {task.name for task in facts.tasks} & set(COMPONENTS)
    if "core" not in named or len(named) < ENOUGH_TASKS:
        return ""
    if any(_WORD.search(value) for value in facts.meta.values()):
        return f"its {len(named)} tasks named as Harbor's, and its meta"
    if any(_WORD.search(service.name) for service in facts.services):
        return f"its {len(named)} tasks named as Harbor's, and its service"
    if _WORD.search(facts.id):
        return f"its {len(named)} tasks named as Harbor's, and its name"
    return ""
