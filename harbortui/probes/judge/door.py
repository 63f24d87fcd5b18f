"""Reachable or not: name, port, TLS with its chain, HTTP, clocks."""

from __future__ import annotations

from collections.abc import Iterator

from harbortui.config.settings import Tls
from harbortui.model.failure import FailureKind
from harbortui.model.reached import Certificate, Reached
from harbortui.probes.judge.common import SOON, ends, span
from harbortui.probes.learned import Door, Learned
from harbortui.probes.result import Check, Level

SLOW = 2.0
"""Seconds from which on the time is worth telling; below, it is mostly our own."""
LOOPBACK = ("127.", "::1")

_HINTS = {
    "name": "check the name, and this machine's resolver",
    "port": "check the port, and what stands between this machine and it",
    "tls": "give the authority's certificate as tls.ca_file",
    "http": "something else than the expected service may answer at this address",
}


_HANGS = "connections are taken but not answered: the server hangs, or something in between swallows the answer"


def judge(door: Door, learned: Learned, *, skew_limit: float) -> list[Check]:
    """The checks of one address."""
    found = learned.reached.get(door)
    if found is None:
        text = f"not reached within {learned.timeout:g} s"
        return [Check(id="reachable", level=Level.MISSING, text=text, hint="try a longer --timeout")]
    if found.failure is not None:
        return [_unreachable(found, learned.at), *_chain(found, learned.at, door.tls)]
    return [_reachable(found), *_chain(found, learned.at, door.tls), *_clock(found, skew_limit), *_plain(door, found)]


def _reachable(found: Reached) -> Check:
    way = f"through the proxy {found.proxy}" if found.proxy else f"at {found.connected}"
    tls = f", {found.tls_version.replace('TLSv', 'TLS ')}" if found.tls_version else ""
    slow = f", answered only after {found.seconds:.1f} s" if found.seconds >= SLOW else ""
    return Check(id="reachable", level=Level.OK, text=f"reachable {way}{tls}{slow}")


def _unreachable(found: Reached, now: float) -> Check:
    assert found.failure is not None
    where = {
        "name": "the name",
        "port": f"the port at {', '.join(found.addresses[:3]) or 'no address'}",
        "tls": "TLS",
        "http": "the answer",
    }
    text = f"not reachable: {where.get(found.failed_at, 'it')}: {found.failure.detail}"
    hint = _HINTS.get(found.failed_at, "")
    if found.failed_at == "http" and found.failure.kind is FailureKind.TIMEOUT:
        hint = _HANGS
    elif found.chain and found.chain[0].not_after is not None and found.chain[0].not_after < now:
        hint = "renew its certificate"
    elif found.failed_at == "tls" and "mismatch" in found.failure.detail:
        hint = "use a name that the certificate holds, or give it as tls.server_name"
    return Check(id="reachable", level=Level.MISSING, text=text, hint=hint)


def _chain(found: Reached, now: float, tls: Tls) -> Iterator[Check]:
    if not found.chain:
        return
    own = found.chain[0]
    words = "TLS certificate" if found.verified else "the certificate it shows (not believed)"
    left = None if own.not_after is None else own.not_after - now
    level = Level.OK if left is None or left > SOON else Level.WARNING
    # A refused chain is told about where it was refused.
    level = level if found.failure is None else Level.NOTE
    hint = "renew it" if level is Level.WARNING else ""
    yield Check(id="tls-certificate", level=level, text=f"{words}: {_described(own, left)}", hint=hint)
    above = found.chain[1:]
    if above:
        known = [each.not_after - now for each in above if each.not_after is not None]
        first = f"; the first of them {ends(min(known))}" if known else ""
        names = " <- ".join(each.subject for each in above)
        yield Check(id="tls-chain", level=Level.OK, text=f"chain: {names}{first}")
    for each in above:
        if each.not_after is not None and each.not_after - now <= SOON and found.failure is None:
            text = f"an authority in the chain ends soon: {_described(each, each.not_after - now)}"
            yield Check(id="tls-chain-expiry", level=Level.WARNING, text=text, hint="renew it")
    if found.failure is None and not tls.verify:
        hint = "give tls.ca_file in place of verify = false"
        text = "certificates are not verified here, as the configuration says"
        yield Check(id="tls-unverified", level=Level.WARNING, text=text, hint=hint)


def _described(certificate: Certificate, left: float | None) -> str:
    until = "" if left is None else f", {ends(left)}"
    names = f" ({', '.join(certificate.names[:3])})" if certificate.names else ""
    return f"{certificate.subject}{names}, issued by {certificate.issuer}{until}"


def _clock(found: Reached, limit: float) -> Iterator[Check]:
    if found.clock_skew is None:
        yield Check(id="clock", level=Level.NOTE, text="its clock cannot be told: the answer has no date")
    elif abs(found.clock_skew) >= limit:
        off = abs(found.clock_skew)
        by = f"{off:.0f} s" if off < 120 else span(off)
        text = f"its clock is {by} {'ahead of' if found.clock_skew > 0 else 'behind'} ours"
        hint = "check time synchronisation on both: tokens and signatures depend on it"
        yield Check(id="clock", level=Level.WARNING, text=text, hint=hint)
    else:
        yield Check(id="clock", level=Level.OK, text="clocks agree")


def _plain(door: Door, found: Reached) -> Iterator[Check]:
    local = found.connected.startswith(LOOPBACK)
    if door.url.startswith("http://") and not local:
        text = "http: credentials and answers can be read on the way"
        yield Check(id="no-tls", level=Level.NOTE, text=text, hint="use https where the network is not all yours")
