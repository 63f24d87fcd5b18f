"""`harbortui doctor` as a process on a simulated fleet: faults, tokens of each kind, formats, exit codes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from harbortui.cli.main import main
from harbortui.config.load import Places
from harbortui.sim.thread import SimThread
from harbortui.sim.vault import tokens as vault_tokens
from harbortui.sim.world.options import VAULT_PATH
from tests.probes.site import Site
from tests.safety.home import Home
from tests.safety.poison import EVIL, HARMLESS, SHAPES, changed, poisoned
from tests.safety.scanner import Scanner

MODERN = "v2.14.4"


@pytest.fixture(scope="module")
def sim() -> Iterator[SimThread]:
    with SimThread(instances=2, seed=1, harbor_version=MODERN) as running:
        yield running


@pytest.fixture
def site(sim: SimThread, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Site]:
    yield Site(sim, tmp_path, capsys)
    for backend in ("s3", "nomad", "vault", *(name for name in sim.fleet.endpoints if name.startswith("harbor:"))):
        sim.fault(backend, "up")


def test_least_privilege_is_fine_and_ends_with_0(site: Site) -> None:
    told = site.doctor(site.config(instances=2))
    assert (told.code, told.document["blind"]) == (0, []), told.out
    assert told.document["level"] in ("ok", "note") and "in full" in told.document["sentence"]
    assert not any(grant["wanted"] for grant in told.document["grants"])


def test_the_demos_habit_of_one_path_for_everything_is_named(site: Site, sim: SimThread) -> None:
    told = site.doctor(sim.config_path)
    shared = told.checks("Vault")["secret-shared"]
    assert told.code == 1 and shared["level"] == "warning"
    assert "admin_password" in shared["text"] and "db_password" in shared["text"]
    assert told.document["origin"] == "simulated"
    assert told.grant("Vault", "viewer").startswith('path "kv/data/harbortui/viewer" {')
    assert "s3-writes" in told.checks("S3")


def test_the_text_leads_with_the_verdict_and_fits_80_columns(site: Site, sim: SimThread) -> None:
    told = site.doctor(sim.config_path, "--grants", form="text")
    before, _, grants = told.out.partition("What to grant to a viewer:")
    assert before.startswith("WARNING: ") and "[SIMULATED]" in before
    assert max(map(len, before.splitlines())) <= 80
    assert before.index("▲ Vault") < before.index("● Nomad"), "what is hurt comes first"
    for policy in (
        site.doctor(sim.config_path).grant(system, "viewer") for system in ("Nomad", "Vault", "Harbor", "S3")
    ):
        assert policy in grants


def test_a_big_fleet_spells_out_only_what_is_not_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with SimThread(instances=5, seed=2, history_days=1, harbor_version=MODERN) as sim:
        site = Site(sim, tmp_path, capsys)
        told = site.doctor(site.config(instances=5), form="text")
    assert "things are well" in told.out and "clocks agree" not in told.out
    assert len(told.out.splitlines()) < 30 and told.out.count("● S3 ") == 1, "what is alike is said once"


def test_nothing_is_changed_anywhere_and_nobody_is_crowded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with SimThread(instances=6, seed=2, history_days=1, harbor_version=MODERN) as sim:
        site = Site(sim, tmp_path, capsys)
        before = sorted(tmp_path.rglob("*"))
        config = site.config(
            instances=6,
            vault_address=json.dumps(sim.url("vault")),
            vault_token=site.secret("v", sim.world.secrets.vault_token),
            harbor_password='{ key = "console_password" }',
        )
        made = {*before, *site.folder.iterdir()}
        told = site.doctor(config, "--role", "deployer")
        assert told.code == 2 and set(tmp_path.rglob("*")) == made
        counts = {name: each.counts for name, each in sim.fleet.listeners.items()}
        writes = {write for each in counts.values() for write in each.writes}
        assert writes == {"POST /v1/sys/capabilities-self"}
        assert counts["nomad"].peak <= 12 and counts["nomad"].refused == 0
        objects = [path for path in counts["s3"].by_path if path.startswith("GET ") and path.count("/") > 1]
        assert all("/minio/" in path for path in objects), objects


def test_a_fault_of_our_own_prints_no_secret(sim: SimThread, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    secret = sim.world.secrets.nomad_token
    for fault in (
        "harbortui.sources.nomad.inquiry:NomadInquiry.token",
        "harbortui.sources.vault.source:VaultSource.read",
    ):
        done = home.run("doctor", "--config", str(sim.config_path), faults=fault, secret=secret)
        assert done.returncode == 70 and b"internal error" in done.stderr
        assert Scanner(sim.world.secrets.all()).find(done.stdout + done.stderr) == set()
    assert list(home.files()) == []
    assert not any("textual" in event for event in home.events()), "the doctor needs no screen"


def test_what_many_instances_lack_is_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with SimThread(instances=5, seed=2, history_days=1, harbor_version=MODERN) as sim:
        site = Site(sim, tmp_path, capsys)
        told = site.doctor(site.config(instances=5, nomad_token="", storage_prefix=""), form="text")
    assert told.code == 2 and told.out.count("pane 5 Logs: 5 instances") == 1
    assert told.out.count("no token is given") == 1


@pytest.mark.parametrize("mode", ["down", "hanging", "forbidden", "wrong"])
@pytest.mark.parametrize("backend", ["vault", "nomad", "s3", "harbor"])
def test_one_broken_backend_is_named_and_hides_no_other(site: Site, sim: SimThread, backend: str, mode: str) -> None:
    first = sim.world.instances[0].name
    sim.fault(f"harbor:{first}" if backend == "harbor" else backend, mode)
    config = site.config(
        vault_address=json.dumps(sim.url("vault")), vault_token=site.secret("v", sim.world.secrets.vault_token)
    )
    # Only what hangs needs the time to be over; the rest ends by itself, however busy this machine is.
    told = site.doctor(config, "--timeout", "5" if mode == "hanging" else "60")
    source = {"vault": "Vault", "nomad": "Nomad", "s3": "S3", "harbor": "Harbor"}[backend]
    assert told.code == 2, told.out + told.err
    for part in told.document["parts"]:
        assert (part["level"] == "missing") is (part["source"] == source), part
    assert source in told.document["sentence"]


def test_a_dead_port_says_so_once_and_blinds_its_panes(site: Site, sim: SimThread) -> None:
    sim.fault("nomad", "down")
    told = site.doctor(site.config())
    assert [check["id"] for check in told.part("Nomad")["checks"]] == ["reachable"]
    assert {"2 Allocations", "5 Logs"} <= set(told.blind())


def test_a_name_that_is_none(site: Site) -> None:
    told = site.doctor(site.config(storage_endpoint='"http://no-such-host.invalid:9000"'))
    assert "the name" in told.checks("S3")["reachable"]["text"]


# Nomad


def test_a_token_without_read_logs_blinds_the_logs(site: Site, sim: SimThread) -> None:
    told = site.doctor(site.config(nomad_token=site.secret("n", sim.world.secrets.nomad_nologs_token)))
    assert told.code == 2
    assert told.blind()["5 Logs"]["needs"] == ["Nomad read-logs"] and set(told.blind()) == {"5 Logs"}
    assert "read-logs" in told.checks("Nomad")["right-missing"]["needs"]
    assert [grant["system"] for grant in told.document["grants"] if grant["wanted"]] == ["Nomad"]
    assert '"read-logs"' in told.grant("Nomad", "viewer")


def test_an_expired_token_and_none(site: Site, sim: SimThread) -> None:
    expired = site.doctor(site.config(nomad_token=site.secret("n", sim.world.secrets.nomad_expired_token)))
    assert expired.code == 2 and "expired" in expired.checks("Nomad")["nomad-token"]["text"]
    none = site.doctor(site.config(nomad_token=""))
    assert none.code == 2 and "anonymous" in none.checks("Nomad")["nomad-token"]["text"]


def test_a_management_token_works_and_is_warned_of(site: Site, sim: SimThread) -> None:
    told = site.doctor(site.config(nomad_token=site.secret("n", sim.world.secrets.nomad_token)), "--role", "deployer")
    assert "nomad-management" in told.checks("Nomad")
    assert "M stop, start, revert the job" not in told.blind()


def test_a_token_that_can_do_more_than_the_role(site: Site, sim: SimThread) -> None:
    operator = site.config(nomad_token=site.secret("n", sim.world.secrets.nomad_operator_token))
    told = site.doctor(operator)
    assert told.code == 1 and "alloc-lifecycle" in told.checks("Nomad")["right-too-many"]["text"]
    deployer = site.config(nomad_token=site.secret("n", sim.world.secrets.nomad_deployer_token))
    texts = site.doctor(deployer).texts("Nomad", "warning")
    assert any("run any program on any node (submit-job" in text for text in texts)


def test_the_role_decides_what_is_missing(site: Site, sim: SimThread) -> None:
    operator = site.config(nomad_token=site.secret("n", sim.world.secrets.nomad_operator_token))
    assert "right-missing" not in site.doctor(operator, "--role", "operator").checks("Nomad")
    told = site.doctor(operator, "--role", "deployer")
    assert told.code == 2 and "submit-job" in told.checks("Nomad")["right-missing"]["needs"]
    assert "M stop, start, revert the job" in told.blind() and "R restart" not in told.blind()


def test_a_nomad_without_acls(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with SimThread(instances=1, seed=1, acl=False, history_days=1) as sim:
        site = Site(sim, tmp_path, capsys)
        told = site.doctor(site.config(nomad_token=""), "--role", "deployer")
    assert "nomad-open" in told.checks("Nomad") and "right-missing" not in told.checks("Nomad")


def test_without_a_nomad_there_is_nothing_to_grant_there(site: Site) -> None:
    told = site.doctor(site.config(nomad_address=""), "--role", "operator")
    assert told.blind()["R restart"] == {**told.blind()["R restart"], "needs": []}
    assert "no Nomad address is configured" in told.blind()["5 Logs"]["reasons"][0]
    assert all(part["source"] != "Nomad" for part in told.document["parts"])
    fine = site.doctor(site.config(nomad_address=""))
    assert fine.code == 0 and "as far as it is configured" in fine.document["sentence"]


def test_a_job_that_is_not_there(site: Site) -> None:
    told = site.doctor(site.config(job='"harbor-elsewhere"'))
    assert told.code == 2 and "job-missing" in told.checks("Nomad")


# Harbor


def test_an_administrator_is_warned_of_and_sees_everything(site: Site, sim: SimThread) -> None:
    password = site.secret("h", sim.world.secrets.admin_password)
    told = site.doctor(site.config(harbor_username='"admin"', harbor_password=password))
    assert told.code == 1 and "harbor-admin" in told.checks("Harbor") and told.blind() == {}


def test_a_user_without_rights_blinds_panes_and_names_each_right(site: Site) -> None:
    told = site.doctor(site.config(harbor_username='"viewer"'))
    assert told.code == 2
    needs = told.blind()["4 Replication"]["needs"]
    assert set(needs) >= {"Harbor replication:list", "Harbor replication-policy:list", "Harbor replication:read"}
    assert told.blind()["3 Storage"]["needs"]
    granted = json.loads(told.grant("Harbor", "viewer"))["permissions"][0]["access"]
    assert {f"Harbor {each['resource']}:{each['action']}" for each in granted} >= set(needs)


def test_wrong_credentials_and_none(site: Site, sim: SimThread) -> None:
    wrong = site.doctor(site.config(harbor_password=site.secret("h", "not-it")))
    assert wrong.code == 2 and "account" in wrong.checks("Harbor")["harbor-account"]["text"]
    none = site.doctor(site.config(harbor_password="", harbor_username=""))
    assert none.code == 2 and "no credentials" in none.checks("Harbor")["harbor-account"]["text"]


def test_a_robot_that_can_do_more_than_the_role(site: Site) -> None:
    operator = site.config(harbor_username='"robot$ops-operator"')
    told = site.doctor(operator)
    assert told.code == 1 and "replication:create" in told.checks("Harbor")["right-too-many"]["text"]
    assert "right-missing" not in site.doctor(operator, "--role", "operator").checks("Harbor")


def test_what_a_robot_may_change_is_not_told_when_it_may_not_list_robots(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from harbortui.sim.harbor import grants

    few = tuple(right for right in grants.CONSOLE_SYSTEM if not right.startswith("robot:"))
    monkeypatch.setattr(grants, "CONSOLE_SYSTEM", few)
    told = site.doctor(site.config(), "--role", "operator")
    checks = told.checks("Harbor")
    assert checks["rights-untold"]["level"] == "note" and "C collect garbage" in checks["keys-untold"]["text"]
    assert "C collect garbage" not in told.blind() and "R restart" in told.blind()


# Vault


def vault(site: Site, sim: SimThread, token: str = "", **more: str) -> Path:
    """The console's secrets in Vault."""
    given = token or sim.world.secrets.vault_token
    fields = {"harbor_password": '{ key = "console_password" }', **more}
    return site.config(vault_address=json.dumps(sim.url("vault")), vault_token=site.secret("v", given), **fields)


