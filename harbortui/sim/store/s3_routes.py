"""Which S3 operation a request is."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from harbortui.sim.store import buckets, listing, multipart, objects, uploads, versions
from harbortui.sim.store.call import Call
from harbortui.sim.store.errors import Refused

Operation = Callable[[Call], web.StreamResponse]

# The first name found in the query decides; "" is the operation without one.
BUCKET: dict[str, dict[str, Operation]] = {
    "GET": {
        "location": buckets.location,
        "versioning": buckets.versioning,
        "lifecycle": buckets.lifecycle,
        "versions": versions.list_versions,
        "uploads": uploads.list_uploads,
        "list-type": listing.list_v2,
        "": listing.list_v1,
    },
    "HEAD": {"": buckets.head},
    "PUT": {"": buckets.create},
    "POST": {"delete": objects.delete_many},
    "DELETE": {"": buckets.never},
}
OBJECT: dict[str, dict[str, Operation]] = {
    "GET": {"uploadId": uploads.list_parts, "": objects.read},
    "HEAD": {"": objects.read},
    "PUT": {"uploadId": multipart.put_part, "": objects.put},
    "POST": {"uploads": multipart.create, "uploadId": multipart.complete},
    "DELETE": {"uploadId": multipart.abort, "": objects.delete},
}
KNOWN = frozenset(name for table in (BUCKET, OBJECT) for names in table.values() for name in names if name)
# Operations of S3 that no registry needs: refused by name, so that nobody takes a listing for an answer.
UNKNOWN = frozenset(
    """accelerate acl analytics cors encryption inventory legal-hold logging metrics notification object-lock
    ownershipControls policy policyStatus publicAccessBlock replication requestPayment retention select tagging torrent
    website restore attributes""".split()  # noqa: SIM905 - a list literal would take a screen
)


def answer(call: Call) -> web.StreamResponse:
    """The operation's answer; raises Refused."""
    if not call.bucket_name:
        if call.method != "GET":
            raise Refused("MethodNotAllowed")
        return buckets.list_buckets(call)
    operations = (OBJECT if call.key else BUCKET).get(call.method, {})
    special = next((operations[name] for name in operations if name and name in call.query), None)
    if special is not None:
        return special(call)
    if not UNKNOWN.isdisjoint(call.query):
        raise Refused("NotImplemented")
    if not KNOWN.isdisjoint(call.query):
        # Such as changing the versioning: there, but nobody's right.
        raise Refused("AccessDenied")
    if "" not in operations:
        raise Refused("MethodNotAllowed")
    return operations[""](call)
