"""Space that a count does not see, each kind with what makes it inexact."""

from __future__ import annotations

from harbortui.model.listing import BucketCount, HiddenBytes, HiddenKind, HiddenPart
from harbortui.sources.storage.listing.access import Access
from harbortui.sources.storage.listing.multiparts import unfinished
from harbortui.sources.storage.listing.stopped import UNTOLD, Stopped, untold
from harbortui.sources.storage.listing.versions import old_versions, version_parts, versioning

_UNCOUNTED = "count the bucket first"
_STALE = "older than 168 h, the age at which the registry purges them by default"


async def hidden_bytes(access: Access, count: BucketCount | None) -> HiddenBytes:
    """All kinds; stale uploads are told from a count, in which they are. Raises as a count does."""
    status: str | None
    try:
        status = await versioning(access)
        versions = await old_versions(access, status)
    except Stopped as error:
        if error.failure.kind not in UNTOLD:
            raise
        status, versions = None, version_parts(None, untold(error.failure))
    parts = [*versions, await unfinished(access), stale_uploads(count)]
    return HiddenBytes(
        bucket=access.bucket,
        versioning=status,
        parts=tuple(parts),
        at=access.fetcher.now(),
        calls=access.fetcher.spent.calls,
    )


def stale_uploads(count: BucketCount | None) -> HiddenPart:
    """Pushes that were never finished: they are in the count, yet no image refers to them."""
    if count is None:
        return HiddenPart(kind=HiddenKind.STALE_UPLOADS, inexact=_UNCOUNTED)
    found = count.uploads
    inexact = _STALE
    if found.undated_sessions:
        inexact += f"; {found.undated_sessions} without a start date, which the registry never purges, are included"
    return HiddenPart(
        kind=HiddenKind.STALE_UPLOADS,
        objects=found.stale_sessions + found.undated_sessions,
        bytes=found.stale_bytes + found.undated_bytes,
        inexact=inexact,
    )
