"""Old versions and delete markers: in a bucket that keeps them, garbage collection frees nothing."""

from __future__ import annotations

from harbortui.model.listing import HiddenKind, HiddenPart
from harbortui.sources.storage.listing.access import Access
from harbortui.sources.storage.listing.cuts import Cutter
from harbortui.sources.storage.listing.pages import Page, Versions
from harbortui.sources.storage.listing.ranges import KeyRange
from harbortui.sources.storage.listing.run import Run
from harbortui.sources.storage.listing.stopped import UNTOLD, NotSharded, Stopped, untold
from harbortui.sources.storage.listing.survey import Surveyor
from harbortui.sources.storage.listing.table import TableParser

KEPT = ("Enabled", "Suspended")
NOT_IMPLEMENTED = 501
"""The status of stores that do not have versions at all."""

_LIST = "s3:ListBucketVersions"
_STATUS = "s3:GetBucketVersioning"


class VersionTally:
    """Versions that are not current, and delete markers, added up from any number of walks."""

    def __init__(self) -> None:
        self.objects = 0
        self.bytes = 0
        self.markers = 0

    def add(self, page: Page) -> None:
        """The next page of a walk."""
        for (element, latest), size in zip(page.states, page.sizes, strict=True):
            if element == "DeleteMarker":
                self.markers += 1
            elif latest.strip().lower() != "true":
                self.objects += 1
                self.bytes += size

    def finish(self) -> None:
        """Nothing is kept for the end."""


async def versioning(access: Access) -> str:
    """``Enabled``, ``Suspended``, or empty when the bucket never kept versions; raises Stopped."""
    try:
        parser = await access.asking(_STATUS)([("versioning", "")], _status_parser)
    except Stopped as error:
        if error.failure.status == NOT_IMPLEMENTED:
            return ""
        raise
    status = parser.fields.get("Status", "").strip()
    return status if status in KEPT else ""


async def old_versions(access: Access, status: str) -> tuple[HiddenPart, HiddenPart]:
    """Old versions and delete markers of a bucket with that versioning.

    Raises:
        Stopped, Unreadable, Unruly: as a count.
    """
    if status not in KEPT:
        return version_parts(VersionTally(), "")
    tally = VersionTally()
    survey = await Surveyor(access.layout, access.ask, access.clock).survey()
    try:
        await _run(access, tally, survey.cuts, cutting=True)
    except NotSharded:
        tally = VersionTally()
        await _run(access, tally, [], cutting=False)
    except Stopped as error:
        if error.failure.kind not in UNTOLD:
            raise
        return version_parts(None, untold(error.failure))
    return version_parts(tally, "versions that came or went meanwhile may be missing")


async def _run(access: Access, tally: VersionTally, cuts: list[str], *, cutting: bool) -> None:
    run = Run(
        listing=Versions(),
        ask=access.asking(_LIST),
        sink=lambda: tally,
        pace=access.fetcher.pace,
        # Where everything current fits on a page there may still be a million versions.
        cutter=Cutter(access.layout, access.ask) if cutting else None,
        strict=False,
    )
    await run.over(KeyRange().cut(cuts))


def version_parts(tally: VersionTally | None, inexact: str) -> tuple[HiddenPart, HiddenPart]:
    """Both kinds; without a tally they are not tellable."""
    old, markers = HiddenKind.OLD_VERSIONS, HiddenKind.DELETE_MARKERS
    if tally is None:
        return HiddenPart(kind=old, inexact=inexact), HiddenPart(kind=markers, inexact=inexact)
    return (
        HiddenPart(kind=old, objects=tally.objects, bytes=tally.bytes, inexact=inexact),
        HiddenPart(kind=markers, objects=tally.markers, bytes=0, inexact=inexact),
    )


def _status_parser() -> TableParser:
    return TableParser({}, ("VersioningConfiguration",))
