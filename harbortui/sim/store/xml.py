"""Writing S3's XML."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote_plus

from harbortui.sim.world.timefmt import iso_millis

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"

# XML 1.0 has no way at all to carry these; Go's encoder (MinIO) puts the replacement character instead.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SPECIAL = re.compile("[&<>\"'\t\n\r]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;", "\t": "&#x9;", "\n": "&#xA;"}
_ENTITIES["\r"] = "&#xD;"


def escape(text: str) -> str:
    """Text between tags."""
    text = _FORBIDDEN.sub("\ufffd", text)
    return _SPECIAL.sub(lambda found: _ENTITIES[found[0]], text) if _SPECIAL.search(text) else text


def tag(name: str, text: object) -> str:
    """One element with text; True and False in XML's words."""
    words = str(text).lower() if isinstance(text, bool) else str(text)
    return f"<{name}>{escape(words)}</{name}>"


def document(root: str, inner: str) -> bytes:
    """A whole document in S3's namespace."""
    return f'{HEAD}<{root} xmlns="{NAMESPACE}">{inner}</{root}>'.encode()


def key_text(key: str, url_encoded: bool) -> str:
    """A key (or prefix, marker, delimiter) as a listing with or without ``encoding-type=url`` gives it, escaped."""
    return quote_plus(key, safe="/*-_.") if url_encoded else escape(key)


@lru_cache(maxsize=4096)
def moment(at: float) -> str:
    """A time of modification: RFC 3339 with milliseconds, UTC."""
    return iso_millis(at)
