"""Themes: each can be read at every depth, a wrong file is refused with file and line, hostile files do no harm."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.color import Color, ColorSystem
from rich.style import Style
from rich.terminal_theme import TerminalTheme

from harbortui.resources import resource
from harbortui.ui import themes
from harbortui.ui.colours import BLINDNESS, Rgb, contrast, distance, simulated
from harbortui.ui.palette import GROUNDS, NAMES
from harbortui.ui.theme_contrast import BLIND_DISTANCE, STATES, near_states, weak_spots
from harbortui.ui.theme_depth import Depth, depth_of, many, tell_textual
from harbortui.ui.theme_file import MAX_BYTES
from harbortui.ui.themes import MAX_INHERITED, Library, Theme, ThemeError

RGB = [name for name in themes.names() if not themes.load(name).ansi]
COLOURED = [(name, depth) for name in RGB for depth in (Depth.TRUE, Depth.MANY)]
SYSTEMS = {Depth.TRUE: ColorSystem.TRUECOLOR, Depth.MANY: ColorSystem.EIGHT_BIT}


def blind(kind: str) -> Callable[[Rgb], Rgb]:
    return lambda colour: simulated(colour, kind)


# What came with the program


def test_there_are_at_least_eight_and_each_kind_that_people_need() -> None:
    needed = {
        "dark",
        "light",
        "high-contrast-dark",
        "high-contrast-light",
        "colour-blind-dark",
        "ansi",
        "mono",
        "night",
    }
    assert needed <= set(themes.names())
    assert all(themes.load(name).about for name in themes.names())


@pytest.mark.parametrize("name", themes.names())
@pytest.mark.parametrize("depth", Depth)
def test_the_states_differ_and_the_cursor_is_seen(name: str, depth: Depth) -> None:
    theme = themes.load(name, depth=depth)
    styles = {state: theme.palette.style(state) for state in STATES}
    if depth is not Depth.NONE and name != themes.NO_COLOUR:
        assert len(set(styles.values())) == len(styles)
    assert theme.palette.style("text", "cursor") != theme.palette.style("text")


@pytest.mark.parametrize(("name", "depth"), COLOURED)
def test_every_text_can_be_read_and_every_state_told_apart(name: str, depth: Depth) -> None:
    palette = themes.load(name, depth=depth).palette
    assert list(weak_spots(palette, SYSTEMS[depth], high=name.startswith("high-contrast"))) == []


@pytest.mark.parametrize("kind", BLINDNESS)
@pytest.mark.parametrize("depth", SYSTEMS)
@pytest.mark.parametrize("name", ["colour-blind-dark", "colour-blind-light"])
def test_colour_blind_eyes_tell_the_states_apart(name: str, depth: Depth, kind: str) -> None:
    palette = themes.load(name, depth=depth).palette
    assert list(near_states(palette, SYSTEMS[depth], blind(kind), BLIND_DISTANCE)) == []


def test_the_simulation_of_colour_blindness_tells_what_is_known() -> None:
    red, green, blue, grey = (200, 40, 30), (80, 130, 20), (30, 80, 200), (128, 128, 128)
    assert distance(red, green) > 0.25
    assert distance(simulated(red, "deuteranopia"), simulated(green, "deuteranopia")) < 0.12
    assert distance(simulated(red, "deuteranopia"), simulated(blue, "deuteranopia")) > 0.25
    assert all(distance(simulated(grey, kind), grey) < 0.01 for kind in BLINDNESS)
    assert contrast((0, 0, 0), (255, 255, 255)) == 21
    assert round(contrast((119, 119, 119), (255, 255, 255)), 2) == 4.48
    assert round(distance((0, 0, 0), (255, 255, 255)), 3) == 1


VGA = "000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa 555555 ff5555 55ff55 ffff55 5555ff ff55ff 55ffff ffffff"
XTERM = (
    "000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff"
)


def rgb(text: str) -> Rgb:
    return int(text[:2], 16), int(text[2:4], 16), int(text[4:], 16)


def on_terminal(style: Style, terminal: list[Rgb], text: Rgb, ground: Rgb) -> float:
    """The contrast of a style of the sixteen colours on a terminal that shows them so."""
    theme = TerminalTheme(ground, text, terminal[:8], terminal[8:])
    front = tuple(style.color.get_truecolor(theme)) if style.color else text
    back = tuple(style.bgcolor.get_truecolor(theme, foreground=False)) if style.bgcolor else ground
    return contrast(front, back)  # type: ignore[arg-type]


@pytest.mark.parametrize("terminal", [VGA, XTERM], ids=["linux", "xterm"])
@pytest.mark.parametrize("name", themes.names())
def test_sixteen_colours_can_be_read_on_the_console_and_in_xterm(name: str, terminal: str) -> None:
    theme = themes.load(name, depth=Depth.SIXTEEN)
    colours = [rgb(each) for each in terminal.split()]
    ground, text = ((0, 0, 0), colours[7]) if theme.dark else ((255, 255, 255), (0, 0, 0))
    for each in NAMES:
        for place in GROUNDS:
            style = theme.palette.style(each, place)
            for part in (style.color, style.bgcolor):
                assert part is None or part.number is None or part.number < 16, (each, part)
            assert on_terminal(style, colours, text, ground) >= 4.5, (each, place)


@pytest.mark.parametrize("name", themes.names())
def test_without_colours_there_is_none(name: str) -> None:
    palette = themes.load(name, depth=Depth.NONE).palette
    styles = [palette.style(each, ground) for each in NAMES for ground in GROUNDS]
    assert all(style.color is None and style.bgcolor is None for style in styles)
    assert palette.style("critical").bold and palette.style("text", "cursor").reverse


def test_the_mono_theme_has_no_colour_at_all() -> None:
    palette = themes.load("mono").palette
    styles = [palette.style(each, ground) for each in NAMES for ground in GROUNDS]
    assert all(style.color is None and style.bgcolor is None for style in styles)


def test_rich_leaves_the_colours_of_256_as_they_are() -> None:
    assert len(many()) >= 230
    for shown, handed in many().items():
        assert tuple(Color.from_rgb(*handed).downgrade(ColorSystem.EIGHT_BIT).get_truecolor()) == shown


@pytest.mark.parametrize("name", RGB)
def test_the_grounds_stay_what_they_are_in_256_colours(name: str) -> None:
    true, few = (themes.load(name, depth=depth).palette for depth in (Depth.TRUE, Depth.MANY))
    for ground in GROUNDS:
        one, other = (palette.style("text", ground).bgcolor for palette in (true, few))
        assert one is not None and other is not None
        assert distance(tuple(one.get_truecolor()), tuple(other.get_truecolor())) < 0.12  # type: ignore[arg-type]


# Which one, and in how many colours


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"TERM": "xterm-256color"}, "dark"),
        ({"TERM": "xterm-256color", "COLORFGBG": "15;0"}, "dark"),
        ({"TERM": "xterm-256color", "COLORFGBG": "0;default;15"}, "light"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, "dark"),
        ({"TERM": "alacritty"}, "dark"),
        ({"TERM": "screen"}, "ansi"),
        ({"TERM": "linux"}, "ansi"),
        ({"TERM": "rxvt", "COLORFGBG": "0;15"}, "ansi-light"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "mono"),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, "dark"),
    ],
)
def test_the_theme_follows_the_terminal_unless_one_is_wanted(environ: dict[str, str], name: str) -> None:
    assert themes.choose("", environ) == name
    assert themes.choose("light", environ) == "light"


@pytest.mark.parametrize(
    ("environ", "depth"),
    [
        ({}, Depth.SIXTEEN),
        ({"TERM": "xterm-256color", "COLORTERM": "24bit"}, Depth.TRUE),
        ({"TERM": "xterm-direct"}, Depth.TRUE),
        ({"TERM": "xterm-kitty"}, Depth.MANY),
        ({"TERM": "tmux-256color"}, Depth.MANY),
        ({"TERM": "vt100"}, Depth.SIXTEEN),
        ({"TERM": "vt100", "TEXTUAL_COLOR_SYSTEM": "256"}, Depth.MANY),
        ({"TERM": "xterm-256color", "TEXTUAL_COLOR_SYSTEM": "purple"}, Depth.MANY),
        ({"COLORTERM": "truecolor", "NO_COLOR": "1"}, Depth.NONE),
    ],
)
def test_the_depth_is_what_the_terminal_says_and_textual_is_told(environ: dict[str, str], depth: Depth) -> None:
    assert depth_of(environ) is depth
    told = dict(environ)
    tell_textual(told)
    assert told.get("TEXTUAL_COLOR_SYSTEM") == (None if depth is Depth.NONE else depth.value)


# A person's own


class Folder:
    """A folder of own themes, and what is said of them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.library = Library((path,))

    def write(self, text: str | bytes, name: str = "mine") -> Path:
        path = self.path / f"{name}.toml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        path.chmod(0o644)
        return path

    def load(self, name: str = "mine") -> Theme:
        return themes.load(name, self.library)

    def refused(self, name: str = "mine") -> str:
        with pytest.raises(ThemeError) as caught:
            self.load(name)
        return str(caught.value)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    path = tmp_path / "themes"
    path.mkdir(mode=0o755)
    return Folder(path)


