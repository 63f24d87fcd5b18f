"""One request to the store, taken apart once, and the forms of its answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from harbortui.sim.store.errors import Refused
from harbortui.sim.store.keys import AccessKey

if TYPE_CHECKING:
    from harbortui.sim.store.server import StoreServer
    from harbortui.sim.world.bucket import Bucket

MAX_INT = 2_147_483_647


@dataclass(frozen=True, slots=True)
class Call:
    """A request: who asks (None: anonymous) for which bucket and key, path style."""

    store: StoreServer
    request: web.Request
    method: str
    path: str
    """Decoded, without the query."""
    bucket_name: str
    key: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    caller: AccessKey | None = None
    body: bytes = b""
    """Without the framing of a streamed upload."""

    def allow(self, action: str) -> None:
        """Raises Refused (AccessDenied) when the caller may not do this; RGW says first that a bucket is not there."""
        if self.store.rgw and self.bucket_name and self.path != "/admin/bucket":
            self.bucket()
        if self.caller is None or action not in self.caller.actions:
            raise Refused("AccessDenied")

    def bucket(self) -> Bucket:
        """The bucket asked for; raises Refused when there is none, or when it is in another region."""
        found = self.store.buckets.get(self.bucket_name)
        if self.bucket_name in self.store.settings.elsewhere:
            raise Refused("PermanentRedirect")
        if found is None:
            raise Refused("NoSuchBucket")
        return found

    def number(self, name: str, default: int, least: int = 0) -> int:
        """A whole number of the query; raises Refused (InvalidArgument) for anything else."""
        text = self.query.get(name, "")
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 11) or not least <= int(text) <= MAX_INT:
            raise Refused("InvalidArgument", f"Argument {name} must be an integer between {least} and {MAX_INT}")
        return int(text)


def xml(body: bytes, status: int = 200) -> web.Response:
    """An XML answer."""
    return web.Response(status=status, body=body, headers={"Content-Type": "application/xml"})
