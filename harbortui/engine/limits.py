"""The configured thresholds in the words of the rules, which know no configuration."""

from __future__ import annotations

from harbortui.config.settings import Thresholds
from harbortui.diagnose import Limits


def limits_of(thresholds: Thresholds) -> Limits:
    """Limits for ``harbortui.diagnose`` from the configuration's thresholds."""
    return Limits(
        restarts_per_hour=thresholds.restarts,
        failed_executions=thresholds.failed_executions,
        gc_overdue_factor=thresholds.gc_overdue_factor,
        memory_percent=thresholds.memory_percent,
        bucket_percent=thresholds.bucket_percent,
        clock_skew=thresholds.clock_skew,
    )
