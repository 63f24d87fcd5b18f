"""Hostile text in every text field of what the engine tells: snapshot, verdict, looks, logs, history and notes.

Past the sources' sanitising on purpose: a saved snapshot, a history file or a mistake of our own gets that far, and
the screen has to stand it alone.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from enum import Enum
from typing import Any

import msgspec

from harbortui.engine.messages import (
    AskHistory,
    CountStage,
    CountState,
    EngineNote,
    FleetPast,
    Follow,
    InstancePast,
    LogLines,
    Look,
    PlanCount,
    PlanSums,
    SumState,
    TailState,
    ToEngine,
    Told,
    looked,
)
from harbortui.model.asked import Query, Topic
from harbortui.model.failure import Failure, FailureKind
from harbortui.ui.port import Shown
from tests.safety.poison import EVIL
from tests.ui import asked, drilling, pasts, samples
from tests.ui.samples import NAMES, NOW, FakePort, fresh

Spoil = Callable[[str], str]

PIECES = (
    EVIL,
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1b]8;;http://evil.example/\x1b\\link\x1b]8;;\x1b\\",
    "\x1b[2J\x1b[H\x1b[31mred\x1b[?1049l\x1b[6n\x1bc",
    "\x9b2J\x9d52;c;ZXZpbA==\x9c\x90q\x9c\x84\x85",
    "[@click=app.quit]x[/] [@click='app.bell']y[/]",
    "[b]bold[/b] [link=http://evil.example]l[/link] [/] [red on blue][/nonsense] [[ ]] \\[",
    "$text {x} {0} %s %(x)s :skull: &amp; <b>",
    "\u202eright\u202c \u2066iso\u2069 \u200b\u200d\u2060\ufeff\u00ad\u061c",
    "one\ntwo\r\nthree\x0b\x0c\u2028\u2029\x85four\tfive\x00six\x7f\b\b\b",
    "L" * 5_000,
    "漢字" * 400 + "👩‍👩‍👧‍👦🏳️‍🌈" + "z\u0300" * 40,
    "'; rm -rf / #`$(id)`\n--flag",
    "",
)
"""What names, messages and lines are made of here. (Lone surrogates cannot travel from the engine.)"""

WORDS = re.compile(r"(?:^|_)(?:status|state|type|kind|desired|trigger|generation|operation)$")
"""Fields whose values steer what is shown at all."""


def spoiler(pieces: tuple[str, ...] = PIECES) -> Spoil:
    """Makes of each text a hostile one, of the same text always the same: what belonged together still does."""

    def spoil(text: str) -> str:
        if not text:
            return ""
        piece = pieces[zlib.crc32(text.encode("utf-8", "replace")) % len(pieces)]
        return f"{text[:200]}{piece}"

    return spoil


def spoilt(value: Any, spoil: Spoil, *, words: bool = False, field: str = "") -> Any:
    """The same value with every text in it spoilt; ``words`` spoils those too that steer what is shown."""

    def deeper(each: Any, name: str = field) -> Any:
        return spoilt(each, spoil, words=words, field=name)

    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return spoil(value) if words or not WORDS.search(field) else value
    if isinstance(value, msgspec.Struct):
        changes = {name: deeper(getattr(value, name), name) for name in value.__struct_fields__}
        return msgspec.structs.replace(value, **changes)
    if isinstance(value, dict):
        return {deeper(key): deeper(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        items = [deeper(each) for each in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    return value


VALUES: dict[Topic, Callable[[], Any]] = {
    Topic.EXECUTION_TASKS: lambda: drilling.answers()[drilling.TASKS].value,
    Topic.TASK_LOG: lambda: drilling.answers()[drilling.TASK_LOG].value,
    Topic.GC_LOG: lambda: drilling.answers()[drilling.GC_LOG].value,
    Topic.RAW: lambda: drilling.answers()[drilling.RAW_POLICY].value,
    Topic.JOB_SERVICE: asked.hurt_job_service,
    Topic.PROJECTS: asked.project_list,
    Topic.AUDIT: lambda: asked.audit_page(total=130),
}


class Spoilt(FakePort):
    """An engine that answers whatever the console sends, with hostile text everywhere."""

    def __init__(self, spoil: Spoil, *, words: bool = False) -> None:
        self.spoil, self._words = spoil, words
        self.names = tuple(spoil(each) for each in NAMES)
        self._told: set[Query] = set()
        super().__init__(self.shown(0))

    def shown(self, step: int) -> Shown:
        """The drilled fleet; every other step with another finding, a failed facet and a stale one."""
        snapshot = drilling.fleet()
        if step % 2:
            first = snapshot.instances[0]
            denied = samples.failed("S3 HEAD bucket", FailureKind.FORBIDDEN, "refused", needs="s3:ListBucket")
            first = msgspec.structs.replace(first, bucket=denied, health=samples.stale(first.health))
            snapshot = msgspec.structs.replace(snapshot, instances=(first, *snapshot.instances[1:]))
        verdict = samples.verdict(snapshot, *drilling.FINDINGS[step % 2 :])
        spoil_it = lambda each: spoilt(each, self.spoil, words=self._words)  # noqa: E731 - used twice on the next line
        return Shown(spoil_it(snapshot), spoil_it(verdict))

    def send(self, message: ToEngine) -> None:
        """Answer at once."""
        super().send(message)
        for each in self._replies(message):
            self.say(each)

    def _replies(self, message: ToEngine) -> list[Told]:
        failure = Failure(kind=FailureKind.SERVER, detail=self.spoil("500 it says"), at=NOW)
        if isinstance(message, Look):
            new = [each for each in message.queries if each not in self._told]
            self._told |= set(new)
            return [self._answer(each, failure) for each in new]
        if isinstance(message, Follow):
            lines = (*PIECES, *(self.spoil(f"line {number} of the log") for number in range(40)))
            live = {"instance": message.instance, "task": message.task, "stream": message.stream}
            return [
                LogLines(**live, lines=lines, reset=True, allocation_id=self.spoil("7f3a19c2"), state=TailState.LIVE),
                LogLines(**live, lines=lines, dropped=7, state=TailState.FAILED, failure=failure),
            ]
        if isinstance(message, AskHistory):
            return [self._past(message.instance)]
        if isinstance(message, PlanCount):
            return [CountState(instance=message.instance, stage=CountStage.FAILED, failure=failure)]
        if isinstance(message, PlanSums):
            about = {"instance": message.instance, "project": message.project}
            return [SumState(**about, stage=CountStage.FAILED, failure=failure)]
        return []

    def _answer(self, query: Query, failure: Failure) -> Told:
        facet = fresh("GET /api/v2.0/x", VALUES[query.topic]())
        if query.page > 1 or query.find:
            facet = msgspec.structs.replace(facet, failure=failure, at=NOW - 900)
        return looked(query, spoilt(facet, self.spoil, words=self._words))

    def _past(self, name: str) -> Told:
        known = {self.spoil(each): each for each in NAMES}
        if not name:
            told = FleetPast(instances=tuple(pasts.past(each) for each in NAMES))
            return spoilt(told, self.spoil, words=self._words)  # type: ignore[no-any-return]
        detail = pasts.detail(known.get(name, NAMES[0]), lost=("the file of May is damaged",))
        detail = spoilt(detail, self.spoil, words=self._words)
        return InstancePast(detail=msgspec.structs.replace(detail, instance=name))

    def note(self) -> EngineNote:
        """What the engine says of itself."""
        return EngineNote(text=self.spoil("the engine was started again"), restarted=True)
