"""What the rules of Nomad policies add up to (hashicorp/nomad acl/policy.go, acl/acl.go)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from harbortui.model.jobfacts import PolicyText
from harbortui.probes.hcl import Block, NotUnderstood, parse

READ = frozenset(
    """list-jobs parse-job read-job csi-list-volume csi-read-volume host-volume-read read-job-scaling
    list-scaling-policies read-scaling-policy""".split()  # noqa: SIM905 - a list literal would take a screen
)
"""``policy = "read"``; neither read-logs nor alloc-lifecycle is in it."""
WRITE = READ | frozenset(
    """scale-job submit-job dispatch-job read-logs read-fs alloc-exec alloc-lifecycle csi-mount-volume csi-write-volume
    submit-recommendation host-volume-create""".split()  # noqa: SIM905 - as above
)
"""``policy = "write"``."""
SCALE = frozenset({"list-scaling-policies", "read-scaling-policy", "read-job-scaling", "scale-job"})
_POLICIES = {"read": READ, "write": WRITE, "scale": SCALE, "deny": frozenset({"deny"})}
_WIDE = ("node", "agent", "operator", "quota", "plugin")


@dataclass(slots=True)
class Granted:
    """Capabilities by namespace pattern, and the policies of what has no namespace."""

    namespaces: dict[str, frozenset[str]] = field(default_factory=dict)
    variables: frozenset[str] = frozenset()
    """Namespace patterns in which variables, which hold secrets, are opened."""
    wide: dict[str, str] = field(default_factory=dict)
    """``node``, ``agent`` ... with ``read``, ``write`` or ``deny``."""
    understood: bool = True
    """False when a policy could not be read, so that a missing right may be there after all."""

    def may(self, right: str, namespace: str) -> bool:
        """Whether a capability (``read-logs``) or ``node:read`` is granted."""
        kind, colon, wanted = right.partition(":")
        if colon:
            return self.wide.get(kind, "") in (("read", "write") if wanted == "read" else ("write",))
        granted = self.namespaces.get(self._nearest(namespace) or "", frozenset())
        return right in granted and "deny" not in granted

    def _nearest(self, namespace: str) -> str | None:
        """The exact pattern, else the one that leaves least to its stars."""
        if namespace in self.namespaces:
            return namespace
        fitting = [pattern for pattern in self.namespaces if _fits(pattern, namespace)]
        return min(fitting, key=lambda pattern: (len(namespace) - len(pattern.replace("*", "")), pattern), default=None)


def granted_by(policies: Iterable[PolicyText]) -> Granted:
    """What these policies allow together."""
    found = Granted()
    for policy in policies:
        try:
            _add(found, parse(policy.rules))
        except NotUnderstood:
            found.understood = False
    return found


def _add(found: Granted, rules: Block) -> None:
    for block in rules.of("namespace"):
        # Without a name of its own, HCL means the default namespace.
        label = block.label or "default"
        own = _POLICIES.get(block.texts.get("policy", ""), frozenset()) | frozenset(block.lists.get("capabilities", ()))
        found.namespaces[label] = found.namespaces.get(label, frozenset()) | own
        if any(block.of("variables")):
            found.variables |= {label}
    for kind in _WIDE:
        for block in rules.of(kind):
            level = block.texts.get("policy", "")
            if found.wide.get(kind) != "deny" and (level == "deny" or _rank(level) > _rank(found.wide.get(kind, ""))):
                found.wide[kind] = level


def _rank(level: str) -> int:
    return {"list": 1, "read": 2, "write": 3}.get(level, 0)


def _fits(pattern: str, name: str) -> bool:
    return "*" in pattern and re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name) is not None