LEAST = "[grounds]\nbackground = 'on #000000'\n[styles]\ntext = '#ffffff'\n"


def test_the_least_a_theme_needs(folder: Folder) -> None:
    folder.write(LEAST)
    theme = folder.load()
    assert theme.palette.style("critical") == theme.palette.style("text")
    assert theme.palette.style("text", "cursor").reverse
    assert theme.dark and not theme.ansi and theme.ground == "#000000"
    assert folder.library.names() == sorted([*themes.names(), "mine"])


def test_what_is_inherited_is_changed_name_by_name(folder: Folder) -> None:
    folder.write('inherit = "night"\n[styles]\nok = "bold #00ff00"\n')
    mine, night = folder.load(), themes.load("night")
    assert mine.palette.style("ok") == Style.parse("bold #00ff00 on #120c08")
    assert mine.palette.style("warning") == night.palette.style("warning")
    assert mine.about == "like night" and [each.stem for each in mine.files] == ["mine", "night"]


def test_a_theme_can_stand_in_for_one_of_the_program_and_inherit_it(folder: Folder) -> None:
    folder.write('inherit = "dark"\n[styles]\nok = "#00ff00"\n', "dark")
    assert folder.load("dark").palette.style("ok") == Style.parse("#00ff00 on #0d1418")
    assert themes.load("dark").palette.style("ok") != folder.load("dark").palette.style("ok")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("styles = 1", 1, "styles is a table: write [styles]"),
        ("\n[styles]\nokay = '#ffffff'", 3, "[styles] unknown name 'okay' (did you mean 'ok'?)"),
        ("[grounds]\nbar = 3", 2, "[grounds] bar: expected a text in quotes"),
        ("[styles]\nok = ['#ffffff']", 2, "[styles] ok: expected a text in quotes"),
        ("styles = { ok = 3 }", 1, "[styles] ok: expected a text in quotes"),
        ("mood = 1\nansi = true", 1, "unknown key 'mood'"),
        ("dark = 'yes'", 1, "dark: expected true or false"),
        ("dark = true\nansi = 1", 2, "ansi: expected true or false"),
        ("inherit = '../dark'", 1, "inherit: expected the name of a theme"),
        ("inherit = 'darc'", 1, "inherit: no theme named 'darc' (did you mean 'dark'?)"),
        ("inherit = 'mine'", 1, "inherit: no theme named 'mine'"),
        ("inherit = 'dark'\nansi = true", 2, "ansi: what is inherited says otherwise"),
        ('about = "a\\u001b[31mb"', 1, "about: expected one line"),
        (f"about = '{'x' * 61}'", 1, "about: expected one line"),
        (LEAST + "ok = 'green'", 5, "[styles] ok: word 1 is neither bold"),
        (LEAST + "ok = '#ff00'", 5, "[styles] ok: word 1 is neither bold"),
        (LEAST + "ok = 'bold blink #ffffff'", 5, "[styles] ok: word 2 is neither bold"),
        (LEAST + "ok = 'link https://evil.example #ffffff'", 5, "[styles] ok: word 1 is neither bold"),
        (LEAST + "ok = 'conceal'", 5, "[styles] ok: word 1 is neither bold"),
        (LEAST + "ok = '#ffffff #000000'", 5, "[styles] ok: one colour is enough"),
        (LEAST + "ok = '#ffffff on #000000'", 5, "[styles] ok: the colour behind a text comes from [grounds]"),
        (LEAST + f"ok = '{'bold ' * 9}'", 5, "[styles] ok: expected at most 8 words"),
        ("[grounds]\nbackground = '#000000'", 2, "[grounds] background: expected on and a colour"),
        ("[grounds]\nbackground = 'reverse'", 2, "[grounds] background: expected on and a colour"),
        ("[grounds]\nbar = ''", 2, "[grounds] bar: expected on and a colour, or reverse"),
        ("ansi = true\n[styles]\nok = '#ffffff'", 3, "[styles] ok: word 1 is neither bold"),
        ("ansi = true\n[styles]\ntext = 'red on blue'", 3, "[styles] text: the colour behind a text comes"),
        ("ansi = true\n[styles]\nok = 'red on'", 3, "[styles] ok: a colour is missing after on"),
        ("ansi = true\n[styles]\nok = 'color(9)'", 3, "[styles] ok: word 1 is neither bold"),
        ("[styles]\ntext = 'bold'\n[grounds]\nbackground = 'on #000000'", 1, "[styles] text is missing"),
        ("dark = true\nlight = ;", 2, "this is not TOML"),
        ("[styles]\nok = 'a'\nok = 'b'", None, "this is not TOML"),
        ("x = " + "[" * 3000, 1, "this is not TOML"),
    ],
)
def test_a_wrong_theme_is_refused_with_its_file_and_line(
    folder: Folder, text: str, line: int | None, said: str
) -> None:
    path = folder.write(text)
    refused = folder.refused()
    assert said in refused
    assert f"{path}:{line}: " in refused if line else str(path) in refused


