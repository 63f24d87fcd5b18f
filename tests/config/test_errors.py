"""A wrong file is refused with its name, the line, what was expected and the nearest valid key; never with a value."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harbortui.config.errors import ConfigError, NoConfig, Problem
from harbortui.config.load import Places, load
from harbortui.config.locate import key_line, line_of
from tests.config.conftest import MINIMAL, Write


def problems(write: Write, text: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        load(config=write(text), environ={}, places=Places.nowhere())
    return caught.value.problems


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[fleet]\n\nnam = 'x'\n", 3, ["[fleet]", "'nam'", "did you mean 'name'?"]),
        ("[flet]\nname = 'x'\n", 1, ["'flet'", "did you mean 'fleet'?"]),
        ("[nomad]\nendpoint = 'http://x'\n", 2, ["'endpoint'", "[storage] has one"]),
        ("[fleet]\nrefresh = 'soon'\n", 2, ["refresh", "30s"]),
        ("[fleet]\nrefresh = 1\n", 2, ["from 10 to 3600"]),
        ("[fleet]\nproduction = 1\n", 2, ["true or false"]),
        ("[thresholds]\nrestarts = 2.5\n", 2, ["whole number"]),
        ("[thresholds]\nmemory_percent = nan\n", 2, ["from 1 to 100"]),
        ("[vault]\nauth = 'github'\n", 2, ["token, approle, userpass"]),
        ("[vault]\ntls = 'x'\n", 2, ["[vault.tls]"]),
        ("[vault]\ntoken = { vault = 'kv/data/x', key = 'y' }\n", 2, ["cannot be in Vault"]),
        ("[nomad]\naddress = 'unix:///x'\n", 2, ["unix sockets"]),
        ("[nomad]\naddress = 'nomad:4646'\n", 2, ["http://"]),
        ("[nomad]\naddress = 'http://h:99999'\n", 2, ["URL"]),
        ("[nomad]\ntoken = { path = 'x' }\n", 2, ["expected a reference of one of the forms"]),
        ("[nomad]\ntoken = { env = 'A', file = 'B' }\n", 2, ["of one of the forms"]),
        ("[nomad]\ntoken = { vault = '../x', key = 'a' }\n", 2, ["kv/data/harbor"]),
        ("[ui]\ntimezone = 'Mars/Base'\n", 2, ["Europe/Berlin"]),
        ("[ui]\ntimezone = '../../etc/passwd'\n", 2, ["Europe/Berlin"]),
        ('[fleet]\nname = "a\\u202eb"\n', 2, ["control characters"]),
        ("[[instance]]\nname = 'a'\nurl = 'https://h/path'\n", 3, ["without a path"]),
        ("[[instance]]\nname = 'a'\nurl = 'https://h?x=1'\n", 3, ["query"]),
        ("[[instance]]\nname = 'a'\n", 1, ["needs a url"]),
        ("[[instance]]\nurl = 'https://h'\n", 1, ["number 1 needs a name"]),
        ("[instance]\nname = 'a'\n", 1, ["[[instance]]"]),
        (MINIMAL + "[instance.nomad]\nadress = 'http://h'\n", 5, ["[instance.nomad]", "did you mean 'address'?"]),
        (MINIMAL + "pasword = 'x'\n", 4, ["did you mean 'password' of [instance.harbor]?"]),
        (MINIMAL + "[[instance]]\nname = 'two'\nurl = 'https://t'\nbuket = 'x'\n", 7, ["'two'", "'bucket'"]),
        (MINIMAL + MINIMAL, 5, ["a second [[instance]] is named 'one'"]),
        ("[harbor]\nusername = 'a'\n" + MINIMAL, 2, ["username without password"]),
        ("[vault]\naddress='http://v'\nauth = 'approle'\n" + MINIMAL, 3, ["needs role_id and secret_id"]),
        ("[vault]\naddress='http://v'\ntoken={env='A'}\ntoken_file='x'\n" + MINIMAL, 4, ["give one of them"]),
        ("[tls]\nverify = false\n" + MINIMAL, 2, ["one.example.org", "unverified_hosts"]),
        ("[fleet]\nname = \n", 2, ["not TOML"]),
        ("[fleet]\nname = 'a'\nname = 'b'\n", 3, ["not TOML"]),
        ("a = '\n", 1, ["not TOML"]),
        ("[policy]\nread_only = true\n" + MINIMAL, 2, ["only honoured in the system file"]),
    ],
)  # fmt: skip
def test_each_mistake_is_named_with_its_line(write: Write, text: str, line: int, words: list[str]) -> None:
    path = None
    for problem in problems(write, text):
        path = problem.file
        if problem.line == line and all(word in str(problem) for word in words):
            break
    else:
        pytest.fail(f"no problem at line {line} with {words}: {problems(write, text)}")
    assert path is not None and path.endswith("config.toml")


@pytest.mark.parametrize("key", ["password", "token", "secret_key", "db_password", "api_token"])
def test_a_literal_secret_is_refused_and_never_repeated(write: Write, key: str) -> None:
    table = {"password": "harbor", "token": "nomad", "secret_key": "storage"}.get(key, "harbor")
    (problem,) = problems(write, f"[{table}]\n{key} = 'hunter2PLANTED'\n")[:1]
    assert "a secret does not belong in this file" in problem.message
    assert '{ env = "NAME" }' in problem.hint
    assert "hunter2PLANTED" not in str(problem)


def test_all_problems_are_told_at_once_in_order(write: Write) -> None:
    found = problems(write, "[fleet]\nnam = 1\nrefresh = 0\n[ui]\nmouse = 'maybe'\n")
    assert [each.line for each in found] == [2, 3, 5]


def test_a_url_with_a_password_is_refused_without_repeating_it(write: Write) -> None:
    (problem,) = problems(write, "[[instance]]\nname = 'a'\nurl = 'https://u:PLANTED@h'\n")
    assert "credentials do not belong in a URL" in problem.message and "PLANTED" not in str(problem)


def test_no_instance_is_a_mistake(write: Write) -> None:
    assert "no instance is configured" in str(problems(write, "[fleet]\nname = 'x'\n")[0])


def test_wrong_bytes_are_named_with_their_line(write: Write) -> None:
    path = write("")
    path.write_bytes(b"[fleet]\nname = '\xff'\n")
    with pytest.raises(ConfigError) as caught:
        load(config=path, environ={}, places=Places.nowhere())
    assert caught.value.problems[0].line == 2


def test_a_named_file_that_is_missing(write: Write) -> None:
    with pytest.raises(ConfigError, match="no such file, named by --config"):
        load(config=write("").parent / "other.toml", environ={}, places=Places.nowhere())
    with pytest.raises(ConfigError, match="named by HARBORTUI_CONFIG"):
        load(environ={"HARBORTUI_CONFIG": "/nonexistent/x.toml"}, places=Places.nowhere())


def test_no_file_anywhere(places: Places) -> None:
    with pytest.raises(NoConfig) as caught:
        load(environ={}, places=places)
    assert caught.value.places == (str(places.user_file), str(places.system_file))


def test_lines_of_keys() -> None:
    text = "a = 1\n[x.y]\nb.c = 2\n[[t]]\nk = 1\n[[t]]\n'k' = 2\n[t.u]\nz = { q = 1 }\n"
    assert line_of(text, ("a",)) == 1
    assert line_of(text, ("x", "y", "b", "c")) == 3
    assert line_of(text, ("t", 1, "k")) == 7
    assert line_of(text, ("t", 1, "u", "z", "q")) == 9
    assert line_of(text, ("nowhere",)) is None
    assert key_line('[[instance]]\nname="a"\n[[instance]]\nname="b"\nurl="x"\n', ("instance", "b", "url")) == 5


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(max_size=200), st.text("[]={}\"'\n.ai#_-0123 nstce", max_size=120)))
def test_any_text_is_settings_or_a_config_error(write: Write, text: str) -> None:
    path = write("")
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ConfigError) as caught:
        load(config=path, environ={}, places=Places.nowhere())
    assert caught.value.problems
