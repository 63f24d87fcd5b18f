"""Rules about the bucket and the object store, which Harbor's own health never looks at."""

from __future__ import annotations

from collections.abc import Iterator

from harbortui.diagnose.past import began
from harbortui.diagnose.view import View, failure_words, is_lost, utc
from harbortui.model.failure import FailureKind
from harbortui.model.finding import Finding, State
from harbortui.model.history import Outlook, Subject

SILENT = frozenset({FailureKind.REFUSED, FailureKind.RESET, FailureKind.TIMEOUT, FailureKind.SERVER})
OUR_SIDE = frozenset({FailureKind.DNS, FailureKind.TLS, FailureKind.REDIRECT, FailureKind.LOGIN_PAGE})
"""Failures of our way there: Harbor has its own name server, certificates and address for the store."""

_TOLD_ELSEWHERE = frozenset({FailureKind.NO_CREDENTIALS, FailureKind.SEALED, FailureKind.CANCELLED})
"""Nothing was asked: what keeps us from a key is somebody else's finding."""


def storage_rules(view: View) -> Iterator[Finding]:
    """Object store down or busy, bucket unreachable, missing, refused or not to be seen, quota nearly used up."""
    store_down = tuple(_store(view))
    yield from store_down
    yield from _bucket(view, store_down=bool(store_down))
    yield from _filling(view)
    bucket = view.known(view.instance.bucket)
    if bucket is None or bucket.usage is None or not bucket.usage.quota_bytes:
        return
    if bucket.usage.bytes * 100 >= view.limits.bucket_percent * bucket.usage.quota_bytes:
        title = f"bucket {bucket.name} uses {view.limits.bucket_percent:g} % or more of its quota"
        evidence = (f"{bucket.usage.source}: {bucket.usage.bytes} of {bucket.usage.quota_bytes} bytes",)
        yield view.finding("bucket-full", State.WARNING, bucket.name, title, evidence=evidence)


def _filling(view: View) -> Iterator[Finding]:
    """The forecast of the history, where the quota it was made for is still the bucket's."""
    bucket, trend = view.known(view.instance.bucket), view.past.bucket
    if bucket is None or bucket.usage is None or trend is None or trend.forecast is None or trend.trend is None:
        return
    foreseen = trend.forecast
    if foreseen.outlook is not Outlook.FILLING or foreseen.at is None or foreseen.limit != bucket.usage.quota_bytes:
        return
    if foreseen.at - view.now >= view.limits.filling:
        return
    title = f"bucket {bucket.name} grows so fast that it is full within {_days(view.limits.filling)}"
    earliest = foreseen.earliest if foreseen.earliest is not None else foreseen.at
    latest = f"by {_day(foreseen.latest)}" if foreseen.latest is not None else "possibly never"
    evidence = (
        f"history, {trend.trend.days:.0f} days of {trend.curve.source}: full about {_day(foreseen.at)}"
        f" (from {_day(earliest)}, {latest})",
    )
    yield view.finding("bucket-filling", State.WARNING, bucket.name, title, evidence=evidence)


def _day(moment: float) -> str:
    return utc(moment)[:10]


def _days(amount: float) -> str:
    return f"{amount / 86_400:.0f} days"


def _store(view: View) -> Iterator[Finding]:
    if view.store is None:
        return
    endpoint = view.instance.target.store_endpoint
    failure = view.store.failure
    if failure is not None and failure.kind in SILENT | OUR_SIDE:
        if not is_lost(view.store, view.now):
            state, title = State.WARNING, "the object store did not answer the newest request"
        elif failure.kind in OUR_SIDE:
            state, title = State.UNKNOWN, "the object store cannot be reached from here"
        else:
            state, title = State.CRITICAL, "the object store does not answer"
        evidence = (failure_words(view.store),)
        yield view.finding("store-down", state, endpoint, title, evidence=evidence, since=failure.at or None)
        return
    health = view.known(view.store)
    if health is None:
        return
    if health.live is False or health.ready is False:
        title = "the object store says it is not ready" if health.live is not False else "the object store is offline"
        yield view.finding("store-down", State.CRITICAL, endpoint, title, evidence=(health.detail,))


def _bucket(view: View, *, store_down: bool) -> Iterator[Finding]:
    facet = view.instance.bucket
    failure = facet.failure
    if failure is None:
        return
    bucket = view.instance.target.bucket
    start = began(view, Subject.BUCKET, "", failure.kind.value)
    evidence = (failure_words(facet), *start.evidence)
    since = start.since if start.since is not None else failure.at or None
    if failure.kind is FailureKind.NOT_FOUND:
        title = f"bucket {bucket} does not exist"
        yield view.finding("bucket-missing", State.CRITICAL, bucket, title, evidence=evidence, since=since)
    elif failure.kind in (FailureKind.FORBIDDEN, FailureKind.AUTH):
        # A refused HEAD proves nothing about Harbor's own key, which is another one.
        title = f"our key may not see bucket {bucket}; Harbor's own key was not tried"
        yield view.finding("bucket-refused", State.UNKNOWN, bucket, title, evidence=evidence, since=since)
    elif store_down or failure.kind in _TOLD_ELSEWHERE:
        return
    elif failure.kind in SILENT:
        lost = is_lost(facet, view.now)
        title = f"bucket {bucket} cannot be reached" if lost else f"bucket {bucket} did not answer the newest request"
        state = State.CRITICAL if lost else State.WARNING
        yield view.finding("bucket-unreachable", state, bucket, title, evidence=evidence, since=since)
    elif failure.kind is FailureKind.RATE_LIMITED:
        title = f"the object store of bucket {bucket} asks to slow down, Harbor as well as us"
        yield view.finding("store-busy", State.WARNING, bucket, title, evidence=evidence, since=since)
    else:
        title = f"bucket {bucket} could not be looked at"
        state = State.UNKNOWN if is_lost(facet, view.now) else State.WARNING
        yield view.finding("bucket-unseen", state, bucket, title, evidence=evidence, since=since)
