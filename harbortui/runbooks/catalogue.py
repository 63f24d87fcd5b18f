"""Which runbooks there are, and which one fits a finding or an object."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from harbortui.resources import resource
from harbortui.runbooks.front import Front, split

FOLDER = "runbooks/pages"
ORDER = (
    "containers-do-not-start",
    "registry-not-reachable",
    "replication-failed",
    "s3-storage-problems",
    "garbage-collection",
    "vault-and-tokens",
    "console-cannot-see",
    "backup-and-restore",
    "prepare-this-shell",
)
"""The order of the list: what hurts users first."""

OBJECTS = (
    "component",
    "health",
    "system",
    "job",
    "allocation",
    "deployment",
    "evaluation",
    "node",
    "bucket",
    "store",
    "policy",
    "execution",
    "registry",
    "jobs",
    "gc",
    "gc-run",
    "vault",
    "clock",
    "unseen",
    "backup",
)
"""Kinds of things on the screens that a page may fit; those of raw objects have the names that they have there."""


class Runbook(NamedTuple):
    """A page: its front matter and its Markdown, placeholders and all."""

    front: Front
    body: str

    @property
    def id(self) -> str:
        """Its stable name."""
        return self.front.id

    @property
    def title(self) -> str:
        """Its title."""
        return self.front.title


@lru_cache(maxsize=1)
def runbooks() -> dict[str, Runbook]:
    """All pages by id, in the order of the list. Raises FrontError or FileNotFoundError for a broken installation."""
    folder = resource(FOLDER)
    found = {each.id: each for each in map(_load, sorted(folder.glob("*.md")))}
    ordered = [*(name for name in ORDER if name in found), *(name for name in found if name not in ORDER)]
    return {name: found[name] for name in ordered}


def _load(path: Path) -> Runbook:
    return Runbook(*split(path.read_text("utf-8")))


def fitting(name: str) -> Runbook | None:
    """The page of that id, or the one that fits the rule or the kind of object of that name."""
    known = runbooks()
    return known.get(name) or next((each for each in known.values() if name in each.front.fits), None)
