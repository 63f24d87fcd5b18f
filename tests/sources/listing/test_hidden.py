"""What a key may not see, or a store does not have, is said part by part; the rest is told all the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.listing import HiddenBytes, HiddenKind
from harbortui.sources.answer import Answer, Ok
from tests.sources.listing.drain import BUCKET, KEY, lister
from tests.sources.listing.fake_store import error

Serve = Callable[..., Awaitable[Any]]
K = HiddenKind

AWS = {"Server": "AmazonS3", "x-amz-bucket-region": "eu-west-1"}


def xml(body: str) -> web.Response:
    return web.Response(body=body.encode(), content_type="application/xml", headers=AWS)


LISTING = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
ENABLED = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
NO_UPLOADS = "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>"


def routed(**answers: Any) -> Any:
    """A server that answers by the parameter that makes the request what it is."""

    async def handler(request: web.Request) -> web.StreamResponse:
        for name, answer in answers.items():
            if name.replace("_", "-") in request.query:
                found = answer(request.query) if callable(answer) else answer
                return found if isinstance(found, web.StreamResponse) else xml(found)
        return web.Response(status=400)

    return handler


async def hidden(serve: Serve, **answers: Any) -> Answer[HiddenBytes]:
    standard: dict[str, Any] = {"versioning": ENABLED, "list_type": LISTING, "versions": page(), "uploads": NO_UPLOADS}
    store = await serve({"*": routed(**{**standard, **answers})})
    async with lister(store.url) as made:
        return await made.hidden(BUCKET, KEY)


def parts(found: Answer[HiddenBytes]) -> dict[HiddenKind, Any]:
    assert isinstance(found, Ok), found
    return {part.kind: part for part in found.value.parts}


def versions(pages: dict[tuple[str, str], str]) -> Any:
    return lambda query: pages[query.get("key-marker", ""), query.get("version-id-marker", "")]


def row(element: str, key: str, version: str, latest: bool, size: int) -> str:
    tail = f"<Size>{size}</Size>" if element == "Version" else ""
    head = f"<Key>{key}</Key><VersionId>{version}</VersionId><IsLatest>{str(latest).lower()}</IsLatest>"
    return f"<{element}>{head}{tail}</{element}>"


def page(*rows: str, more: bool = False) -> str:
    return f"<ListVersionsResult><IsTruncated>{str(more).lower()}</IsTruncated>{''.join(rows)}</ListVersionsResult>"


async def test_a_page_may_end_between_two_versions_of_a_key(serve: Serve) -> None:
    first = page(row("Version", "a", "3", True, 5), row("Version", "a", "2", False, 7), more=True)
    rest = page(
        row("Version", "a", "1", False, 11), row("DeleteMarker", "b", "9", True, 0), row("Version", "b", "8", False, 13)
    )
    found = parts(await hidden(serve, versions=versions({("", ""): first, ("a", "2"): rest})))
    assert (found[K.OLD_VERSIONS].objects, found[K.OLD_VERSIONS].bytes) == (3, 31)
    assert found[K.DELETE_MARKERS].objects == 1


async def test_versions_that_come_again_are_not_counted_again(serve: Serve) -> None:
    again = page(row("Version", "a", "3", True, 5), row("Version", "a", "2", False, 7), more=True)
    found = await hidden(serve, versions=again)
    assert isinstance(found, Failure)
    assert "repeats itself" in found.detail


async def test_a_store_that_ignores_where_it_was_within_a_key_is_found_out(serve: Serve) -> None:
    first = page(row("Version", "a", "3", True, 5), row("Version", "a", "2", False, 7), more=True)
    rest = page(
        row("Version", "a", "3", True, 5), row("Version", "a", "2", False, 7), row("Version", "a", "1", False, 9)
    )
    found = await hidden(serve, versions=versions({("", ""): first, ("a", "2"): rest}))
    assert isinstance(found, Failure)
    assert "versions that came before" in found.detail


async def test_what_the_key_may_not_see_is_named(serve: Serve) -> None:
    denied = error(403, "AccessDenied")
    found = await hidden(serve, versioning=lambda _: error(403, "AccessDenied"), uploads=lambda _: denied)
    told = parts(found)
    assert "s3:GetBucketVersioning" in told[K.OLD_VERSIONS].inexact
    assert "s3:ListBucketMultipartUploads" in told[K.UNFINISHED_MULTIPARTS].inexact
    assert isinstance(found, Ok)
    assert found.value.versioning is None
    assert {part.bytes for part in told.values()} == {None}
    listed = parts(await hidden(serve, versions=lambda _: error(403, "AccessDenied")))
    assert "s3:ListBucketVersions" in listed[K.DELETE_MARKERS].inexact
    assert listed[K.UNFINISHED_MULTIPARTS].bytes == 0


async def test_a_store_without_versions_has_none(serve: Serve) -> None:
    found = await hidden(serve, versioning=lambda _: error(501, "NotImplemented"))
    assert isinstance(found, Ok)
    assert (found.value.versioning, parts(found)[K.OLD_VERSIONS].bytes) == ("", 0)


async def test_a_missing_bucket_is_a_failure(serve: Serve) -> None:
    found = await hidden(serve, versioning=lambda _: error(404, "NoSuchBucket"))
    assert isinstance(found, Failure)
    assert found.kind is FailureKind.NOT_FOUND


def upload(key: str, number: str) -> str:
    return f"<Upload><Key>{key}</Key><UploadId>{number}</UploadId></Upload>"


async def test_parts_are_added_up_over_pages(serve: Serve) -> None:
    def uploads(query: Any) -> str:
        if query.get("key-marker") == "x/data":
            return NO_UPLOADS.replace("<IsT", upload("y/data", "2") + "<IsT")
        more = "<IsTruncated>true</IsTruncated>"
        return f"<ListMultipartUploadsResult>{more}{upload('x/data', '1')}</ListMultipartUploadsResult>"

    def listed(query: Any) -> Any:
        if query["uploadId"] == "2":
            return error(404, "NoSuchUpload")
        marker = int(query.get("part-number-marker", "0"))
        more = str(marker < 2).lower()
        part = f"<Part><PartNumber>{marker + 1}</PartNumber><Size>100</Size></Part>"
        return f"<ListPartsResult><IsTruncated>{more}</IsTruncated>{part}</ListPartsResult>"

    found = parts(await hidden(serve, uploadId=listed, uploads=uploads))[K.UNFINISHED_MULTIPARTS]
    assert (found.objects, found.bytes, found.inexact) == (2, 300, "")


@pytest.mark.parametrize("more", ["uploads", "uploadId"])
async def test_uploads_that_come_again_end_the_listing(serve: Serve, more: str) -> None:
    truncated = "<IsTruncated>true</IsTruncated>"
    uploads = f"<ListMultipartUploadsResult>{truncated}{upload('x', '1')}</ListMultipartUploadsResult>"
    listed = f"<ListPartsResult>{truncated}<Part><PartNumber>1</PartNumber><Size>1</Size></Part></ListPartsResult>"
    answers: dict[str, Any] = {"uploadId": listed, "uploads": uploads}
    if more == "uploadId":
        answers["uploads"] = uploads.replace("true", "false")
    found = parts(await hidden(serve, **answers))[K.UNFINISHED_MULTIPARTS]
    assert found.bytes is None
    assert "repeats itself" in found.inexact
