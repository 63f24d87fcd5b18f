"""From where on something is a finding."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Thresholds of the rules; the defaults are the product's."""

    restarts_per_hour: int = 3
    failed_executions: int = 3
    """Failed replication executions of one policy in a row from which on it is critical."""
    gc_overdue_factor: float = 1.5
    """Schedule intervals."""
    memory_percent: float = 90.0
    bucket_percent: float = 85.0
    clock_skew: float = 60.0
    """Seconds."""
    pending: float = 300.0
    """Seconds an allocation or task may be pending: pulling images takes minutes."""
    stuck_execution: float = 600.0
    """Seconds an execution may be in progress without a single task."""
    filling: float = 14 * 86_400.0
    """Seconds until a bucket is full, as the history foresees it, below which it is worth a word."""
