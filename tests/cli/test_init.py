"""`harbortui init` on the simulated fleet and on prepared jobs: what is found, written, asked, and left alone."""

from __future__ import annotations

import json
import os
import stat
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harbortui.cli import init
from harbortui.cli.arguments import parse
from harbortui.cli.main import main
from harbortui.config.load import Places, load
from harbortui.sim.thread import SimThread
from tests.safety.home import Home
from tests.safety.scanner import Scanner
from tests.setup.fake_nomad import ALLOCATION, COMPONENTS, FakeNomad, harbor, job, serving, task
from tests.sources.certificates import Authority

TOOLS = (
    "NOMAD_ADDR",
    "NOMAD_TOKEN",
    "NOMAD_NAMESPACE",
    "NOMAD_REGION",
    "VAULT_ADDR",
    "VAULT_TOKEN",
    "HARBORTUI_CONFIG",
)


@pytest.fixture(autouse=True)
def no_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in TOOLS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def sim() -> Iterator[SimThread]:
    with SimThread(instances=3, seed=1) as running:
        yield running


class Run:
    """One run with its words and what it left behind."""

    def __init__(self, path: Path, code: int, out: str, err: str) -> None:
        self.path, self.code, self.out, self.err = path, code, out, err

    @property
    def data(self) -> dict[str, object]:
        return tomllib.loads(self.path.read_text("utf-8"))

    @property
    def instances(self) -> dict[str, dict[str, object]]:
        found = self.data.get("instance", [])
        assert isinstance(found, list)
        return {each["name"]: each for each in found}


Start = Callable[..., Run]


@pytest.fixture
def start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Start:
    """Runs init; ``typed`` are a person's answers, without them there is nobody to ask."""
    places = Places(None, tmp_path / "home" / "config" / "harbortui" / "config.toml", None, os.geteuid())

    def run(address: str, *arguments: str, typed: list[str] | None = None) -> Run:
        answers = iter(typed or ())

        def ask(question: str, default: str) -> str | None:
            if typed is None:
                return None
            return next(answers, "") or default

        args = parse(["init", *(["--nomad", address] if address else []), *arguments])
        code = init.run(args, places, ask)
        captured = capsys.readouterr()
        assert places.user_file is not None
        path = Path(args.output) if args.output else places.user_file
        return Run(path, code, captured.out, captured.err)

    return run


@pytest.fixture
def reader(sim: SimThread, monkeypatch: pytest.MonkeyPatch) -> SimThread:
    monkeypatch.setenv("NOMAD_TOKEN", sim.world.secrets.nomad_read_token)
    return sim


