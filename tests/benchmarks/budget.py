"""One measured figure against its budget."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """A figure, its limit and how both are written; lower is better for all of them."""

    name: str
    measured: float
    limit: float
    unit: str
    detail: str = ""

    @property
    def kept(self) -> bool:
        """True when the figure is within its limit."""
        return self.measured <= self.limit

    def __str__(self) -> str:
        mark = "ok    " if self.kept else "MISSED"
        figures = f"{self.measured:10.3f} of {self.limit:8.3f} {self.unit:4s}"
        return f"{mark} {self.name:58s} {figures} {self.detail}".rstrip()