def test_a_sealed_vault_is_said_first(site: Site, sim: SimThread) -> None:
    sim.call(lambda fleet: setattr(fleet.world.vault, "sealed", True))
    try:
        told = site.doctor(vault(site, sim))
    finally:
        sim.call(lambda fleet: setattr(fleet.world.vault, "sealed", False))
    assert told.code == 2 and "vault-sealed" in told.checks("Vault")
    assert "Vault" in told.checks("Harbor")["credentials"]["text"]
    assert not any(grant["wanted"] for grant in told.document["grants"]), "no policy opens a sealed Vault"


def test_a_token_that_vault_does_not_know(site: Site, sim: SimThread) -> None:
    told = site.doctor(vault(site, sim, "hvs.unknownunknownunknown"))
    assert told.code == 2 and told.checks("Vault")["vault-token"]["level"] == "missing"


def test_a_path_and_a_field_that_are_not_there(site: Site, sim: SimThread) -> None:
    absent = site.doctor(vault(site, sim, harbor_password='{ key = "no_such_field" }'))
    assert absent.code == 2 and "no_such_field" in absent.checks("Vault")["field-missing"]["text"]
    denied = site.doctor(vault(site, sim, harbor_password='{ vault = "kv/data/other", key = "x" }'))
    assert denied.checks("Vault")["right-missing"]["needs"] == "read on kv/data/other"


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({VAULT_PATH: ("read", "update")}, "vault-writes"),
        ({VAULT_PATH: ("read",), "kv/data/harbortui-doctor": ("read",)}, "vault-wide"),
        ({VAULT_PATH: ("read",), "sys/policies/acl/harbortui-doctor": ("create", "update")}, "vault-powers"),
    ],
)
def test_a_vault_token_that_can_do_more(
    site: Site, sim: SimThread, monkeypatch: pytest.MonkeyPatch, rules: dict[str, tuple[str, ...]], expected: str
) -> None:
    monkeypatch.setitem(vault_tokens.POLICIES, vault_tokens.READ_POLICY, rules)
    told = site.doctor(vault(site, sim))
    assert told.checks("Vault")[expected]["level"] == "warning"
    assert {"vault-writes", "vault-wide", "vault-powers"} & set(told.checks("Vault")) == {expected}


