"""Judgements of what no simulated backend answers: pure functions over prepared answers."""

from __future__ import annotations

import pytest

from harbortui.config.settings import (
    CredentialRef,
    HarborSettings,
    InstanceSettings,
    NomadSettings,
    Settings,
    VaultSettings,
)
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.harbor import Account, AccountKind, SystemInfo
from harbortui.model.jobfacts import PolicyText, TokenFacts
from harbortui.model.vault import VaultState
from harbortui.probes.doctor import report
from harbortui.probes.files import FileSeen
from harbortui.probes.judge import files, harbor, nomad, vault
from harbortui.probes.learned import VAULT, Asked, Learned, of_instance, of_nomad
from harbortui.probes.result import Check, Level, Role
from harbortui.sources.answer import Ok
from harbortui.sources.harbor.inquiry import RobotFacts

NOW = 1_768_399_200.0
DAY = 86_400.0
NOMAD = NomadSettings(address="https://nomad.example.org", token=CredentialRef(env="T"))
SECRET = CredentialRef(vault="kv/data/harbor", key="robot")
INSTANCE = InstanceSettings(
    name="one",
    url="https://one.example.org",
    job="one",
    nomad=NOMAD,
    harbor=HarborSettings(username=CredentialRef(plain="robot$x"), password=SECRET),
)
SETTINGS = Settings(instances=(INSTANCE,), vault=VaultSettings(address="https://vault.example.org"))


def learned(**answers: object) -> Learned:
    """Answers about the one Nomad (``nomad_…``), Vault (``vault_…``) and instance (``one_…``)."""
    subjects = {"nomad": of_nomad(NOMAD), "vault": VAULT, "one": of_instance("one")}
    found = Learned(at=NOW, timeout=5.0)
    for name, value in answers.items():
        subject, _, what = name.partition("_")
        answer = value if isinstance(value, Failure) else Ok(value)
        found.answers[Asked(subjects[subject], what.replace("secret", "secret kv/data/harbor"))] = answer
    return found


def by_id(checks: list[Check]) -> dict[str, list[Check]]:
    found: dict[str, list[Check]] = {}
    for check in checks:
        found.setdefault(check.id, []).append(check)
    return found


def nomads(rules: str, role: Role = Role.VIEWER, **token: object) -> dict[str, list[Check]]:
    given = TokenFacts(name="t", type="client", accessor="a", **token)  # type: ignore[arg-type]
    policies = (PolicyText(name="p", rules=rules),)
    answers = learned(nomad_credentials=True, nomad_token=given, nomad_policies=policies, nomad_nodes=())
    return by_id(nomad.judge(answers, NOMAD, ["default"], role))


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ('namespace "default" { policy = "write" }', "open a shell inside containers (alloc-exec"),
        ('namespace "*" { policy = "read" capabilities = ["read-logs", "read-fs"] }', "their secrets included"),
        ('namespace "default" { policy = "read" variables { path "*" { capabilities = ["read"] } } }', "variables"),
        ('namespace "default" { policy = "read" } node { policy = "write" }', "drain nodes"),
        ('namespace "other" { capabilities = ["submit-job"] } namespace "default" { policy = "read" }', "in other"),
    ],
)
def test_what_a_viewers_token_should_not_hold(rules: str, words: str) -> None:
    assert any(words in check.text for check in nomads(rules)["right-too-many"])


def test_least_and_not_understood() -> None:
    least = 'namespace "default" { capabilities = ["list-jobs", "read-job", "read-logs"] }'
    assert set(nomads(least)) == {"nomad-token", "nodes", "rights-least"}
    odd = nomads(least + "{{{")
    assert odd["rights-untold"][0].level is Level.NOTE and "right-missing" not in odd
    soon = nomads(least, expires_at=NOW + 3_600.0)
    assert soon["nomad-token"][0].level is Level.WARNING


def vaults(state: VaultState, fields: tuple[str, ...] = ("robot",), may: dict[str, tuple[str, ...]] | None = None):  # type: ignore[no-untyped-def]
    answers = learned(vault_state=state, vault_login=True, vault_capabilities=may or {}, vault_secret=fields)
    return by_id(vault.judge(SETTINGS, answers))


def test_a_root_token_and_one_that_ends_soon() -> None:
    assert "vault-root" in vaults(VaultState(version="1.18", token_policies=("root",)))
    short = vaults(VaultState(token_ttl=600.0, token_policies=("x",)))
    assert short["vault-token"][0].level is Level.WARNING and "10 minutes" in short["vault-token"][0].text
    renewed = vaults(VaultState(token_ttl=600.0, token_renewable=True))
    assert renewed["vault-token"][0].level is Level.OK


