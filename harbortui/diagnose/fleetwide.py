"""Rules about what the whole fleet stands on: Vault, nodes, this host's clock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harbortui.diagnose.clocks import our_clock_is_off
from harbortui.diagnose.limits import Limits
from harbortui.diagnose.view import failure_words, known, seconds
from harbortui.model.facet import Facet
from harbortui.model.failure import UNREACHABLE, Failure
from harbortui.model.finding import Finding, State
from harbortui.model.snapshot import Snapshot
from harbortui.model.vault import VaultState

TOKEN_SOON = 3600.0
"""Seconds of life left from which on a token that cannot be renewed is worth a word."""


def vault_rules(snapshot: Snapshot, limits: Limits, now: float) -> Iterator[Finding]:
    """Vault sealed or not answering, our token of no use, unknown or about to end."""
    facet = snapshot.vault
    if facet.failure is not None:
        silent = facet.failure.kind in UNREACHABLE
        title = "Vault cannot be reached" if silent else "Vault does not tell its state"
        yield _finding("vault-unreachable", State.UNKNOWN, "Vault", title, failure_words(facet), since=facet.failure.at)
    vault = known(facet, now)
    if vault is None:
        return
    if not vault.initialized:
        yield _finding("vault-sealed", State.CRITICAL, "Vault", "Vault is not initialised")
    elif vault.sealed:
        yield _finding("vault-sealed", State.CRITICAL, "Vault", "Vault is sealed: no secret can be read")
    elif vault.removed:
        title = "this Vault node was removed from its cluster: another address is needed"
        yield _finding("vault-unreachable", State.UNKNOWN, "Vault", title)
    elif vault.token_failure:
        title = "our Vault token is of no use"
        yield _finding("vault-token", State.UNKNOWN, "Vault", title, vault.token_failure)
    else:
        yield from _token_rules(vault)


def _token_rules(vault: VaultState) -> Iterator[Finding]:
    if vault.token_unknown:
        title = "Vault answers, but not about our token"
        yield _finding("vault-token", State.UNKNOWN, "Vault", title, vault.token_unknown)
    if vault.token_ttl is not None and vault.token_ttl < TOKEN_SOON and not vault.token_renewable:
        title = "our Vault token ends within the hour and cannot be renewed"
        yield _finding("vault-token", State.WARNING, "Vault", title)
    if vault.token_uses is not None:
        title = "our Vault token is good for a counted number of requests, and each look takes one"
        yield _finding("vault-token", State.WARNING, "Vault", title)
    if vault.token_blind:
        title = "our Vault token may not look itself up, so its end cannot be foreseen"
        reason = "it lacks Vault's policy default, or it is a wrapping token, which has to be unwrapped first"
        yield _finding("vault-token", State.OK, "Vault", title, reason)


def secret_rules(snapshot: Snapshot, limits: Limits, now: float) -> Iterator[Finding]:
    """Vault paths that should have brought credentials and did not, unless Vault or our token explain all of them."""
    vault = known(snapshot.vault, now)
    if snapshot.vault.failure is not None:
        return
    if vault is not None and (vault.sealed or vault.removed or vault.token_failure or not vault.initialized):
        return
    failures = {failure.detail: failure for failure in _failures(snapshot) if failure.secret}
    for detail, failure in sorted(failures.items()):
        needs = f"the policy of our token lacks: {failure.needs}" if failure.needs else ""
        yield _finding("vault-secret", State.UNKNOWN, "Vault", detail, needs)


def _failures(snapshot: Snapshot) -> Iterator[Failure]:
    shared: list[Facet[Any]] = [*snapshot.nodes.values(), *snapshot.stores.values()]
    yield from (facet.failure for facet in shared if facet.failure is not None)
    for instance in snapshot.instances:
        for name in instance.__struct_fields__:
            facet = getattr(instance, name)
            if isinstance(facet, Facet) and facet.failure is not None:
                yield facet.failure


def node_rules(snapshot: Snapshot, limits: Limits, now: float) -> Iterator[Finding]:
    """Nodes that are down, wherever the instances run."""
    for address in sorted(snapshot.nodes):
        for node in known(snapshot.nodes[address], now) or ():
            if node.status in ("down", "disconnected"):
                title = f"Nomad node {node.name} is {node.status}"
                yield _finding("fleet-node-down", State.WARNING, node.name, title)


def clock_rules(snapshot: Snapshot, limits: Limits, now: float) -> Iterator[Finding]:
    """This host's clock against everybody else's."""
    skew = our_clock_is_off(snapshot, limits, now)
    if skew is not None:
        side = "behind" if skew > 0 else "ahead of"
        title = f"this host's clock is {seconds(abs(skew))} {side} all servers'"
        yield _finding("clock-here", State.WARNING, "this host", title)


def _finding(
    rule: str, state: State, subject: str, title: str, evidence: str = "", *, since: float | None = None
) -> Finding:
    lines = (evidence,) if evidence else ()
    return Finding(
        rule=rule, state=state, instance="", subject=subject, title=title, evidence=lines, since=since or None
    )
