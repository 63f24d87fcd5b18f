"""The simulated Vault against what OpenBao 2.4.4 answered: status, content type, keys, types, and errors in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest

from harbortui.sim.fleet import SimFleet
from harbortui.sim.thread import SimThread
from harbortui.sim.vault.tokens import ROLE_ID, USER, Token
from harbortui.sim.world import SimOptions
from tests.recorded.exchange import Exchange, scenario
from tests.recorded.shape import differences

SYSTEM = "openbao-2.4.4"
START = 1_768_399_200.0
MAPS = (".data.data", ".data.versions")
LEFT_OUT = (
    # The real token had been renewed and belongs to no entity; a simulated one may not have been.
    r"\.data\.(last_renewal|last_renewal_time|period)",
)
Change = Callable[[SimFleet], None]


@dataclass(frozen=True)
class Case:
    """One recorded exchange and how the simulator is asked for the same."""

    folder: str
    name: str
    change: Change | None = None
    token: str = "console"
    """``console``, ``root``, ``none``, ``unknown`` or one that ``change`` made."""
    body: object = None
    path: str = ""
    """The simulator's path where its names differ from the recorded one's."""

    def __str__(self) -> str:
        return f"{self.folder}/{self.name}"


def _state(**values: object) -> Change:
    def change(fleet: SimFleet) -> None:
        for name, value in values.items():
            setattr(fleet.world.vault, name, value)

    return change


def _deleted(fleet: SimFleet) -> None:
    fleet.world.vault.deleted["kv/data/harbor"] = fleet.world.now


def _destroyed(fleet: SimFleet) -> None:
    _deleted(fleet)
    fleet.world.vault.destroyed.add("kv/data/harbor")


SEALED = _state(sealed=True)
UNINITIALISED = _state(sealed=True, initialized=False)
STANDBY = _state(mode="standby")
APPROLE = {"role_id": ROLE_ID, "secret_id": "SECRET_ID"}
USERPASS = f"/v1/auth/userpass/login/{USER}"

CASES = (
    *(Case("healthy", name) for name in ("health", "health-head", "seal-status", "leader", "lookup-self", "read")),
    Case("healthy", "renew-self", body={}),
    Case("healthy", "login-approle", token="none", body=APPROLE),
    Case("healthy", "login-userpass", token="none", body={"password": "PASSWORD"}, path=USERPASS),
    Case("healthy", "metadata", token="root"),
    Case("healthy", "metadata-list-get", token="root"),
    Case("healthy", "capabilities-self", body={"paths": ["kv/data/harbor", "kv/data/other"]}),
    Case("healthy", "revoke-self"),
    Case("root-token", "lookup-self", token="root"),
    Case("refused", "lookup-self", token="unknown"),
    Case("refused", "renew-self", token="unknown", body={}),
    Case("refused", "read", token="unknown"),
    Case("refused", "read-without-token", token="none"),
    Case("refused", "login-approle", token="none", body={"role_id": ROLE_ID, "secret_id": "wrong"}),
    Case("refused", "login-approle-no-role", token="none", body={"role_id": "", "secret_id": "wrong"}),
    Case("refused", "login-userpass", token="none", body={"password": "wrong"}, path=USERPASS),
    Case("refused", "login-no-mount", token="none", body={"role_id": "x", "secret_id": "y"}),
    Case("refused", "renew-bad-increment", body={"increment": "soon"}),
    Case("refused", "method-not-allowed", token="none"),
    Case("refused", "capabilities-without-paths", body={}),
    Case("path-missing", "read", token="root"),
    Case("path-missing", "read-v2-as-v1", token="root"),
    Case("path-missing", "read-no-mount", token="root"),
    Case("policy-removed", "read-other"),
    Case("policy-removed", "read-no-mount"),
    Case("policy-removed", "seal-denied", body={}),
    Case("token-without-default-policy", "lookup-self", token="blind"),
    Case("token-without-default-policy", "renew-self", token="blind", body={}),
    Case("token-without-default-policy", "read", token="blind"),
    Case("token-not-renewable", "renew-self", token="fixed", body={}),
    Case("token-not-renewable", "lookup-self", token="fixed"),
    Case("token-at-maximum", "renew-self-48h", token="bounded", body={"increment": "48h"}),
    Case("token-expired", "lookup-self", token="expired"),
    Case("token-expired", "renew-self", token="expired", body={}),
    Case("token-expired", "read", token="expired"),
    Case("secret-deleted", "read", _deleted),
    Case("secret-deleted", "metadata", _deleted, token="root"),
    Case("secret-destroyed", "read", _destroyed),
    Case("secret-rotated", "read-version-unknown"),
    Case("standby", "health", STANDBY),
    Case("standby", "health-standbyok", STANDBY),
    Case("standby", "leader", STANDBY),
    Case("standby", "read", STANDBY),
    *(Case("sealed", name, SEALED) for name in ("health", "lookup-self", "read", "seal-status", "leader")),
    Case("sealed", "login-approle", SEALED, token="none", body=APPROLE),
    *(
        Case("uninitialised", name, UNINITIALISED)
        for name in ("health", "lookup-self", "renew-self", "read", "seal-status", "leader", "login-approle")
    ),
    *(Case("healthy-namespace", name) for name in ("health", "health-without")),
    *(Case("namespace-unknown", name) for name in ("health", "lookup-self", "read")),
)


@pytest.fixture
def sim() -> Iterator[SimThread]:
    with SimThread(SimOptions(start=START, speed=0.0, instances=1), only={"vault"}) as sim:
        yield sim


def _made(fleet: SimFleet, kind: str) -> None:
    """A token of that kind, which is also its value."""
    read = ("harbor-read",)
    extra = {
        "root": Token("root", "", "auth/token/root", "root", ("root",), START, 0, renewable=False),
        "blind": Token("blind", "", "auth/token/create", "token", read, START, 3600),
        "fixed": Token("fixed", "", "auth/token/create", "token", ("default", *read), START, 600, renewable=False),
        "bounded": Token("bounded", "", "auth/token/create", "token", ("default", *read), START, 10, max_ttl=12),
        "expired": Token("expired", "", "auth/token/create", "token", ("default", *read), START - 60, 10),
    }[kind]
    fleet.world.vault.tokens[kind] = extra


def _ask(sim: SimThread, case: Case, real: Exchange) -> httpx.Response:
    if case.change is not None:
        sim.call(case.change)
    secrets = sim.fleet.world.secrets
    token = {"console": secrets.vault_token, "none": "", "unknown": "s.000000000000000000000000"}.get(
        case.token, case.token
    )
    if case.token in ("root", "blind", "fixed", "bounded", "expired"):
        sim.call(lambda fleet: _made(fleet, case.token))
    headers = {"X-Vault-Token": token} if token else {}
    namespaces = {"healthy-namespace": "team", "namespace-unknown": "nowhere"}
    if case.folder in namespaces and not case.name.endswith("-without"):
        headers["X-Vault-Namespace"] = namespaces[case.folder]
    body = json.dumps(case.body) if case.body is not None else ""
    body = body.replace("SECRET_ID", secrets.robot_secret).replace("PASSWORD", secrets.console_password)
    url = f"{sim.url('vault')}{case.path or real.path}"
    return httpx.request(real.method, url, params=real.query, headers=headers, content=body, trust_env=False)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_simulator_answers_in_the_real_shape(sim: SimThread, case: Case) -> None:
    real = scenario(f"{SYSTEM}/{case.folder}")[case.name]
    answer = _ask(sim, case, real)
    assert answer.status_code == real.status, answer.text
    assert answer.headers.get("content-type", "") == real.headers.get("content-type", "")
    if not real.body:
        assert not answer.content
        return
    if real.status >= 400 and "errors" in real.json():
        assert answer.json() == real.json()
        return
    assert differences([real.json()], [answer.json()], maps=MAPS, left_out=LEFT_OUT) == []
