"""What Vault lets us read, and what else our token could do or see."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harbortui.config.settings import Settings
from harbortui.model.failure import Failure
from harbortui.model.vault import VaultState
from harbortui.probes import plan
from harbortui.probes.judge.common import ends, listed, right_missing
from harbortui.probes.learned import VAULT, Learned
from harbortui.probes.result import Check, Level

_CHANGES = frozenset({"root", "sudo", "create", "update", "delete", "patch"})
_OTHERS = re.compile(
    r"admin|database|(?:^|_)db(?:_|$)|postgres|root|redis|csrf|core_secret|jobservice|secret_key$|private"
)
SHORT_LIFE = 3_600.0


def judge(settings: Settings, learned: Learned) -> list[Check]:
    """The checks of Vault beyond reachability."""
    state = learned.answer(VAULT, "state")
    if isinstance(state, Failure):
        return [Check(id="vault-state", level=Level.MISSING, text=f"its state: {state.detail}")]
    told: VaultState = state.value
    if told.sealed or not told.initialized:
        text = "sealed: nothing can be read from it" if told.sealed else "not initialised"
        return [Check(id="vault-sealed", level=Level.MISSING, text=text, hint="vault operator unseal")]
    words = f"Vault {told.version or 'of unknown version'}{', standby' if told.standby else ''}, unsealed"
    needed = bool(plan.vault_fields(settings))
    checks = [Check(id="vault-state", level=Level.OK, text=words), *_token(learned, told, needed=needed)]
    if any(each.id == "vault-token" and each.level is not Level.OK for each in checks) and not told.token_policies:
        return checks
    return [*checks, *_secrets(settings, learned), *_beyond(settings, learned)]


def _token(learned: Learned, told: VaultState, *, needed: bool) -> Iterator[Check]:
    """``needed`` is false when no credential is in Vault, which is then only watched."""
    login = learned.answer(VAULT, "login")
    level = Level.MISSING if needed else Level.NOTE
    if isinstance(login, Failure):
        yield Check(id="vault-token", level=level, text=f"no way to log in: {login.detail}")
    elif not login.value:
        hint = "vault login, VAULT_TOKEN, or [vault] token_file, or an AppRole"
        yield Check(id="vault-token", level=level, text="no token is given", hint=hint)
    elif told.token_failure:
        yield Check(id="vault-token", level=level, text=f"the token: {told.token_failure}", hint="vault login")
    else:
        yield from _life(told)


def _life(told: VaultState) -> Iterator[Check]:
    policies = listed(told.token_policies) or "none"
    until = "never ends" if told.token_ttl is None else ends(told.token_ttl)
    renewed = "" if told.token_ttl is None else ", renewable" if told.token_renewable else ", not renewable"
    short = told.token_ttl is not None and told.token_ttl < SHORT_LIFE and not told.token_renewable
    text = f"token accepted; policies {policies}; {until}{renewed}"
    hint = "a session that lasts longer loses its credentials" if short else ""
    yield Check(id="vault-token", level=Level.WARNING if short else Level.OK, text=text, hint=hint)
    if "root" in told.token_policies:
        text = "this is a root token: it may do everything in Vault"
        yield Check(
            id="vault-root", level=Level.WARNING, text=text, hint="use a token of the policy below; revoke this"
        )


def _secrets(settings: Settings, learned: Learned) -> Iterator[Check]:
    fields = plan.vault_fields(settings)
    for path, wanted in fields.items():
        answer = learned.answer(VAULT, f"secret {path}")
        missing = right_missing(answer, f"secret {path}", f"read on {path}")
        if missing is not None:
            yield missing
            continue
        if isinstance(answer, Failure):
            yield Check(id="secret-missing", level=Level.MISSING, text=f"secret {path}: {answer.detail}")
            continue
        absent = [each for each in wanted if each not in answer.value]
        if absent:
            text = f"secret {path} has no field {listed(absent)}"
            yield Check(
                id="field-missing", level=Level.MISSING, text=text, hint="write it, or mend the key in the file"
            )
        else:
            yield Check(id="secret", level=Level.OK, text=f"secret {path}: {listed(wanted)} can be read")
        yield from _shared(path, wanted, tuple(answer.value))


def _shared(path: str, wanted: tuple[str, ...], there: tuple[str, ...]) -> Iterator[Check]:
    """The seeds' habit: one path for everything, and the console reads the administrators' passwords along."""
    admins = [each for each in wanted if "admin" in each.lower()]
    if admins:
        text = f"the console takes {listed(admins)} from {path}: by its name an administrator's"
        yield Check(id="secret-admin", level=Level.WARNING, text=text, hint="give the console a robot of its own")
    others = [each for each in there if each not in wanted]
    if not others:
        return
    worst = [each for each in others if _OTHERS.search(each.lower())]
    text = f"the same path also holds {listed(worst or others)}, which the console never needs but can read"
    hint = "give the console a path of its own, see the Vault policy"
    yield Check(id="secret-shared", level=Level.WARNING if worst else Level.NOTE, text=text, hint=hint)


def _beyond(settings: Settings, learned: Learned) -> Iterator[Check]:
    answer = learned.answer(VAULT, "capabilities")
    if isinstance(answer, Failure):
        text = f"what else the token may do cannot be told: {answer.detail}"
        yield Check(id="capabilities-untold", level=Level.NOTE, text=text)
        return
    may: dict[str, frozenset[str]] = {path: frozenset(words) for path, words in answer.value.items()}
    paths = plan.vault_paths(settings)
    changed = [path for path in paths if may.get(path, frozenset()) & _CHANGES]
    if changed:
        text = f"the token may change the secret {listed(changed)}"
        yield Check(id="vault-writes", level=Level.WARNING, text=text, hint='capabilities = ["read"] is enough')
    wide = sorted(
        {plan.neighbour(path) for path in paths if may.get(plan.neighbour(path), frozenset()) & {"read", "root"}}
    )
    if wide:
        text = f"the token may read other secrets of the store too (such as {listed(wide)})"
        yield Check(id="vault-wide", level=Level.WARNING, text=text, hint="name the path in the policy, without *")
    powers = [words for path, words in plan.SENSITIVE.items() if may.get(path, frozenset()) & _CHANGES]
    if powers:
        text = f"the token may {listed(powers)}"
        yield Check(id="vault-powers", level=Level.WARNING, text=text, hint="use a token of the policy below")
    if not (changed or wide or powers):
        yield Check(
            id="vault-least", level=Level.OK, text="the token may do no more than it should, as far as was asked"
        )
