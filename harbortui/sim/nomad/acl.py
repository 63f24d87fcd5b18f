"""Tokens and what they may do (hashicorp/nomad acl/policy.go)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from harbortui.sim.nomad.encoding import Json, derived_uuid, rfc3339
from harbortui.sim.nomad.errors import Refused
from harbortui.sim.secrets import PlantedSecrets
from harbortui.sim.world.options import NAMESPACE

READ_CAPABILITIES = frozenset(
    {
        "list-jobs",
        "parse-job",
        "read-job",
        "csi-list-volume",
        "csi-read-volume",
        "host-volume-read",
        "read-job-scaling",
        "list-scaling-policies",
        "read-scaling-policy",
    }
)
"""What `policy = "read"` means; read-logs, read-fs and alloc-lifecycle are not in it."""

DEPLOY_CAPABILITIES = frozenset({"submit-job", "dispatch-job", "scale-job"})
MANAGEMENT_POLICY = "management"
EXPIRED = "ACL token expired"


@dataclass(frozen=True, slots=True)
class Token:
    """One token with what its policies add up to. `capabilities` hold in the default namespace only."""

    secret: str
    accessor: str
    name: str
    type: Literal["client", "management"]
    policies: tuple[str, ...]
    capabilities: frozenset[str]
    node: Literal["", "read", "write"] = ""
    expired: bool = False

    @property
    def management(self) -> bool:
        """True when every check passes."""
        return self.type == "management"

    def may(self, capability: str, namespace: str) -> bool:
        """True when the namespace capability is granted; `*` asks for any namespace."""
        return self.management or (namespace in (NAMESPACE, "*") and capability in self.capabilities)

    def may_node(self, write: bool = False) -> bool:
        """True when nodes may be read (or written)."""
        return self.management or self.node == "write" or (self.node == "read" and not write)


def _rules(*capabilities: str) -> str:
    listed = ", ".join(f'"{name}"' for name in capabilities)
    extra = f"  capabilities = [{listed}]\n" if capabilities else ""
    return f'namespace "default" {{\n  policy = "read"\n{extra}}}\nnode {{\n  policy = "read"\n}}\n'


_RULES: dict[str, str] = {
    "harbor-read": _rules("read-logs"),
    "harbor-read-nologs": _rules(),
    "harbor-operate": _rules("read-logs", "alloc-lifecycle"),
    "harbor-deploy": _rules("read-logs", "submit-job", "dispatch-job", "scale-job"),
}


def _parsed(rules: str) -> Json:
    """The rules as Nomad repeats them, with the capabilities that `policy = "read"` stands for."""
    listed = re.findall(r'"([a-z-]+-[a-z-]+)"', rules)
    namespace = {
        "Name": NAMESPACE,
        "Policy": "read",
        "Capabilities": [*listed, *sorted(READ_CAPABILITIES)],
        "Variables": None,
    }
    none = ("NodePools", "HostVolumes", "Agent", "Operator", "Quota", "Plugin")
    return {"Namespaces": [namespace], "Node": {"Policy": "read"}, "Raw": rules, **dict.fromkeys(none)}


class Acl:
    """The cluster's tokens; with ACLs off everything is allowed."""

    def __init__(self, enabled: bool, seed: int, secrets: PlantedSecrets, created: float) -> None:
        self.enabled = enabled
        self._created = created
        logs = READ_CAPABILITIES | {"read-logs"}
        rows: tuple[tuple[str, str, str, frozenset[str]], ...] = (
            (secrets.nomad_read_token, "console-read", "harbor-read", logs),
            (secrets.nomad_nologs_token, "console-read-nologs", "harbor-read-nologs", READ_CAPABILITIES),
            (secrets.nomad_operator_token, "console-operate", "harbor-operate", logs | {"alloc-lifecycle"}),
            (secrets.nomad_deployer_token, "deployer", "harbor-deploy", logs | DEPLOY_CAPABILITIES),
            (secrets.nomad_expired_token, "console-expired", "harbor-read", logs),
        )
        tokens = [
            Token(
                secret,
                derived_uuid(seed, "accessor", name),
                name,
                "client",
                (policy,),
                granted,
                "read",
                "expired" in name,
            )
            for secret, name, policy, granted in rows
        ]
        tokens.append(
            Token(
                secrets.nomad_token,
                derived_uuid(seed, "accessor", "bootstrap"),
                "Bootstrap Token",
                "management",
                (),
                frozenset(),
            )
        )
        self.tokens = {token.secret: token for token in tokens}
        self._anonymous = Token("", "anonymous", "Anonymous Token", "client", ("anonymous",), frozenset())
        self._open = Token("", "acls-disabled", "ACLs disabled token", "management", (), frozenset())

    def resolve(self, secret: str) -> Token:
        """The token of a secret. Raises Refused for an unknown or expired one."""
        if not self.enabled:
            return self._open
        if not secret:
            return self._anonymous
        token = self.tokens.get(secret)
        if token is None:
            raise Refused(403, "ACL token not found")
        if token.expired:
            raise Refused(500, EXPIRED)
        return token

    def describe(self, token: Token, with_secret: bool = True) -> Json:
        """The token as /acl/token/self writes it."""
        answer: Json = {
            "AccessorID": token.accessor,
            "SecretID": token.secret,
            "Name": token.name,
            "Type": token.type,
            "Policies": list(token.policies) or None,
            "Roles": None,
            "Global": token.management,
            "Hash": "",
            "CreateTime": rfc3339(self._created),
            "ExpirationTTL": "",
            "ExpirationTime": None,
            "CreateIndex": 7,
            "ModifyIndex": 7,
        }
        if not with_secret:
            del answer["SecretID"]
        return answer

    def policy(self, token: Token, name: str) -> Json:
        """A policy with its rules; a client token sees those attached to it only (403 else)."""
        if not token.management and name not in token.policies:
            raise Refused(403, "Permission denied")
        if name not in _RULES:
            raise Refused(404, "ACL policy not found")
        return {
            "Name": name,
            "Description": "",
            "Rules": _RULES[name],
            "RulesJSON": _parsed(_RULES[name]),
            "JobACL": None,
            "Hash": "",
            "CreateIndex": 6,
            "ModifyIndex": 6,
        }

    def policies(self, token: Token) -> list[Json]:
        """The policies a token may list."""
        names = _RULES if token.management else [name for name in token.policies if name in _RULES]
        return [{"Name": n, "Description": "", "Hash": "", "CreateIndex": 6, "ModifyIndex": 6} for n in names]
