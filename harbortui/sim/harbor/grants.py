"""What accounts may do: permissions as `resource:action`, per version, and the robots' grants.

From goharbor/harbor src/common/rbac/const.go (what a robot can be granted; the "no limit" additions came with 2.12) and
src/common/rbac/project (what everybody may do in a public project).
"""

from __future__ import annotations

Grants = frozenset[str]


def _expand(text: str) -> tuple[str, ...]:
    """ "a:x,y b:z" -> ("a:x", "a:y", "b:z"), in order."""
    found: list[str] = []
    for part in text.split():
        resource, _, actions = part.partition(":")
        found += [f"{resource}:{action}" for action in actions.split(",")]
    return tuple(found)


SYSTEM = _expand(
    "audit-log:list preheat-instance:read,create,delete,list,update project:list,create "
    "replication-policy:read,create,delete,list,update replication:read,create,list replication-adapter:list "
    "registry:read,create,delete,list,update scan-all:read,update,stop,create system-volumes:read "
    "garbage-collection:read,create,list,update,stop purge-audit:read,create,list,update,stop "
    "jobservice-monitor:list,stop scanner:read,create,delete,list,update label:read,create,delete,update "
    "security-hub:read,list catalog:read quota:read,list"
)
SYSTEM_2_12 = _expand(
    "robot:create,read,list,delete user:create,read,update,list,delete ldap-user:create,list quota:update "
    "user-group:create,read,update,list,delete"
)
PROJECT = _expand(
    "log:list project:read,delete,update metadata:read,create,delete,list,update "
    "repository:read,update,delete,list,pull,push artifact:read,create,list,delete scan:create,read,stop "
    "sbom:create,stop,read tag:create,list,delete accessory:list artifact-addition:read artifact-label:create,delete "
    "scanner:create,read preheat-policy:read,create,delete,list,update immutable-tag:create,delete,list,update "
    "notification-policy:read,create,delete,list,update tag-retention:read,create,delete,list,update "
    "label:read,create,delete,list,update quota:read"
)
PROJECT_2_12 = _expand("robot:create,read,list,delete export-cve:create,read member:create,read,update,list,delete")
PUBLIC_PROJECT: Grants = frozenset(
    _expand(
        "project:read label:read,list repository:list,read,pull helm-chart:list,read scan:read scanner:read "
        "artifact:read,list artifact-addition:read tag:list accessory:list"
    )
)

CONSOLE_SYSTEM = _expand(
    "audit-log:list project:list quota:list,read registry:list,read replication-adapter:list "
    "replication-policy:list,read replication:list,read garbage-collection:list,read purge-audit:list,read "
    "jobservice-monitor:list scan-all:read scanner:list,read system-volumes:read security-hub:read,list "
    "robot:list,read catalog:read"
)
CONSOLE_PROJECT = _expand(
    "project:read repository:list,read artifact:list,read tag:list accessory:list artifact-addition:read log:list "
    "metadata:list,read quota:read tag-retention:list,read scan:read immutable-tag:list"
)
OPERATOR_EXTRA = _expand(
    "replication:create garbage-collection:create,update,stop purge-audit:create,stop jobservice-monitor:stop "
    "scan-all:create,stop replication-policy:update registry:update quota:update"
)
PEER_SYSTEM = _expand("project:create,list registry:list")
PEER_PROJECT = _expand(
    "project:read repository:list,read,pull,push artifact:read,create,delete,list tag:create,delete,list "
    "artifact-label:create metadata:read,list"
)


def grantable(version: tuple[int, int, int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(system, project) permissions a robot of that Harbor version can be granted."""
    if version >= (2, 12, 0):
        return SYSTEM + SYSTEM_2_12, PROJECT + PROJECT_2_12
    return SYSTEM, PROJECT


def of_robot(name: str, version: tuple[int, int, int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(system, project) permissions the simulated robot of that name was granted."""
    short = name.removeprefix("robot$")
    system, project = {
        "ops-console": (CONSOLE_SYSTEM, CONSOLE_PROJECT),
        "ops-operator": (CONSOLE_SYSTEM + OPERATOR_EXTRA, CONSOLE_PROJECT),
        "replication": (PEER_SYSTEM, PEER_PROJECT),
    }.get(short, ((), CONSOLE_PROJECT))
    can_system, can_project = grantable(version)
    return tuple(p for p in system if p in can_system), tuple(p for p in project if p in can_project)
