"""What the scheduler granted an allocation's tasks, asked once: it does not change while the allocation lives.

The job's own words are not enough: ``memory_max`` is ignored unless the scheduler's configuration allows memory to be
oversubscribed, which by default it does not, and only an operator's token may read that configuration.
"""

from __future__ import annotations

import asyncio
import math

from harbortui.model.failure import Failure
from harbortui.model.nomad import TaskGrant
from harbortui.model.redact import Clean
from harbortui.sources.nomad.client import NomadClient
from harbortui.sources.nomad.values import keyed_of
from harbortui.sources.nomad.wire import GrantedTaskWire, GrantedWire
from harbortui.sources.nomad.worker import Call
from harbortui.sources.rows import Unreadable, read_rows

MOST_KEPT = 512
AGAIN_SECONDS = 300.0
"""After an answer that did not tell."""


class Grants:
    """The grants of the allocations that were asked about lately."""

    def __init__(self, client: NomadClient, clean: Clean) -> None:
        self._client = client
        self._clean = clean
        self._known: dict[str, tuple[tuple[TaskGrant, ...], float]] = {}
        """With the moment at which to ask again, on the loop's clock."""

    async def of(self, allocation_id: str, namespace: str) -> tuple[TaskGrant, ...]:
        """The grants of one allocation; empty when they could not be learned, and then asked again after a while."""
        time = asyncio.get_running_loop().time()
        granted, again = self._known.get(allocation_id, ((), 0.0))
        if time < again:
            return granted
        query = (("prefix", allocation_id), ("resources", "true"), ("task_states", "false"))
        answer = await self._client.get(Call("allocations", (), "read-job", namespace, query))
        granted = () if isinstance(answer, Failure) else decode_grants(answer.data, allocation_id, self._clean)
        if len(self._known) >= MOST_KEPT:
            self._known.clear()
        self._known[allocation_id] = granted, math.inf if granted else time + AGAIN_SECONDS
        return granted


def decode_grants(body: bytes, allocation_id: str, clean: Clean) -> tuple[TaskGrant, ...]:
    """``GET /v1/allocations?resources=true``; empty when it does not tell of that allocation."""
    try:
        rows = read_rows(body, GrantedWire, name="allocation").rows
    except Unreadable:
        return ()
    row = next((each for each in rows if each.id == allocation_id), None)
    if row is None or row.allocated_resources is None:
        return ()
    tasks, _ = keyed_of(row.allocated_resources.tasks, GrantedTaskWire, "task", clean)
    return tuple(_grant(clean(name), wire) for name, wire in sorted(tasks.items()) if wire.memory is not None)


def _grant(name: str, wire: GrantedTaskWire) -> TaskGrant:
    memory = wire.memory
    return TaskGrant(
        name=name,
        cpu_mhz=wire.cpu.cpu_shares if wire.cpu is not None else 0,
        memory_mb=memory.memory_mb if memory is not None else 0,
        memory_max_mb=memory.memory_max_mb if memory is not None else 0,
    )
