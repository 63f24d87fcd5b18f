"""Hostile text and shapes from the backends: harmless on the terminal, in every format, and in the files."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harbortui.cli.check_formats import FORMATS
from harbortui.collect.files import decode_snapshot, encode_snapshot, read_snapshot
from harbortui.engine.frames import encode_frame
from harbortui.engine.messages import FullSnapshot
from harbortui.model.finding import Finding, State
from harbortui.model.harbor import COMPONENTS, ComponentHealth, Health
from harbortui.model.redact import Cleaner, Redactor
from harbortui.model.snapshot import Snapshot
from harbortui.model.storage import BucketState, BucketUsage
from harbortui.model.text import is_safe
from harbortui.sim.thread import SimThread
from harbortui.sources.storage.usage import metrics_usage
from tests.safety.home import Home
from tests.safety.poison import EVIL, HARMLESS, SHAPES, changed, poisoned
from tests.safety.walk import Walk
from tests.ui import samples
from tests.ui.test_pty import ALLOWED

FORMAT_NAMES = ("text", "json", "prometheus", "nagios")
CONTROL = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\U000e0000-\U000e007f]"
)


@pytest.fixture(scope="module")
def sim() -> Iterator[SimThread]:
    with SimThread(instances=2, seed=1) as running:
        yield running


# The terminal


def foreign(written: bytes) -> list[bytes]:
    """What the terminal got besides our own painting: controls, C1, and characters that act on a line."""
    rest = ALLOWED.sub(b"", written)
    found = re.findall(rb".{0,6}(?:[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]).{0,12}", rest)
    acting = {each for each in rest.decode() if each > "\x9f" and not each.isprintable()}
    return sorted(set(found)) + sorted(each.encode() for each in acting)


@pytest.mark.parametrize("all_fields", [False, True], ids=["names", "every field"])
def test_the_terminal_gets_nothing_but_our_own_painting(sim: SimThread, tmp_path: Path, all_fields: bool) -> None:
    screens: list[str] = []
    home = Home(tmp_path / "home")
    sim.call(lambda fleet: shout(fleet))
    with (
        changed(sim, lambda kind, body: (kind, poisoned(body, all_fields=all_fields))),
        home.terminal("--config", str(sim.config_path), "--mouse", rows=40, columns=160) as terminal,
    ):
        terminal.until(
            lambda: "as of" in "\n".join(terminal.screen()) and "collecting" not in "\n".join(terminal.screen())
        )
        walk = Walk(terminal, screens.append)
        walk.short() if all_fields else walk.everything()
        # A click wherever the hostile "button" is on the screen must open nothing and quit nothing.
        for row, line in enumerate(screens[-1].splitlines(), start=1):
            if HARMLESS in line:
                walk.keys(f"\x1b[<0;{line.index(HARMLESS) + 3};{row}M", f"\x1b[<0;{line.index(HARMLESS) + 3};{row}m")
        assert terminal.alive
        terminal.write(b"\x03\x03")
        assert terminal.wait() == 0
        written = bytes(terminal.output)
    assert any(HARMLESS in each for each in screens), "the hostile text was on the screen"
    assert foreign(written) == []
    assert not list(home.files("state/harbortui/crashes/*"))


def shout(fleet: object) -> None:
    """Hostile log lines of every task of every instance."""
    world = fleet.world  # type: ignore[attr-defined]
    for instance in world.instances:
        for task, stream in product(COMPONENTS, ("stdout", "stderr")):
            for _ in range(20):
                world.logs.emit(instance.job_id, task, stream, EVIL.replace("\n", " "))
                world.logs.emit(instance.job_id, task, stream, HARMLESS + "L" * 5_000 + EVIL)


def test_the_check_for_foreign_text_finds_each_kind() -> None:
    for each in ("\x1b]52;c;x\x07", "\x1b[6n", "\x9b31m", "\u202e", "\x08", "\x00", "\u200b", "\ufeff", "\xad"):
        assert foreign(f"\x1b[1mname {each} x\x1b[0m".encode()), repr(each)
    assert foreign(b"\x1b[1mname\x1b[0m\r\n\x1b[2J\x1b[3;4H") == []


# Formats and files


def parsed_prometheus(text: str) -> list[tuple[str, dict[str, str]]]:
    """Names and labels of all samples, read as strictly as the format is written down; a series twice fails."""
    sample = re.compile(
        r'([a-z_]+)((?:\{[a-z]+="(?:[^"\\\n]|\\[\\n"])*"(?:,[a-z]+="(?:[^"\\\n]|\\[\\n"])*")*\})?) (\S+)'
    )
    label = re.compile(r'([a-z]+)="((?:[^"\\\n]|\\[\\n"])*)"')
    assert text.endswith("\n")
    found = []
    for line in text[:-1].split("\n"):
        if line.startswith("# "):
            assert re.fullmatch(r"# (HELP|TYPE) [a-z_]+ .+", line)
            continue
        match = sample.fullmatch(line)
        assert match is not None, line
        float(match[3])
        found.append((match[1], dict(label.findall(match[2]))))
    twice = [each for each, count in Counter(map(str, found)).items() if count > 1]
    assert twice == []
    return found


def assert_harmless(name: str, text: str) -> None:
    """No control but line ends, and the syntax of the format holds."""
    assert not CONTROL.search(text), CONTROL.findall(text)
    if name == "json":
        document = json.loads(text)
        assert document["harbortui_check"] == 1
        # What JSON escapes must be harmless once a program prints it.
        assert all(is_safe(each) for each in strings(document))
    elif name == "prometheus":
        parsed_prometheus(text)
    elif name == "nagios":
        head, *rest = text.splitlines()
        assert head.count("|") == 1 and not any("|" in line for line in rest)
        status, _, data = head.partition(" | ")
        assert re.match(r"HARBOR (OK|WARNING|CRITICAL|UNKNOWN) - ", status)
        assert re.fullmatch(r"(?:(?:[a-z_]+|'(?:[^'=]|'')+')=[0-9.]+B?;;;0;[0-9]* ?)+", data), data


def strings(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("all_fields", [False, True], ids=["names", "every field"])
def test_every_format_and_file_stays_harmless(sim: SimThread, tmp_path: Path, all_fields: bool) -> None:
    home = Home(tmp_path / "home")
    saved = home.path / "saved.json"
    with changed(sim, lambda kind, body: (kind, poisoned(body, all_fields=all_fields))):
        done = home.run("check", "--config", str(sim.config_path), "--format", "json", "--save", str(saved))
        texts = {"json": done.stdout.decode()}
        if not all_fields:
            more = ("text", "prometheus", "nagios")
            texts |= {
                each: home.run("check", "--config", str(sim.config_path), "--format", each).stdout.decode()
                for each in more
            }
    assert done.returncode in (0, 1, 2, 3) and done.stderr == b"", done.stderr
    for name, text in texts.items():
        assert text
        assert_harmless(name, text)
    assert all(is_safe(each) for each in strings(json.loads(saved.read_text())))
    if not all_fields:
        assert HARMLESS in saved.read_text(), "the hostile text was read"
    assert isinstance(read_snapshot(saved), Snapshot)


@pytest.mark.parametrize("shape", SHAPES)
def test_hostile_shapes_are_errors_of_their_facets(sim: SimThread, tmp_path: Path, shape: str) -> None:
    home = Home(tmp_path / "home")
    saved = home.path / "saved.json"
    with changed(sim, lambda kind, _body: (kind, SHAPES[shape])):
        done = home.run("check", "--config", str(sim.config_path), "--format", "json", "--save", str(saved))
    assert done.returncode in (0, 1, 2, 3) and done.stderr == b"", done.stderr
    assert_harmless("json", done.stdout.decode())
    document = json.loads(done.stdout)
    unexpected = [
        (each["name"], name, facet["detail"])
        for each in document["instances"]
        for name, facet in each["facets"].items()
        if re.search(r"unexpected \w+\.\w+|in this console", facet["detail"] or "")
    ]
    assert unexpected == []
    assert isinstance(read_snapshot(saved), Snapshot)


@given(st.floats(allow_nan=True) | st.integers(-(10**30), 10**30))
def test_any_figure_of_a_store_can_travel_to_the_console(figure: float) -> None:
    text = "\n".join(
        f'{name}{{bucket="b"}} {figure!r}'
        for name in ("minio_bucket_usage_total_bytes", "minio_bucket_usage_object_total")
    )
    usage = metrics_usage(f"{text}\nminio_usage_last_activity_nano_seconds {figure!r}\n".encode(), "b", 0.0)
    if isinstance(usage, BucketUsage):
        snapshot = samples.fleet(samples.instance(bucket=samples.fresh("x", BucketState(name="b", usage=usage))))
        verdict = samples.verdict(snapshot)
        encode_frame(FullSnapshot(snapshot=snapshot, verdict=verdict, cached=False))
        for name in FORMAT_NAMES:
            assert_harmless(name, FORMATS[name](snapshot, verdict))


EVERYTHING = st.text(max_size=60) | st.sampled_from(
    [EVIL, EVIL[::-1], "\ud800" + EVIL, "|", "a|b=1;;", "'", '"', "\\", "\n", "", "=" * 9]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(EVERYTHING, min_size=8, max_size=8), st.randoms(use_true_random=False))
def test_any_text_stays_in_its_place_in_every_format(texts: list[str], random: Random) -> None:
    clean = Cleaner(Redactor())
    cleaned = [clean(each) for each in texts]
    named = [each for each in cleaned if is_safe(each) and each.strip() == each and each] or ["plain"]
    first = samples.instance(random.choice(named)[:64])
    tasks = tuple(
        msgspec.structs.replace(task, name=cleaned[number % 8], restarts=number)
        for number, task in enumerate(first.allocations.value[0].tasks)
    )
    allocation = msgspec.structs.replace(first.allocations.value[0], tasks=tasks)
    components = tuple(ComponentHealth(name=each, status=cleaned[1], error=cleaned[2]) for each in cleaned)
    usage = BucketUsage(source=cleaned[3], bytes=random.randrange(2**62), objects=1, includes=cleaned[4])
    first = msgspec.structs.replace(
        first,
        allocations=samples.fresh("x", (allocation,)),
        health=samples.fresh("x", Health(status=cleaned[5], components=components)),
        bucket=samples.fresh("x", BucketState(name=cleaned[6], usage=usage)),
        system=samples.failed("x", samples.FailureKind.SERVER, cleaned[7]),
    )
    snapshot = samples.fleet(first, samples.instance("second"))
    finding = Finding(
        rule="x",
        state=State.CRITICAL,
        instance=first.name,
        subject=cleaned[0],
        title=cleaned[1],
        evidence=tuple(cleaned),
    )
    verdict = samples.verdict(snapshot, finding)
    for name in FORMAT_NAMES:
        assert_harmless(name, FORMATS[name](snapshot, verdict))
    assert decode_snapshot(encode_snapshot(snapshot, written_at=0.0)) == snapshot
