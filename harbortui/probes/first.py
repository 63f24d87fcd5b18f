"""Whether a stream opens: its first piece decides, and is dropped."""

from __future__ import annotations

from contextlib import aclosing

from harbortui.model.failure import Failure, FailureKind
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.nomad.source import NomadSource


async def first_event(source: NomadSource, namespace: str) -> Answer[None]:
    """Whether the event stream opens; it is closed with its first word."""
    async with aclosing(source.events(namespace)) as events:
        async for event in events:
            return event if isinstance(event, Failure) else Ok(None)
    return Failure(kind=FailureKind.RESET, detail="the event stream ended at once")


async def first_bytes(source: NomadSource, allocation_id: str, task: str, namespace: str) -> Answer[None]:
    """Whether a task's log opens; what comes is dropped."""
    async with aclosing(source.tail(allocation_id, task, "stdout", namespace, start_bytes=1)) as pieces:
        async for piece in pieces:
            return piece if isinstance(piece, Failure) else Ok(None)
    return Ok(None)
