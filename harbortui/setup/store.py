"""Putting the configuration where it belongs: checked first, private, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from harbortui.config.errors import ConfigError
from harbortui.config.files import read_layer
from harbortui.config.load import Places, load
from harbortui.config.settings import Origin
from harbortui.config.trust import config_rules
from harbortui.setup.document import Existing


class NotWritten(Exception):
    """Nothing was written; the text says why."""


def read_existing(path: Path, uid: int) -> Existing | None:
    """The configuration that is there, None when there is none. Raises ConfigError for one that cannot be used."""
    try:
        layer = read_layer(path, Origin.FILE, config_rules(uid))
        return Existing(path.read_bytes().decode("utf-8"), layer.values)
    except FileNotFoundError:
        return None


def check(text: str, folder: Path | None = None) -> list[str]:
    """What is wrong with a text as a configuration; nothing when it is fine."""
    with tempfile.TemporaryDirectory(prefix="harbortui-init-", dir=folder) as name:
        path = Path(name) / "config.toml"
        _write_new(path, text)
        try:
            load(config=path, environ={}, places=Places.nowhere())
        except ConfigError as error:
            return [problem.message + (f" ({problem.hint})" if problem.hint else "") for problem in error.problems]
    return []


def write(path: Path, text: str, before: str | None) -> None:
    """Put the text in place of what was read before (None: of nothing), mode 0600.

    Raises:
        NotWritten: the file changed meanwhile, or the system refused.
    """
    target = Path(os.path.realpath(path))
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        now = target.read_bytes() if target.exists() else None
        if now != (None if before is None else before.encode()):
            raise NotWritten(f"{target} changed meanwhile; nothing was written, run it again")
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode())
                file.flush()
                os.fsync(handle)
            os.replace(name, target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync(target.parent)
    except OSError as error:
        raise NotWritten(f"{target} cannot be written: {error.strerror}") from None


def _write_new(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(text.encode())


def _sync(folder: Path) -> None:
    """The new name survives a crash too, where directories can be synced."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
