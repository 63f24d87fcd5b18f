"""Projects, their summaries and repositories."""

from __future__ import annotations

from aiohttp import web

from harbortui.sim.harbor.call import Call, Route
from harbortui.sim.harbor.encoding import Row, compact, empty, reply, when
from harbortui.sim.harbor.errors import invalid, not_found
from harbortui.sim.harbor.query import Keys, listing
from harbortui.sim.harbor.registries import registry_row
from harbortui.sim.world import Project
from harbortui.sim.world.harbor_types import Repository

PROJECT_KEYS: Keys[Project] = {
    "project_id": lambda p: p.id,
    "name": lambda p: p.name,
    "public": lambda p: p.public,
    "owner_id": lambda p: 1,
    "owner": lambda p: "admin",
    "registry_id": lambda p: p.registry_id,
    "creation_time": lambda p: p.created,
    "update_time": lambda p: p.created,
}
REPOSITORY_KEYS: Keys[Repository] = {
    "repository_id": lambda r: r.id,
    "name": lambda r: r.name,
    "project_id": lambda r: r.project_id,
    "pull_count": lambda r: r.pull_count,
    "creation_time": lambda r: r.created,
    "update_time": lambda r: r.updated,
}


def metadata(call: Call, project: Project) -> Row:
    """Project metadata: every value is a string."""
    row: Row = {"public": "true" if project.public else "false"}
    if project.retention_id:
        row["retention_id"] = str(project.retention_id)
    if project.registry_id:
        if call.version >= (2, 12, 0):
            row["proxy_speed_kb"] = "-1"
        if call.version >= (2, 14, 0):
            row["max_upstream_conn"] = "-1"
        if call.version >= (2, 15, 0):
            row["proxy_cache_local_on_not_found"] = "false"
    else:
        row |= {"auto_scan": "false", "prevent_vul": "false", "severity": "low"}
    return row


def repositories_of(call: Call, project: Project) -> list[Repository]:
    """The repositories of a project."""
    return [r for r in call.instance.repositories.values() if r.project_id == project.id]


def project_row(call: Call, project: Project) -> Row:
    """One project as the caller sees it: the roles are those of an administrator, or none."""
    role = 1 if call.who.sysadmin else 0
    allowlist: Row = {
        "creation_time": when(0.0),
        "id": project.id,
        "items": [],
        "project_id": project.id,
        "update_time": when(0.0),
    }
    row: Row = {
        "creation_time": when(project.created),
        "current_user_role_id": role,
        "current_user_role_ids": [role] if role else None,
        "cve_allowlist": allowlist,
        "metadata": metadata(call, project),
        "name": project.name,
        "owner_id": 1,
        "owner_name": "admin",
        "project_id": project.id,
        "registry_id": project.registry_id,
        "repo_count": len(repositories_of(call, project)),
        "update_time": when(project.created),
    }
    return compact(row, ("repo_count", "current_user_role_ids"))


def visible(call: Call) -> list[Project]:
    """Administrators and robots that may list see all, everybody else the public ones."""
    everything = call.who.may("project:list") or bool(call.who.project)
    return [p for p in call.instance.projects.values() if everything or p.public]


def list_projects(call: Call) -> web.Response:
    """Anonymous callers get the public projects."""
    found = visible(call)
    name, owner, public = (call.request.query.get(key) for key in ("name", "owner", "public"))
    if name:
        found = [p for p in found if name.lower() in p.name.lower()]
    if owner:
        found = [p for p in found if owner == "admin"]
    if public is not None:
        if public.lower() not in ("true", "false"):
            raise invalid(f'public in query must be of type bool: "{public}"')
        found = [p for p in found if p.public is (public.lower() == "true")]
    return listing(call.request, found, lambda p: project_row(call, p), PROJECT_KEYS, "name")


def head_project(call: Call) -> web.Response:
    """Does a project of that name exist?"""
    call.login_required()
    name = call.request.query.get("project_name", "")
    if not name:
        raise invalid("project_name in query is required")
    if call.instance.project(name) is None:
        raise not_found(f"project {name}")
    return empty()


def get_project(call: Call) -> web.Response:
    """By name, or by id when it is digits."""
    return reply(project_row(call, call.project("project:read")))


def project_summary(call: Call) -> web.Response:
    """Counts, the quota for who may read it, the upstream of a proxy cache."""
    project = call.project("project:read")
    row: Row = {"repo_count": len(repositories_of(call, project))}
    if call.who.may_in(project, "quota:read"):
        used = call.instance.project_usage(project.id)
        row["quota"] = {"hard": {"storage": project.quota_hard}, "used": {"storage": used}}
    if call.who.may_in(project, "member:list"):
        row["project_admin_count"] = 1
    upstream = call.instance.registries.get(project.registry_id)
    if upstream is not None:
        row["registry"] = registry_row(upstream)
    return reply(row)


def repository_row(repository: Repository) -> Row:
    """One repository; the counts are always present."""
    row: Row = {
        "artifact_count": len(repository.artifacts),
        "creation_time": when(repository.created),
        "id": repository.id,
        "name": repository.name,
        "project_id": repository.project_id,
        "pull_count": repository.pull_count,
        "update_time": when(repository.updated),
    }
    return compact(row, ("artifact_count", "pull_count"))


def all_repositories(call: Call) -> web.Response:
    """The repositories of all projects the caller sees."""
    seen = {project.id for project in visible(call)}
    found = [r for r in call.instance.repositories.values() if r.project_id in seen]
    return listing(call.request, found, repository_row, REPOSITORY_KEYS, "-creation_time")


def project_repositories(call: Call) -> web.Response:
    """The repositories of one project."""
    project = call.project("repository:list", by_id=False)
    found = repositories_of(call, project)
    return listing(call.request, found, repository_row, REPOSITORY_KEYS, "-creation_time")


def get_repository(call: Call) -> web.Response:
    """One repository by its doubly encoded name."""
    project = call.project("repository:read", by_id=False)
    name = call.repository_name(project)
    found = call.instance.repository(name)
    if found is None:
        raise not_found(f"repository {name}")
    return reply(repository_row(found))


ROUTES = (
    Route("GET", "/projects", list_projects),
    Route("HEAD", "/projects", head_project),
    Route("GET", "/projects/{project}", get_project),
    Route("GET", "/projects/{project}/summary", project_summary),
    Route("GET", "/repositories", all_repositories),
    Route("GET", "/projects/{project}/repositories", project_repositories),
    Route("GET", "/projects/{project}/repositories/{repository}", get_repository),
)
