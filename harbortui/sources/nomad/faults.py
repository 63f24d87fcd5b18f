"""What Nomad's error answers mean: by text first, then by status.

Bodies are plain text and statuses mislead: a denied log stream is a 500 with "Permission denied", an allocation in a
namespace the token may not read is a 500 with `Unknown allocation` (hashicorp/nomad command/agent/http.go,
command/agent/fs_endpoint.go, nomad/client_alloc_endpoint.go).
"""

from __future__ import annotations

from dataclasses import dataclass

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Clean
from harbortui.model.text import decode_text

K = FailureKind

_MAX_READ = 16_384
_MAX_TEXT = 400

BY_TEXT: tuple[tuple[str, FailureKind, str], ...] = (
    ("permission denied", K.FORBIDDEN, "permission denied"),
    ("acl token not found", K.AUTH, "Nomad does not know our token"),
    ("acl token expired", K.AUTH, "our Nomad token has expired"),
    ("failed to parse signed token", K.AUTH, "what we have as Nomad token is none"),
    ("acl support disabled", K.CONFLICT, "ACLs are off"),
    ("too many concurrent connections", K.RATE_LIMITED, "too many connections from this host (100 unless configured)"),
    ("http request to an https server", K.TLS, "the address says http, but Nomad speaks https there"),
    ("no cluster leader", K.SERVER, "Nomad has no leader"),
    ("failed to get conn", K.SERVER, "this Nomad agent cannot reach its servers"),
    ("lead thread didn't get connection", K.SERVER, "this Nomad agent cannot reach its servers"),
    ("no servers", K.SERVER, "this Nomad agent cannot reach its servers"),
    ("dial tcp", K.SERVER, "this Nomad agent cannot reach its servers"),
    ("no path to region", K.NOT_FOUND, "no such Nomad region"),
    ("no path to node", K.SERVER, "the node's Nomad agent is not connected"),
    ("unknown node", K.NOT_FOUND, "Nomad does not know the node"),
    ("unknown allocation", K.NOT_FOUND, "no such allocation, or its namespace is not visible to our token"),
    ("uuid must be 36 characters", K.NOT_FOUND, "not a full allocation id"),
    ("alloc not found", K.NOT_FOUND, "the allocation is gone"),
    ("allocation not found", K.NOT_FOUND, "the allocation is gone"),
    ("not found on client", K.NOT_FOUND, "the node has cleaned the allocation up"),
    ("failed to list entries", K.NOT_FOUND, "the node has cleaned the allocation up"),
    ("not started yet", K.NOT_FOUND, "the task has not started yet"),
    ("unknown task name", K.NOT_FOUND, "the allocation has no such task"),
    ("log entry for task", K.NOT_FOUND, "the task has no such log"),
    ("job not found", K.NOT_FOUND, "no such job"),
    ("deployment not found", K.NOT_FOUND, "no such deployment"),
    ("eval not found", K.NOT_FOUND, "no such evaluation"),
)
"""Part of the text in lower case, kind, and what is said."""

_BY_STATUS: dict[int, tuple[FailureKind, str]] = {
    400: (K.PROTOCOL, "Nomad did not understand the request"),
    401: (K.AUTH, "Nomad wants a token"),
    403: (K.FORBIDDEN, "permission denied"),
    404: (K.NOT_FOUND, "not found"),
    405: (K.PROTOCOL, "Nomad does not allow this method"),
    429: (K.RATE_LIMITED, "too many requests"),
}


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """An answer with a status of 400 or more, or the plain text at the end of a broken log stream."""

    status: int
    body: bytes
    html: bool = False
    retry_after: float | None = None


def failure_of_answer(answer: ErrorAnswer, *, needs: str, clean: Clean, at: float) -> Failure:
    """The failure an error answer stands for; ``needs`` is the ACL capability of the call."""
    kind, words = _meaning(answer, clean)
    return Failure(
        kind=kind,
        detail=clean(words),
        at=at,
        status=answer.status,
        needs=needs if kind is K.FORBIDDEN else "",
        retry_after=answer.retry_after,
    )


def _meaning(answer: ErrorAnswer, clean: Clean) -> tuple[FailureKind, str]:
    if answer.html:
        if answer.status in (401, 403):
            return K.LOGIN_PAGE, "a login page answered"
        return K.SERVER, f"a proxy answered {answer.status}, Nomad did not"
    # Cleaned before it is cut: half a secret is not known as one any more.
    text = clean(decode_text(answer.body[:_MAX_READ]).strip())[:_MAX_TEXT]
    low = text.lower()
    for part, kind, words in BY_TEXT:
        if part in low:
            return kind, words
    kind, words = _BY_STATUS.get(answer.status, (K.SERVER, f"Nomad answered {answer.status}"))
    return kind, f"{words}: {text}" if text else words
