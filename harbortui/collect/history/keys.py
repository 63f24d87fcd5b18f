"""Names that the history is kept under: made of endpoints, sanitised, bounded in length and in number."""

from __future__ import annotations

import hashlib
import json
import math
from urllib.parse import urlsplit

from harbortui.model.snapshot import Target
from harbortui.model.text import safe_text

NAME_LIMIT = 64
ENDPOINT_LIMIT = 300

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LARGEST = 2**62


def bounded(text: str, limit: int = NAME_LIMIT) -> str:
    """The text as at most ``limit`` harmless characters; a changed one ends in a hash, so that two names stay two."""
    safe = safe_text(text, limit=4 * limit)
    if safe == text and len(text) <= limit:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{safe[: limit - 11]}~{digest}"


def harbor_of(target: Target) -> str:
    """The key of a Harbor: where it is reached, not what it is called."""
    return _endpoint("harbor", _origin(target.url))


def job_of(target: Target) -> str:
    """The key of a Nomad job; empty without one."""
    if not (target.nomad_address and target.job):
        return ""
    return _endpoint("job", _origin(target.nomad_address), target.region, target.namespace, target.job)


def bucket_of(target: Target) -> str:
    """The key of a bucket; empty without one. Its use is not divided by prefix."""
    if not (target.store_endpoint and target.bucket):
        return ""
    return _endpoint("bucket", _origin(target.store_endpoint), target.bucket)


def whole(value: object) -> int | None:
    """A number that the database can hold as an integer; None for everything else, whatever a server says."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return int(value) if abs(value) < _LARGEST else None


def count(value: object) -> int:
    """As :func:`whole`, never negative; 0 for what is no number."""
    return max(0, whole(value) or 0)


def _endpoint(kind: str, *parts: str) -> str:
    return bounded(json.dumps([kind, *parts], ensure_ascii=False, separators=(",", ":")), ENDPOINT_LIMIT)


def _origin(url: str) -> str:
    """The URL without what does not make it another place."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        return url
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    if not host:
        return url
    host = f"[{host}]" if ":" in host else host
    shown = "" if port is None or port == _DEFAULT_PORTS.get(scheme) else f":{port}"
    return f"{scheme}://{host}{shown}{parts.path.rstrip('/')}"
