"""``harbortui themes``, and which theme a console starts with."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from harbortui.cli.arguments import Arguments
from harbortui.cli.exits import ExitCode
from harbortui.cli.main import main
from harbortui.cli.theme_start import FirstTheme, first_theme, own_folders
from harbortui.config.load import Places, load
from harbortui.ui import theme_memory, themes
from harbortui.ui.theme_depth import Depth
from harbortui.ui.themes import ThemeError
from tests.cli.test_console import harbortui, saved

__all__ = ["saved"]

INSTANCE = '[[instance]]\nname = "a"\nurl = "https://a.example.org"\n'
MINE = 'inherit = "dark"\nabout = "mine"\n[grounds]\nbackground = "on #010203"\n'


class Person:
    """A person's configuration, themes and state."""

    def __init__(self, tmp_path: Path) -> None:
        self.config = tmp_path / "config" / "config.toml"
        self.state = tmp_path / "state"
        self.places = Places(tmp_path / "etc" / "config.toml", self.config, None, os.geteuid(), os.geteuid())
        self.theme("mine", MINE)
        self.write(self.config, INSTANCE)

    def write(self, path: Path, text: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        path.write_text(text)
        path.chmod(0o644)
        return path

    def theme(self, name: str, text: str) -> Path:
        return self.write(self.config.parent / "themes" / f"{name}.toml", text)

    def first(self, environ: dict[str, str] | None = None, flag: str | None = None) -> FirstTheme:
        environ = {"TERM": "xterm-256color", "COLORTERM": "truecolor", **(environ or {})}
        settings = load(flags={"--theme": flag} if flag else {}, environ=environ, places=self.places)
        return first_theme(Arguments(theme=flag), settings, environ, self.places, self.state)


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(tmp_path)


# The start


def test_own_themes_are_beside_each_configuration_the_named_one_first(person: Person, tmp_path: Path) -> None:
    named = tmp_path / "other" / "fleet.toml"
    folders = own_folders(str(named), {}, person.places)
    assert folders == (named.parent / "themes", tmp_path / "config" / "themes", tmp_path / "etc" / "themes")
    assert own_folders(None, {"HARBORTUI_CONFIG": str(named)}, person.places) == folders
    assert own_folders(str(person.config), {}, person.places) == folders[1:]


def test_flag_then_variable_then_configuration_then_the_last_choice_then_the_terminal(person: Person) -> None:
    assert (person.first().theme.name, person.first().shelf.fixed_by) == ("dark", "")
    theme_memory.keep(person.state, "mine")
    assert (person.first().theme.name, person.first().shelf.fixed_by) == ("mine", "")
    person.write(person.config, '[ui]\ntheme = "light"\n' + INSTANCE)
    assert (person.first().theme.name, person.first().shelf.fixed_by) == ("light", str(person.config))
    by_variable = person.first({"HARBORTUI_THEME": "night"})
    assert (by_variable.theme.name, by_variable.shelf.fixed_by) == ("night", "HARBORTUI_THEME")
    by_flag = person.first({"HARBORTUI_THEME": "night"}, "ember")
    assert (by_flag.theme.name, by_flag.shelf.fixed_by) == ("ember", "--theme")


def test_what_is_chosen_in_the_console_is_there_at_the_next_start(person: Person) -> None:
    assert person.first().shelf.remember("lagoon") == ""
    assert person.first().theme.name == "lagoon"


def test_a_broken_theme_keeps_nobody_out_unless_it_was_asked_for_just_now(person: Person) -> None:
    path = person.theme("mine", "dark = 3\n")
    theme_memory.keep(person.state, "mine")
    first = person.first()
    assert first.theme.name == "dark"
    assert first.problem == f"{path}:1: dark: expected true or false; this is dark"
    theme_memory.keep(person.state, "gone")
    assert "no theme named 'gone'" in person.first({"TERM": "linux", "COLORTERM": ""}).problem
    with pytest.raises(ThemeError, match="dark: expected true or false"):
        person.first(flag="mine")


def test_a_broken_stand_in_for_the_default_keeps_nobody_out(person: Person) -> None:
    path = person.theme("dark", "dark = 3\n")
    first = person.first()
    assert f"{path}:1" in first.problem and first.theme.files == themes.load("dark").files


def test_no_color_means_none_whichever_theme_is_named(person: Person) -> None:
    for flag in (None, "night"):
        first = person.first({"NO_COLOR": "1"}, flag)
        style = first.theme.palette.style("critical")
        assert first.shelf.depth is Depth.NONE and style.color is None and style.bold


_COLOUR = re.compile(rb"\x1b\[[0-9;]*(?:3[0-7]|9[0-7]|38|4[0-7]|48|10[0-7])[0-9;]*m")


@pytest.mark.parametrize(
    ("environ", "wanted", "unwanted"),
    [
        ({"COLORTERM": "truecolor"}, rb"\x1b\[[0-9;]*48;2;18;12;8", rb"[34]8;5;"),
        ({"COLORTERM": ""}, rb"\x1b\[[0-9;]*48;5;", rb"[34]8;2;"),
        ({"COLORTERM": "", "TERM": "alacritty"}, rb"\x1b\[[0-9;]*48;5;", rb"[34]8;2;"),
        ({"COLORTERM": "", "TERM": "linux"}, rb"\x1b\[[0-9;]*40", rb"[34]8;[25];"),
        ({"COLORTERM": "truecolor", "NO_COLOR": "1"}, rb"\x1b\[[0-9;]*1;?[0-9;]*m", _COLOUR.pattern),
        ({"COLORTERM": "truecolor", "NO_COLOR": ""}, rb"\x1b\[[0-9;]*48;2;18;12;8", rb"[34]8;5;"),
    ],
)
def test_the_terminal_gets_no_more_colours_than_it_has(
    tmp_path: Path, saved: str, environ: dict[str, str], wanted: bytes, unwanted: bytes
) -> None:
    with harbortui(tmp_path, "--snapshot", saved, "--theme", "night", **environ) as terminal:
        terminal.until_text("5 failed")
        terminal.write(b"q")
        assert terminal.wait() == 0
        assert re.search(wanted, terminal.output) and not re.search(unwanted, terminal.output)


# The command


def test_the_list_names_every_theme_and_what_is_wrong(person: Person, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["themes"], places=person.places) == ExitCode.OK
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert sorted(lines) == sorted([*themes.names(), "mine"])
    assert lines["mine"].endswith(f"{person.config.parent / 'themes'}: mine")
    path = person.theme("broken", "[styles]\nok = 1\n")
    assert main(["themes"], places=person.places) == ExitCode.WARNING
    assert f"wrong: {path}:2: [styles] ok" in capsys.readouterr().out


def test_a_theme_is_checked_by_name_or_by_file(person: Person, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["themes", "night", "mono"], places=person.places) == ExitCode.OK
    out = capsys.readouterr().out.splitlines()
    assert out[0].endswith("night.toml: well; every text can be read, every state told apart")
    assert out[1].endswith("mono.toml: well; the contrast is your terminal's")
    pale = person.theme("pale", MINE + '[styles]\nmuted = "#101820"\ncritical = "#6fc48d"\n')
    assert main(["themes", str(pale)], places=person.places) == ExitCode.WARNING
    out = capsys.readouterr().out
    assert f"{pale}: muted: contrast 1.2 on background, less than 4.5\n" in out
    assert f"{pale}: ok: looks like critical\n" in out and "in 256 colours" in out


def test_what_is_wrong_is_on_stderr_with_the_line(person: Person, capsys: pytest.CaptureFixture[str]) -> None:
    path = person.theme("broken", "[styles]\nok = 1\nno = 2\n")
    assert main(["themes", "broken"], places=person.places) == ExitCode.WARNING
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 2
    assert f"harbortui: {path}:2: [styles] ok" in captured.err
    assert main(["themes", "nope"], places=person.places) == ExitCode.USAGE
    assert "no theme named 'nope'" in capsys.readouterr().err
    assert main(["themes", str(path.parent / "none.toml")], places=person.places) == ExitCode.USAGE
    assert "No such file" in capsys.readouterr().err


def test_samples_are_plain_text_where_stdout_is_no_terminal(
    person: Person, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("TERM", "xterm-256color")
    assert main(["themes", "--show"], places=person.places) == ExitCode.OK
    out = capsys.readouterr().out
    assert out.count("● harbor-vm-06") == len(themes.names()) + 1 and "\x1b" not in out
    monkeypatch.setenv("LC_ALL", "C")
    assert main(["themes", "--show", "mine"], places=person.places) == ExitCode.OK
    assert "o harbor-vm-06" in (out := capsys.readouterr().out) and out.isascii()


def test_samples_on_a_terminal_are_painted_and_no_color_is_respected(tmp_path: Path) -> None:
    with harbortui(tmp_path, "themes", "--show", "night") as terminal:
        assert terminal.wait() == 0
        assert b"48;2;18;12;8" in terminal.output
    with harbortui(tmp_path, "themes", "--show", "night", NO_COLOR="1") as terminal:
        assert terminal.wait() == 0
        assert b"harbor-vm-05" in terminal.output and not _COLOUR.search(bytes(terminal.output))