def test_a_vault_that_is_only_watched_needs_no_token() -> None:
    watched = Settings(instances=(InstanceSettings(name="one", url="https://one"),), vault=SETTINGS.vault)
    answers = learned(vault_state=VaultState(), vault_login=False)
    assert by_id(vault.judge(watched, answers))["vault-token"][0].level is Level.NOTE
    assert by_id(vault.judge(SETTINGS, answers))["vault-token"][0].level is Level.MISSING


def test_a_policy_with_a_star_reads_the_neighbours() -> None:
    may = {"kv/data/harbor": ("read",), "kv/data/harbortui-doctor": ("read",), "auth/token/create": ("update", "sudo")}
    found = vaults(VaultState(), may=may)
    assert "vault-wide" in found and "make other tokens" in found["vault-powers"][0].text


@pytest.mark.parametrize(
    ("fields", "level"),
    [
        (("robot", "admin_password", "db_password"), Level.WARNING),
        (("robot", "note"), Level.NOTE),
        (("robot",), None),
    ],
)
def test_what_else_lies_in_the_path(fields: tuple[str, ...], level: Level | None) -> None:
    shared = vaults(VaultState(), fields).get("secret-shared", [])
    assert [check.level for check in shared] == ([] if level is None else [level])


def harbors(robot: RobotFacts | Failure, role: Role = Role.VIEWER, **more: object) -> dict[str, list[Check]]:
    names = ("health", "quotas", "registries", "policies", "executions", "task_logs", "gc_runs", "gc_schedule")
    names += ("job_service", "projects", "scans", "audit")
    answers = {f"one_{name}": () for name in names}
    account = Account(kind=AccountKind.ROBOT, name="robot$x")
    system = SystemInfo(version="v2.14.4-x")
    found = learned(**answers, one_credentials=True, one_account=account, one_system=system, one_robot=robot, **more)
    return by_id(harbor.judge(found, INSTANCE, role))


def test_a_robot_that_ends_soon_and_one_that_may_push() -> None:
    rights = ("quota:list", "registry:list", "replication-policy:list", "replication:list", "replication:read")
    rights += ("garbage-collection:list", "garbage-collection:read", "jobservice-monitor:list", "project:list")
    rights += ("scan-all:read", "audit-log:list")
    soon = harbors(RobotFacts(name="robot$x", system=rights, expires_at=NOW + 3 * DAY))
    assert soon["robot-expiry"][0].level is Level.WARNING and "rights-least" in soon
    pushing = harbors(RobotFacts(name="robot$x", system=rights, project=("repository:push", "repository:list")))
    assert "repository:push on projects" in pushing["right-too-many"][0].text
    lacking = harbors(RobotFacts(name="robot$x", system=rights), Role.OPERATOR)
    assert "replication:create" in lacking["right-missing"][0].needs


def test_what_is_not_told_is_not_guessed() -> None:
    denied = Failure(kind=FailureKind.FORBIDDEN, detail="no")
    assert harbors(denied, Role.OPERATOR)["rights-untold"][0].level is Level.NOTE
    assert harbor.may(learned(one_account=Account(kind=AccountKind.ROBOT), one_robot=denied), INSTANCE, "x:y") is None
    assert harbor.may(learned(one_account=Account(kind=AccountKind.ADMIN)), INSTANCE, "x:y") is True
    assert harbor.may(learned(one_account=Account(kind=AccountKind.USER)), INSTANCE, "x:y") is False


def test_projects_that_everybody_may_create_are_a_note() -> None:
    robot = RobotFacts(name="robot$x")
    assert "project-creation" in harbors(robot, one_project_creation="everyone")
    assert "project-creation" not in harbors(robot, one_project_creation="adminonly")


@pytest.mark.parametrize(
    ("mode", "uid", "check", "level"),
    [
        (0o600, 7, "file", Level.OK),
        (0o604, 7, "file-open", Level.WARNING),
        (0o640, 0, "file-open", Level.WARNING),
        (0o600, 9, "file-owner", Level.WARNING),
        (None, 7, "file-missing", Level.MISSING),
    ],
)
def test_files(mode: int | None, uid: int, check: str, level: Level) -> None:
    (found,) = files.part([FileSeen("/home/me/x\x1b[2J", "token", mode, uid)], uid=7).checks
    assert (found.id, found.level) == (check, level) and found.text.isprintable()
    (system,) = files.part([FileSeen("/etc/harbortui/config.toml", "configuration", 0o644, 0)], uid=7).checks
    assert system.level is Level.OK


def test_a_report_of_nothing_learned_is_whole() -> None:
    told = report(SETTINGS, Learned(at=NOW, timeout=5.0), Role.DEPLOYER, uid=7)
    assert told.level is Level.MISSING and "1 of 1 instance cannot be seen in full by a deployer" in told.sentence
    assert {grant.role for grant in told.grants} == set(Role) and {part.source for part in told.parts} >= {
        "Vault",
        "Nomad",
    }
    assert all(check.text for part in told.parts for check in part.checks)
