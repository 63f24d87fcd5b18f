"""How full the bucket is: the cheapest source's figure, our own count, what neither shows, what Harbor refers to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harbortui.model.finding import State
from harbortui.model.listing import HiddenKind, HiddenPart
from harbortui.model.snapshot import InstanceSnapshot
from harbortui.model.usage import COUNTED, CountedUsage, Rung, inexact, referenced_bytes, usage_ladder
from harbortui.ui import words
from harbortui.ui.cell import Cell, Row
from harbortui.ui.counting import progress_words
from harbortui.ui.facets import failure_words, instead
from harbortui.ui.panes.fact import fact, listed_fact
from harbortui.ui.panes.project_usage import project_words
from harbortui.ui.symbols import UNICODE

if TYPE_CHECKING:
    from harbortui.engine.messages import CountState

DOT = f" {UNICODE.dot} "
UNTOLD = "not tellable"
AGE_UNTOLD = "?"
"""In place of an age, where the source does not say when it counted."""
_HIDDEN_NAMES = {
    HiddenKind.OLD_VERSIONS: "Old versions",
    HiddenKind.DELETE_MARKERS: "Delete marks",
    HiddenKind.UNFINISHED_MULTIPARTS: "Multiparts",
    HiddenKind.STALE_UPLOADS: "Stale uploads",
}


def usage_rows(instance: InstanceSnapshot, now: float, counting: CountState | None) -> list[Row]:
    """The bucket's side, then Harbor's, then the difference and what is hidden."""
    ladder = usage_ladder(instance, now)
    rows = []
    if ladder:
        rows.append(_rung("usage", "In the bucket", ladder[0]))
    elif instance.bucket.value is not None:
        text = instance.bucket.value.usage_note or "not told by the server"
        rows.append(fact("usage", None, "In the bucket", Cell(f"{text}{DOT}u counts it", "muted"), "S3 HEAD bucket"))
    if counting is not None and not counting.stage.is_plan:
        rows.append(_counting(counting, now))
    if ladder:
        rows += _quota(ladder[0])
    counted = instance.counted.value
    if counted is not None and ladder[0].usage.source != COUNTED:
        rows.append(_rung("counted", "Counted", ladder[-1]))
    rows.append(_referenced(instance, now))
    if ladder:
        rows += _difference(instance, ladder[0])
    if counted is not None:
        rows += [*_not_listed(ladder), *_hidden(counted, now)]
    return rows


def bucket_words(instance: InstanceSnapshot, now: float) -> str:
    """How full the bucket is in a word, by the cheapest source that knows it; ``reachable`` when none does."""
    ladder = usage_ladder(instance, now)
    return words.size(ladder[0].usage.bytes) if ladder else "reachable"


def _rung(key: str, name: str, rung: Rung) -> Row:
    usage = rung.usage
    objects = f"{DOT}{words.number(usage.objects)} objects" if usage.objects is not None else ""
    text = f"{words.size(usage.bytes)}{objects}"
    return fact(
        key,
        State.UNKNOWN if rung.stale else None,
        name,
        Cell(f"{text}{DOT}stale" if rung.stale else text, "muted" if rung.stale else "text"),
        usage.source,
        _age(rung),
        includes=usage.includes,
        counted=words.moment(usage.measured_at) or ("" if rung.dated else "the source does not say when"),
        asked="" if rung.dated or rung.age is None else f"{words.age(rung.age)} ago",
        again="u counts it by listing",
    )


def _age(rung: Rung) -> str:
    return words.age(rung.age) if rung.dated else AGE_UNTOLD


def _counting(state: CountState, now: float) -> Row:
    glyph, value = progress_words(state)
    failure = state.failure
    why = failure_words(failure) if failure is not None else ""
    age = words.since(failure.at, now) if failure is not None else ""
    return fact("counting", glyph, "Counting", value, COUNTED, age, why=why)


def _quota(rung: Rung) -> list[Row]:
    usage = rung.usage
    if not usage.quota_bytes:
        return []
    share = usage.bytes / usage.quota_bytes
    style = "critical" if share >= 0.95 else "warning" if share >= 0.8 else "text"
    text = f"{words.size(usage.quota_bytes)}{DOT}{words.percent(usage.bytes, usage.quota_bytes)} used"
    return [fact("quota", None, "Bucket quota", Cell(text, style), usage.source, _age(rung))]


def _referenced(instance: InstanceSnapshot, now: float) -> Row:
    facet = instance.quotas
    if facet.value is None:
        return fact("referenced", None, "Harbor refers", instead(facet, now), facet.source)
    text = f"{words.size(referenced_bytes(instance))}{DOT}{words.plural(len(facet.value), 'project')}"
    meaning = "sum over projects; a blob that several projects share counts in each of them"
    projects = sorted(facet.value, key=lambda each: (-each.used, each.project))
    more = (
        ("meaning", meaning),
        ("per project", "z on the storage pane lists them, u on one sums its repositories"),
        *((f"project {each.project}", project_words(each)) for each in projects),
    )
    return listed_fact("referenced", None, "Harbor refers", Cell(text), facet.source, words.age(facet.age(now)), more)


def _difference(instance: InstanceSnapshot, rung: Rung) -> list[Row]:
    """The bucket holds so much more, or less, than Harbor refers to."""
    referenced = referenced_bytes(instance)
    if referenced is None:
        return []
    held = rung.usage.bytes
    more, side = abs(held - referenced), "more" if held >= referenced else "less"
    share = f" ({words.percent(more, held)})" if held and held >= referenced else ""
    text = f"holds {words.size(more)}{share} {side} than Harbor refers to"
    reasons = tuple(("inexact", each) for each in inexact(rung.usage))
    value = Cell(f"{text}, inexact", "muted" if rung.stale else "text")
    return [listed_fact("difference", None, "Difference", value, f"{rung.usage.source}, Harbor", "", reasons)]


def _not_listed(ladder: tuple[Rung, ...]) -> list[Row]:
    """What Ceph's own figure has beyond a listing: hidden bytes that cost no call."""
    told, counted = ladder[0].usage, ladder[-1].usage
    if not told.source.startswith("RGW") or told.bytes < counted.bytes:
        return []
    text = f"{words.size(told.bytes - counted.bytes)}: {told.includes}"
    reason = "the store's present figure less our count; what changed in between is in it"
    return [fact("not-listed", None, "Not listed", Cell(text), told.source, words.age(ladder[-1].age), inexact=reason)]


def _hidden(counted: CountedUsage, now: float) -> list[Row]:
    hidden = counted.hidden
    if hidden is None:
        return [fact("hidden", State.UNKNOWN, "Hidden", Cell(f"{UNTOLD}: {counted.hidden_note}", "unknown"), COUNTED)]
    age = words.since(hidden.at, now)
    parts = [part for part in hidden.parts if part.kind is not HiddenKind.DELETE_MARKERS or part.objects]
    return [_part(part, age) for part in parts]


def _part(part: HiddenPart, age: str) -> Row:
    name, key = _HIDDEN_NAMES[part.kind], f"hidden/{part.kind.name.lower()}"
    if part.objects is None or part.bytes is None:
        text = part.inexact if part.inexact.startswith(UNTOLD) else f"{UNTOLD}: {part.inexact}"
        return fact(key, State.UNKNOWN, name, Cell(text, "unknown"), COUNTED, age)
    size = f"{DOT}{words.size(part.bytes)}" if part.kind is not HiddenKind.DELETE_MARKERS and part.objects else ""
    text = f"{words.number(part.objects)}{size}" if part.objects else "none"
    return fact(key, None, name, Cell(text), COUNTED, age, inexact=part.inexact)
