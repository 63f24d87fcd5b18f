"""The configured keys, checked against the table of actions; apart, because that knows Textual."""

from __future__ import annotations

from harbortui.config.errors import ConfigError, Problem
from harbortui.config.layers import line_in
from harbortui.config.settings import Settings


def keymap(settings: Settings | None) -> dict[str, str]:
    """Action id -> Textual's key names. Raises ConfigError with file and line of everything that is wrong."""
    if settings is None or not settings.keys:
        return {}
    from harbortui.ui.keymap import check

    checked = check(settings.keys)
    if checked.wrong:
        raise ConfigError(_problem(settings, each.id, each.message) for each in checked.wrong)
    return checked.keymap


def _problem(settings: Settings, id_: str, message: str) -> Problem:
    source = settings.sources.get(f"keys.{id_}")
    where = source.where if source is not None else ""
    return Problem(f"[keys] {id_}: {message}", where, line_in(where, ("keys", id_)) if where else None)
