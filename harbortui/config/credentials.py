"""Credentials from this machine: environment variables and files. What is in Vault, the Vault source reads."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from harbortui.config.settings import CredentialRef
from harbortui.config.trust import Mistrust, read_trusted, secret_rules
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.secret import Secret
from harbortui.model.text import safe_text


def resolve_local(
    ref: CredentialRef, *, environ: Mapping[str, str] | None = None, now: float = 0.0, uid: int | None = None
) -> Secret | Failure:
    """The credential that a reference to a variable, a file or a plain name means.

    A file must be ours or root's and closed to everybody else; its first line counts, without the line end. Raises
    ``ValueError`` for a reference into Vault.
    """
    if ref.vault or ref.key:
        raise ValueError("a reference into Vault is resolved by the Vault source")
    if ref.plain:
        return Secret(ref.plain)
    if ref.env:
        value = (os.environ if environ is None else environ).get(ref.env, "")
        return _checked(value, f"the environment variable {ref.env}", now)
    return _from_file(Path(ref.file), now, os.geteuid() if uid is None else uid)


def _from_file(path: Path, now: float, uid: int) -> Secret | Failure:
    shown = safe_text(str(path))
    try:
        data = read_trusted(path, secret_rules(uid))
    except FileNotFoundError:
        return Failure(kind=FailureKind.NO_CREDENTIALS, detail=f"there is no file {shown}", at=now)
    except Mistrust as error:
        return Failure(kind=FailureKind.LOCAL, detail=f"not used: {safe_text(str(error))}", at=now)
    except OSError as error:
        return Failure(kind=FailureKind.LOCAL, detail=f"{shown} cannot be read: {error.strerror}", at=now)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return Failure(kind=FailureKind.LOCAL, detail=f"{shown} is not UTF-8 text", at=now)
    return _checked(text.partition("\n")[0].rstrip("\r"), shown, now)


def _checked(value: str, place: str, now: float) -> Secret | Failure:
    """Refuses what cannot be sent in a header anyway: the client libraries would quote it in their errors."""
    if not value.strip():
        return Failure(kind=FailureKind.NO_CREDENTIALS, detail=f"{place} is not set or empty", at=now)
    if any(ord(char) < 0x20 or ord(char) == 0x7F for char in value):
        return Failure(kind=FailureKind.LOCAL, detail=f"{place} holds control characters", at=now)
    return Secret(value.strip())
