"""Snapshot files: an envelope with a version around one snapshot, written whole or not at all, readable by us alone."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from harbortui import __version__
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.record import Record
from harbortui.model.snapshot import SCHEMA_VERSION, Origin, Snapshot
from harbortui.model.text import safe_text
from harbortui.private import write_private

FORMAT = 1
MAX_FILE_BYTES = 64 * 1024 * 1024


class _Head(msgspec.Struct):
    """What every format of the file will keep."""

    harbortui_snapshot: int
    version: str = ""


class _Envelope(Record, frozen=True, kw_only=True):
    """The file."""

    harbortui_snapshot: int
    written_at: float
    version: str
    snapshot: Snapshot


def encode_snapshot(snapshot: Snapshot, *, written_at: float) -> bytes:
    """The file's content: JSON with only the fields that the model declares."""
    envelope = _Envelope(harbortui_snapshot=FORMAT, written_at=written_at, version=__version__, snapshot=snapshot)
    return msgspec.json.encode(envelope) + b"\n"


def write_snapshot(path: Path, snapshot: Snapshot, *, written_at: float) -> Failure | None:
    """Write the snapshot to ``path`` (mode 0600), replacing what was there at once; a failure says why it was not."""
    try:
        write_private(path, encode_snapshot(snapshot, written_at=written_at))
    except OSError as error:
        return _failure(path, f"cannot be written: {error.strerror or type(error).__name__}")
    return None


def read_snapshot(path: Path) -> Snapshot | Failure:
    """The snapshot in ``path``, marked as one; a failure names what is wrong with the file."""
    try:
        data = _read_bounded(path)
    except OSError as error:
        return _failure(path, f"cannot be read: {error.strerror or type(error).__name__}")
    if data is None:
        return _failure(path, f"is larger than {MAX_FILE_BYTES // (1024 * 1024)} MiB, which no snapshot is")
    snapshot = decode_snapshot(data)
    if isinstance(snapshot, str):
        return _failure(path, snapshot)
    return msgspec.structs.replace(snapshot, origin=Origin.SNAPSHOT)


def decode_snapshot(data: bytes) -> Snapshot | str:
    """The snapshot in a file's content, or what is wrong with it, as the end of a sentence."""
    try:
        head = msgspec.json.decode(data, type=_Head)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return "is not a snapshot of HarborTUI, or is damaged"
    if head.harbortui_snapshot > FORMAT:
        return f"was written by a newer HarborTUI ({safe_text(head.version, limit=40)}); this one is {__version__}"
    try:
        envelope = msgspec.json.decode(data, type=_Envelope)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return f"is damaged: {safe_text(str(error), limit=200)}"
    if envelope.snapshot.schema > SCHEMA_VERSION:
        return f"has the schema {envelope.snapshot.schema}; this HarborTUI reads up to {SCHEMA_VERSION}"
    return envelope.snapshot


def _read_bounded(path: Path) -> bytes | None:
    # A fifo or device would hang or never end; O_NONBLOCK makes opening one return.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(MAX_FILE_BYTES + 1)
    return None if len(data) > MAX_FILE_BYTES else data


def _failure(path: Path, what: str) -> Failure:
    return Failure(kind=FailureKind.LOCAL, detail=f"{safe_text(str(path), limit=300)} {what}")
