"""What an object store lets our key do with a bucket."""

from __future__ import annotations

from collections.abc import Iterator

from harbortui.config.settings import StorageSettings
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.storage import BucketState
from harbortui.probes.judge.common import listed, right_missing, unread
from harbortui.probes.learned import Learned, of_bucket
from harbortui.probes.result import Check, Level
from harbortui.sources.answer import Ok
from harbortui.sources.storage.inquiry import LIFECYCLE, LISTING, LOCATION, UPLOADS, VERSIONING, VERSIONS

_POLICY = "see the S3 policy"
_WORDS = {
    LISTING: "listing keys",
    VERSIONS: "listing old versions",
    UPLOADS: "listing unfinished uploads",
    VERSIONING: "whether versions are kept",
    LIFECYCLE: "lifecycle rules",
    LOCATION: "the bucket's region",
}


def judge(learned: Learned, storage: StorageSettings, bucket: str, prefix: str) -> list[Check]:
    """The checks of one bucket beyond reachability."""
    subject = of_bucket(storage, bucket)
    given = learned.answer(subject, "credentials")
    if isinstance(given, Failure):
        return [unread("access key", given)]
    if not given.value:
        hint = "[storage] access_key and secret_key, of a key that may only list"
        return [Check(id="s3-key", level=Level.MISSING, text="no access key is configured", hint=hint)]
    head = learned.answer(subject, "bucket")
    if isinstance(head, Failure):
        return [_no_bucket(bucket, head)]
    return [*_bucket(head.value), *_tried(learned, subject, bucket, prefix), _writes(learned, subject)]


def _no_bucket(bucket: str, head: Failure) -> Check:
    text, needs = f"bucket {bucket}: {head.detail}", ""
    kind, hint = "bucket", ""
    if head.kind is FailureKind.FORBIDDEN:
        kind, hint, needs = "right-missing", _POLICY, head.needs or "s3:ListBucket"
    elif head.kind is FailureKind.AUTH:
        kind, hint = "s3-key", "check access_key and secret_key"
    elif head.kind is FailureKind.NOT_FOUND:
        hint = "check bucket, and the store's endpoint, in the file"
    return Check(id=kind, level=Level.MISSING, text=text, hint=hint, needs=needs)


def _bucket(state: BucketState) -> Iterator[Check]:
    provider = f" ({state.provider})" if state.provider else ""
    yield Check(id="bucket", level=Level.OK, text=f"bucket {state.name} is there{provider}")
    if state.usage is not None:
        yield Check(id="usage", level=Level.OK, text=f"its usage comes from {state.usage.source}")
    elif state.usage_needs:
        text = f"its usage is not told: {state.usage_note}"
        yield Check(id="right-missing", level=Level.WARNING, text=text, hint=_POLICY, needs=state.usage_needs)
    elif state.usage_note:
        yield Check(id="usage", level=Level.NOTE, text=f"its usage is not told: {state.usage_note}")


def _tried(learned: Learned, subject: str, bucket: str, prefix: str) -> Iterator[Check]:
    can: list[str] = []
    unsupported: list[str] = []
    for action, words in _WORDS.items():
        answer = learned.answer(subject, action)
        missing = right_missing(answer, words, f"s3:{action}")
        if missing is not None:
            yield missing
        elif isinstance(answer, Ok):
            (can if answer.value.supported else unsupported).append(words)
    if can:
        yield Check(id="rights", level=Level.OK, text=f"allowed: {listed(can)}")
    if unsupported:
        yield Check(id="unsupported", level=Level.NOTE, text=f"this store does not know {listed(unsupported)}")
    listing = learned.answer(subject, LISTING)
    if prefix and isinstance(listing, Ok) and listing.value.empty:
        text = f"nothing lies under {prefix}/ in {bucket}: a new Harbor, or another prefix (rootdirectory)"
        yield Check(id="prefix-empty", level=Level.WARNING, text=text, hint="check prefix in the file")
    versioning = learned.answer(subject, VERSIONING)
    if isinstance(versioning, Ok) and versioning.value.versioned:
        text = "the bucket keeps old versions: garbage collection frees no space by itself"
        yield Check(id="versioned", level=Level.NOTE, text=text)


def _writes(learned: Learned, subject: str) -> Check:
    answer = learned.answer(subject, "writes")
    told = answer.value if isinstance(answer, Ok) else None
    if told is None:
        text = "whether the key may read objects or write cannot be told without doing it: this store does not say"
        return Check(id="writes-untold", level=Level.NOTE, text=text)
    if told:
        text = "the key may write to the bucket: it could destroy the images of your users"
        return Check(id="s3-writes", level=Level.WARNING, text=text, hint="a key of its own with the S3 policy below")
    return Check(id="s3-least", level=Level.OK, text="the key may not write; whether it may read objects is not told")