def test_all_problems_are_told_in_the_order_of_the_file(folder: Folder) -> None:
    path = folder.write("dark = 3\n[styles]\nno = ''\nnope = ''\n")
    assert [line.split(" ")[0] for line in folder.refused().splitlines()] == [f"{path}:{n}:" for n in (1, 3, 4)]


def test_a_ground_is_needed_where_the_terminals_is_not_used(folder: Folder) -> None:
    folder.write("[styles]\ntext = '#ffffff'")
    assert "[grounds] background is missing" in folder.refused()


def test_what_is_wrong_in_what_is_inherited_is_told_of_its_file(folder: Folder) -> None:
    parent = folder.write(LEAST + "ok = 'pink'", "parent")
    folder.write("inherit = 'parent'")
    assert f"{parent}:5: [styles] ok" in folder.refused()


def test_inheriting_ends(folder: Folder) -> None:
    folder.write("inherit = 'other'")
    folder.write("inherit = 'mine'", "other")
    assert "in a circle" in folder.refused()
    for number in range(MAX_INHERITED + 2):
        folder.write(f"inherit = 'n{number + 1}'", f"n{number}")
    assert "too deep" in folder.refused("n0")


def test_hostile_files_are_refused(folder: Folder, tmp_path: Path) -> None:
    folder.write(b"about = '\xff\xfe'\n")
    assert "mine.toml:1: this is not UTF-8" in folder.refused()
    folder.write(LEAST + "#" * MAX_BYTES)
    assert f"is larger than {MAX_BYTES} bytes" in folder.refused()
    folder.write(b"# " + b"x" * 2_000_000)
    assert "is larger than" in folder.refused()
    folder.write(LEAST).chmod(0o666)
    assert "can be changed by others; run: chmod go-w" in folder.refused()
    (folder.path / "mine.toml").unlink()
    os.mkfifo(folder.path / "mine.toml", 0o600)
    assert "is not a regular file" in folder.refused()
    os.mkdir(folder.path / "dir.toml")
    assert "cannot be read: Is a directory" in folder.refused("dir")
    (folder.path / "gone.toml").symlink_to(tmp_path / "nothing")
    assert "cannot be read: No such file or directory" in folder.refused("gone")
    (folder.path / "loop.toml").symlink_to(folder.path / "loop.toml")
    assert "cannot be read" in folder.refused("loop")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_is_closed_to_us_is_refused(folder: Folder) -> None:
    folder.write(LEAST).chmod(0)
    assert "cannot be read: Permission denied" in folder.refused()


