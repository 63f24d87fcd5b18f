"""What the repositories of one project refer to, summed when a person asks; Harbor keeps usage per project only."""

from __future__ import annotations

from harbortui.model.record import Record

REFERENCED = "referenced, shared layers counted for each artifact"
"""What the bytes of a repository are; they can be several times what its project uses."""

INEXACT: tuple[str, ...] = (
    "a layer that several artifacts share counts in each of them, so the sums exceed what the project uses",
    "an index counts with its images, and an image that also has a tag of its own counts again",
    "layers that are never stored here (foreign ones) count as well",
    "of signatures and other accessories only those of listed artifacts are known",
    "what was deleted stays in the bucket until garbage is collected, and is not in the sums",
)
"""What makes the sums inexact, in words for a person."""


class RepositoryUsage(Record, frozen=True, kw_only=True):
    """One repository's artifacts added up."""

    name: str
    """Without its project."""
    artifacts: int
    bytes: int
    """:data:`REFERENCED`; with accessories."""
    accessories: int = 0
    accessory_bytes: int = 0


class ProjectPlan(Record, frozen=True, kw_only=True):
    """What summing a project's repositories takes."""

    project: str
    artifacts: int
    repositories: int | None = None
    """None where the right to list them is missing; the sums do without."""
    calls: int
    seconds: float
    left_out: int = 0
    """Artifacts beyond the most that is looked at."""


class ProjectProgress(Record, frozen=True, kw_only=True):
    """How far a sum is."""

    artifacts: int
    calls: int
    total: int
    """Artifacts there are, as Harbor said last; what is left out included."""


class ProjectUsage(Record, frozen=True, kw_only=True):
    """The repositories of one project, the largest first."""

    project: str
    repositories: tuple[RepositoryUsage, ...] = ()
    artifacts: int = 0
    bytes: int = 0
    """Of all repositories together, as :data:`REFERENCED`."""
    smaller: int = 0
    """Repositories that are in ``artifacts`` and ``bytes`` but not in the list."""
    complete: bool = True
    """False when artifacts are missing from the sums; ``notes`` say why."""
    notes: tuple[str, ...] = ()
    calls: int = 0
    ended_at: float = 0.0
