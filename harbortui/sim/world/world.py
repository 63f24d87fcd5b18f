"""The one consistent world behind all simulated servers: a discrete-event simulation, advanced when looked at."""

from __future__ import annotations

import asyncio
import uuid
from random import Random

from harbortui.sim.clock import Clock
from harbortui.sim.secrets import PlantedSecrets, plant
from harbortui.sim.world.catalog import make_image
from harbortui.sim.world.harbor_types import Image
from harbortui.sim.world.instance import Instance
from harbortui.sim.world.logs import ContainerLogs
from harbortui.sim.world.nomad import NomadState
from harbortui.sim.world.options import DAY, SimOptions
from harbortui.sim.world.queue import Action, EventQueue
from harbortui.sim.world.stats import TaskStats
from harbortui.sim.world.vault_state import VaultState

DETAIL_DAYS = 5.0
POLL_REAL_SECONDS = 0.25


class World:
    """All state, and the queue of what happens next. Made by `build_world`; belongs to one thread."""

    def __init__(self, options: SimOptions, clock: Clock | None = None) -> None:
        self.options = options
        self.clock = clock
        self.now = options.start - options.history_days * DAY
        self.detail_from = options.start - DETAIL_DAYS * DAY
        self.changes = 0
        self.unreachable: set[str] = set()
        self._queue = EventQueue()
        self._rngs: dict[str, Random] = {}
        self._builds: dict[tuple[int, str], int] = {}
        self._waiters: set[asyncio.Event] = set()
        self._upstream: dict[tuple[str, int], Image] = {}
        self.secrets: PlantedSecrets = plant(options.seed)
        self.nomad = NomadState(self)
        self.logs = ContainerLogs(self)
        self.stats = TaskStats(self)
        self.vault = VaultState(self)
        self.instances: list[Instance] = []
        self._by_name: dict[str, Instance] = {}

    # Time

    def at(self, time: float, action: Action, *args: object) -> None:
        """Schedule `action(*args)`; a moment in the past means now."""
        self._queue.push(max(time, self.now), action, *args)

    def advance(self, now: float) -> None:
        """Let everything happen that is due until `now`; a moment in the past changes nothing."""
        while (due := self._queue.pop_due(now)) is not None:
            self.now = max(self.now, due[0])
            due[1](*due[2])
            self.changes += 1
        self.now = max(self.now, now)

    def sync(self) -> float:
        """Advance to the clock's now and return it (the world's own now without a clock)."""
        if self.clock is not None:
            before = self.changes
            self.advance(self.clock.now())
            if self.changes != before:
                self._wake()
        return self.now

    async def until(self, at: float) -> None:
        """Return when world time has reached `at`; at once without a clock, after moving there."""
        if self.clock is None:
            self.advance(at)
            return
        await self.clock.until(at)
        self.sync()

    async def changed(self, timeout: float) -> bool:
        """Wait for any change or `timeout` world seconds; True when something changed.

        While the clock runs, the world looks for due events itself a few times a second.
        """
        before = self.changes
        end = self.now + timeout
        while self.changes == before and self.now < end:
            await self._nap(end - self.now)
            self.sync()
        return self.changes != before

    def touch(self) -> None:
        """Note a change and wake those who wait for one."""
        self.changes += 1
        self._wake()

    # Chance

    def rng(self, stream: str) -> Random:
        """The random generator of a stream; streams do not disturb each other."""
        found = self._rngs.get(stream)
        if found is None:
            found = self._rngs[stream] = Random(f"{self.options.seed}:{stream}")
        return found

    def uuid(self, stream: str) -> str:
        """The next UUID of a stream."""
        return str(uuid.UUID(int=self.rng(stream).getrandbits(128), version=4))

    # The fleet

    def instance(self, name: str) -> Instance:
        """An instance by name; KeyError when there is none."""
        return self._by_name[name]

    def add_instance(self, instance: Instance) -> None:
        """Put an instance into the fleet."""
        self.instances.append(instance)
        self._by_name[instance.name] = instance

    def next_build(self, site: int, repository: str) -> int:
        """The build number of the next image of a repository; the teams of one site count together."""
        key = (site, repository)
        self._builds[key] = self._builds.get(key, 0) + 1
        return self._builds[key] - 1

    def builds(self, site: int, repository: str) -> int:
        """How many builds there have been."""
        return self._builds.get((site, repository), 0)

    def upstream_image(self, repository: str, build: int) -> Image:
        """The image an upstream registry offers; the same object for every instance that caches it."""
        key = (repository, build)
        if key not in self._upstream:
            self._upstream[key] = make_image(self.options.seed, repository, build, self.options.start - 60 * DAY)
        return self._upstream[key]

    def job_service_started(self, job_id: str) -> None:
        """The job service of an instance came (back) up: jobs of its dead pool go on."""
        self.instance(job_id).jobservice.restarted()

    def _wake(self) -> None:
        for waiter in list(self._waiters):
            waiter.set()

    async def _nap(self, world_seconds: float) -> None:
        waiter = asyncio.Event()
        self._waiters.add(waiter)
        clock = self.clock
        try:
            speed = clock.speed if clock else 1.0
            rest = world_seconds / speed if speed > 0 else POLL_REAL_SECONDS
            await asyncio.wait_for(waiter.wait(), min(rest, POLL_REAL_SECONDS))
        except TimeoutError:
            pass
        finally:
            self._waiters.discard(waiter)
        if clock is None:
            self.advance(self.now + world_seconds)
