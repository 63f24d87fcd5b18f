"""HarborTUI: one terminal console for every Harbor registry you run."""

from __future__ import annotations

__version__ = "0.1.0"
