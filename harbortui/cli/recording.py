"""Adding what a command saw to the history."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harbortui.config.settings import Settings
    from harbortui.model.snapshot import Snapshot


def record(settings: Settings, snapshot: Snapshot) -> bool:
    """Record it; False after saying why it could not be."""
    from harbortui.collect.history.recorder import recorder_of

    recorder = recorder_of(settings, time.time)
    if recorder is None:
        simulated = "a simulated fleet is only recorded where --history names a directory"
        _say("the history is switched off" if not settings.history.enabled else simulated)
        return False
    failure = recorder.record(snapshot)
    if failure is not None:
        _say(failure.detail)
    return failure is None


def _say(text: str) -> None:
    print(f"harbortui: {text}", file=sys.stderr)
