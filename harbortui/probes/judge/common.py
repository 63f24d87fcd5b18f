"""Words that the judgements share."""

from __future__ import annotations

from collections.abc import Iterable

from harbortui.model.failure import Failure, FailureKind
from harbortui.probes.result import Check, Level
from harbortui.sources.answer import Answer, Ok


def listed(words: Iterable[str], limit: int = 8) -> str:
    """``a, b and c``; what is beyond the limit is counted."""
    found = list(words)
    if len(found) > limit:
        found = [*found[:limit], f"{len(found) - limit} more"]
    if len(found) < 2:
        return "".join(found)
    return f"{', '.join(found[:-1])} and {found[-1]}"


DAY = 86_400.0
SOON = 21 * DAY
"""What ends within this time is worth a warning."""


def span(seconds: float) -> str:
    """``3 days``, ``1 hour``: rounded down to the largest unit that holds it."""
    for size, word in ((DAY, "day"), (3_600.0, "hour"), (60.0, "minute")):
        if seconds >= size:
            count = int(seconds / size)
            return f"{count} {word}{'' if count == 1 else 's'}"
    return f"{max(0.0, seconds):.0f} s"


def ends(left: float) -> str:
    """``ends in 3 days`` or ``ended 2 hours ago``."""
    return f"ends in {span(left)}" if left >= 0 else f"ended {span(-left)} ago"


def unread(what: str, answer: Failure) -> Check:
    """A credential that could not be fetched from where the configuration says it is; a grant would not mend that."""
    return Check(id="credentials", level=Level.MISSING, text=f"{what}: {answer.detail}")


def refused(answer: Failure) -> bool:
    """Whether a backend answered and would not have us: other credentials would mend it, or another grant."""
    return answer.kind in (FailureKind.AUTH, FailureKind.FORBIDDEN)


def right_missing(answer: Answer[object], words: str, needs: str) -> Check | None:
    """A check for something that could not be seen; None when it could, or when it is simply not there."""
    if isinstance(answer, Ok) or answer.kind is FailureKind.NOT_FOUND:
        return None
    if answer.kind is FailureKind.FORBIDDEN:
        right = answer.needs or needs
        text = f"{words}: not permitted" + (f", needs {right}" if right else "")
        return Check(id="right-missing", level=Level.MISSING, text=text, needs=right)
    return Check(id="not-seen", level=Level.MISSING, text=f"{words}: {answer.detail}")


def not_seen(asked: Iterable[tuple[str, Answer[object], str]], of: str = "") -> list[Check]:
    """Checks for what could not be seen: words, answer and right of each; what has the same reason is one check.

    ``of`` is said first, such as a job's name.
    """
    lacking: dict[tuple[str, str, str], list[str]] = {}
    for words, answer, needs in asked:
        missing = right_missing(answer, "", needs)
        if missing is not None:
            lacking.setdefault((missing.id, missing.text, missing.needs), []).append(words)
    lead = f"{of}: " if of else ""
    return [
        Check(id=kind, level=Level.MISSING, text=f"{lead}{', '.join(words)}{text}", needs=needs)
        for (kind, text, needs), words in lacking.items()
    ]
