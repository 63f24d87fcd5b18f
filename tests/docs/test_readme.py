"""What the README promises: its file loads, its commands exist, its links lead somewhere, its grants suffice."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from harbortui.cli.arguments import parse
from harbortui.cli.main import main
from harbortui.config.load import Places, load
from harbortui.sim.harbor import grants
from harbortui.sim.nomad.acl import Acl
from harbortui.sim.secrets import plant
from harbortui.sim.thread import SimThread
from harbortui.sources.harbor.policy import NEEDS
from tests.docs.pages import PAGES, ROOT, anchors, blocks, codes, links, read

README = read("README.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    for link in links(text):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text("utf-8")), link


def test_the_example_is_a_configuration(tmp_path: Path) -> None:
    (example,) = blocks(README, "toml")
    path = tmp_path / "fleet.toml"
    path.write_text(example)
    path.chmod(0o600)
    settings = load(config=path, environ={}, places=Places.nowhere())
    assert settings.warnings == () and settings.fleet.name == "ackermann"
    (instance,) = settings.instances
    assert (instance.name, instance.production) == ("harbor-vm-06", True)


def test_every_make_target_it_names_is_there() -> None:
    named = set(re.findall(r"\bmake ([a-z]+)\b", "\n".join(read(name) for name in ("README.md", "CONTRIBUTING.md"))))
    made = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    phony = set(re.findall(r"^\.PHONY: (.+)$", read("Makefile"), re.MULTILINE)[0].split())
    assert named <= made and phony <= made


def commands() -> list[str]:
    """Every ``harbortui …`` that a page tells to type."""
    found = set()
    for page in PAGES:
        for code in codes(page.read_text("utf-8")):
            if code.startswith("harbortui ") and "…" not in code:
                found.add(code)
        for line in page.read_text("utf-8").splitlines():
            if line.startswith("    harbortui "):
                found.add(line.split("#")[0].split(">")[0].strip())
    return sorted(found)


@pytest.mark.parametrize("command", commands())
def test_every_command_it_names_is_understood(command: str) -> None:
    plain = re.sub(r"\[(--[a-z-]+) \| [^\]]*\]", r"\1", command)
    plain = re.sub(r"\[(--[a-z]+ [a-z]+)[a-z|]*\]", r"\1", plain)
    plain = re.sub(r"\[(--[a-z-]+(?: [A-Z]+)?)\]", r"\1", plain)
    words = shlex.split(plain.replace("SECONDS", "5").replace("[demo]", ""))[1:]
    parse(words)


def test_the_console_robot_needs_no_more_than_it_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paragraph = README.split("The robot's permissions, system level and no more:")[1].split("none on projects")[0]
    assert set(codes(paragraph)) == set(NEEDS.values())
    policy = next(code for code in codes(README) if code.startswith("namespace "))
    monkeypatch.setattr(grants, "CONSOLE_SYSTEM", tuple(codes(paragraph)))
    monkeypatch.setattr(grants, "CONSOLE_PROJECT", ())
    with SimThread(instances=2, seed=1, harbor_version="v2.14.0") as sim:
        acl = Acl(True, 1, plant(1), 0.0)
        rules = acl.policy(acl.resolve(plant(1).nomad_read_token), "harbor-read")["Rules"]
        assert re.sub(r"\s", "", str(rules)).startswith(re.sub(r"\s", "", policy))
        main(["check", "--config", str(sim.config_path), "--format", "json"], places=Places.nowhere())
        document = json.loads(capsys.readouterr().out)
    for instance in document["instances"]:
        assert instance["version"].startswith("v2.14.0")
        denied = {name: facet["error"] for name, facet in instance["facets"].items() if facet["error"]}
        assert denied == {} and instance["not_visible"] == []


def test_no_page_names_a_place_on_somebodys_machine() -> None:
    for page in PAGES:
        assert not re.search(r"(?<![\w.])/(?:work|tmp|root)/", page.read_text("utf-8")), page
    assert (ROOT / "LICENSE").read_text().lstrip().startswith("Apache License")