def test_the_administrators_password_is_noticed_by_its_name(site: Site, sim: SimThread) -> None:
    told = site.doctor(vault(site, sim, harbor_username='"admin"', harbor_password='{ key = "admin_password" }'))
    assert "harbor-admin" in told.checks("Harbor") and "admin_password" in told.checks("Vault")["secret-admin"]["text"]


# S3


def test_what_a_key_may_do_with_a_bucket(site: Site, sim: SimThread) -> None:
    good = site.doctor(site.config()).checks("S3")
    assert {"bucket", "rights", "s3-least"} <= set(good)
    wrong = site.doctor(site.config(storage_secret_key=site.secret("s", "wrongwrongwrongwrong")))
    assert wrong.code == 2 and wrong.checks("S3")["s3-key"]["level"] == "missing"
    absent = site.doctor(site.config(bucket='"no-such-bucket"'))
    assert "no such bucket" in absent.checks("S3")["bucket"]["text"]
    empty = site.doctor(site.config(prefix='"elsewhere"'))
    assert empty.code == 1 and "elsewhere" in empty.checks("S3")["prefix-empty"]["text"]


# Files, usage


def test_files_that_others_can_read(site: Site, sim: SimThread) -> None:
    open_to_all = site.config(mode=0o644, vault_address=json.dumps(sim.url("vault")), vault_token="")
    token = site.folder / "vault-token"
    token.write_text(sim.world.secrets.vault_token)
    token.chmod(0o640)
    open_to_all.write_text(open_to_all.read_text().replace("[vault]", f'[vault]\ntoken_file = "{token}"'))
    told = site.doctor(open_to_all)
    texts = told.texts("files", "warning")
    assert len(texts) == 2 and any("everybody" in text for text in texts) and any("its group" in text for text in texts)


