"""Random and mutated answers: every call of the Harbor source answers a value that can travel on, or a failure."""

from __future__ import annotations

import asyncio
import json
from typing import cast

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harbortui.model.failure import Failure
from harbortui.model.redact import Cleaner, Redactor
from harbortui.model.secret import Secret
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.harbor.source import HarborSource
from harbortui.sources.http import HttpHost, Reply

TIME = "2026-01-02T03:04:05.678Z"
REGISTRY = {"id": 1, "name": "hub", "url": "https://hub", "type": "docker-hub", "status": "healthy", "insecure": False}
POLICY = {
    "id": 1,
    "name": "push",
    "dest_registry": REGISTRY,
    "trigger": {"type": "scheduled", "trigger_settings": {"cron": "0 0 2 * * *"}},
    "filters": [{"type": "name", "value": "library/**", "decoration": "matches"}],
}
EXECUTION = {"id": 1, "policy_id": 1, "status": "Succeed", "start_time": TIME, "end_time": TIME, "total": 3}
GC = {"id": 1, "job_status": "Success", "job_parameters": '{"workers": 1, "freed_space": 5}', "update_time": TIME}
SAMPLES: dict[str, object] = {
    "health": {"status": "healthy", "components": [{"name": "core", "status": "healthy", "error": ""}]},
    "system": {"auth_mode": "db_auth", "harbor_version": "v2.11.2", "current_time": TIME, "read_only": False},
    "account": {"username": "admin", "sysadmin_flag": True},
    "quotas": [{"id": 1, "ref": {"name": "library"}, "hard": {"storage": -1}, "used": {"storage": 5}}],
    "registries": [REGISTRY],
    "policies": [POLICY],
    "executions": [EXECUTION],
    "gc_runs": [GC],
    "gc_schedule": {"schedule": {"type": "Weekly", "cron": "0 0 3 * * 0"}, "job_parameters": '{"workers": 1}'},
}
HOSTILE = [None, True, -1, 0, 2**63, 2**200, 1.5, "", "x\u202e\x1b]52;c;x\x07", "0001-01-01T00:00:00Z", [], {}, [[[]]]]
HOSTILE += ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", {"a": None}, ["a", 1], "\ud800", float("nan")]


class Canned:
    """Answers every request with the same body; the probe is always content."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    async def fetch(self, path: str, **more: object) -> Reply | Failure:
        if path.endswith("/users/current") and b"username" not in self.body:
            return Reply(412, {}, b"")
        return Reply(200, {}, self.body, server_time=1.0)


def ask(call: str, body: bytes) -> Answer[object]:
    async def supply() -> Credentials:
        return Credentials("robot$x", Secret("x"))

    host = cast(HttpHost, Canned(body))
    source = HarborSource(url="http://h", credentials=supply, http=host, clean=Cleaner(Redactor()), now=lambda: 1.0)
    return asyncio.run(getattr(source, call)())


def mutated(value: object, path: tuple[int, ...], hostile: object) -> object:
    """``value`` with the member that ``path`` leads to replaced; an index too large wraps around."""
    if not path or not isinstance(value, dict | list) or not value:
        return hostile
    step, rest = path[0], path[1:]
    if isinstance(value, list):
        position = step % len(value)
        return [mutated(each, rest, hostile) if at == position else each for at, each in enumerate(value)]
    name = list(value)[step % len(value)]
    return {key: mutated(each, rest, hostile) if key == name else each for key, each in value.items()}


def check(call: str, body: bytes) -> None:
    answer = ask(call, body)
    assert isinstance(answer, Ok | Failure)
    if isinstance(answer, Ok):
        msgspec.json.encode(answer.value)
        text = repr(answer)
        assert "\x1b" not in text and "\u202e" not in text


@pytest.mark.parametrize("call", SAMPLES)
def test_the_samples_are_good(call: str) -> None:
    answer = ask(call, json.dumps(SAMPLES[call]).encode())
    assert isinstance(answer, Ok) and answer.lost_rows == ()


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(list(SAMPLES)), st.lists(st.integers(0, 12), max_size=4), st.sampled_from(HOSTILE))
def test_no_mutation_breaks_anything(call: str, path: list[int], hostile: object) -> None:
    check(call, json.dumps(mutated(SAMPLES[call], tuple(path), hostile)).encode())


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(list(SAMPLES)), st.binary(max_size=200))
def test_no_bytes_break_anything(call: str, body: bytes) -> None:
    check(call, body)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(list(SAMPLES)), st.text(max_size=60))
def test_no_text_in_a_string_field_gets_through_unclean(call: str, text: str) -> None:
    body = json.dumps(SAMPLES[call]).replace("core", json.dumps(text + "\x1b[2J")[1:-1])
    check(call, body.encode())