def test_the_whole_fleet_is_found_and_nothing_secret_is_taken(start: Start, reader: SimThread) -> None:
    run = start(reader.url("nomad"), "--yes")
    assert run.code == 1, "the robot's and the key's credentials are still missing"
    assert set(run.instances) == {each.name for each in reader.world.instances}
    for each in reader.world.instances:
        found = run.instances[each.name]
        assert (found["job"], found["bucket"], found["prefix"]) == (each.job_id, each.bucket_name, "registry")
        assert found["external_url"] == each.external_url and str(found["url"]).endswith(f":{each.port}")
    assert run.data["storage"] == {"endpoint": "http://10.0.0.200:9000", "region": "us-east-1"}
    assert run.data["fleet"] == {"name": reader.world.options.fleet}
    assert run.data["nomad"] == {"address": reader.url("nomad"), "token": {"env": "NOMAD_TOKEN"}}
    scanner = Scanner(reader.world.secrets.all())
    assert scanner.find(run.path.read_text() + run.out + run.err) == set()
    assert stat.S_IMODE(run.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(run.path.parent.stat().st_mode) == 0o700
    assert [each.name for each in run.path.parent.iterdir()] == ["config.toml"], "nothing temporary is left"
    assert len(load(config=run.path, environ={}, places=Places.nowhere()).instances) == 3


def test_the_difference_is_shown_first_and_a_dry_run_writes_nothing(start: Start, reader: SimThread) -> None:
    run = start(reader.url("nomad"), "--dry-run")
    assert run.code == 0 and not run.path.exists() and "+[[instance]]" in run.out


def test_without_a_terminal_nothing_is_written_unasked(start: Start, reader: SimThread) -> None:
    run = start(reader.url("nomad"))
    assert run.code == 1 and not run.path.exists()
    assert "--yes writes it" in run.err and "missing: [harbor]" in run.err and "+[[instance]]" in run.out


def test_a_second_run_changes_nothing_a_person_edited(start: Start, reader: SimThread) -> None:
    first = start(reader.url("nomad"), "--yes")
    text = (
        first.path.read_text()
        .replace('name = "harbor-nas"', 'name = "nas"   # shorter')
        .replace("harbor-05", "my-bucket")
    )
    first.path.write_text(text)
    before = first.path.stat().st_mtime_ns
    again = start(reader.url("nomad"), "--yes")
    assert again.code == 0 and again.path.read_text() == text and again.path.stat().st_mtime_ns == before
    assert "bucket is my-bucket in the file, the job says harbor-05" in again.err and again.out == ""


def test_new_jobs_are_appended_to_a_file_by_hand(start: Start, reader: SimThread) -> None:
    text = f'# by hand\n[nomad]\naddress = "{reader.url("nomad")}"\n[[instance]]\nname = "harbor-nas"\nurl = "https://mine"'
    path = start(reader.url("nomad"), "--dry-run").path
    path.parent.mkdir(parents=True)
    path.write_text(text)
    path.chmod(0o600)
    run = start("", "--yes")
    assert run.code == 0 and run.path.read_text().startswith(text + "\n")
    assert run.instances["harbor-nas"] == {"name": "harbor-nas", "url": "https://mine"}
    assert run.instances["harbor-vm-05"]["storage"] == {"endpoint": "http://10.0.0.200:9000"}
    assert start("", "--yes").err.count("nothing to change") == 1


def test_a_deleted_instance_is_not_offered_again(start: Start, reader: SimThread) -> None:
    run = start(reader.url("nomad"), "--yes")
    text = run.path.read_text()
    begin, end = text.index("# job harbor-vm-05"), text.index("# job harbor-vm-06")
    run.path.write_text(text[:begin] + text[end:])
    assert start(reader.url("nomad"), "--yes").out == ""


def test_a_person_is_asked_for_what_no_job_says(start: Start, reader: SimThread) -> None:
    typed = ["", "not a url", reader.url("vault"), "", "", "", "", "", "y"]
    run = start(reader.url("nomad"), typed=typed)
    assert run.code == 0, run.err
    assert "expected a URL" in run.err
    assert run.data["vault"] == {"address": reader.url("vault"), "path": "kv/data/harbortui/viewer"}
    assert run.data["harbor"] == {"username": "robot$harbortui-viewer", "password": {"key": "harbor_secret"}}
    storage = run.data["storage"]
    assert isinstance(storage, dict) and storage["access_key"] == {"key": "s3_access_key"}
    settings = load(config=run.path, environ={}, places=Places.nowhere())
    assert settings.warnings == ()


def test_a_secret_that_is_pasted_where_its_place_is_asked_for_is_not_written(start: Start, reader: SimThread) -> None:
    pasted = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789+/=="
    run = start(reader.url("nomad"), typed=["", "-", "", pasted, "~/robot", "-", "y"])
    assert run.data["harbor"] == {"username": "robot$harbortui-viewer", "password": {"file": "~/robot"}}
    assert pasted not in run.path.read_text() + run.out + run.err
    run.path.unlink()
    run = start(reader.url("nomad"), typed=["", reader.url("vault") + "/", "", "", pasted, "", "-", "y"])
    assert pasted not in run.path.read_text() + run.out + run.err
    assert run.data["vault"] == {"address": reader.url("vault"), "path": "kv/data/harbortui/viewer"}


def test_saying_no_writes_nothing(start: Start, reader: SimThread) -> None:
    run = start(reader.url("nomad"), typed=["-", "-", "-", "-", "-", "n"])
    assert run.code == 1 and not run.path.exists()


def test_refused_unreachable_and_unknown_addresses(
    start: Start, sim: SimThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    denied = start(sim.url("nomad"), "--yes")
    assert denied.code == 2 and "list-jobs" in denied.err
    monkeypatch.setenv("NOMAD_TOKEN", sim.world.secrets.nomad_expired_token)
    assert "expired" in start(sim.url("nomad"), "--yes").err
    assert start("http://127.0.0.1:9", "--yes").code == 2
    assert "address is not known" in start("", "--yes").err
    assert start("ftp://x", "--yes").code == 2


@pytest.mark.parametrize("mode", ["down", "wrong", "forbidden"])
def test_a_broken_nomad_writes_nothing(start: Start, reader: SimThread, mode: str) -> None:
    reader.fault("nomad", mode)
    try:
        run = start(reader.url("nomad"), "--yes")
    finally:
        reader.fault("nomad", "up")
    assert run.code == 2 and not run.path.exists() and run.out == ""


def test_a_file_that_cannot_be_believed_is_not_touched(start: Start, reader: SimThread, tmp_path: Path) -> None:
    path = tmp_path / "open.toml"
    path.write_text("[[instance]]\nname = 'x'\nurl = 'https://x'\n")
    path.chmod(0o666)
    run = start(reader.url("nomad"), "--yes", "--output", str(path))
    assert run.code == 2 and "chmod" in run.err and stat.S_IMODE(path.stat().st_mode) == 0o666


def test_the_command_line_knows_it(reader: SimThread, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "made.toml"
    code = main(["init", "--nomad", reader.url("nomad"), "--output", str(out), "--yes"], places=Places.nowhere())
    captured = capsys.readouterr()
    assert code == 1 and out.exists() and f"doctor --config {out}" in captured.err


# Jobs of other makes


def test_every_page_is_read_and_a_list_that_repeats_itself_ends(start: Start) -> None:
    jobs = [job(f"web-{number:03}", [task("web", "nginx:1")]) for number in range(230)] + [harbor("z-harbor")]
    with serving(FakeNomad(jobs)) as nomad:
        run = start(nomad.url, "--yes")
        assert set(run.instances) == {"z-harbor"} and "231 jobs" in run.err
        assert sum("/v1/jobs?" in each for each in nomad.asked) == 3
        assert all(each.startswith("GET ") for each in nomad.asked)
    with serving(FakeNomad(jobs, pages_repeat=True)) as nomad:
        assert "repeats itself" in start(nomad.url, "--dry-run").err
    with serving(FakeNomad(jobs)) as nomad:
        assert "1 jobs" in start(nomad.url, "--dry-run", "--prefix", "z-").err


def test_no_harbor_is_said_and_nothing_written(start: Start) -> None:
    with serving(FakeNomad([job("web", [task("web", "nginx:1")])])) as nomad:
        run = start(nomad.url, "--yes")
    assert run.code == 1 and not run.path.exists() and "0 Harbors among 1 jobs" in run.err


def test_specifications_that_may_not_be_read_are_one_line(start: Start) -> None:
    class Closed(FakeNomad):
        def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, bytes, dict[str, str]]:
            return (403, b"Permission denied", {}) if path.startswith("/v1/job/") else super().answer(path, query)

    with serving(Closed([harbor(f"harbor-{number}") for number in range(30)])) as nomad:
        run = start(nomad.url, "--yes")
    assert run.code == 1 and run.err.count("could not be read") == 1 and "and 29 more" in run.err
    assert "read-job" in run.err


def test_a_name_that_no_configuration_takes_is_said(start: Start) -> None:
    with serving(FakeNomad([harbor("harbor-" + "x" * 80), harbor("harbor-a")])) as nomad:
        run = start(nomad.url, "--yes")
    assert set(run.instances) == {"harbor-a"} and "cannot be written into a configuration" in run.err


def test_one_odd_job_does_not_keep_the_others_from_being_written(start: Start) -> None:
    env = {"EXT_ENDPOINT": "https://odd.example.org:99999", "REGISTRY_STORAGE_S3_REGIONENDPOINT": "https://[::1"}
    odd = job("harbor-odd", [task(each, "", env) for each in COMPONENTS], Meta={"fleet": "f" * 80})
    far = harbor("harbor-far", Namespace="n" * 100)
    with serving(FakeNomad([odd, far, harbor("harbor-a")])) as nomad:
        run = start(nomad.url, "--yes")
    assert run.code == 1 and set(run.instances) == {"harbor-odd", "harbor-a"}
    assert "external_url" not in run.instances["harbor-odd"] and run.data["fleet"] == {}
    assert "its external url is none" in run.path.read_text() and "its namespace cannot" in run.err


def test_a_namespace_that_is_none(start: Start) -> None:
    run = start("http://127.0.0.1:9", "--namespace", "a/b", "--yes")
    assert run.code == 2 and "--namespace" in run.err


class Answering(FakeNomad):
    """A Harbor too."""

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, bytes, dict[str, str]]:
        return (200, b'"Pong"', {}) if path == "/api/v2.0/ping" else super().answer(path, query)


def test_plain_http_does_not_win_in_silence(start: Start, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate = authority.certificate("harbor", days=30)
    with serving(Answering(), certificate) as secure, serving(Answering()) as nomad:
        nomad.jobs = [harbor("harbor-a")]
        nomad.jobs[0]["TaskGroups"][0]["Tasks"][0]["Env"] = {"EXT_ENDPOINT": secure.url}
        nomad.ports = [{"Label": "http", "Value": int(nomad.url.rpartition(":")[2]), "HostIP": "127.0.0.1"}]
        run = start(nomad.url, "--yes")
    assert run.instances["harbor-a"]["url"] == nomad.url and run.instances["harbor-a"]["external_url"] == secure.url
    assert f"# {secure.url}: certificate refused" in run.path.read_text() and "tls.ca_file" in run.path.read_text()
    assert secure.asked == []


def test_an_address_that_answers_is_preferred_and_nothing_else_is_asked_there(start: Start) -> None:
    nomad = Answering(
        [harbor("harbor-a", services=[{"Name": "h", "Tags": ["traefik.http.routers.h.rule=Host(`no.invalid`)"]}])]
    )
    with serving(nomad):
        port = int(nomad.url.rpartition(":")[2])
        nomad.ports = [{"Label": "http", "Value": port, "HostIP": "127.0.0.1"}]
        run = start(nomad.url, "--yes")
    assert run.instances["harbor-a"]["url"] == nomad.url
    assert run.instances["harbor-a"]["external_url"] == "https://no.invalid"
    assert {each.split("?")[0] for each in nomad.asked if "/api/" in each} == {"GET /api/v2.0/ping"}
    assert f"GET /v1/allocation/{ALLOCATION}?namespace=default" in nomad.asked


def test_two_namespaces_and_two_stores(start: Start) -> None:
    def stored(name: str, store: str, **more: str) -> dict[str, object]:
        env = {"REGISTRY_STORAGE_S3_REGIONENDPOINT": store, "REGISTRY_STORAGE_S3_BUCKET": name}
        images = [task(each, f"goharbor/harbor-{each}:v2.14.0", env) for each in ("core", "jobservice")]
        return job(name, images, **more)

    jobs = [
        stored("har-a", "https://s3.one"),
        stored("har-b", "https://s3.two"),
        stored("har-a", "https://s3.one", Namespace="x"),
    ]
    with serving(FakeNomad(jobs)) as nomad:
        run = start(nomad.url, "--yes")
    assert set(run.instances) == {"har-a-default", "har-b", "har-a-x"}
    assert run.instances["har-a-x"]["namespace"] == "x" and run.instances["har-b"]["storage"] == {
        "endpoint": "https://s3.two"
    }
    settings = load(config=run.path, environ={}, places=Places.nowhere())
    spaces = {each.name: each.nomad.namespace for each in settings.instances if each.nomad}
    assert spaces == {"har-a-default": "default", "har-b": "default", "har-a-x": "x"}


EVIL = "\x1b]52;c;ZXZpbA==\x07[@click=app.quit]\u202e"


def test_hostile_jobs_are_left_out_or_shown_harmlessly(start: Start) -> None:
    secret = "hvs.CAESIPLANTEDPLANTEDPLANTED0"
    env = {
        "EXT_ENDPOINT": f"https://admin:{secret}@h.example.org",
        "REGISTRY_STORAGE_S3_BUCKET": EVIL,
        "REGISTRY_STORAGE_S3_REGION": secret,
        "REGISTRY_STORAGE_S3_REGIONENDPOINT": ["not", "a", "text"],
    }
    cyclic = '{{ define "x" }}{{ template "x" }}{{ end }}bucket: {{ template "x" }}\n' * 500
    bad = job("harbor-bad", [task(each, "", env, cyclic) for each in COMPONENTS], Meta={"fleet": EVIL, "app": "harbor"})
    odd = harbor(f"harbor{EVIL}\n[vault]")
    huge = job(
        "harbor-huge", [task(each, "x/harbor-core", {"A" * 50_000: "b"}, "k: v\n" * 100_000) for each in ("core",)]
    )
    shapes = harbor("harbor-shapes")
    with serving(FakeNomad([bad, odd, huge, shapes])) as nomad:
        nomad.raw["/v1/job/harbor-shapes"] = b'{"ID": "harbor-shapes", "TaskGroups": {"a": [1, null]}, "Meta": 7}'
        run = start(nomad.url, "--yes")
    assert {"harbor-bad", "harbor-huge"} == set(run.instances)
    assert "bucket" not in run.instances["harbor-bad"]
    for text in (run.path.read_text(), run.out, run.err):
        assert "PLANTED" not in text and all(line.isprintable() for line in text.splitlines())
    assert load(config=run.path, environ={}, places=Places.nowhere()).vault is None


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b"null", b"[]", b"{}", b"\xff\xfe", b'[{"ID": 5}, null, {"ID": "harbor"}]']
)
def test_lists_of_any_shape_are_survived(start: Start, body: bytes) -> None:
    with serving(FakeNomad([])) as nomad:
        nomad.raw["/v1/jobs"] = body
        run = start(nomad.url, "--yes")
    assert run.code in (1, 2) and not run.path.exists() and "internal error" not in run.err


