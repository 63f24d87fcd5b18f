"""What Nomad lets us see and do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum

from harbortui.config.settings import NomadSettings
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.jobfacts import TokenFacts
from harbortui.probes.grants.nomad import FINE_GRAINED, capabilities, version_of
from harbortui.probes.judge.common import DAY, ends, listed, refused, right_missing, unread
from harbortui.probes.learned import Learned, of_nomad
from harbortui.probes.nomad_rights import READ, Granted, granted_by
from harbortui.probes.result import Check, Level, Role
from harbortui.sources.answer import Ok

DANGEROUS: dict[str, str] = {
    "submit-job": "run any program on any node",
    "alloc-exec": "open a shell inside containers",
    "alloc-node-exec": "open a shell on the nodes",
    "read-fs": "read files of allocations, their secrets included",
    "alloc-lifecycle": "restart and stop allocations",
    "dispatch-job": "start parameterised jobs",
    "deregister-job": "stop jobs",
    "revert-job": "revert jobs",
    "scale-job": "change the count of a job",
    "sentinel-override": "override Sentinel",
    "csi-write-volume": "change volumes",
    "host-volume-create": "create volumes",
    "host-volume-write": "change volumes",
}
"""Capabilities that a token may have too much, and what they mean."""


class Kind(Enum):
    """What our token is."""

    OPEN = "open"
    """Nomad has no ACLs: everybody may do everything."""
    MANAGEMENT = "management"
    CLIENT = "client"
    UNKNOWN = "unknown"


def kind_of(learned: Learned, nomad: NomadSettings) -> Kind:
    """What our token is at this address."""
    answer = learned.answer(of_nomad(nomad), "token")
    if isinstance(answer, Failure):
        return Kind.OPEN if answer.kind is FailureKind.CONFLICT else Kind.UNKNOWN
    token: TokenFacts = answer.value
    if token.accessor == "acls-disabled":
        return Kind.OPEN
    return Kind.MANAGEMENT if token.type == "management" else Kind.CLIENT


def granted(learned: Learned, nomad: NomadSettings) -> Granted | None:
    """What the token's policies add up to; None when they cannot be read."""
    answer = learned.answer(of_nomad(nomad), "policies")
    if isinstance(answer, Failure):
        return None
    found = granted_by(answer.value)
    found.understood = found.understood and not answer.lost_rows
    return found


def may(learned: Learned, nomad: NomadSettings, right: str) -> bool | None:
    """Whether a right is there; None when it cannot be told."""
    kind = kind_of(learned, nomad)
    if kind in (Kind.OPEN, Kind.MANAGEMENT):
        return True
    rules = granted(learned, nomad) if kind is Kind.CLIENT else None
    if rules is None:
        return None
    if right == "submit-job" and fine_grained(learned, nomad):
        has = all(rules.may(each, nomad.namespace) for each in ("deregister-job", "revert-job"))
        return True if has or rules.may(right, nomad.namespace) else (False if rules.understood else None)
    if rules.may(right, nomad.namespace):
        return True
    return False if rules.understood else None


def version(learned: Learned, nomad: NomadSettings) -> tuple[int, ...] | None:
    """The oldest version among the nodes."""
    nodes = learned.value(of_nomad(nomad), "nodes") or ()
    return version_of([node.version for node in nodes]) if nodes else None


def fine_grained(learned: Learned, nomad: NomadSettings) -> bool:
    """Whether stopping and reverting a job are capabilities of their own there."""
    found = version(learned, nomad)
    return found is not None and found >= FINE_GRAINED


def judge(learned: Learned, nomad: NomadSettings, namespaces: Sequence[str], role: Role) -> list[Check]:
    """The checks of one address beyond reachability."""
    subject = of_nomad(nomad)
    given = learned.answer(subject, "credentials")
    if isinstance(given, Failure):
        return [unread("the token", given)]
    answer = learned.answer(subject, "token")
    kind = kind_of(learned, nomad)
    if kind is Kind.OPEN:
        text = "this Nomad has no ACLs: whoever reaches it may do everything"
        hint = "nomad acl bootstrap, after acl { enabled = true }"
        return [Check(id="nomad-open", level=Level.WARNING, text=text, hint=hint), *_nodes(learned, subject)]
    if isinstance(answer, Failure) and not refused(answer):
        return [Check(id="not-seen", level=Level.MISSING, text=f"what the token is: {answer.detail}")]
    if isinstance(answer, Failure):
        anonymous = "" if given.value else " (no token is given)"
        text = f"the token: {answer.detail}{anonymous}"
        if answer.kind is FailureKind.FORBIDDEN and given.value:
            text = "Nomad refuses the token: it has expired, was deleted, or belongs to another cluster"
        return [Check(id="nomad-token", level=Level.MISSING, text=text, hint="nomad acl token create …, see the grant")]
    nodes = learned.answer(subject, "nodes")
    if not given.value and isinstance(nodes, Failure) and nodes.kind is FailureKind.FORBIDDEN:
        text = "no token is given, and anonymous callers may see next to nothing"
        return [Check(id="nomad-token", level=Level.MISSING, text=text, hint="[nomad] token = { … }, see the grant")]
    checks = [*_token(answer.value, bool(given.value), learned.at), *_nodes(learned, subject)]
    if kind is Kind.MANAGEMENT:
        text = "this is a management token: it may do everything in Nomad"
        hint = f"use a token of the policy harbortui-{role.value} below"
        return [*checks, Check(id="nomad-management", level=Level.WARNING, text=text, hint=hint)]
    return [*checks, *_policies(learned, nomad, namespaces, role)]


