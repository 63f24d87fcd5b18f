"""A person's own keys: what is accepted, what is refused and why, and that they work and are shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbortui.cli.keys import keymap
from harbortui.config.errors import ConfigError
from harbortui.config.load import Places, load
from harbortui.config.settings import Settings
from harbortui.engine.messages import Refresh
from harbortui.ui import symbols, themes
from harbortui.ui.actions import ACTIONS, UNBOUND, help_rows
from harbortui.ui.app import HarborApp
from harbortui.ui.keymap import check, normal
from harbortui.ui.port import Shown
from harbortui.ui.view import Start
from tests.ui import samples
from tests.ui.samples import NAMES, NOW, FakePort
from tests.ui.test_keys import Console


def settings(tmp_path: Path, keys: str) -> Settings:
    file = tmp_path / "config.toml"
    file.write_text(f'[[instance]]\nname = "a"\nurl = "https://a.example"\n[keys]\n{keys}\n')
    file.chmod(0o600)
    return load(config=file, environ={}, places=Places.nowhere())


@pytest.mark.parametrize(
    ("written", "key"),
    [("?", "question_mark"), ("G", "G"), ("Esc", "escape"), ("PgUp", "pageup"), ("ctrl-x", "ctrl+x"), ("/", "slash")],
)
def test_keys_are_written_as_people_write_them(written: str, key: str) -> None:
    assert normal(written) == key


@given(st.text(max_size=12))
def test_any_text_is_a_key_or_none(text: str) -> None:
    assert isinstance(normal(text), str)
    check({"help": text})


def test_what_is_well_is_taken() -> None:
    given = {"help": "comma, ?", "restart": "Q", "zoom": "none", "up": "up, i", "ages": "none"}
    checked = check(given)
    assert checked.wrong == ()
    assert checked.keymap == {
        "help": "comma,question_mark",
        "restart": "Q",
        "zoom": UNBOUND,
        "up": "up,i",
        "ages": UNBOUND,
    }


@pytest.mark.parametrize(
    ("id_", "keys", "said"),
    [
        ("hepl", "x", "did you mean 'help'"),
        ("help", "", "is no key"),
        ("help", "nokey", "is no key"),
        ("help", "ctrl+a", "screen and tmux take it"),
        ("help", "ctrl-s", "stops the terminal's output"),
        ("help", "~", "ssh takes it"),
        ("help", "f5", "not every terminal sends it"),
        ("help", "alt+x", "not every terminal sends it"),
        ("help", "[", "AltGr"),
        ("help", "\\", "AltGr"),
        ("help", "H", "for what changes something"),
        ("restart", "r", "takes Shift and a letter"),
        ("restart", "ctrl+r", "takes Shift and a letter"),
        ("restart", "G", "takes Shift and a letter"),
        ("help", "z", "also a key of zoom"),
        ("sort", "d", "also a key of describe"),
        ("mark", "k", "also a key of up"),
        ("count", "f", "also a key of facet"),
    ],
)
def test_what_is_wrong_is_said(id_: str, keys: str, said: str) -> None:
    (wrong,) = check({id_: keys}).wrong
    assert wrong.id == id_ and said in wrong.message


def test_no_default_key_is_refused_or_clashes() -> None:
    assert check({each.id: each.keys.replace(",", ", ") for each in ACTIONS}).wrong == ()


def test_wrong_keys_are_told_with_file_and_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        keymap(settings(tmp_path, 'zoom = "ctrl+z"\nhepl = "x"'))
    assert [str(each).split(": ", 1)[0] for each in caught.value.problems] == [
        f"{tmp_path}/config.toml:6",
        f"{tmp_path}/config.toml:5",
    ]
    assert keymap(settings(tmp_path, 'zoom = ["x", "o"]\nsave = "none"\nskip = "none"')) == {
        "zoom": "x,o",
        "save": UNBOUND,
        "skip": UNBOUND,
    }
    with pytest.raises(ConfigError, match="expected a text"):
        settings(tmp_path, "zoom = 1")


async def test_own_keys_work_are_shown_and_the_old_ones_do_nothing() -> None:
    port = FakePort(Shown(*samples.hurt()))
    keys = {"refresh": "full_stop", "say": UNBOUND, "help": "comma", "restart": "Q"}
    start = Start("ackermann", NAMES, keymap=keys)
    app = HarborApp(start, port, theme=themes.load("dark"), symbols=symbols.UNICODE, clock=lambda: NOW)
    async with app.run_test(size=(120, 35)) as pilot:
        it = Console(app, port, pilot, [NOW])
        await it.until_text(", help")
        count = len(port.sent)
        await it.press("ctrl+r", "full_stop")
        assert [each for each in port.sent[count:] if isinstance(each, Refresh)] == [Refresh()]
        await it.press("R")
        assert "nothing was changed" not in it.text
        await it.press("Q")
        assert "Q: this console is read-only" in it.text
        await it.press("question_mark")
        assert "one row down" not in it.text
        await it.press("comma")
        await it.until_text("one row down")
    shown = {title: written for written, _, title in help_rows(keys)}
    assert shown["this help"] == "," and shown["collect now"] == "."
