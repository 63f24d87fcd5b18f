"""Why a store refused: the answer to a HEAD has no body, the same question as a GET has.

Ceph's gateway, AWS and rclone say 403 to a HEAD for an unknown key, a wrong secret and a missing right alike (MinIO
names the code in a header). Asked as a GET they name the code. It asks for no keys (``max-keys=0``) and needs the same
right as the HEAD.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from harbortui.sources.credentials import Credentials
from harbortui.sources.http import HttpHost, Reply
from harbortui.sources.lane import Lane
from harbortui.sources.storage.signing import signed_headers

EXPLAIN_SECONDS = 5.0

_QUERY = (("list-type", "2"), ("max-keys", "0"))
_CODE = re.compile(rb"<Code>\s*([A-Za-z][A-Za-z0-9.]{1,63})\s*</Code>")
_LOOKED_AT = 4096

Explain: TypeAlias = Callable[[str, Credentials], Awaitable[str]]
"""The error code of S3 for a bucket that refused these credentials; empty when the store does not tell."""


def error_code(body: bytes) -> str:
    """The code in S3's XML; empty when there is none."""
    found = _CODE.search(body[:_LOOKED_AT])
    return found[1].decode() if found else ""


def explaining(host: HttpHost, url: str, region: str, lane: Lane) -> Explain:
    """Asks through ``host``, whose address is ``url``; signs in a thread of ``lane``."""

    async def explain(bucket: str, credentials: Credentials) -> str:
        path = f"/{bucket}"
        target = f"{url}{path}?" + "&".join(f"{name}={value}" for name, value in _QUERY)
        try:
            headers = await lane.run(lambda: signed_headers(target, region, credentials), deadline=EXPLAIN_SECONDS)
        except Exception:  # noqa: BLE001 - the refusal itself is known; only its reason is not
            return ""
        reply = await host.fetch(path, query=_QUERY, headers=headers, expect=(), deadline=EXPLAIN_SECONDS)
        return error_code(reply.body) if isinstance(reply, Reply) and reply.status >= 400 else ""

    return explain
