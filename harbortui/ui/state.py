"""What a session leaves for the next one: the last view, filters, orders, the time zone, what was typed.

One small private file per fleet. It is a convenience: a file that is broken, foreign or of another version is ignored
with a hint, and one that cannot be written harms nothing. What a person typed may be anything, so it is sanitised when
it is read, as everything that comes from outside.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from harbortui.model.text import safe_text
from harbortui.private import private_directory, write_private
from harbortui.ui.arrange import Arrangement
from harbortui.ui.modes import LISTS
from harbortui.ui.screens.fleet import FleetScreen

if TYPE_CHECKING:
    from harbortui.ui.app import HarborApp

VERSION = 1
MOST_BYTES = 64 * 1024
MOST_TABLES = 32
MOST_TYPED = 50
MOST_TEXT = 500
KEPT_FILES = 16
"""Fleets that are remembered per person; the least recently written goes first."""


class Table(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a person wanted a table."""

    sought: str = ""
    state: str = ""
    sort: str = ""
    backwards: bool = False


class Session(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a person was, and how they wanted it."""

    version: int = 0
    fleet: str = ""
    """The key of the fleet that it belongs to, see :func:`fleet_key`."""
    mode: str = "fleet"
    instance: str = ""
    pane: int = 1
    zoomed: bool = False
    zone: str = ""
    tables: dict[str, Table] = {}
    typed: dict[str, list[str]] = {}


def fleet_key(name: str, instances: Iterable[tuple[str, str]]) -> str:
    """A name for a fleet, made of its name and the names and addresses of its instances."""
    text = "\n".join((name, *(f"{each} {url}" for each, url in sorted(instances))))
    return hashlib.sha256(text.encode()).hexdigest()[:24]


class Memory:
    """The file of one fleet, in a directory of ours; ``fresh`` begins without it."""

    def __init__(self, directory: Path, key: str, *, fresh: bool = False) -> None:
        self._directory = directory
        self._fresh = fresh
        self._key = key
        self.path = directory / f"{key}.json"
        self._written: Session | None = None

    def load(self) -> tuple[Session | None, str]:
        """The last session, or None and why it cannot be used; None without a reason when there was none."""
        if self._fresh:
            return None, ""
        try:
            with open(os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
                    return None, f"not a file of yours ({self.path})"
                data = file.read(MOST_BYTES + 1)
        except FileNotFoundError:
            return None, ""
        except OSError as error:
            return None, f"{error.strerror} ({self.path})"
        if len(data) > MOST_BYTES:
            return None, f"too large to be ours ({self.path})"
        try:
            session = msgspec.json.decode(data, type=Session)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None, f"broken ({self.path})"
        if session.version != VERSION or session.fleet != self._key:
            return None, f"of another version or fleet ({self.path})"
        self._written = session
        return _safe(session), ""

    def save(self, session: Session) -> bool:
        """Keep this for the next session, at once whole; False when that is not possible. Writes nothing twice."""
        session = msgspec.structs.replace(session, version=VERSION, fleet=self._key)
        if session == self._written:
            return True
        data = msgspec.json.encode(_bounded(session))
        if len(data) > MOST_BYTES:
            data = msgspec.json.encode(msgspec.structs.replace(_bounded(session), typed={}))
        try:
            private_directory(self._directory)
            write_private(self.path, data)
            self._forget_oldest()
        except OSError:
            return False
        self._written = session
        return True

    def _forget_oldest(self) -> None:
        files = sorted(self._directory.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in files[KEPT_FILES:]:
            old.unlink()


def _bounded(session: Session) -> Session:
    typed = {sign: [text[:MOST_TEXT] for text in texts[-MOST_TYPED:]] for sign, texts in session.typed.items()}
    tables = dict(list(session.tables.items())[:MOST_TABLES])
    return msgspec.structs.replace(session, typed=typed, tables=tables)


def _safe(session: Session) -> Session:
    """The session with every text sanitised and bounded."""

    def clean(text: str) -> str:
        return safe_text(text, limit=MOST_TEXT)

    tables = {
        clean(place): Table(clean(each.sought), clean(each.state)[:1], clean(each.sort), each.backwards)
        for place, each in session.tables.items()
    }
    typed = {clean(sign)[:1]: [clean(text) for text in texts] for sign, texts in session.typed.items()}
    return _bounded(msgspec.structs.replace(session, instance=clean(session.instance), tables=tables, typed=typed))


# Between a session and the console


def session_of(shell: HarborApp) -> Session:
    """What to leave for the next session."""
    view, at = shell.view, shell.at
    plain = Arrangement()
    return Session(
        mode=at.mode,
        instance=at.instance,
        pane=view.pane,
        zoomed=view.zoomed and at.mode == "instance",
        zone=view.zone if view.zone != view.start.timezone else "",
        tables={place: Table(*how) for place, how in view.arrangements.items() if how != plain},
        typed={sign: list(texts) for sign, texts in view.typed.items() if texts},
    )


def restore(shell: HarborApp, session: Session, *, place: bool) -> None:
    """Bring a session back; ``place`` also where a person was. What does not exist any more is left out."""
    view = shell.view
    view.arrangements.update({at: Arrangement(*msgspec.structs.astuple(each)) for at, each in session.tables.items()})
    for sign, texts in session.typed.items():
        view.typed.setdefault(sign, []).extend(texts)
    if session.zone:
        with suppress(ValueError):
            shell.set_zone(session.zone)
    if isinstance(shell.screen, FleetScreen):
        shell.screen.restore_tables()
    known = session.instance in view.start.names
    if place and session.mode == "instance" and known:
        shell.open_instance(session.instance, session.pane if 1 <= session.pane <= 5 else 1, zoomed=session.zoomed)
    elif place and session.mode in LISTS and (known or not LISTS[session.mode].of_instance):
        shell.open_screen(session.mode, session.instance)
    if any(how.hides for how in view.arrangements.values()):
        shell.hint("tables are filtered as you left them: esc clears one, --fresh begins without")
