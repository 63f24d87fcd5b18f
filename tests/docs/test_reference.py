"""The reference pages say what the program does: options, settings, rules, metrics, faults."""

from __future__ import annotations

import re
import runpy
import tomllib
from pathlib import Path

import pytest

from harbortui.cli.parsers import parser
from harbortui.config.kinds import Kind
from harbortui.config.schema import ANY, INSTANCE, SCHEMA, Table
from harbortui.model.failure import FailureKind
from harbortui.sim import __main__ as simulator
from harbortui.sim.control import CHANGES, app
from harbortui.sim.faults import MODES, REGISTRY, WRONG_KINDS
from harbortui.sim.fleet import SimFleet
from harbortui.sim.world import SimOptions
from harbortui.ui import themes
from harbortui.ui.actions import ACTIONS, help_rows
from harbortui.ui.modes import LISTS
from tests.docs.pages import ROOT, blocks, codes, links, read, table
from tests.live.settings import VARIABLES

SIMULATOR, CHECK, CONFIGURATION, DOCTOR, INIT, USAGE, HISTORY, THEMES = (
    read(f"docs/{name}.md")
    for name in ("simulator", "check", "configuration", "doctor", "init", "usage", "history", "themes")
)


@pytest.fixture(autouse=True)
def no_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python 3.14 and newer colour a help text where the environment forces colours."""
    monkeypatch.setenv("PYTHON_COLORS", "0")


def help_of(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        parser([]).parse_args([*command.split(), "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


def flags(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))


def names(rows: list[list[str]]) -> set[str]:
    """What stands between backquotes in the first column."""
    return {code for row in rows for code in codes(row[0])}


def test_the_demos_options(capsys: pytest.CaptureFixture[str]) -> None:
    documented = {code.split()[0] for code in names(table(SIMULATOR, "option of `harbortui demo`"))}
    elsewhere = {"--config", "--instance", "--history", "--theme", "--mouse", "--fresh", "--help"}
    assert documented == flags(help_of("demo", capsys)) - elsewhere


def test_the_simulators_options(capsys: pytest.CaptureFixture[str]) -> None:
    rows = table(SIMULATOR, "option of `python -m harbortui.sim`")
    with pytest.raises(SystemExit):
        simulator.main(["--help"])
    documented = flags(" ".join(cell for row in rows for cell in row))
    assert documented == flags(capsys.readouterr().out) - {"--help"}


def test_the_options_of_check(capsys: pytest.CaptureFixture[str]) -> None:
    usage = next(line for line in CHECK.splitlines() if line.startswith("    harbortui check "))
    assert flags(usage) == flags(help_of("check", capsys)) - {"--config", "--help", "--snapshot"}


@pytest.mark.parametrize(
    ("command", "page"),
    [("doctor", DOCTOR), ("init", INIT), ("usage", USAGE), ("history", HISTORY), ("themes", THEMES)],
)
def test_the_options_of_other_commands(command: str, page: str, capsys: pytest.CaptureFixture[str]) -> None:
    usage = next(line for line in page.splitlines() if line.startswith(f"    harbortui {command} "))
    everywhere = {"--config", "--help"} | ({"--instance"} if command in ("init", "themes") else set())
    assert flags(usage) == flags(help_of(command, capsys)) - everywhere


def test_only_what_keeps_or_reads_the_history_takes_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    takes = {
        command
        for command in ("", "check", "doctor", "init", "usage", "history", "themes", "demo", "config show", "version")
        if "--history" in flags(help_of(command, capsys))
    }
    assert takes == {"", "check", "usage", "history", "demo", "config show"}


def test_every_check_of_the_doctor_is_documented_and_no_other() -> None:
    documented = names(table(DOCTOR, "check | says"))
    sources = "".join(path.read_text("utf-8") for path in sorted((ROOT / "harbortui" / "probes").rglob("*.py")))
    written = set(re.findall(r'\bid="([a-z0-9-]+)"', sources))
    assert documented == written


def test_faults_and_changes() -> None:
    modes = table(SIMULATOR, "mode | the backend")
    assert names(modes) == set(MODES)
    assert set(codes(modes[-1][1])) == {"wrong", *WRONG_KINDS}
    assert names(table(SIMULATOR, "name | parameters")) == set(REGISTRY)
    assert names(table(SIMULATOR, "`do` | parameters")) == set(CHANGES)


def test_the_control_servers_requests() -> None:
    fleet = SimFleet(SimOptions(start=1_768_399_200.0, instances=1, history_days=1, speed=0.0))
    served = {f"{route.method} {route.resource.canonical}" for route in app(fleet).router.routes() if route.resource}
    documented = {code for code in names(table(SIMULATOR, "request | does"))}
    assert documented == {each for each in served if not each.startswith("HEAD ")}


def keys(entries: Table) -> set[str]:
    """The names of all values in a table of the schema."""
    found: set[str] = set()
    for name, entry in entries.items():
        found |= ({name} - {ANY}) if isinstance(entry, Kind) else keys(entry)
    return found


def test_every_setting_is_documented() -> None:
    words = set(re.findall(r"[a-z_]+", CONFIGURATION))
    assert keys(SCHEMA) | keys(INSTANCE) <= words


@pytest.mark.parametrize("name", ["history", "ui", "thresholds"])
def test_the_tables_of_the_example_are_those_of_the_schema(name: str) -> None:
    entries = SCHEMA[name]
    assert isinstance(entries, dict)
    example = tomllib.loads(blocks(CONFIGURATION, "toml")[0])
    assert set(example[name]) == set(entries)


def test_the_keys_of_the_example_are_actions() -> None:
    example = tomllib.loads(blocks(CONFIGURATION, "toml")[0])
    assert set(example["keys"]) <= {each.id for each in ACTIONS} and example["keys"]


def test_the_examples_of_the_help_stand_under_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    examples = help_of("", capsys).split("examples:")[1].split("\n\n")[0].splitlines()[1:]
    begins = {line.index(re.split(r"  +", line.strip(), maxsplit=1)[1]) for line in examples}
    assert len(begins) == 1 and len(examples) > 10


def test_every_screen_has_its_page() -> None:
    named = {Path(link).name for link in links(read("docs/screens/README.md")) if "/" not in link}
    there = {path.name for path in (ROOT / "docs" / "screens").glob("*.md")} - {"README.md"}
    assert named == there == {"fleet.md", "instance.md", "help.md", *(f"{name}.md" for name in LISTS)}


def test_every_rule_is_documented_and_no_other() -> None:
    documented = names(table(CHECK, "rule | state"))
    sources = "".join(path.read_text("utf-8") for path in sorted((ROOT / "harbortui" / "diagnose").glob("*.py")))
    written = set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', sources))
    assert documented == written


def test_error_kinds_and_metrics() -> None:
    kinds = CHECK.split("Error kinds:")[1].split("\n\n")[0]
    assert set(codes(kinds)) == {kind.value for kind in FailureKind}
    formats = ROOT / "harbortui" / "cli" / "check_formats"
    written = set(re.findall(r'"(harbortui_[a-z_]+)"', (formats / "prometheus.py").read_text("utf-8")))
    assert names(table(CHECK, "metric | labels")) == written


def test_the_tables_of_the_themes_are_up_to_date() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "make_themes.py"))["page"](THEMES)
    assert made == THEMES, "run: python docs/make_themes.py"
    assert names(table(THEMES, "theme | ground")) == set(themes.names())


def test_the_theme_files_on_the_page_are_well(tmp_path: Path) -> None:
    for number, text in enumerate(re.findall(r"```toml\n(.*?)```", THEMES, re.DOTALL)):
        path = tmp_path / f"example{number}.toml"
        path.write_text(text)
        path.chmod(0o644)
        assert themes.read(path, themes.Library((tmp_path,))).name == path.stem
    assert number == 1


def test_the_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    text = help_of("", capsys)
    for command in ("check", "doctor", "init", "usage", "history", "themes", "demo", "config", "version"):
        assert re.search(rf"^ +{command} +\w", text, re.MULTILINE), command
    assert max(len(line) for line in text.splitlines()) <= 100
    assert "TODO" not in text and Path("README.md").name not in text


def test_the_keys_the_readme_names_are_bound() -> None:
    section = read("README.md").split("## Keys")[1].split("## More")[0]
    shown = {key for keys_of, _, _ in help_rows({}) for key in keys_of.split()}
    named = {code.replace("ctrl+", "ctrl-") for code in codes(section) if not code.startswith("ssh ")}
    assert named <= shown and len(named) > 10


def test_the_live_suites_variables() -> None:
    documented = [codes(row[0])[0] for row in table(read("docs/live.md"), "variable")]
    assert documented == [f"{system}_{name}".rstrip("_") for system, names in VARIABLES.items() for name in names]
