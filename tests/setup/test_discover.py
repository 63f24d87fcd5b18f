"""Which jobs are Harbors, and what becomes of them in the file."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from harbortui.model.jobfacts import HostPort, JobFacts, JobStub, PortFact, ServiceFact, TaskFact
from harbortui.setup import document, store
from harbortui.setup.discover import base_name, why_harbor, worth_reading
from harbortui.setup.document import Existing, Known, appended, new_drafts, written
from harbortui.setup.draft import Draft, draft_of, settle

NAMES = ("core", "database", "jobservice", "nginx", "portal", "redis", "registry", "registryctl")


def facts(job: str = "registry-prod", **more: object) -> JobFacts:
    fields: dict[str, object] = {"tasks": tuple(TaskFact(name=name) for name in NAMES), **more}
    return JobFacts(id=job, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("goharbor/harbor-core:v2.11.2", "harbor-core"),
        ("mirror.example.org:5000/docker-cache/goharbor/harbor-core@sha256:abc", "harbor-core"),
        ("bitnami/harbor-core", "harbor-core"),
        ("", ""),
    ],
)
def test_an_images_last_part(image: str, name: str) -> None:
    assert base_name(image) == name


def test_images_say_most() -> None:
    tasks = (TaskFact(name="a", image="m/goharbor/harbor-core:1"), TaskFact(name="b", image="goharbor/nginx-photon:1"))
    assert "harbor-core and 1 more" in why_harbor(facts("x", tasks=tasks))


def test_without_images_the_tasks_need_a_second_witness() -> None:
    assert why_harbor(facts("registry-prod")) == ""
    assert "name" in why_harbor(facts("my-Harbor-1"))
    assert "meta" in why_harbor(facts("x", meta={"app": "harbor"}))
    assert "service" in why_harbor(facts("x", services=(ServiceFact(name="harbor-web"),)))


def test_a_part_of_a_harbor_is_none() -> None:
    assert why_harbor(facts("harbor-db", tasks=(TaskFact(name="database", image="goharbor/harbor-db:1"),))) == ""
    assert why_harbor(facts("harbor-like", tasks=(TaskFact(name="core"), TaskFact(name="web")))) == ""


def test_children_and_batches_are_not_read_and_the_likely_come_first() -> None:
    stubs = [
        JobStub(id="a", type="service"),
        JobStub(id="z-harbor", type="service"),
        JobStub(id="harbor/periodic-1", type="batch", parent="harbor"),
        JobStub(id="harbor-batch", type="batch"),
        JobStub(id="m", type="service", meta={"app": "harbor"}),
    ]
    assert [each.id for each in worth_reading(stubs)] == ["m", "z-harbor", "a"]


def test_the_address_comes_from_the_allocations_port() -> None:
    ports = (PortFact(label="metrics", value=9090, to=9090), PortFact(label="http", value=8880, to=8080))
    where = (HostPort(label="metrics", host="10.0.0.5", port=9090), HostPort(label="http", host="10.0.0.5", port=8880))
    draft = draft_of(facts(ports=ports), "why", where)
    assert draft.url == "http://10.0.0.5:8880" and draft.notes == []
    six = draft_of(facts(ports=ports[1:]), "why", (HostPort(label="http", host="fd00::5", port=443),))
    assert six.url == "https://[fd00::5]:443"
    moving = draft_of(
        facts(ports=(PortFact(label="http", to=8080),)), "why", (HostPort(label="http", host="h", port=3),)
    )
    assert "chosen anew" in moving.notes[0]


def test_a_routers_rule_names_the_external_url() -> None:
    draft = draft_of(facts(services=(ServiceFact(name="h", hosts=("r.example.org",)),)), "why")
    assert (draft.external_url, draft.url) == ("https://r.example.org", "https://r.example.org")


def test_contradictions_are_said_and_not_decided() -> None:
    draft = draft_of(facts(settings={"bucket": ("a", "b"), "endpoint": ("s3.example.org",)}), "why")
    assert draft.bucket == "" and "disagree on bucket: a, b" in draft.notes[0]
    assert draft.endpoint == "https://s3.example.org" and draft.missing() == ["url", "bucket"]


def test_production_and_a_stopped_job() -> None:
    draft = draft_of(facts(meta={"env": "PROD"}, stop=True), "why")
    assert draft.production and draft.stopped and "stopped" in draft.notes[-1]


def test_one_name_in_two_namespaces_and_a_shared_url() -> None:
    one, two = (
        Draft(job="harbor", namespace=space, name="harbor", external_url="https://lb.example.org") for space in "ab"
    )
    for each in (one, two):
        each.urls = (each.external_url, f"http://{each.namespace}:1")
    assert [each.name for each in settle([one, two])] == ["harbor-a", "harbor-b"]
    assert one.urls == ("http://a:1",) and "another instance" in one.notes[0]
    assert settle([Draft(job="x" * 65, name="x" * 65)]) == []


def test_names_stay_apart_whatever_jobs_are_called() -> None:
    taken = [Draft(job=job, namespace=space, name=job) for job, space in (("x", "a"), ("x", "b"), ("x-a", "c"))]
    assert sorted(each.name for each in settle(taken)) == ["x-a", "x-a-2", "x-b"]
    found = existing('[[instance]]\nname = "x"\njob = "other"\n[[instance]]\nname = "x-default"\njob = "more"\n')
    assert [each.name for each in new_drafts(drafts("x"), found)] == ["x-default-2"], "none is dropped in silence"


def test_jobs_of_another_nomad_name_it(tmp_path: Path) -> None:
    found = existing('[nomad]\naddress = "https://n"\n[[instance]]\nname = "one"\nurl = "https://mine"\n')
    found.nomad = "https://other"
    fresh = new_drafts(drafts("one"), found)
    result = appended(found, fresh, drafts("one"), '{ env = "NOMAD_TOKEN" }')
    own = tomllib.loads(result)["instance"][1]
    assert own["nomad"] == {"address": "https://other", "token": {"env": "NOMAD_TOKEN"}}
    path = tmp_path / "config.toml"
    path.write_text(result)
    path.chmod(0o600)
    again = store.read_existing(path, os.geteuid())
    assert again is not None
    for address, names in (("https://other", []), ("https://n", []), ("https://third", ["one-default-2"])):
        again.nomad = address
        assert [each.name for each in new_drafts(drafts("one"), again)] == names


def existing(text: str) -> Existing:
    values: dict[tuple[str, ...], object] = {}
    for key, value in tomllib.loads(text).items():
        if key == "instance":
            for entry in value:
                values.update({("instance", entry["name"], name): each for name, each in entry.items()})
        else:
            values.update({(key, name): each for name, each in value.items()})
    return Existing(text, values)  # type: ignore[arg-type]


def drafts(*names: str) -> list[Draft]:
    return [
        Draft(job=name, name=name, url=f"https://{name}.example.org", bucket=f"b-{name}", endpoint="https://s3")
        for name in names
    ]


def test_a_text_that_is_there_is_kept_to_the_byte() -> None:
    text = '# mine\n[nomad]\naddress="https://n" # odd\n\n[[instance]]\nname = "one"\nurl = "https://mine"\n\n\n# end'
    found = existing(text)
    fresh = new_drafts(drafts("one", "two"), found)
    result = appended(found, fresh, drafts("one", "two"))
    assert [each.job for each in fresh] == ["two"] and result.startswith(text + "\n")
    names = [each["name"] for each in tomllib.loads(result)["instance"]]
    assert names == ["one", "two"] and tomllib.loads(result)["instance"][1]["storage"] == {"endpoint": "https://s3"}
    again = existing(result)
    assert appended(again, new_drafts(drafts("one", "two"), again), drafts("one", "two")) == result


def test_an_instance_that_a_person_renamed_or_deleted_does_not_come_back() -> None:
    first = written(Known("https://n"), drafts("one", "two"))
    assert document.offered(first) == ["default/one", "default/two"]
    renamed = first.replace('name = "one"', 'name = "mine"')
    assert new_drafts(drafts("one", "two"), existing(renamed)) == []
    start = first.index("# job two")
    deleted = first[:start] + first[first.index(document.OFFERED) :]
    assert new_drafts(drafts("one", "two"), existing(deleted)) == []
    found = existing(deleted)
    fresh = new_drafts(drafts("one", "two", "three"), found)
    result = appended(found, fresh, drafts("one", "two", "three"))
    assert [each.job for each in fresh] == ["three"] and result.count(document.OFFERED) == 1
    assert document.offered(result) == ["default/one", "default/three", "default/two"]


def test_differences_are_told() -> None:
    found = existing('[[instance]]\nname = "one"\nbucket = "mine"\n')
    assert document.differences(drafts("one"), found) == ["one: bucket is mine in the file, the job says b-one"]


def test_hostile_names_stay_values() -> None:
    evil = Draft(
        job='x"]\n[vault]\naddress = "http://evil', name='x"]\n[vault]', url="https://x", why="\x1b[2J\n[vault]"
    )
    parsed = tomllib.loads(written(Known("https://n"), [evil]))
    assert "vault" not in parsed and parsed["instance"][0]["name"] == 'x"]\n[vault]'


def test_without_an_address_the_instance_waits_as_a_comment() -> None:
    text = written(Known("https://n"), [Draft(job="one", name="one", bucket="b")])
    assert "instance" not in tomllib.loads(text) and '# name = "one"' in text
