"""What people and machines do with one instance all day: pushes into library, pulls through the caches, logins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harbortui.sim.world.catalog import APPS, tag_of
from harbortui.sim.world.options import DAY

if TYPE_CHECKING:
    from harbortui.sim.world.instance import Instance

PUSHES_PER_DAY = 4.0
PULLS_PER_DAY = 40.0
PULL_DAYS = 3.0


class Traffic:
    """The random streams of one instance; each schedules its own next event."""

    def __init__(self, instance: Instance) -> None:
        self._in = instance
        self._world = instance.world
        self._push_rng = instance.world.rng(f"pushes:{instance.name}")
        self._pull_rng = instance.world.rng(f"pulls:{instance.name}")

    def begin(self) -> None:
        """Start the streams; pulls only matter for the last days before the start."""
        self._plan_push()
        first = max(self._world.now, self._world.options.start - PULL_DAYS * DAY)
        self._world.at(first + self._pull_rng.expovariate(PULLS_PER_DAY / DAY), self._pull)

    def _plan_push(self) -> None:
        self._world.at(self._world.now + self._push_rng.expovariate(PUSHES_PER_DAY / DAY), self._push)

    def _push(self) -> None:
        self._plan_push()
        repository = f"library/{self._push_rng.choice(APPS)}"
        up = self._in.component_up("core") and self._in.component_up("registry")
        if not up or self._in.read_only or {"s3", f"harbor:{self._in.name}"} & self._world.unreachable:
            return
        if self._world.options.version_tuple >= (2, 13, 0):
            # The audit log of 2.13 and later also holds logins.
            self._in.record("login", "admin", "user", 0, "admin")
        tag = tag_of(self._world.builds(self._in.site, repository))
        try:
            self._in.content.push(repository, (tag, "latest"), "admin")
        except ValueError:
            self._in.record("create", f"{repository}:{tag}", "artifact", 1, "admin", success=False)

    def _pull(self) -> None:
        rng = self._pull_rng
        self._world.at(self._world.now + rng.expovariate(PULLS_PER_DAY / DAY), self._pull)
        repositories = list(self._in.repositories.values())
        repository = repositories[rng.randrange(len(repositories))]
        if not repository.artifacts or not self._in.component_up("core"):
            return
        artifact = repository.artifacts[rng.randrange(len(repository.artifacts))]
        if artifact.tags:
            self._in.content.pull(repository.name, artifact.tags[0])