def _token(token: TokenFacts, given: bool, now: float) -> Iterator[Check]:
    if not given or token.accessor == "anonymous":
        text = "no token: Nomad takes us for anonymous"
        yield Check(id="nomad-token", level=Level.NOTE, text=text, hint="[nomad] token = { … }")
        return
    until = "" if token.expires_at is None else f"; {ends(token.expires_at - now)}"
    held = "" if token.type == "management" else f"; policies {listed(token.policies) or 'none of its own'}"
    roles = f"; roles {listed(token.roles)}" if token.roles else ""
    text = f"token {token.name or token.accessor} accepted{held}{roles}{until}"
    soon = token.expires_at is not None and token.expires_at - now < DAY
    hint = "nomad acl token create …, before it ends" if soon else ""
    yield Check(id="nomad-token", level=Level.WARNING if soon else Level.OK, text=text, hint=hint)


def _nodes(learned: Learned, subject: str) -> Iterator[Check]:
    answer = learned.answer(subject, "nodes")
    missing = right_missing(answer, "nodes", "node:read")
    if missing is not None:
        yield missing
    elif isinstance(answer, Ok):
        count = len(answer.value)
        yield Check(id="nodes", level=Level.OK, text=f"{count} {'node' if count == 1 else 'nodes'} visible")


def _policies(learned: Learned, nomad: NomadSettings, namespaces: Sequence[str], role: Role) -> Iterator[Check]:
    rules = granted(learned, nomad)
    if rules is None:
        text = "what the token may change cannot be told: its policies cannot be read"
        yield Check(id="rights-untold", level=Level.NOTE, text=text)
        return
    if not rules.understood:
        yield Check(id="rights-untold", level=Level.NOTE, text="one of the token's policies could not be understood")
    for namespace in namespaces:
        if found := lacking(learned, nomad, namespace, role):
            text = f"namespace {namespace}: the token lacks {listed(found)}"
            yield Check(id="right-missing", level=Level.MISSING, text=text, needs=", ".join(found))
    yield from _too_much(rules, role, version(learned, nomad))


def lacking(learned: Learned, nomad: NomadSettings, namespace: str, role: Role) -> tuple[str, ...]:
    """What the token is known to lack of the role's capabilities in a namespace."""
    rules = granted(learned, nomad) if kind_of(learned, nomad) is Kind.CLIENT else None
    if rules is None or not rules.understood:
        return ()
    wanted = capabilities(role, version(learned, nomad))
    return tuple(each for each in wanted if not _has(rules, each, namespace))


def _has(rules: Granted, right: str, namespace: str) -> bool:
    """``submit-job`` holds the fine-grained rights too."""
    fine = right in ("deregister-job", "revert-job")
    return rules.may(right, namespace) or (fine and rules.may("submit-job", namespace))


def _too_much(rules: Granted, role: Role, at: tuple[int, ...] | None) -> Iterator[Check]:
    """``at``: from which version on submit-job is more than any role needs; the finer rights never are."""
    allowed = READ | set(capabilities(role, at)) | set(capabilities(role, FINE_GRAINED))
    beyond: dict[str, list[str]] = {}
    for pattern, held in rules.namespaces.items():
        for right in sorted(held - allowed - {"deny"}):
            beyond.setdefault(right, []).append(pattern)
    named = [right for right in beyond if right in DANGEROUS]
    for right in named:
        text = f"the token may {DANGEROUS[right]} ({right} in {listed(beyond[right])})"
        hint = f"the role {role.value} does not need it"
        yield Check(id="right-too-many", level=Level.WARNING, text=text, hint=hint)
    rest = [right for right in beyond if right not in DANGEROUS]
    if rest:
        yield Check(id="right-unneeded", level=Level.NOTE, text=f"the token may also {listed(rest)}")
    if rules.variables:
        text = f"the token opens Nomad variables, which hold secrets, in {listed(sorted(rules.variables))}"
        yield Check(id="right-too-many", level=Level.WARNING, text=text)
    wide = [kind for kind, level in rules.wide.items() if level == "write"]
    if wide:
        text = f"the token may write {listed(wide)}: drain nodes, change the cluster"
        yield Check(id="right-too-many", level=Level.WARNING, text=text, hint='node { policy = "read" } is enough')
    if not (named or rules.variables or wide):
        yield Check(
            id="rights-least", level=Level.OK, text=f"its policies allow no more than the role {role.value} may"
        )
