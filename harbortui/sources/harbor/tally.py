"""Adds artifacts up per repository, without believing sizes, names or repetitions."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nlargest

from harbortui.model.project_usage import ProjectUsage, RepositoryUsage
from harbortui.model.redact import Clean
from harbortui.sources.harbor.wire import ArtifactRow
from harbortui.sources.rows import Rows

KEPT = 1_000
"""Repositories in the result, the largest ones."""
LARGEST = 2**50
"""Bytes of one artifact; more is taken for an error, so that sums can travel."""
MOST = 2**62
NOTES = 8


@dataclass(slots=True)
class _Sum:
    artifacts: int = 0
    bytes: int = 0
    accessories: int = 0
    accessory_bytes: int = 0


class Tally:
    """The sums of one project so far."""

    def __init__(self, project: str, clean: Clean) -> None:
        self._project = project
        self._clean = clean
        self._seen: set[int] = set()
        self._sums: dict[str, _Sum] = {}
        self._notes: list[str] = []
        self._missing = 0

    @property
    def artifacts(self) -> int:
        """How many were added up."""
        return len(self._seen)

    def take(self, rows: Rows[ArtifactRow]) -> int:
        """Add a page; how many rows were new, read or not."""
        for words in rows.lost:
            self.miss(words)
        new = len(rows.lost)
        for row in rows.rows:
            if row.id in self._seen:
                continue
            new += 1
            wrong = self._wrong(row)
            if wrong:
                self.miss(f"artifact {row.id}: {wrong}")
                continue
            self._seen.add(row.id)
            self._add(row)
        return new

    def miss(self, words: str) -> None:
        """Something is not in the sums."""
        self._missing += 1
        if len(self._notes) < NOTES:
            self._notes.append(self._clean(words))

    def usage(self, total: int, *, calls: int, at: float) -> ProjectUsage:
        """The result, where Harbor says that there are ``total`` artifacts."""
        largest = nlargest(KEPT, self._sums.items(), key=lambda each: (each[1].bytes, each[0]))
        notes = list(self._notes)
        if self._missing > len(notes):
            notes.append(f"{self._missing - len(notes)} more like these")
        if total > self.artifacts:
            notes.append(f"{total - self.artifacts} of {total} artifacts are not in the sums")
        return ProjectUsage(
            project=self._project,
            repositories=tuple(_repository(self._clean(name), each) for name, each in largest),
            artifacts=self.artifacts,
            bytes=min(MOST, sum(each.bytes for each in self._sums.values())),
            smaller=len(self._sums) - len(largest),
            complete=not notes,
            notes=tuple(notes),
            calls=calls,
            ended_at=at,
        )

    def _wrong(self, row: ArtifactRow) -> str:
        if not row.repository_name.startswith(f"{self._project}/"):
            return "of another project"
        sizes = (row.size, *(each.size for each in row.accessories or ()))
        return "" if all(0 <= size <= LARGEST for size in sizes) else "an impossible size"

    def _add(self, row: ArtifactRow) -> None:
        found = self._sums.setdefault(row.repository_name.removeprefix(f"{self._project}/"), _Sum())
        extra = sum(each.size for each in row.accessories or ())
        found.artifacts += 1
        found.bytes = min(MOST, found.bytes + row.size + extra)
        found.accessories += len(row.accessories or ())
        found.accessory_bytes = min(MOST, found.accessory_bytes + extra)


def _repository(name: str, found: _Sum) -> RepositoryUsage:
    return RepositoryUsage(
        name=name,
        artifacts=found.artifacts,
        bytes=found.bytes,
        accessories=found.accessories,
        accessory_bytes=found.accessory_bytes,
    )
