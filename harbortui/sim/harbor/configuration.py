"""GET and PUT /configurations: system administrators only, and open even in read-only mode."""

from __future__ import annotations

from aiohttp import web

from harbortui.sim.harbor.call import Call, Route
from harbortui.sim.harbor.encoding import Row, empty, reply
from harbortui.sim.harbor.errors import ApiError

DEFAULTS: Row = {
    "audit_log_forward_endpoint": "",
    "auth_mode": "db_auth",
    "banner_message": "",
    "notification_enable": True,
    "oidc_name": "",
    "primary_auth_mode": False,
    "project_creation_restriction": "everyone",
    "quota_per_project_enable": True,
    "read_only": False,
    "robot_name_prefix": "robot$",
    "robot_token_duration": 30,
    "scanner_skip_update_pulltime": False,
    "self_registration": False,
    "session_timeout": 60,
    "skip_audit_log_database": False,
    "storage_per_project": -1,
    "token_expiration": 30,
}


def known(version: tuple[int, int, int]) -> Row:
    """The settings of a version with their defaults."""
    extra: Row = {"disabled_audit_log_event_types": ""} if version >= (2, 13, 0) else {}
    return {**DEFAULTS, **extra}


def get_configurations(call: Call) -> web.Response:
    """Every setting as {value, editable}; passwords are never among them."""
    call.require("configuration:read")
    values = {**known(call.version), **call.harbor.settings, "read_only": call.instance.read_only}
    return reply({name: {"editable": True, "value": values[name]} for name in sorted(values)})


def put_configurations(call: Call) -> web.Response:
    """Change some settings; a value of another type is refused."""
    call.require("configuration:update")
    allowed = known(call.version)
    for name, value in call.body.items():
        if name in allowed and type(value) is not type(allowed[name]):
            raise ApiError("BAD_REQUEST", f"the value of configuration item {name} is invalid")
    for name, value in call.body.items():
        if name == "read_only":
            call.instance.set_read_only(bool(value))
        elif name in allowed:
            call.harbor.settings[name] = value
    return empty()


ROUTES = (
    Route("GET", "/configurations", get_configurations),
    Route("PUT", "/configurations", put_configurations),
)
