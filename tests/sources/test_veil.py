"""No secret of a hostile specification is shown, wherever it stands; what is harmless stays readable."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harbortui.model.redact import Cleaner, Redactor
from harbortui.model.secret import MASK, Secret
from harbortui.model.text import is_safe
from harbortui.sources.nomad.raw import ALLOCATION, JOB, NODE
from harbortui.sources.raw import MOST_LINES, PLAIN, raw_object
from harbortui.sources.rows import Unreadable
from harbortui.sources.veil import MOST_DEPTH, Shape

UNKNOWN = "Zk3qWplainNobodyKnows"
"""A secret that is neither learned nor looks like one."""


def clean() -> Cleaner:
    return Cleaner(Redactor())


def shown(value: object, shape: Shape = JOB, cleaner: Cleaner | None = None) -> str:
    return "\n".join(raw_object(json.dumps(value).encode(), shape, cleaner or clean(), title="t", source="s").lines)


def hostile_job() -> dict[str, Any]:
    """A job with a secret in every place where a specification can hold one."""
    task = {
        "Name": "core",
        "Driver": "docker",
        "Env": {"POSTGRES_PASSWORD": UNKNOWN, "HARMLESS": UNKNOWN, "NESTED": json.dumps({"a": UNKNOWN})},
        "Meta": {"note": UNKNOWN},
        "User": "harbor",
        "Config": {
            "image": "goharbor/harbor-core:v2.14.4",
            "auth": {"username": UNKNOWN, "password": UNKNOWN},
            "args": ["--config", "x", UNKNOWN],
            "command": UNKNOWN,
            "entrypoint": [UNKNOWN],
            "labels": [{"com.example": UNKNOWN}],
            "logging": {"config": [{"splunk-token": UNKNOWN}]},
            "mount": [{"volume_options": {"driver_config": {"options": {"o": UNKNOWN}}}}],
            "something_new": UNKNOWN,
        },
        "Templates": [
            {
                "DestPath": "secrets/app.conf",
                "EmbeddedTmpl": f"key: {UNKNOWN}",
                "ChangeScript": {"Args": [UNKNOWN]},
                "NewField": UNKNOWN,
            }
        ],
        "Artifacts": [
            {
                "GetterSource": f"https://files.example/x.tgz?token={UNKNOWN}&archive={UNKNOWN}",
                "GetterHeaders": {"X-Auth": UNKNOWN},
                "GetterOptions": {"aws_access_key_secret": UNKNOWN},
            }
        ],
        "Services": [
            {
                "Name": "core",
                "Tags": [f"traefik.http.middlewares.a.basicauth.users=admin:{UNKNOWN}"],
                "Meta": {"k": UNKNOWN},
                "Checks": [{"Header": {"Cookie": [UNKNOWN]}, "Args": [UNKNOWN], "Body": UNKNOWN}],
                "Connect": {"SidecarService": {"Proxy": {"Config": {"envoy_extra": UNKNOWN}}}},
            }
        ],
        "Actions": [{"Name": "x", "Command": UNKNOWN, "Args": [UNKNOWN]}],
        "Resources": {"CPU": 500, "MemoryMB": 512},
        "FutureBlock": {"deep": [{"deeper": UNKNOWN}]},
        "Secrets": [{"Provider": "vault", "Config": {"x": UNKNOWN}}],
    }
    return {
        "ID": "harbor",
        "Meta": {"owner": UNKNOWN},
        "Payload": UNKNOWN,
        "VaultToken": UNKNOWN,
        "ConsulToken": UNKNOWN,
        "NomadTokenID": UNKNOWN,
        "TaskGroups": [
            {
                "Name": "harbor",
                "Count": 1,
                "Meta": {"x": UNKNOWN},
                "Volumes": {"csi": {"MountOptions": {"MountFlags": [UNKNOWN]}, "Secrets": {"k": UNKNOWN}}},
                "Tasks": [task],
            }
        ],
        "Env": [{"Name": "X", "Value": UNKNOWN}],
        "api_credentials": {"any": {"thing": [UNKNOWN]}},
        "list": ["--password", UNKNOWN],
        "pairs": [{"Name": "DB_PASSWORD", "Value": UNKNOWN}],
    }


def test_a_hostile_specification_shows_none_of_its_secrets() -> None:
    text = shown(hostile_job())
    assert UNKNOWN not in text
    for kept in ("harbor-core:v2.14.4", "POSTGRES_PASSWORD", "HARMLESS", "secrets/app.conf", '"MemoryMB": 512', "core"):
        assert kept in text, kept
    assert "files.example/x.tgz?" in text and "basicauth.users=" in text


def test_an_allocation_shows_no_job_and_no_identity() -> None:
    allocation = {
        "ID": "a",
        "Job": hostile_job(),
        "SignedIdentities": {"core": UNKNOWN},
        "AllocatedResources": {"Tasks": {"core": {"Memory": {"MemoryMB": 512}}}},
        "TaskStates": {"core": {"State": "running", "Events": [{"DisplayMessage": f"password={UNKNOWN}"}]}},
        "JobDiff": {"x": UNKNOWN},
    }
    text = shown(allocation, ALLOCATION)
    assert UNKNOWN not in text and "shown under the object itself" in text
    assert '"MemoryMB": 512' in text and '"State": "running"' in text


def test_a_node_shows_attributes_but_what_sounds_secret() -> None:
    node = {
        "SecretID": UNKNOWN,
        "Attributes": {"cpu.arch": "amd64", "vault.token": UNKNOWN},
        "Meta": {"api_key": UNKNOWN, "rack": "r1"},
    }
    text = shown(node, NODE)
    assert UNKNOWN not in text and "amd64" in text and '"rack": "r1"' in text


@pytest.mark.parametrize(
    "key",
    [
        *(
            "password",
            "DB_PASSWORD",
            "passwd",
            "Passphrase",
            "secret_key",
            "clientSecret",
            "apiKey",
            "api-key",
            "token",
        ),
        *("access_key", "AccessKeyID", "Authorization", "set-cookie", "auth", "X-Vault-Token", "credential", "ssh_key"),
        *("private_key_pem", "jwt", "htpasswd", "redis_url", "SESSION_ID", "admin_pw", "basicAuth", "signature"),
        *("PASS", "db_pass", "DBPASS", "dbPass", "psk", "wifi.psk", "hmac", "slack_webhook", "license", "kek", "seed"),
    ],
)
def test_keys_that_sound_like_secrets(key: str) -> None:
    for value in (UNKNOWN, [UNKNOWN], {"x": UNKNOWN}, 12345678, [{"y": [UNKNOWN, 12345678]}]):
        text = shown({key: value}, PLAIN)
        assert UNKNOWN not in text and "12345678" not in text and MASK in text


def test_harmless_keys_stay() -> None:
    keys = ("auth_mode", "name", "author", "keyboard", "registry_url", "compass", "primary_auth_mode", "spin", "Keys")
    text = shown(dict.fromkeys(keys, "visible"), PLAIN)
    assert text.count("visible") == len(keys)


def test_the_consoles_own_secrets_are_masked_in_every_spelling() -> None:
    redactor = Redactor()
    redactor.learn(Secret('s3cr"et/with+signs'))
    text = shown(
        {"a": 's3cr"et/with+signs', "b": "x s3cr%22et%2Fwith%2Bsigns", "c": {'s3cr"et/with+signs': 1}},
        PLAIN,
        Cleaner(redactor),
    )
    assert "s3cr" not in text


def test_a_list_of_masked_values_does_not_tell_how_many() -> None:
    assert shown({"env": ["a", "b", "c"]}).count(MASK) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=12), inner, max_size=5),
    max_leaves=40,
)


@settings(max_examples=150, deadline=None)
@given(JSON)
def test_any_json_becomes_safe_lines(value: object) -> None:
    for shape in (JOB, PLAIN):
        found = raw_object(json.dumps(value).encode(), shape, clean(), title="t\x1b", source="s\n")
        assert all(is_safe(line) for line in (*found.lines, found.title, found.source))


@settings(max_examples=100, deadline=None)
@given(JSON)
def test_nothing_beneath_a_hidden_key_is_shown(value: object) -> None:
    def planted(each: object) -> object:
        if isinstance(each, dict):
            return {f"k{position}": planted(inner) for position, inner in enumerate(each.values())}
        return [planted(inner) for inner in each] if isinstance(each, list) else UNKNOWN

    for key in ("Env", "Meta", "password", "EmbeddedTmpl"):
        assert UNKNOWN not in shown({"Tasks": [{"Name": "x", key: planted(value)}]})


def test_deep_wide_and_endless_objects_are_cut() -> None:
    deep: object = "bottom"
    for _ in range(MOST_DEPTH * 3):
        deep = {"a": deep}
    found = raw_object(json.dumps(deep).encode(), PLAIN, clean(), title="t", source="s")
    assert found.cut and "bottom" not in "".join(found.lines)
    wide = raw_object(json.dumps([0] * 200_000).encode(), PLAIN, clean(), title="t", source="s")
    assert wide.cut and len(wide.lines) == MOST_LINES + 1 and wide.lines[-1].endswith("more lines")
    for body in (b"[" * 100_000, b"x", b"\xff", b"[" + b"0," * 3_000_000 + b"0]"):
        with pytest.raises(Unreadable):
            raw_object(body, PLAIN, clean(), title="t", source="s")


def test_two_keys_that_look_alike_both_stay() -> None:
    text = shown({"a\u200b": 1, "a\u200c": 2}, PLAIN)
    assert "1" in text and "2" in text
