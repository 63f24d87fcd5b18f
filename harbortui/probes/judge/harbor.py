"""What a Harbor lets us see and do."""

from __future__ import annotations

from collections.abc import Iterator

from harbortui.config.settings import InstanceSettings
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.harbor import Account, AccountKind
from harbortui.probes.grants.harbor import NEWEST, permissions, version_of
from harbortui.probes.judge.common import listed, not_seen
from harbortui.probes.learned import Learned, of_instance
from harbortui.probes.result import Check, Level, Role
from harbortui.probes.views import FACET_NEEDS, WORDS
from harbortui.sources.answer import Ok

DAY = 86_400.0
TRIED = (
    *("quotas", "registries", "policies", "executions", "task_logs", "gc_runs", "gc_schedule"),
    *("job_service", "projects", "scans", "audit"),
)


def version(learned: Learned, instance: InstanceSettings) -> tuple[int, ...] | None:
    """The instance's version, when it told it."""
    system = learned.value(of_instance(instance.name), "system")
    return version_of(system.version) if system is not None else None


def may(learned: Learned, instance: InstanceSettings, right: str) -> bool | None:
    """Whether our account has a right; None when it cannot be told without trying."""
    subject = of_instance(instance.name)
    account: Account | None = learned.value(subject, "account")
    if account is None or account.kind is AccountKind.ANONYMOUS:
        return False
    if account.kind is AccountKind.ADMIN:
        return True
    if account.kind is AccountKind.USER:
        return False
    robot = learned.value(subject, "robot")
    return None if robot is None else right in robot.system


def judge(learned: Learned, instance: InstanceSettings, role: Role) -> list[Check]:
    """The checks of one instance beyond reachability."""
    subject = of_instance(instance.name)
    health = learned.answer(subject, "health")
    checks: list[Check] = []
    if isinstance(health, Failure):
        checks.append(Check(id="health", level=Level.MISSING, text=f"component health: {health.detail}"))
    given = learned.answer(subject, "credentials")
    if isinstance(given, Failure):
        return [*checks, Check(id="harbor-account", level=Level.MISSING, text=f"credentials: {given.detail}")]
    if not given.value:
        text = "no credentials are configured: only component health is visible"
        hint = "[harbor] username and password of a robot, see the grant"
        return [*checks, Check(id="harbor-account", level=Level.MISSING, text=text, hint=hint)]
    account = learned.answer(subject, "account")
    if isinstance(account, Failure):
        hint = (
            "check robot name and secret; a robot may be disabled or expired"
            if account.kind is FailureKind.AUTH
            else ""
        )
        return [*checks, Check(id="harbor-account", level=Level.MISSING, text=f"account: {account.detail}", hint=hint)]
    checks += _account(learned, subject, account.value)
    checks += [*_rights(learned, subject), *_robot(learned, subject, instance, role)]
    if learned.value(subject, "project_creation") == "everyone" and account.value.kind is not AccountKind.ADMIN:
        text = "every account of this Harbor may create projects, this one too"
        hint = "Configuration, Project Creation: Admin Only (project_creation_restriction)"
        checks.append(Check(id="project-creation", level=Level.NOTE, text=text, hint=hint))
    return checks


def _account(learned: Learned, subject: str, account: Account) -> Iterator[Check]:
    system = learned.value(subject, "system")
    told = f"; Harbor {system.version}" if system is not None and system.version else ""
    kind = {AccountKind.ADMIN: "system administrator", AccountKind.ROBOT: "robot"}.get(account.kind, "user")
    yield Check(id="harbor-account", level=Level.OK, text=f"signed in as {kind} {account.name}{told}")
    if account.kind is AccountKind.ADMIN:
        text = f"{account.name} is a system administrator: the console's password may change and delete everything"
        hint = "make the robot below and use it"
        yield Check(id="harbor-admin", level=Level.WARNING, text=text, hint=hint)


def _rights(learned: Learned, subject: str) -> Iterator[Check]:
    answers = [(WORDS[what], learned.answer(subject, what), FACET_NEEDS[what][0].name) for what in TRIED]
    yield from not_seen(answers)
    seen = [words for words, answer, _ in answers if isinstance(answer, Ok)]
    if seen:
        yield Check(id="rights", level=Level.OK, text=f"may see {listed(seen)}")


def _robot(learned: Learned, subject: str, instance: InstanceSettings, role: Role) -> Iterator[Check]:
    account: Account = learned.value(subject, "account")
    if account.kind is not AccountKind.ROBOT:
        return
    answer = learned.answer(subject, "robot")
    if not isinstance(answer, Ok):
        text = "what else the robot may do cannot be told: its own list of rights is not visible to it"
        if role.includes(Role.OPERATOR):
            text += "; whether keys that act will work shows when they are used"
        yield Check(id="rights-untold", level=Level.NOTE, text=text)
        return
    robot = answer.value
    wanted = permissions(role, version(learned, instance) or NEWEST)
    lacking = [each for each in wanted if each not in robot.system]
    if lacking:
        yield Check(
            id="right-missing",
            level=Level.MISSING,
            text=f"the robot lacks {listed(lacking)}",
            needs=", ".join(lacking),
        )
    changes = [each for each in robot.system if each not in wanted and not each.endswith((":list", ":read"))]
    writes = [each for each in robot.project if not each.endswith((":list", ":read"))]
    if changes or writes:
        text = f"the robot may also {listed([*changes, *(f'{each} on projects' for each in writes)])}"
        hint = f"the role {role.value} does not need it"
        yield Check(id="right-too-many", level=Level.WARNING, text=text, hint=hint)
    elif not lacking:
        yield Check(
            id="rights-least", level=Level.OK, text=f"the robot may change no more than the role {role.value} may"
        )
    if robot.expires_at is not None:
        left = (robot.expires_at - learned.at) / DAY
        level = Level.WARNING if left < 21 else Level.OK
        yield Check(id="robot-expiry", level=level, text=f"the robot ends in {left:.0f} days")
