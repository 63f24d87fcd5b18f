"""What Harbor's words for a failed replication mean, as far as a person can act on it.

The texts are those of Harbor 2.11 to 2.15 (goharbor/harbor src/controller/replication, src/pkg/reg/adapter); an
execution that failed before its first task tells them in ``status_text``, with the peer's whole answer behind.
"""

from __future__ import annotations

import re

_LOCAL = {"push": "source", "pull": "destination"}
"""The side of a policy that is this Harbor itself."""

_MEANINGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), words)
    for pattern, words in (
        (r"launch job failed|/api/v1/jobs", "this Harbor could not hand the job to its job service"),
        (r"code:? 401|unauthorized", "{side} refuses the credentials"),
        (r"read only mode", "{side} is in read-only mode"),
        (r"code:? 403|forbidden|denied", "{side} does not permit it"),
        (r"x509:|certificate", "the certificate of {side} is not trusted"),
        (r"code:? 50[234]", "{side} answers as broken, or its front cannot reach core"),
        (r"no such host", "the name of {side} is not found"),
        (r"dial tcp|timeout|deadline exceeded|connection reset|EOF$", "{side} cannot be reached"),
    )
)


def meaning(status_text: str, direction: str, peer: str) -> str:
    """A few words, "" for a text that is not known; ``direction`` is ``push`` or ``pull``."""
    local = _LOCAL.get(direction, "")
    adapter = re.match(r"failed to create adapter for (source|destination) registry", status_text)
    side = "this Harbor, asked by itself," if adapter and adapter[1] == local else peer or "the other side"
    for pattern, words in _MEANINGS:
        if pattern.search(status_text):
            return words.format(side=side)
    return ""
