"""What a job's environments and templates may tell `init`: an allow-list of keys, and no value that could be a secret.

A Harbor job's specification holds passwords in clear. Nothing is taken from it but the values below, each of which
must have the shape of what it is; templates are never evaluated, so a value that holds an expression is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from harbortui.model.patterns import mask_patterns
from harbortui.model.text import is_safe

EXTERNAL_URL = "external_url"
ENDPOINT = "endpoint"
REGION = "region"
BUCKET = "bucket"
PREFIX = "prefix"
SECURE = "secure"
HOSTNAME = "hostname"

_URL = r"https?://[A-Za-z0-9.\[\]:_-]{1,255}/?"
_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"
SHAPES: Mapping[str, re.Pattern[str]] = {
    EXTERNAL_URL: re.compile(_URL),
    # The registry takes an endpoint without a scheme; `secure` says which it is then.
    ENDPOINT: re.compile(rf"{_URL}|{_HOST}(?::\d{{1,5}})?"),
    REGION: re.compile(r"[a-z0-9][a-z0-9-]{0,31}"),
    BUCKET: re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"),
    PREFIX: re.compile(r"/?[A-Za-z0-9._-]{1,64}(?:/[A-Za-z0-9._-]{1,64}){0,5}/?"),
    SECURE: re.compile(r"true|false"),
    HOSTNAME: re.compile(_HOST),
}
"""What a value must look like as a whole."""

ENVIRONMENT: Mapping[str, str] = {
    "EXT_ENDPOINT": EXTERNAL_URL,
    "EXTERNAL_URL": EXTERNAL_URL,
    "HARBOR_EXTERNAL_URL": EXTERNAL_URL,
    "REGISTRY_STORAGE_S3_REGIONENDPOINT": ENDPOINT,
    "REGISTRY_STORAGE_S3_REGION": REGION,
    "REGISTRY_STORAGE_S3_BUCKET": BUCKET,
    "REGISTRY_STORAGE_S3_ROOTDIRECTORY": PREFIX,
    "REGISTRY_STORAGE_S3_SECURE": SECURE,
}
"""The variables that are read, of Harbor's core and registry (goharbor/harbor make/photon; distribution's storage)."""

_IN_S3: Mapping[str, str] = {
    "regionendpoint": ENDPOINT,
    "region": REGION,
    "bucket": BUCKET,
    "rootdirectory": PREFIX,
    "secure": SECURE,
}
_AT_TOP: Mapping[str, str] = {"external_url": EXTERNAL_URL, "hostname": HOSTNAME}

META = frozenset({"app", "fleet", "role", "environment", "env", "stage"})
"""The keys of a job's meta that are read; in lower case."""

_MAX_VALUE = 300
_MAX_TEXT = 200_000
_MAX_LINES = 4_000
_MAX_LINE = 1_000
_LINE = re.compile(
    r"(?P<indent>[ ]{0,200})(?:- )?(?P<key>[A-Za-z_][A-Za-z0-9_]{0,63})\s*(?P<sign>[:=])\s*(?P<value>.*)"
)
_SECRET = re.compile(r"\{\{-?\s*with\s+secret\s+\"(?P<path>[\w.@+/-]{3,200})\"")
_FIELD = re.compile(
    r"\.Data(?:\.data)?\.(?P<key>[A-Za-z_]\w{0,63})|index\s+\.Data(?:\.data)?\s+\"(?P<quoted>[\w.-]{1,64})\""
)
_HOST_RULE = re.compile(r"Host\(\s*[`'\"](?P<host>[A-Za-z0-9.-]{1,253})[`'\"]\s*\)")


def plain(name: str, value: str) -> str:
    """The value of a known name, or an empty string when it is none of its shape, an expression, or like a secret."""
    value = value.strip().strip("\"'").strip()
    if not value or len(value) > _MAX_VALUE or not value.isascii() or not is_safe(value):
        return ""
    if SHAPES[name].fullmatch(value) is None or mask_patterns(value) != value:
        return ""
    return value.rstrip("/") if name in (EXTERNAL_URL, ENDPOINT) else value


def of_environment(name: str, value: str) -> tuple[str, str] | None:
    """The known name that a variable sets, and its value; None for any other variable."""
    known = ENVIRONMENT.get(name)
    found = plain(known, value) if known is not None else ""
    return (known, found) if known is not None and found else None


def of_template(text: str) -> Iterator[tuple[str, str]]:
    """The known settings in a template: ``KEY=value`` lines, and the S3 section of a registry's or Harbor's YAML."""
    path: list[tuple[int, str]] = []
    for line in text[:_MAX_TEXT].splitlines()[:_MAX_LINES]:
        match = _LINE.fullmatch(line.removeprefix("export ")) if len(line) <= _MAX_LINE else None
        if match is None:
            continue
        indent, key, value = len(match["indent"]), match["key"], match["value"].partition(" #")[0]
        if match["sign"] == "=":
            found = of_environment(key, value)
        else:
            while path and path[-1][0] >= indent:
                path.pop()
            found = _of_yaml([name for _, name in path], key, value)
            path.append((indent, key))
        if found is not None:
            yield found


def _of_yaml(inside: list[str], key: str, value: str) -> tuple[str, str] | None:
    name = _IN_S3.get(key) if "s3" in inside else _AT_TOP.get(key) if not inside else None
    found = plain(name, value) if name is not None else ""
    return (name, found) if name is not None and found else None


def vault_fields(text: str) -> dict[str, tuple[str, ...]]:
    """Vault paths that a template reads, each with the names (never values) of the fields it takes."""
    found: dict[str, list[str]] = {}
    path = ""
    for line in text[:_MAX_TEXT].splitlines()[:_MAX_LINES]:
        shown = line[:_MAX_LINE]
        if match := _SECRET.search(shown):
            path = match["path"]
            found.setdefault(path, [])
        if path:
            found[path] += [each["key"] or each["quoted"] for each in _FIELD.finditer(shown)]
    return {path: tuple(dict.fromkeys(keys)) for path, keys in found.items()}


def hosts_of_tag(tag: str) -> tuple[str, ...]:
    """Host names in a router rule among a service's tags (Traefik writes them so)."""
    return tuple(each["host"] for each in _HOST_RULE.finditer(tag[:_MAX_LINE]))