def test_the_token_may_be_in_vault(start: Start, sim: SimThread, tmp_path: Path) -> None:
    token = tmp_path / "vault-token"
    token.write_text(sim.world.secrets.vault_token)
    token.chmod(0o600)
    path = tmp_path / "mine.toml"
    nomad, vault = json.dumps(sim.url("nomad")), json.dumps(sim.url("vault"))
    reference = '{ vault = "kv/data/harbor", key = "nomad_read_token" }'
    path.write_text(
        f'[nomad]\naddress = {nomad}\ntoken = {reference}\n[vault]\naddress = {vault}\ntoken_file = "{token}"\n'
        '[[instance]]\nname = "x"\nurl = "https://x"\n'
    )
    path.chmod(0o600)
    run = start("", "--yes", "--output", str(path))
    assert run.code == 0 and len(run.instances) == 4


def test_a_person_at_a_terminal(reader: SimThread, tmp_path: Path) -> None:
    path = tmp_path / "made.toml"
    home = Home(tmp_path / "home", NOMAD_TOKEN=reader.world.secrets.nomad_read_token)
    command = ("init", "--nomad", reader.url("nomad"), "--output", str(path))
    with home.terminal(*command) as terminal:
        terminal.until_text("Name of the fleet")
        terminal.write(b"here\r")
        for question, typed in (
            ("Vault's address", b"-"),
            ("robot in Harbor", b""),
            ("the robot's secret", b"/run/secrets/robot"),
            ("id of an S3 key", b"-"),
            ("(y/n)", b"y"),
        ):
            terminal.until_text(question)
            terminal.write(typed + b"\r")
        assert terminal.wait() == 1, "the S3 key was left out"
    data = tomllib.loads(path.read_text())
    assert data["fleet"] == {"name": "here"} and "vault" not in data
    assert data["harbor"] == {"username": "robot$harbortui-viewer", "password": {"file": "/run/secrets/robot"}}
    assert [each for each in home.files() if each.suffix == ".toml"] == []
