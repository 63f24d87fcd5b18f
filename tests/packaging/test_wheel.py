"""The wheel as a person gets it: installed and run outside the checkout, with its themes and data files."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from pathlib import Path

import pytest

from harbortui import __version__
from harbortui.resources import resource
from tests.packaging.conftest import ROOT, Installed, build
from tests.ptyharness import Terminal

STATES = {"ok": 0, "warning": 1, "critical": 2, "unknown": 3}

WHERE = """
import importlib, json, pkgutil, sys
import harbortui
names = [each.name for each in pkgutil.walk_packages(harbortui.__path__, "harbortui.")]
for name in names:
    if not name.endswith("__main__"):
        importlib.import_module(name)
from harbortui.resources import resource
places = {sys.modules[name].__file__ for name in sys.modules if name.split(".")[0] == "harbortui"}
print(json.dumps({"path": sys.path, "places": sorted(places), "themes": str(resource("themes")), "names": names}))
"""


def files_of(folder: str) -> set[str]:
    """The files of a folder of the checkout that belong into a package, relative to the checkout."""
    found = (path for path in (ROOT / folder).rglob("*") if path.is_file())
    relative = (path.relative_to(ROOT) for path in found)
    hidden = ("__pycache__", ".")
    return {str(path) for path in relative if not any(part.startswith(hidden) for part in path.parts)}


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def served(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The installed simulator, serving; the configuration that reaches it."""
    config = tmp_path_factory.mktemp("served") / "fleet.toml"
    process = subprocess.Popen(
        [installed.python, "-m", "harbortui.sim", "--exit-with-stdin", "--write-config", str(config)],
        cwd=installed.empty,
        env=installed.environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None and process.stdout is not None
    with process:
        assert json.loads(process.stdout.readline())["ready"] is True
        yield str(config)
        process.stdin.close()
        assert process.wait(20) == 0


def test_the_wheel_holds_the_package_the_themes_and_nothing_else(wheel: Path) -> None:
    info = f"harbortui-{__version__}.dist-info"
    expected = files_of("harbortui") | {f"harbortui/{name}" for name in files_of("themes")}
    expected |= {f"{info}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")}
    assert names_in(wheel) == expected
    assert "harbortui/py.typed" in expected


