"""Harbor and Vault sources against the simulated fleet: the three versions, the faults, the planted secrets."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator

import pytest

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.harbor import COMPONENTS, AccountKind
from harbortui.model.redact import Clean
from harbortui.model.secret import Secret
from harbortui.sim.thread import SimThread
from harbortui.sim.world import SimOptions
from harbortui.sources.answer import Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.harbor.source import HarborSource
from harbortui.sources.vault.login import TokenLogin
from harbortui.sources.vault.source import VaultSource

K = FailureKind
START = 1_768_399_200.0
SITE = "harbor-vm-06"
VERSIONS = ["v2.11.2", "v2.14.4", "v2.15.2"]

ROBOTS_CALLS = ("quotas", "registries", "policies", "executions", "gc_runs", "gc_schedule", "system")
ADMINISTRATORS_CALLS = ("health", "ping", "account", *ROBOTS_CALLS)


@pytest.fixture(scope="module", params=VERSIONS)
def sim(request: pytest.FixtureRequest) -> Iterator[SimThread]:
    options = SimOptions(start=START, speed=0.0, harbor_version=request.param)
    with SimThread(options, only={"harbor", "vault"}) as running:
        yield running


def open_harbor(sim: SimThread, clean: Clean, credentials: Credentials | None) -> HarborSource:
    async def supply() -> Credentials | None:
        return credentials

    return HarborSource.open(url=sim.url(f"harbor:{SITE}"), credentials=supply, clean=clean, now=lambda: START)


def user(sim: SimThread) -> Credentials:
    return Credentials("admin", Secret(sim.control.secrets()["admin_password"]))


async def test_everything_an_administrator_may_see(sim: SimThread, clean: Clean) -> None:
    source = open_harbor(sim, clean, user(sim))
    answers = {name: await getattr(source, name)() for name in ADMINISTRATORS_CALLS}
    for name, answer in answers.items():
        assert isinstance(answer, Ok), (name, answer)
        assert answer.lost_rows == (), name
    health = answers["health"].value
    assert {each.name for each in health.components} <= set(COMPONENTS) | {"trivy"}
    assert answers["account"].value.kind is AccountKind.ADMIN
    assert answers["system"].value.version.startswith("v2.")
    assert abs(answers["system"].value.clock_skew) < 2
    assert len(answers["quotas"].value) == 5
    policies = answers["policies"].value
    assert policies and all(each.peer for each in policies)
    executions = answers["executions"].value
    assert executions and list(executions) == sorted(executions, key=lambda row: row.start_time, reverse=True)
    assert {each.policy_id for each in executions} <= {each.id for each in policies}
    assert answers["gc_schedule"].value.scheduled and answers["gc_runs"].value
    execution = next(each for each in executions if each.total)
    tasks = await source.looks.tasks(str(execution.id))
    assert isinstance(tasks, Ok) and len(tasks.value) == execution.total
    log = await source.looks.task_log(str(execution.id), str(tasks.value[0].id))
    assert isinstance(log, Ok) or log.kind is K.NOT_FOUND
    await source.aclose()
    shown = repr((answers, tasks, log))
    assert "PLANTED" not in shown


async def test_anonymous_callers_see_health_and_little_else(sim: SimThread, clean: Clean) -> None:
    source = open_harbor(sim, clean, None)
    assert isinstance(await source.health(), Ok)
    system = await source.system()
    assert isinstance(system, Ok) and system.value.auth_mode and system.value.read_only is None
    policies = await source.policies()
    await source.aclose()
    assert isinstance(policies, Failure) and policies.kind is K.NO_CREDENTIALS


async def test_a_wrong_password_is_no_anonymous_caller(sim: SimThread, clean: Clean) -> None:
    source = open_harbor(sim, clean, Credentials("admin", Secret("wrong")))
    for answer in (await source.system(), await source.policies(), await source.account()):
        assert isinstance(answer, Failure) and answer.kind is K.AUTH
    await source.aclose()


async def test_the_read_only_robot(sim: SimThread, clean: Clean) -> None:
    secret = Secret(sim.control.secrets()["console_password"])
    source = open_harbor(sim, clean, Credentials("robot$ops-console", secret))
    account = await source.account()
    assert isinstance(account, Ok) and account.value.kind is AccountKind.ROBOT
    for name in ROBOTS_CALLS:
        answer = await getattr(source, name)()
        assert isinstance(answer, Ok), (name, answer)
    await source.aclose()


FAULTS: list[tuple[str, set[FailureKind]]] = [
    ("down", {K.REFUSED, K.RESET}),
    ("forbidden", {K.FORBIDDEN}),
    ("wrong", {K.PROTOCOL, K.LOGIN_PAGE, K.SERVER}),
]


@pytest.mark.parametrize(("mode", "kinds"), FAULTS)
async def test_a_faulty_backend_is_a_failure(sim: SimThread, clean: Clean, mode: str, kinds: set[FailureKind]) -> None:
    sim.control.fault(f"harbor:{SITE}", mode)
    try:
        source = open_harbor(sim, clean, None)
        answer = await source.health()
        assert isinstance(answer, Failure) and answer.kind in kinds, answer
        sim.control.fault(f"harbor:{SITE}", "up")
        assert isinstance(await source.health(), Ok)
        await source.aclose()
    finally:
        sim.control.fault(f"harbor:{SITE}", "up")


async def open_vault(sim: SimThread, clean: Clean, run: Callable[[VaultSource], Awaitable[object]]) -> object:
    token = Secret(sim.control.secrets()["vault_token"])
    source = VaultSource(
        url=sim.url("vault"),
        login=TokenLogin(token),
        paths=["kv/data/harbor"],
        clean=clean,
        now=lambda: START,
        learn=lambda secret: None,
    )
    try:
        return await run(source)
    finally:
        await source.aclose()


async def test_vault_gives_the_secrets_and_its_state(sim: SimThread, clean: Clean) -> None:
    secrets = await open_vault(sim, clean, lambda source: source.read("kv/data/harbor"))
    assert isinstance(secrets, Ok) and secrets.lost_rows == ()
    planted = sim.control.secrets()
    assert secrets.value["admin_password"].reveal() == planted["admin_password"]
    state = await open_vault(sim, clean, lambda source: source.state())
    assert isinstance(state, Ok) and state.value.token_failure == "" and state.value.token_ttl
    assert "PLANTED" not in repr((secrets, state)) + json.dumps(state.value.token_policies)


async def test_a_sealed_vault_says_so(sim: SimThread, clean: Clean) -> None:
    def seal(sealed: bool) -> None:
        sim.call(lambda fleet: setattr(fleet.world.vault, "sealed", sealed))

    seal(True)
    try:
        state = await open_vault(sim, clean, lambda source: source.state())
        assert isinstance(state, Ok) and state.value.sealed
        secrets = await open_vault(sim, clean, lambda source: source.read("kv/data/harbor"))
        assert isinstance(secrets, Failure) and secrets.kind is K.SEALED
    finally:
        seal(False)
