"""Credentials: one read of Vault for all, again after a refusal, and words when there are none."""

from __future__ import annotations

import asyncio

from harbortui.collect.secrets import FAILURE_HELD, REREAD_AFTER, Credentialing
from harbortui.config.settings import CredentialRef
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.secret import Secret
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.credentials import Credentials
from tests.collect.fakes import HeldClock, failure

PATH = "kv/data/harbor"


class Vault:
    """A secret store that answers what it is told to."""

    def __init__(self, answer: Answer[dict[str, Secret]]) -> None:
        self.answer = answer
        self.reads = 0

    async def read(self, path: str) -> Answer[dict[str, Secret]]:
        assert path == PATH
        self.reads += 1
        await asyncio.sleep(0)
        return self.answer


def ref(key: str) -> CredentialRef:
    return CredentialRef(vault=PATH, key=key)


def resolver(vault: Vault | Failure, clock: HeldClock) -> Credentialing:
    return Credentialing(vault, learn=lambda secret: None, wall=clock)


async def test_a_path_is_read_once_however_many_ask() -> None:
    vault = Vault(Ok({"user": Secret("robot$x"), "password": Secret("pw-123456")}))
    credentials = resolver(vault, HeldClock())
    answers = await asyncio.gather(*(credentials.pair(ref("user"), ref("password")) for _ in range(20)))
    assert vault.reads == 1
    assert all(isinstance(each, Credentials) and each.user == "robot$x" for each in answers)


async def test_a_sealed_vault_is_asked_again_only_after_a_while() -> None:
    vault, clock = Vault(failure(FailureKind.SEALED)), HeldClock()
    credentials = resolver(vault, clock)
    for _ in range(5):
        told = await credentials.secret(ref("x"))
        assert isinstance(told, Failure) and told.kind is FailureKind.SEALED
    assert vault.reads == 1
    clock.now += FAILURE_HELD
    vault.answer = Ok({"x": Secret("value-1")})
    assert await credentials.secret(ref("x")) == Secret("value-1")


async def test_vault_being_down_is_no_fault_of_the_backend() -> None:
    told = await resolver(Vault(failure(FailureKind.REFUSED)), HeldClock()).secret(ref("x"))
    assert isinstance(told, Failure) and told.kind is FailureKind.NO_CREDENTIALS and "Vault" in told.detail


async def test_rotated_credentials_are_read_again_after_a_refusal_but_not_each_time() -> None:
    vault, clock = Vault(Ok({"x": Secret("old-value")})), HeldClock()
    credentials = resolver(vault, clock)
    await credentials.secret(ref("x"))
    credentials.refused()
    assert await credentials.secret(ref("x")) == Secret("old-value") and vault.reads == 1
    clock.now += REREAD_AFTER
    vault.answer = Ok({"x": Secret("new-value")})
    credentials.refused()
    assert await credentials.secret(ref("x")) == Secret("new-value") and vault.reads == 2


async def test_what_was_read_is_kept_when_vault_is_sealed_while_a_backend_refuses() -> None:
    vault, clock = Vault(Ok({"x": Secret("old-value"), "y": Secret("good-value")})), HeldClock()
    credentials = resolver(vault, clock)
    await credentials.secret(ref("x"))
    vault.answer = failure(FailureKind.SEALED)
    clock.now += REREAD_AFTER
    credentials.refused()
    assert await credentials.secret(ref("y")) == Secret("good-value") and vault.reads == 2
    assert await credentials.secret(ref("x")) == Secret("old-value") and vault.reads == 2
    vault.answer = Ok({"x": Secret("new-value"), "y": Secret("good-value")})
    clock.now += REREAD_AFTER
    assert await credentials.secret(ref("x")) == Secret("new-value") and vault.reads == 3


async def test_a_refused_secret_that_vault_no_longer_gives_says_so() -> None:
    vault, clock = Vault(Ok({"x": Secret("old-value")})), HeldClock()
    credentials = resolver(vault, clock)
    await credentials.secret(ref("x"))
    vault.answer = failure(FailureKind.FORBIDDEN)
    clock.now += REREAD_AFTER
    assert await credentials.secret(ref("x")) == Secret("old-value") and vault.reads == 1
    credentials.refused()
    told = await credentials.secret(ref("x"))
    assert isinstance(told, Failure) and (told.kind, told.secret) == (FailureKind.NO_CREDENTIALS, PATH)


async def test_a_key_that_was_added_later_is_found() -> None:
    vault, clock = Vault(Ok({"user": Secret("robot$x")}, lost_rows=("port is not text",))), HeldClock()
    credentials = resolver(vault, clock)
    told = [await credentials.secret(ref(key)) for key in ("password", "port")]
    assert [each.detail for each in told if isinstance(each, Failure)] == [
        "Vault's kv/data/harbor has no key password",
        "Vault's kv/data/harbor: port is not text",
    ]
    vault.answer = Ok({"user": Secret("robot$x"), "password": Secret("pw-123456")})
    assert isinstance(await credentials.secret(ref("password")), Failure) and vault.reads == 1
    clock.now += REREAD_AFTER
    assert await credentials.secret(ref("password")) == Secret("pw-123456") and vault.reads == 2
    clock.now += REREAD_AFTER
    vault.answer = failure(FailureKind.SEALED)
    assert isinstance(await credentials.secret(ref("port")), Failure)
    assert await credentials.secret(ref("user")) == Secret("robot$x")


async def test_what_failed_at_vault_names_the_path_and_the_right() -> None:
    denied = Failure(kind=FailureKind.FORBIDDEN, detail="permission denied", needs=f"read on {PATH}")
    told = await resolver(Vault(denied), HeldClock()).secret(ref("x"))
    assert isinstance(told, Failure) and told.kind is FailureKind.NO_CREDENTIALS
    assert (told.detail, told.secret) == ("Vault's kv/data/harbor: permission denied", PATH)
    assert told.needs == "read on kv/data/harbor"


async def test_nothing_configured_is_none_and_a_missing_key_is_said() -> None:
    credentials = resolver(Vault(Ok({})), HeldClock())
    assert await credentials.secret(None) is None
    assert await credentials.pair(None, ref("x")) is None
    told = await credentials.secret(ref("x"))
    assert isinstance(told, Failure) and told.detail == "Vault's kv/data/harbor has no key x"


async def test_without_a_vault_the_reason_is_said() -> None:
    told = await resolver(failure(FailureKind.NO_CREDENTIALS, detail="no Vault"), HeldClock()).secret(ref("x"))
    assert isinstance(told, Failure) and "no Vault" in told.detail