def test_the_metadata_keeps_the_demos_servers_in_an_extra(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        metadata = Parser().parsestr(archive.read(f"harbortui-{__version__}.dist-info/METADATA").decode())
    needs = metadata.get_all("Requires-Dist") or []
    assert metadata["Requires-Python"] == ">=3.11" and metadata["License-Expression"] == "Apache-2.0"
    assert [each for each in needs if each.startswith("aiohttp")] == [
        f"aiohttp<4,>=3.11; extra == '{extra}'" for extra in ("demo", "dev")
    ]
    assert not any(each.startswith("pytest") and "extra == 'dev'" not in each for each in needs)


def test_the_sdist_is_enough_to_build_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    sdist = build(ROOT, "sdist", tmp_path / "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (source,) = (tmp_path / "unpacked").iterdir()
    again = build(source, "wheel", tmp_path / "again")
    assert again.name == wheel.name and names_in(again) == names_in(wheel)
    kept = {str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()}
    assert {"LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile"} <= kept
    assert files_of("tests") <= kept and files_of("docs") <= kept


def test_an_editable_checkout_finds_its_themes_too() -> None:
    assert resource("themes") == ROOT / "themes"


def test_every_module_comes_from_the_wheel_and_the_checkout_is_out_of_reach(installed: Installed) -> None:
    done = installed.run(installed.python, "-P", "-c", WHERE)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert "harbortui.ui.app" in found["names"] and "harbortui.sim.fleet" in found["names"]
    assert all(Path(each).is_relative_to(installed.prefix) for each in [*found["places"], found["themes"]])
    # What is borrowed may lie in an environment inside the checkout, as with `make`; the checkout itself may not.
    borrowed = Path(sys.prefix).resolve()
    reached = [Path(each).resolve() for each in found["path"] if each]
    assert not [each for each in reached if each.is_relative_to(ROOT) and not each.is_relative_to(borrowed)]


def test_version_and_help(installed: Installed) -> None:
    for command in ((installed.harbortui, "version"), (installed.python, "-m", "harbortui", "--version")):
        done = installed.run(*command)
        assert (done.returncode, done.stdout, done.stderr) == (0, f"harbortui {__version__}\n", "")
    done = installed.run(installed.harbortui, "--help")
    assert done.returncode == 0 and done.stderr == ""
    assert "usage: harbortui" in done.stdout and "harbortui demo" in done.stdout


def test_without_a_configuration_check_ends_with_3_and_says_how_to_start(installed: Installed) -> None:
    done = installed.run(installed.harbortui, "check")
    assert (done.returncode, done.stdout) == (3, "")
    assert "there is no configuration yet" in done.stderr and "harbortui demo" in done.stderr
    assert "Traceback" not in done.stderr


def test_check_says_the_verdict_of_the_installed_simulators_fleet(installed: Installed, served: str) -> None:
    done = installed.run(installed.harbortui, "check", "--config", served, "--format", "json")
    document = json.loads(done.stdout)
    assert document["origin"] == "simulated" and len(document["instances"]) == 3, done.stderr
    assert done.returncode == STATES[document["state"]] and document["state"] in ("ok", "warning"), done.stdout


@pytest.mark.parametrize("theme", ["dark", "high-contrast-light", "ansi", "mono"])
def test_the_console_opens_with_each_kind_of_theme(installed: Installed, served: str, theme: str) -> None:
    command = [installed.harbortui, "--config", served, "--theme", theme]
    with Terminal(command, environ=installed.environ, cwd=str(installed.empty)) as terminal:
        terminal.until_text("SIMULATED")
        terminal.until_text("8/8")
        terminal.write(b"q")
        assert terminal.wait() == 0
        painted = bytes(terminal.output)
    ground = tomllib.loads((ROOT / "themes" / f"{theme}.toml").read_text())["grounds"]["background"].removeprefix("on ")
    if ground:
        red, green, blue = bytes.fromhex(ground.removeprefix("#"))
        assert b"48;2;%d;%d;%d" % (red, green, blue) in painted
    else:
        assert b"48;2;" not in painted and b"38;2;" not in painted


def test_the_folder_one_stands_in_is_not_imported_from(installed: Installed, tmp_path: Path) -> None:
    """A shared folder such as /tmp may hold anybody's modules; the processes we start must not take them."""
    (tmp_path / "json.py").write_text("raise SystemExit('imported from the working directory')\n")
    command = [installed.harbortui, "demo", "--serve", "--instances", "1"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=installed.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        line = process.stdout.readline()
        process.terminate()
        assert line and json.loads(line)["ready"] is True, process.stderr.read()


RESPAWN = """
import sys
from pathlib import Path
from harbortui.config.load import Places, load
from harbortui.engine.launch import respawn_engine
end = respawn_engine(load(config=Path(sys.argv[1]), environ={}, places=Places.nowhere()))
end.sock.settimeout(20)
print(len(end.sock.recv(1)))
"""


def test_an_engine_that_is_started_again_does_not_import_from_there_either(
    installed: Installed, served: str, tmp_path: Path
) -> None:
    (tmp_path / "socket.py").write_text("raise SystemExit('imported from the working directory')\n")
    command = [installed.python, "-P", "-c", RESPAWN, served]
    done = subprocess.run(command, cwd=tmp_path, env=installed.environ, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, b"1\n"), done.stderr


def test_without_its_extra_the_demo_says_what_to_install(installed: Installed) -> None:
    hide = "import sys; sys.modules['aiohttp'] = None; from importlib import util; find = util.find_spec;"
    hide += "util.find_spec = lambda name, package=None: None if name == 'aiohttp' else find(name, package);"
    hide += "sys.argv = ['harbortui', 'demo']; from harbortui.__main__ import main; main()"
    done = installed.run(installed.python, "-P", "-c", hide)
    assert (done.returncode, done.stdout) == (2, "")
    assert "harbortui[demo]" in done.stderr and "Traceback" not in done.stderr
