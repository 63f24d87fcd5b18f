"""What is taken from environments and templates: an allow-list, shapes, and never a secret."""

from __future__ import annotations

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbortui.setup import toml
from harbortui.sources.nomad import spec_texts

REGISTRY = """\
version: 0.1
storage:
  s3:
    accesskey: AKIAIOSFODNN7EXAMPLE
    secretkey: wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY
    region: eu-central-1   # Frankfurt
    regionendpoint: 's3.example.org:9000'
    bucket: "harbor-blobs"
    secure: false
    rootdirectory: /registry
  cache:
    layerinfo: redis
redis:
  addr: redis:6379
  password: hunter2hunter2
http:
  secret: 0123456789abcdef
"""


def test_a_registrys_storage_is_read_and_nothing_else() -> None:
    found = dict(spec_texts.of_template(REGISTRY))
    assert found == {
        "region": "eu-central-1",
        "endpoint": "s3.example.org:9000",
        "bucket": "harbor-blobs",
        "secure": "false",
        "prefix": "/registry",
    }


def test_a_harbor_yml_and_an_environment_file() -> None:
    text = "hostname: harbor.example.org\nexternal_url: https://r.example.org:8443\n"
    text += "storage_service:\n  s3:\n    bucket: b-1\n"
    assert dict(spec_texts.of_template(text)) == {
        "hostname": "harbor.example.org",
        "external_url": "https://r.example.org:8443",
        "bucket": "b-1",
    }
    env = 'EXT_ENDPOINT="https://h.example.org"\nexport REGISTRY_STORAGE_S3_BUCKET=b-2\nHARBOR_ADMIN_PASSWORD=Harbor1\n'
    assert dict(spec_texts.of_template(env)) == {"external_url": "https://h.example.org", "bucket": "b-2"}


def test_names_outside_their_place_are_nothing() -> None:
    assert list(spec_texts.of_template("backup:\n  bucket: other\n  hostname: elsewhere\n")) == []
    assert list(spec_texts.of_template("azure:\n  region: x\ns3:\n  region: eu-1\n")) == [("region", "eu-1")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EXT_ENDPOINT", "https://admin:Harbor12345@harbor.example.org"),
        ("EXT_ENDPOINT", "https://harbor.example.org/?token=abcdef0123456789"),
        ("EXT_ENDPOINT", '{{ env "NOMAD_META_url" }}'),
        ("EXT_ENDPOINT", "${NOMAD_META_url}"),
        ("EXT_ENDPOINT", "javascript:alert(1)"),
        ("EXT_ENDPOINT", "https://h\x1b[2J.example.org"),
        ("REGISTRY_STORAGE_S3_BUCKET", "hvs.CAESIJlongvaulttokenlooksliketh1s"),
        ("REGISTRY_STORAGE_S3_BUCKET", "AKIAIOSFODNN7EXAMPLE"),
        ("REGISTRY_STORAGE_S3_REGION", "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"),
        ("REGISTRY_STORAGE_S3_ROOTDIRECTORY", "[@click=app.quit]x"),
        ("REGISTRY_STORAGE_S3_BUCKET", "b" * 10_000),
        ("REGISTRY_STORAGE_S3_ROOTDIRECTORY", "hvs.CAESIJlongvaulttokenlooksliketh1s"),
        ("REGISTRY_STORAGE_S3_SECRETKEY", "harmless"),
        ("HARBOR_ADMIN_PASSWORD", "harbor"),
    ],
)
def test_what_is_no_setting_or_like_a_secret_is_left_out(name: str, value: str) -> None:
    assert spec_texts.of_environment(name, value) is None


def test_vault_paths_and_field_names() -> None:
    text = (
        '{{ with secret "kv/data/harbor" }}\nA={{ .Data.data.db_password }}\n'
        'B={{ index .Data.data "admin-x" }}\n{{ end }}'
        '{{with secret "kv/data/other"}}{{.Data.data.k}}{{end}}'
    )
    assert spec_texts.vault_fields(text) == {"kv/data/harbor": ("db_password", "admin-x"), "kv/data/other": ("k",)}


def test_a_template_that_includes_itself_is_only_text() -> None:
    text = '{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}\nEXT_ENDPOINT={{ template "a" }}\n' * 2_000
    assert list(spec_texts.of_template(text)) == []


def test_huge_texts_are_cut_and_quick() -> None:
    assert list(spec_texts.of_template(" " * 5_000_000 + "\nEXT_ENDPOINT=https://late.example.org\n")) == []
    assert list(spec_texts.of_template("a" * 900 + ": b\n" * 1_000_000)) == []
    assert spec_texts.vault_fields('{{ with secret "' * 100_000) == {}
    assert spec_texts.hosts_of_tag("Host(`" * 100_000) == ()


@given(st.text(max_size=400))
def test_any_text_is_survived_and_what_comes_out_is_plain(text: str) -> None:
    for name, value in spec_texts.of_template(text):
        assert spec_texts.SHAPES[name].fullmatch(value) and value.isascii() and value.isprintable()
    for path in spec_texts.vault_fields(text):
        assert path.isprintable()


@given(st.text(max_size=200))
def test_every_text_written_as_toml_is_read_back(text: str) -> None:
    written = toml.text(text)
    whole = text.encode("utf-8", "replace").decode().replace("\ufffd", "?")
    assert tomllib.loads(f"a = {written}")["a"].replace("\ufffd", "?") == whole
    assert written.isprintable()


@given(st.text(max_size=300))
def test_no_comment_breaks_out(text: str) -> None:
    lines = toml.comment(text)
    assert tomllib.loads("\n".join(lines)) == {} and all(line.isprintable() for line in lines)


def test_the_values_of_the_simulated_jobs_hold_no_secret() -> None:
    from harbortui.sim.thread import SimThread
    from harbortui.sim.world.jobspec import make_tasks
    from tests.safety.scanner import Scanner

    with SimThread(instances=1, seed=3, history_days=1) as sim:
        secrets = sim.world.secrets
        tasks = make_tasks(sim.world, sim.world.instances[0].job_id, "v2.11.2", {})
    taken = [spec_texts.of_environment(name, value) for each in tasks for name, value in each.env.items()]
    assert Scanner(secrets.all()).find(json.dumps([each for each in taken if each])) == set()
    assert ("bucket", "harbor") in taken
