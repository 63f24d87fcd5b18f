"""Which of several places wins, what instances inherit, and that every value says where it came from."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from harbortui.config.environment import CONFIG_VARIABLE, TOOL_VARIABLES, VARIABLES
from harbortui.config.errors import ConfigError, UnknownInstance
from harbortui.config.load import Places, load
from harbortui.config.settings import CredentialRef, Origin, Settings, Tls
from tests.config.conftest import MINIMAL, Write

FLEET = """\
[fleet]
name = "ackermann"

[vault]
address = "http://127.0.0.1:8200/"
token_file = "token"

[nomad]
address = "http://127.0.0.1:4646"
token = { vault = "kv/data/harbor", key = "nomad_token" }

[storage]
endpoint = "http://127.0.0.1:9000"
access_key = "harbor-5dd6a6b7"
secret_key = { key = "s3_secret_key" }

[harbor]
username = "robot$ops-console"
password = { key = "console_password" }

[[instance]]
name = "harbor-vm-06"
url = "http://127.0.0.1:8880/"
external_url = "https://harbor.example.org"
bucket = "harbor"
prefix = "/registry"

[[instance]]
name = "harbor-nas"
url = "http://127.0.0.1:8881"
job = "harbor-on-nas"
bucket = "harbor-nas"
namespace = "nas"
vault_path = "kv/data/nas"
[instance.nomad]
address = "http://127.0.0.1:4747"
region = "home"
[instance.storage]
region = "eu"
[instance.harbor]
username = { env = "NAS_USER" }
[instance.proxy]
harbor = "http://127.0.0.1:3128"
"""


def of(settings: Settings, key: str) -> tuple[str, Origin]:
    return settings.values[key], settings.sources[key].origin


def test_instances_inherit_the_fleet(write: Write) -> None:
    path = write(FLEET)
    settings = load(config=path, environ={}, places=Places.nowhere())
    first, second = settings.instances
    assert settings.vault and settings.vault.address == "http://127.0.0.1:8200"
    assert settings.vault.token == CredentialRef(file=str(path.parent / "token"))
    assert (first.url, first.prefix, first.job) == ("http://127.0.0.1:8880", "registry", "harbor-vm-06")
    assert first.nomad and first.nomad.namespace == "default"
    assert first.nomad.token == CredentialRef(vault="kv/data/harbor", key="nomad_token")
    assert first.harbor.username == CredentialRef(plain="robot$ops-console")
    assert first.harbor.password == CredentialRef(vault="kv/data/harbor", key="console_password")
    assert first.storage and first.storage.secret_key == CredentialRef(vault="kv/data/harbor", key="s3_secret_key")
    assert second.job == "harbor-on-nas"
    assert second.nomad and (second.nomad.address, second.nomad.region, second.nomad.namespace) == (
        "http://127.0.0.1:4747",
        "home",
        "nas",
    )
    assert second.nomad.token == CredentialRef(vault="kv/data/harbor", key="nomad_token")
    assert second.storage and (second.storage.endpoint, second.storage.region) == ("http://127.0.0.1:9000", "eu")
    assert second.storage.secret_key == CredentialRef(vault="kv/data/nas", key="s3_secret_key")
    assert second.harbor.username == CredentialRef(env="NAS_USER")
    assert (first.harbor.proxy, second.harbor.proxy) == ("", "http://127.0.0.1:3128")
    assert settings.warnings == ()


def test_without_nomad_store_or_vault_there_is_none(write: Write) -> None:
    settings = load(config=write(MINIMAL), environ={}, places=Places.nowhere())
    (only,) = settings.instances
    assert settings.vault is None and only.nomad is None and only.storage is None
    assert only.harbor.username is None


def test_later_places_win(write: Write, places: Places) -> None:
    write("[fleet]\nname = 'system'\nrefresh = 20\n[ui]\ntheme = 'a'\n" + MINIMAL, "etc/config.toml", 0o644)
    write("[fleet]\nrefresh = '30s'\n[[instance]]\nname = 'one'\nbucket = 'b'\n", "user/config.toml")
    environ = {"HARBORTUI_REFRESH": "40s", "HARBORTUI_TIMEZONE": "local", "HARBORTUI_THEME": "b"}
    settings = load(flags={"--theme": "c"}, environ=environ, places=places)
    assert of(settings, "fleet.name") == ("system", Origin.SYSTEM)
    assert of(settings, "fleet.refresh") == ("40", Origin.ENVIRONMENT)
    assert of(settings, "ui.theme") == ("c", Origin.FLAG)
    assert of(settings, "instance.one.bucket") == ("b", Origin.USER)
    assert of(settings, "instance.one.url") == ("https://one.example.org", Origin.SYSTEM)
    assert of(settings, "thresholds.restarts") == ("3", Origin.DEFAULT)
    assert (settings.fleet.refresh, settings.ui.theme, settings.ui.timezone) == (40.0, "c", "local")
    assert settings.files == (str(places.system_file), str(places.user_file))


def test_a_named_file_takes_the_place_of_the_user_file(write: Write, places: Places) -> None:
    write("[fleet]\nname = 'user'\n" + MINIMAL, "user/config.toml")
    other = write("[[instance]]\nname = 'two'\nurl = 'https://two'\n", "other.toml")
    named = write("[[instance]]\nname = 'three'\nurl = 'https://three'\n", "named.toml")
    by_variable = load(environ={"HARBORTUI_CONFIG": str(named)}, places=places)
    by_flag = load(config=other, environ={"HARBORTUI_CONFIG": str(named)}, places=places)
    assert [each.name for each in by_variable.instances] == ["three"]
    assert [each.name for each in by_flag.instances] == ["two"]
    assert by_flag.fleet.name == ""


def test_wrong_and_unknown_variables(write: Write) -> None:
    path = write("[nomad]\naddress='http://n'\ntoken={env='HARBORTUI_NOMAD_SECRET'}\n" + MINIMAL)
    with pytest.raises(ConfigError, match="HARBORTUI_REFRESH: expected seconds"):
        load(config=path, environ={"HARBORTUI_REFRESH": "never"}, places=Places.nowhere())
    environ = {
        "HARBORTUI_THEM": "x",
        "HARBORTUI_NOMAD_SECRET": "PLANTED",
        "HARBORTUI_MOUSE": "",
        "HARBORTUI_LIVE_S3": "x",
    }
    settings = load(config=path, environ=environ, places=Places.nowhere())
    assert len(settings.warnings) == 1 and "'HARBORTUI_THEME'" in settings.warnings[0]


def test_the_tools_variables_fill_what_nobody_said(write: Write) -> None:
    environ = {
        "VAULT_ADDR": "https://vault:8200",
        "VAULT_NAMESPACE": "ops",
        "VAULT_CACERT": "/ca/vault.pem",
        "VAULT_TOKEN": "PLANTED",
        "NOMAD_ADDR": "https://nomad:4646",
        "NOMAD_REGION": "eu",
        "NOMAD_NAMESPACE": "registries",
        "NOMAD_CACERT": "/ca/nomad.pem",
        "NOMAD_CLIENT_CERT": "/crt",
        "NOMAD_CLIENT_KEY": "/key",
        "NOMAD_TLS_SERVER_NAME": "server.eu.nomad",
        "NOMAD_TOKEN": "PLANTED",
    }
    settings = load(config=write(MINIMAL), environ=environ, places=Places.nowhere())
    assert settings.vault and settings.vault.address == "https://vault:8200"
    assert (settings.vault.namespace, settings.vault.tls.ca_file) == ("ops", "/ca/vault.pem")
    assert settings.vault.token == CredentialRef(env="VAULT_TOKEN")
    nomad = settings.instances[0].nomad
    assert nomad and (nomad.region, nomad.namespace) == ("eu", "registries")
    assert nomad.token == CredentialRef(env="NOMAD_TOKEN")
    assert nomad.tls == Tls(
        ca_file="/ca/nomad.pem", client_cert="/crt", client_key="/key", server_name="server.eu.nomad"
    )
    assert (
        settings.sources["nomad.region"].origin is Origin.TOOL
        and settings.sources["nomad.region"].where == "NOMAD_REGION"
    )
    assert settings.instances[0].harbor.tls == Tls()
    assert "PLANTED" not in repr(settings)


def test_what_a_person_wrote_goes_before_the_tools_variables(write: Write) -> None:
    text = "[tls]\nca_file = '/ours.pem'\n[nomad]\naddress = 'https://ours'\nregion = 'r'\n" + MINIMAL
    environ = {"NOMAD_ADDR": "https://theirs", "NOMAD_CACERT": "/theirs.pem", "NOMAD_REGION": "x"}
    nomad = load(config=write(text), environ=environ, places=Places.nowhere()).instances[0].nomad
    assert nomad and (nomad.address, nomad.region, nomad.tls.ca_file) == ("https://ours", "r", "/ours.pem")


def test_skip_verify_is_not_obeyed(write: Write) -> None:
    environ = {
        "VAULT_ADDR": "https://v",
        "VAULT_SKIP_VERIFY": "true",
        "NOMAD_ADDR": "https://n",
        "NOMAD_SKIP_VERIFY": "1",
    }
    settings = load(config=write(MINIMAL), environ=environ, places=Places.nowhere())
    assert settings.vault and settings.vault.tls.verify
    assert settings.instances[0].nomad and settings.instances[0].nomad.tls.verify
    assert [each.split()[0] for each in settings.warnings] == ["VAULT_SKIP_VERIFY", "NOMAD_SKIP_VERIFY"]


def test_a_simulated_fleet_ignores_the_tools_variables(write: Write, places: Places) -> None:
    text = "[fleet]\nsimulated = true\n[vault]\naddress='http://127.0.0.1:1'\n" + MINIMAL
    settings = load(config=write(text), environ={"VAULT_TOKEN": "x", "NOMAD_ADDR": "https://real"}, places=places)
    assert settings.vault and settings.vault.token is None
    assert settings.instances[0].nomad is None


def test_vaults_token_file_is_the_last_resort(write: Write, places: Places) -> None:
    write("hvs.x", "home/.vault-token")
    path = write("[vault]\naddress='http://v'\n" + MINIMAL)
    named = write("[vault]\naddress='http://v'\ntoken_file='own'\n" + MINIMAL, "named.toml")
    assert places.home
    found = [
        load(config=each, environ=env, places=places).vault
        for each in (path, named)
        for env in ({}, {"VAULT_TOKEN": "x"})
    ]
    assert [each and each.token for each in found] == [
        CredentialRef(file=str(places.home / ".vault-token")),
        CredentialRef(env="VAULT_TOKEN"),
        CredentialRef(file=str(named.parent / "own")),
        CredentialRef(file=str(named.parent / "own")),
    ]


def test_a_tools_token_is_not_sent_to_another_address(write: Write) -> None:
    text = MINIMAL + "[instance.nomad]\naddress = 'https://other'\n"
    settings = load(
        config=write(text), environ={"NOMAD_ADDR": "https://n", "NOMAD_TOKEN": "x"}, places=Places.nowhere()
    )
    assert settings.instances[0].nomad and settings.instances[0].nomad.token is None
    assert "NOMAD_TOKEN is not sent" in settings.warnings[0]


def test_nothing_is_picked_up_by_accident(write: Write, places: Places) -> None:
    environ = {
        "AWS_ACCESS_KEY_ID": "AKIAPLANTED",
        "AWS_SECRET_ACCESS_KEY": "PLANTED",
        "HTTPS_PROXY": "http://proxy",
        "https_proxy": "http://proxy",
        "NETRC": "/x",
        "NOMAD_HTTP_AUTH": "u:PLANTED",
    }
    text = "[storage]\nendpoint = 'https://s3'\n" + MINIMAL + "bucket = 'b'\n"
    settings = load(config=write(text), environ=environ, places=places)
    (only,) = settings.instances
    assert only.storage and only.storage.access_key is None and only.storage.proxy == ""
    assert "PLANTED" not in repr(settings) and "proxy'" not in repr(only)


def test_unverified_hosts_must_be_named(write: Write) -> None:
    text = "[tls]\nunverified_hosts = ['one.example.org']\n" + MINIMAL + "[instance.harbor.tls]\nverify = false\n"
    settings = load(config=write(text), environ={}, places=Places.nowhere())
    assert not settings.instances[0].harbor.tls.verify
    assert settings.warnings == ("the certificate of one.example.org is not verified, as the configuration says",)


def test_the_production_mark_of_the_fleet_marks_every_instance(write: Write) -> None:
    settings = load(config=write("[fleet]\nproduction = true\n" + MINIMAL), environ={}, places=Places.nowhere())
    assert settings.instances[0].production


def test_odd_but_allowed(write: Write) -> None:
    text = FLEET.replace("8881", "8880").replace('"harbor-nas"\nnamespace', '"harbor"\nprefix = "registry"\nnamespace')
    text = text.replace('[vault]\naddress = "http://127.0.0.1:8200/"\n', "[vault]\n")
    warnings = load(config=write(text), environ={}, places=Places.nowhere()).warnings
    assert any("same url" in each for each in warnings)
    assert any("same bucket and prefix" in each for each in warnings)
    assert any("no Vault address is known" in each for each in warnings)


def test_only_one_instance(write: Write) -> None:
    settings = load(config=write(FLEET), environ={}, places=Places.nowhere())
    assert [each.name for each in settings.only("harbor-nas").instances] == ["harbor-nas"]
    with pytest.raises(UnknownInstance, match="did you mean 'harbor-nas'"):
        settings.only("harbor-nass")


def test_three_hundred_instances(write: Write) -> None:
    text = FLEET + "".join(
        f'[[instance]]\nname = "h{n}"\nurl = "http://h:{n + 1}"\nbucket = "b{n}"\n' for n in range(300)
    )
    settings = load(config=write(text), environ={}, places=Places.nowhere())
    assert len(settings.instances) == 302
    assert msgspec.structs.asdict(settings.instances[-1])["name"] == "h299"


def test_the_documented_file_and_variables_are_the_real_ones(write: Write) -> None:
    text = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text("utf-8")
    example = text.split("```toml\n")[1].split("```")[0]
    settings = load(config=write(example), environ={}, places=Places.nowhere())
    assert settings.warnings == () and settings.instances[0].production
    assert set(re.findall(r"`((?:HARBORTUI|VAULT|NOMAD)_[A-Z_]+)`", text)) == (
        {*VARIABLES, *TOOL_VARIABLES, CONFIG_VARIABLE}
        | {"VAULT_TOKEN", "NOMAD_TOKEN", "VAULT_SKIP_VERIFY", "NOMAD_SKIP_VERIFY"}
    )
