"""Accounts of one simulated Harbor and the check of credentials.

Wrong credentials are no 401 by themselves: the request goes on as anonymous. A failed login costs 1.5 s and locks the
name for as long, during which even the right password is anonymous (goharbor/harbor src/core/auth/authenticator.go).
A robot's wrong secret takes the same way, because basic authentication is tried after the robot's.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from harbortui.sim.harbor.grants import PUBLIC_PROJECT, Grants, of_robot
from harbortui.sim.world import Instance, Project, Robot

VIEWER = "viewer"
OPERATOR_ROBOT = "robot$ops-operator"
LOGIN_DELAY = 1.5


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. Permissions are `resource:action`; those of a robot's projects hold for every project."""

    name: str = ""
    kind: Literal["anonymous", "user", "robot"] = "anonymous"
    sysadmin: bool = False
    user_id: int = 0
    system: Grants = frozenset()
    project: Grants = frozenset()

    @property
    def authenticated(self) -> bool:
        """True for users and robots."""
        return self.kind != "anonymous"

    def may(self, permission: str) -> bool:
        """System scope."""
        return self.sysadmin or permission in self.system

    def may_in(self, project: Project | None, permission: str) -> bool:
        """Project scope; a project that does not exist is nobody's but the administrators'."""
        if self.sysadmin or project is None:
            return self.sysadmin
        return permission in self.project or (project.public and permission in PUBLIC_PROJECT)


ANONYMOUS = Principal()


@dataclass(frozen=True, slots=True)
class User:
    """A database user; `password` is planted."""

    id: int
    name: str
    password: str
    sysadmin: bool
    email: str
    realname: str
    comment: str


class Accounts:
    """Users and robots of an instance, and the lock after failed logins.

    `login_delay` is what a failed login costs in real seconds; `clock` gives real seconds for the lock.
    """

    def __init__(
        self, instance: Instance, login_delay: float = LOGIN_DELAY, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._instance = instance
        self._delay = login_delay
        self._clock = clock
        self._locked: dict[str, float] = {}
        secrets, options = instance.world.secrets, instance.world.options
        self.version = options.version_tuple
        console = secrets.console_password
        users = [
            User(1, "admin", secrets.admin_password, True, "admin@example.com", "system admin", "admin user"),
            User(4, VIEWER, console, False, "viewer@example.com", "Viewer", ""),
        ]
        self.users: dict[str, User] = {user.name: user for user in users}
        self._robot_secrets = {"robot$ops-console": console, OPERATOR_ROBOT: console}

    @property
    def robots(self) -> list[Robot]:
        """The system robots: the world's, and the operator's."""
        robots = list(self._instance.robots)
        if all(robot.name != OPERATOR_ROBOT for robot in robots):
            number = max((robot.id for robot in robots), default=0) + 1
            created = self._instance.world.options.start - 86_400.0 * self._instance.world.options.history_days
            robots.append(Robot(number, OPERATOR_ROBOT, created, "actions of the operations console"))
        return robots

    async def identify(self, authorization: str) -> Principal:
        """The account an Authorization header proves, or anonymous; may take `login_delay` seconds.

        Without its database core finds no account: everybody is anonymous, at once.
        """
        name, secret = basic(authorization)
        if not name or not self._instance.component_up("database"):
            return ANONYMOUS
        robot = next((r for r in self.robots if r.name == name), None)
        if robot is not None and self._robot_valid(robot, secret):
            return self.of_robot(robot)
        return await self._login(name, secret)

    def of_robot(self, robot: Robot) -> Principal:
        """The principal of a robot."""
        system, project = of_robot(robot.name, self.version)
        return Principal(robot.name, "robot", False, 0, frozenset(system), frozenset(project))

    def of_user(self, user: User) -> Principal:
        """The principal of a user."""
        return Principal(user.name, "user", user.sysadmin, user.id)

    def named(self, name: str) -> Principal:
        """The principal of an account by name, anonymous when unknown (for tokens issued earlier)."""
        if name in self.users:
            return self.of_user(self.users[name])
        robot = next((r for r in self.robots if r.name == name), None)
        return self.of_robot(robot) if robot is not None else ANONYMOUS

    def _robot_valid(self, robot: Robot, secret: str) -> bool:
        expected = self._robot_secrets.get(robot.name, self._instance.world.secrets.robot_secret)
        expired = 0 <= robot.expires_at <= self._instance.world.now
        return not robot.disabled and not expired and hmac.compare_digest(secret.encode(), expected.encode())

    async def _login(self, name: str, secret: str) -> Principal:
        if self._locked.get(name, 0.0) > self._clock():
            return ANONYMOUS
        user = self.users.get(name)
        if user is not None and hmac.compare_digest(secret.encode(), user.password.encode()):
            return self.of_user(user)
        self._locked[name] = self._clock() + self._delay
        await asyncio.sleep(self._delay)
        return ANONYMOUS


def basic(authorization: str) -> tuple[str, str]:
    """(name, secret) of a Basic header; ("", "") when it is none."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, secret = base64.b64decode(value.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, secret
