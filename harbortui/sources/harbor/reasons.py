"""Why Harbor hangs or refuses, asked of Harbor itself: the first answer often names the wrong culprit."""

from __future__ import annotations

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Clean
from harbortui.sources.harbor import decode
from harbortui.sources.harbor.client import HarborClient
from harbortui.sources.http import JSON_TYPES, TEXT_TYPES, Reply
from harbortui.sources.rows import Unreadable

PING_SECONDS = 3.0


async def ping(client: HarborClient) -> Reply | Failure:
    """``GET /ping``: core answers without touching the database."""
    return await client.get("/ping", expect=(*TEXT_TYPES, *JSON_TYPES), cap=1_000, deadline=PING_SECONDS)


async def why_hanging(client: HarborClient, failure: Failure) -> Failure:
    """``/health`` timed out: the same failure when core refuses, else one that says where to look.

    Every answer of core begins with a session in Redis, so that a Redis that hangs (rather than refuses) holds up even
    ``/ping``; a database that hangs holds up ``/health`` only once core's pool of connections is used up.
    """
    answer = await ping(client)
    if not isinstance(answer, Failure):
        words = "/ping answers but /health hangs: core most likely waits for its database"
    elif answer.kind is FailureKind.TIMEOUT:
        words = f"{failure.detail}, nor /ping: core hangs, most likely for a Redis that hangs"
    else:
        return failure
    return client.failure(FailureKind.TIMEOUT, words)


async def why_refused(client: HarborClient, clean: Clean) -> str:
    """Words when Harbor can know no account at the moment, "" when there is no such reason for a 401."""
    reply = await client.get("/health", deadline=PING_SECONDS)
    if isinstance(reply, Failure):
        return ""
    try:
        value, _ = decode.health(reply.body, clean)
    except Unreadable:
        return ""
    down = any(each.name == "database" and not each.healthy for each in value.components)
    return "Harbor knows no account while its database is unhealthy" if down else ""
