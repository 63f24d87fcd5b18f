"""A real Nomad's objects shown raw: nothing of what secrets were planted in them, everything that explains a job."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harbortui.model.asked import RawObject
from harbortui.model.redact import Cleaner, Redactor
from harbortui.sources.nomad.raw import decode_raw
from tests.recorded.exchange import scenario

HEALTHY = "nomad-1.10.5/healthy"
PLANTED = "Zk3qWplainNobodyKnows"
SECRET_PLACES = ("Env", "EmbeddedTmpl", "Meta", "Payload", "args", "command", "ChangeScript", "GetterHeaders")


def plant(value: Any, beneath: bool = False) -> Any:
    """The same with every text that may be secret replaced: the recordings hold none any more."""
    if isinstance(value, dict):
        return {name: plant(each, beneath or name in SECRET_PLACES) for name, each in value.items()}
    if isinstance(value, list):
        return [plant(each, beneath) for each in value]
    return PLANTED if beneath and isinstance(value, str) else value


def raw(kind: str) -> tuple[Any, RawObject]:
    value = plant(scenario(HEALTHY)[kind].json())
    return value, decode_raw(json.dumps(value).encode(), kind, "x", Cleaner(Redactor()))


def test_a_real_job_is_shown_without_its_secrets() -> None:
    job, found = raw("job")
    text = "\n".join(found.lines)
    assert PLANTED in json.dumps(job) and PLANTED not in text and not found.cut
    for each in (f'"ID": "{job["ID"]}"', '"MemoryMB"', '"Datacenters"', '"SecretsMB": 0', '"ChangeMode"'):
        assert each in text, each


@pytest.mark.parametrize("kind", ["allocation", "deployment", "evaluation"])
def test_real_objects_keep_what_explains_them(kind: str) -> None:
    value, found = raw(kind)
    text = "\n".join(found.lines)
    status = value.get("ClientStatus") or value["Status"]
    assert value["ID"] in text and status in text and PLANTED not in text and not found.cut
    assert (PLANTED in json.dumps(value)) is (kind == "allocation")
