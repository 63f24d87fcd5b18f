"""A real Nomad's objects shown raw: nothing of environments and templates, everything that explains a job."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harbortui.model.asked import RawObject
from harbortui.model.redact import Cleaner, Redactor
from harbortui.sources.nomad.raw import decode_raw
from tests.recorded.exchange import scenario

HEALTHY = "nomad-1.10.5/healthy"
SHORT = 8
"""Values up to this long occur by themselves in other places."""


def raw(kind: str) -> tuple[Any, RawObject]:
    answer = scenario(HEALTHY)[kind]
    return answer.json(), decode_raw(answer.body, kind, "x", Cleaner(Redactor()))


def hidden(value: Any, beneath: bool = False) -> Iterator[str]:
    """Every text beneath what holds secrets in a specification."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from hidden(each, beneath or name in ("Env", "EmbeddedTmpl", "Meta", "Payload"))
    elif isinstance(value, list):
        for each in value:
            yield from hidden(each, beneath)
    elif beneath and isinstance(value, str) and len(value) > SHORT:
        yield value


def test_a_real_job_is_shown_without_environments_and_templates() -> None:
    job, found = raw("job")
    text = "\n".join(found.lines)
    secret = set(hidden(job))
    assert secret, "the recorded job has some"
    images = {task["Config"].get("image", "") for group in job["TaskGroups"] for task in group["Tasks"]}
    assert not [each for each in secret - images if each in text]
    assert f'"ID": "{job["ID"]}"' in text and '"MemoryMB"' in text and '"Datacenters"' in text and not found.cut


@pytest.mark.parametrize("kind", ["allocation", "deployment", "evaluation"])
def test_real_objects_keep_what_explains_them(kind: str) -> None:
    value, found = raw(kind)
    text = "\n".join(found.lines)
    assert value["ID"] in text and not [each for each in hidden(value.get("Job")) if each in text]
    status = value.get("ClientStatus") or value["Status"]
    assert status in text and not found.cut