@pytest.mark.parametrize(
    "arguments",
    [["--role", "admin"], ["--no-such-flag"], ["--instance", "nowhere"], ["--format", "yaml"]],
)
def test_wrong_usage_is_64(site: Site, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code: object = main(["doctor", "--config", str(site.config()), *arguments], places=Places.nowhere())
    except SystemExit as ended:
        code = ended.code
    assert code == 64 and capsys.readouterr().out == ""


def test_a_broken_configuration_is_64(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("[[instance]]\nname = 1\n")
    broken.chmod(0o600)
    assert main(["doctor", "--config", str(broken)], places=Places.nowhere()) == 64
    assert "broken.toml:2" in capsys.readouterr().err
    assert main(["doctor"], places=Places.nowhere()) == 64


def test_one_instance_only(site: Site, sim: SimThread) -> None:
    name = sim.world.instances[1].name
    told = site.doctor(site.config(instances=2), "--instance", name)
    assert [part["instances"] for part in told.document["parts"] if part["source"] == "Harbor"] == [[name]]


# Hostile answers


@pytest.mark.parametrize("all_fields", [False, True])
def test_hostile_answers_are_shown_harmlessly(site: Site, sim: SimThread, all_fields: bool) -> None:
    with changed(sim, lambda kind, body: (kind, poisoned(body, all_fields=all_fields))):
        told = site.doctor(site.config(), form="text")
    assert told.code in (0, 1, 2) and HARMLESS in told.out
    assert all(line.isprintable() for line in told.out.splitlines())
    assert not any(char in told.out for char in EVIL if not char.isprintable() and char not in "\n ")


@pytest.mark.parametrize("shape", SHAPES)
def test_answers_of_any_shape_are_survived(site: Site, sim: SimThread, shape: str) -> None:
    with changed(sim, lambda kind, _: (kind, SHAPES[shape])):
        told = site.doctor(site.config(), "--timeout", "10")
    assert told.code in (1, 2) and not re.search(r"Traceback|internal error", told.out + told.err)


# What a report must not say


@pytest.mark.parametrize(("backend", "mode"), [("nomad", "hanging"), ("nomad", "wrong"), ("s3", "down")])
def test_a_backend_that_is_away_needs_no_other_policy(site: Site, sim: SimThread, backend: str, mode: str) -> None:
    sim.fault(backend, mode)
    told = site.doctor(site.config(), "--timeout", "3")
    assert told.code == 2 and not any(grant["wanted"] for grant in told.document["grants"]), told.out + told.err


def test_a_secret_that_is_not_used_is_no_missing_policy(site: Site, sim: SimThread) -> None:
    told = site.doctor(site.config(nomad_token=site.secret("n", sim.world.secrets.nomad_read_token, mode=0o644)))
    assert told.code == 2 and "chmod 600" in told.checks("Nomad")["credentials"]["text"]
    assert not any(grant["wanted"] for grant in told.document["grants"])


def test_a_server_that_hangs_is_told_from_one_that_was_not_tried(site: Site, sim: SimThread) -> None:
    sim.fault("s3", "hanging")
    reachable = site.doctor(site.config(), "--timeout", "3").checks("S3")["reachable"]
    assert "taken but not answered" in reachable["hint"]


def test_keys_that_do_not_work_are_no_panes_that_cannot_be_seen(site: Site) -> None:
    told = site.doctor(site.config(), "--role", "deployer")
    assert told.code == 2 and set(row["kind"] for row in told.document["blind"]) == {"key"}
    assert "not every key works for a deployer" in told.document["sentence"]


def test_what_is_the_same_at_one_address_is_said_once(site: Site, sim: SimThread) -> None:
    sim.fault("s3", "down")
    told = site.doctor(site.config(instances=2), form="text")
    assert told.out.count("✖ S3 ") == 1 and told.out.count("connection refused") < 4


def test_a_locale_without_our_signs(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    import io
    import sys

    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="latin-1"))
    code = main(["doctor", "--config", str(site.config())], places=Places.nowhere())
    assert code == 0 and "* Nomad" in raw.getvalue().decode("latin-1")
