"""What every source method answers: a value, or a failure that is a value too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from harbortui.model.failure import Failure

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ok(Generic[T]):
    """A learned value."""

    value: T
    lost_rows: tuple[str, ...] = ()
    """What was wrong with each row that could not be read; sanitised and safe to show."""
    server_time: float | None = None
    """The server's ``Date`` as unix seconds, when it sent one."""
    index: int | None = None
    """Nomad's ``X-Nomad-Index``, where there is one."""


Answer: TypeAlias = Ok[T] | Failure
"""``Ok`` or ``Failure``; a source method raises nothing for what a backend does (``CancelledError`` passes through)."""
