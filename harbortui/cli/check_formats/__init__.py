"""What ``harbortui check`` prints: one file per format, each a pure function of snapshot and verdict."""

from __future__ import annotations

from collections.abc import Callable

from harbortui.cli.check_formats.json_format import as_json
from harbortui.cli.check_formats.nagios import as_nagios
from harbortui.cli.check_formats.prometheus import as_prometheus
from harbortui.cli.check_formats.text import as_text
from harbortui.model.finding import Verdict
from harbortui.model.snapshot import Snapshot

FORMATS: dict[str, Callable[[Snapshot, Verdict], str]] = {
    "text": as_text,
    "json": as_json,
    "prometheus": as_prometheus,
    "nagios": as_nagios,
}
"""By the value of ``--format``; each returns all of stdout, ending in a line end."""