def test_a_link_into_a_folder_under_version_control_is_followed(folder: Folder, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text(LEAST)
    real.chmod(0o644)
    (folder.path / "mine.toml").symlink_to(real)
    assert folder.load().name == "mine"


def test_other_files_of_the_folder_are_no_themes(folder: Folder) -> None:
    for name in ("mine.toml~", ".#mine.toml", "a b.toml", "x\x1b[31m.toml", "é.toml", "mine.TOML", "-x.toml", ".toml"):
        (folder.path / name).write_text(LEAST)
    assert folder.library.names() == themes.names()
    assert Library((folder.path / "none", Path("/proc/1/nope"))).names() == themes.names()


@pytest.mark.parametrize("name", ["nope", "../themes/dark", "/etc/passwd", "", "\x1b[31m", "x" * 5000])
def test_an_unknown_theme_names_those_there_are(name: str) -> None:
    with pytest.raises(ThemeError, match=r"there are ansi, ansi-light, .* mono, night") as caught:
        themes.load(name)
    assert len(str(caught.value)) < 400 and "\x1b" not in str(caught.value)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from([*NAMES, "no", "é"]),
        st.text(max_size=40)
        | st.lists(st.sampled_from(["bold", "on", "#12abEF", "red", "reverse", "[x]"])).map(" ".join),
        max_size=6,
    ),
    st.booleans(),
)
def test_no_text_gets_past_the_check_into_an_error(folder: Folder, styles: dict[str, str], ansi: bool) -> None:
    def quoted(text: str) -> str:
        return '"' + "".join(f"\\U{ord(each):08x}" for each in text if not 0xD800 <= ord(each) < 0xE000) + '"'

    lines = "".join(f"{quoted(name)} = {quoted(value)}\n" for name, value in styles.items() if name != "text")
    ground = "" if ansi else "[grounds]\nbackground = 'on #101010'\n"
    text = "" if ansi else "text = '#eeeeee'\n"
    folder.write(f"ansi = {str(ansi).lower()}\n{ground}[styles]\n{text}{lines}")
    for depth in Depth:
        try:
            theme = themes.load("mine", folder.library, depth)
        except ThemeError as error:
            assert all(each.line for each in error.problems)
            assert str(error).replace("\n", "").isprintable()
            return
        for name in NAMES:
            assert theme.palette.style(name).link is None and not theme.palette.style(name).blink


def test_the_bundled_files_are_where_the_program_looks() -> None:
    assert {path.stem for path in resource("themes").glob("*")} == set(themes.names())
