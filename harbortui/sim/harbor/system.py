"""System information, volumes, statistics, the current user, grantable permissions."""

from __future__ import annotations

from aiohttp import web

from harbortui.sim.harbor.call import Call, Route
from harbortui.sim.harbor.encoding import TEXT, Row, compact, reply, text, when
from harbortui.sim.harbor.errors import ApiError
from harbortui.sim.harbor.grants import grantable

DISK_TOTAL = 62_725_623_808
DISK_FREE = 41_283_547_136


def ping(call: Call) -> web.Response:
    """Needs neither database nor login, on purpose."""
    return text("Pong")


def systeminfo(call: Call) -> web.Response:
    """Anonymous callers see less than authenticated ones: until 2.12 still the version (issues #21152, #22340)."""
    row: Row = {
        "auth_mode": "db_auth",
        "banner_message": call.harbor.settings.get("banner_message", ""),
        "oidc_provider_name": "",
        "primary_auth_mode": False,
        "self_registration": False,
    }
    if call.version < (2, 13, 0):
        row["harbor_version"] = call.harbor.full_version
    if call.who.authenticated:
        row |= {
            "current_time": when(call.harbor.world.now),
            "external_url": call.instance.external_url,
            "harbor_version": call.harbor.full_version,
            "has_ca_root": False,
            "notification_enable": True,
            "project_creation_restriction": "everyone",
            "read_only": call.instance.read_only,
            "registry_storage_provider_name": "s3",
            "registry_url": call.instance.external_url.partition("://")[2],
        }
    return reply(row)


def volumes(call: Call) -> web.Response:
    """The disk under core's /data: nothing to do with the bucket."""
    call.require("system-volumes:read")
    return reply({"storage": [{"free": DISK_FREE, "total": DISK_TOTAL}]})


def statistics(call: Call) -> web.Response:
    """Totals are for system administrators; everybody else, robots too, gets public counts and zeros."""
    call.login_required()
    instance = call.instance
    public = {project.id for project in instance.projects.values() if project.public}
    repositories = list(instance.repositories.values())
    public_repositories = sum(repository.project_id in public for repository in repositories)
    admin = call.who.sysadmin
    return reply(
        {
            "private_project_count": len(instance.projects) - len(public) if admin else 0,
            "private_repo_count": len(repositories) - public_repositories if admin else 0,
            "public_project_count": len(public),
            "public_repo_count": public_repositories,
            "total_project_count": len(instance.projects) if admin else 0,
            "total_repo_count": len(repositories) if admin else 0,
            "total_storage_consumption": instance.total_usage() if admin else 0,
        }
    )


def current_user(call: Call) -> web.Response:
    """200 for a user, 412 for a valid robot, 401 for wrong credentials: the credential probe."""
    call.login_required()
    if call.who.kind == "robot":
        message = "get current user not available for security context: robot"
        raise ApiError("PRECONDITION", message)
    user = call.harbor.accounts.users[call.who.name]
    created = call.harbor.options.start - 86_400.0 * 200
    row: Row = {
        "admin_role_in_auth": False,
        "comment": user.comment,
        "creation_time": when(created),
        "email": user.email,
        "realname": user.realname,
        "sysadmin_flag": user.sysadmin,
        "update_time": when(created),
        "user_id": user.id,
        "username": user.name,
    }
    return reply(compact(row, ("admin_role_in_auth", "sysadmin_flag")))


def permissions(call: Call) -> web.Response:
    """What robots can be granted; for administrators only."""
    call.login_required()
    if not call.who.sysadmin:
        raise ApiError("FORBIDDEN", "forbidden: only admins(system and project) can access permissions")
    system, project = (
        [dict(zip(("resource", "action"), item.split(":"), strict=True)) for item in part]
        for part in grantable(call.version)
    )
    return reply({"project": project, "system": system})


ROUTES = (
    Route("GET", "/ping", ping, produces=TEXT),
    Route("GET", "/systeminfo", systeminfo),
    Route("GET", "/systeminfo/volumes", volumes),
    Route("GET", "/statistics", statistics),
    Route("GET", "/users/current", current_user),
    Route("GET", "/permissions", permissions),
)
