"""The kinds of values a configuration holds: what each accepts, in words, and how it is read.

A kind raises ``ValueError`` with what was expected. Its message never repeats the value, which may be a secret in the
wrong place.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from harbortui.config.settings import CredentialRef
from harbortui.model.text import is_safe

Value = str | float | bool | tuple[str, ...] | CredentialRef
"""What a key can mean once it is read; whole numbers are floats here."""

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h)?")
_SECONDS = {None: 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_VAULT_PATH = re.compile(r"[\w.@+-]+(?:/[\w.@+-]+)+")


class Kind(NamedTuple):
    """How to read one value; ``base`` is the directory that relative paths start from."""

    expected: str
    read: Callable[[object, Path], Value]
    secret: bool = False
    """True when a value of this kind stands for a secret: a plain string is refused, ``expected`` lists the forms."""


def _text(value: object, _base: Path) -> str:
    if not isinstance(value, str):
        raise ValueError("expected a text in quotes")
    if not is_safe(value) or value != value.strip():
        raise ValueError("expected a text without control characters or blanks at its ends")
    return value


def _name(value: object, base: Path) -> str:
    name = _text(value, base)
    if not name or len(name) > 64:
        raise ValueError("expected a name of 1 to 64 characters")
    return name


def _flag(value: object, _base: Path) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "yes", "on", "1"):
        return True
    if isinstance(value, str) and value.lower() in ("false", "no", "off", "0"):
        return False
    raise ValueError("expected true or false")


def parse_url(value: object, base: Path, *, path_allowed: bool) -> str:
    """An ``http`` or ``https`` URL without credentials, query or fragment, and without a slash at its end."""
    text = _text(value, base)
    try:
        parts = urlsplit(text)
        port_ok = parts.port is None or parts.port > 0
    except ValueError:
        raise ValueError("expected a URL like https://host:port") from None
    if parts.scheme == "unix":
        raise ValueError("unix sockets are not supported; expected http://… or https://…")
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_ok:
        raise ValueError("expected a URL that begins with http:// or https:// and names a host")
    if "@" in parts.netloc:
        raise ValueError("credentials do not belong in a URL; give them as a reference")
    if parts.query or parts.fragment or "?" in text or "#" in text:
        raise ValueError("expected a URL without query and fragment")
    if not path_allowed and parts.path.strip("/"):
        raise ValueError("expected a URL without a path, like https://host:port")
    return text.rstrip("/")


def _path(value: object, base: Path) -> str:
    text = _text(value, base)
    if not text:
        raise ValueError("expected the path of a file")
    return str(base / Path(text).expanduser())


def _prefix(value: object, base: Path) -> str:
    return _text(value, base).strip("/")


def _vault_path(value: object, base: Path) -> str:
    text = _text(value, base).strip("/")
    if not _VAULT_PATH.fullmatch(text) or ".." in text.split("/"):
        raise ValueError('expected a path of Vault\'s API without /v1/, like "kv/data/harbor"')
    return text


def _mount(value: object, base: Path) -> str:
    text = _text(value, base).strip("/")
    if not re.fullmatch(r"[\w.-]+(?:/[\w.-]+)*", text):
        raise ValueError("expected the mount path of the auth method, like approle")
    return text


def _names(value: object, base: Path) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError('expected a list of names, like ["a", "b"]')
    return tuple(_name(each, base) for each in value)


def _timezone(value: object, base: Path) -> str:
    name = _name(value, base)
    if name in ("UTC", "local"):
        return name
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # an unknown key, a directory, or a name that is no key at all
        raise ValueError('expected "UTC", "local" or a name like "Europe/Berlin"') from None
    return name


def _keys(value: object, base: Path) -> str:
    if isinstance(value, list):
        return ",".join(_name(each, base) for each in value)
    return _name(value, base)


def number(low: float, high: float, *, whole: bool = False) -> Kind:
    """A number from ``low`` to ``high``."""
    expected = f"a {'whole ' if whole else ''}number from {low:g} to {high:g}"

    def read(value: object, _base: Path) -> float:
        found = value
        if isinstance(found, str) and re.fullmatch(r"\d+(\.\d+)?", found):
            found = float(found)
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise ValueError(f"expected {expected}")
        if not (math.isfinite(found) and low <= found <= high) or (whole and found != int(found)):
            raise ValueError(f"expected {expected}")
        return float(found)

    return Kind(expected, read)


def duration(low: float, high: float) -> Kind:
    """Seconds, or a text like ``30s`` or ``2m``."""
    expected = f'seconds from {low:g} to {high:g}, or a text like "30s" or "2m"'

    def read(value: object, _base: Path) -> float:
        seconds: float | None = None
        if isinstance(value, str) and (match := _DURATION.fullmatch(value.strip())):
            seconds = float(match[1]) * _SECONDS[match[2]]
        elif isinstance(value, int | float) and not isinstance(value, bool):
            seconds = float(value)
        if seconds is None or not low <= seconds <= high:
            raise ValueError(f"expected {expected}")
        return seconds

    return Kind(expected, read)


def choice(*words: str) -> Kind:
    """One of some words."""
    expected = "one of " + ", ".join(words)

    def read(value: object, _base: Path) -> str:
        if not isinstance(value, str) or value not in words:
            raise ValueError(f"expected {expected}")
        return value

    return Kind(expected, read)


REFERENCE_FORMS = '{ vault = "kv/data/harbor", key = "…" }, { key = "…" }, { env = "NAME" } or { file = "PATH" }'


LOCAL_FORMS = '{ env = "NAME" } or { file = "PATH" }'


def _read_reference(value: object, base: Path, *, local: bool) -> CredentialRef:
    if not isinstance(value, dict) or not all(isinstance(each, str) and each for each in value.values()):
        raise ValueError(f"expected a reference: {REFERENCE_FORMS}")
    keys = frozenset(value)
    if keys == {"env"}:
        if not _ENV_NAME.fullmatch(value["env"]):
            raise ValueError("expected the name of an environment variable after env =")
        return CredentialRef(env=value["env"])
    if keys == {"file"}:
        return CredentialRef(file=_path(value["file"], base))
    if keys in ({"key"}, {"vault", "key"}):
        if local:
            raise ValueError(f"what opens Vault cannot be in Vault: expected {LOCAL_FORMS}")
        vault = _vault_path(value["vault"], base) if "vault" in value else ""
        return CredentialRef(vault=vault, key=_text(value["key"], base))
    raise ValueError(f"expected a reference of one of the forms {REFERENCE_FORMS}")


def _reference(value: object, base: Path) -> CredentialRef:
    return _read_reference(value, base, local=False)


def _local_reference(value: object, base: Path) -> CredentialRef:
    return _read_reference(value, base, local=True)


def _identity(value: object, base: Path) -> CredentialRef:
    if isinstance(value, str):
        return CredentialRef(plain=_name(value, base))
    return _reference(value, base)


TEXT = Kind("a text", _text)
NAME = Kind("a name", _name)
FLAG = Kind("true or false", _flag)
URL = Kind("a URL", lambda value, base: parse_url(value, base, path_allowed=True))
ORIGIN_URL = Kind("a URL without a path", lambda value, base: parse_url(value, base, path_allowed=False))
PATH = Kind("a path", _path)
PREFIX = Kind("a directory in the bucket", _prefix)
VAULT_PATH = Kind("a Vault path", _vault_path)
MOUNT = Kind("a mount path", _mount)
NAMES = Kind("a list of names", _names)
KEYS = Kind('keys, like "g, Home"', _keys)
TIMEZONE = Kind("a time zone", _timezone)
SECRET = Kind(REFERENCE_FORMS, _reference, secret=True)
LOCAL_SECRET = Kind(LOCAL_FORMS, _local_reference, secret=True)
IDENTITY = Kind("a name or a reference", _identity)
