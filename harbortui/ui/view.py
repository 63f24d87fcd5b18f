"""What the screens show from: the newest snapshot, the minute it is, and what a person is looking at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from harbortui.engine.messages import CountState, SumState
    from harbortui.model.asked import Query
    from harbortui.model.facet import Facet
    from harbortui.model.finding import InstanceVerdict, State, Verdict
    from harbortui.model.past import Past, PastDetail
    from harbortui.model.snapshot import InstanceSnapshot, Snapshot
    from harbortui.ui.arrange import Arrangement

STREAMS = ("stdout", "stderr")


class Start(NamedTuple):
    """What is known before the first message of the engine: the configuration's part."""

    fleet: str
    names: tuple[str, ...]
    simulated: bool = False
    production: bool = False
    instance: str = ""
    """Open on this instance."""
    timezone: str = "UTC"
    """Where times are shown: ``UTC``, ``local`` or a name of the zone database."""
    keymap: Mapping[str, str] = MappingProxyType({})
    """Action id -> keys in place of the table's, checked."""


class Reading(NamedTuple):
    """Which part of an audit log a person reads."""

    instance: str = ""
    find: str = ""
    """What Harbor is asked to search for."""
    first: int = 1
    last: int = 1
    """The pages, the newest being 1."""


@dataclass
class View:
    """The state of the console; only the app changes it."""

    start: Start
    now: float
    """The minute ages are counted from; moves once a minute, so that ages do not change with every message."""
    snapshot: Snapshot | None = None
    verdict: Verdict | None = None
    cached: bool = False
    """True while the snapshot is the last session's."""
    engine_note: str = ""
    zone: str = "UTC"
    """Where times are shown."""
    hint: str = ""
    """A sentence in place of the footer, until the next key."""
    instance: str = ""
    """The instance looked at; empty on the fleet."""
    pane: int = 1
    """The pane of the instance that has the keys."""
    zoomed: bool = False
    """True while that pane has the whole screen."""
    task: str = ""
    stream: str = STREAMS[0]
    tail: str = ""
    """How the live tail is, in words."""
    tail_style: str = "muted"
    counts: dict[str, CountState] = field(default_factory=dict)
    """How counting a bucket is, by instance; nothing once it is done."""
    asking: str = ""
    """The instance whose count waits for a confirmation in the bar; empty when the bar is closed."""
    sums: dict[tuple[str, str], SumState] = field(default_factory=dict)
    """How summing a project's repositories is, by instance and project; nothing once it is done."""
    asking_project: str = ""
    """The project of the instance looked at whose sum waits for a confirmation in the bar."""
    pasts: dict[str, Past] = field(default_factory=dict)
    """What the history tells of the fleet, by instance."""
    past_why_not: str | None = None
    """Why it tells nothing; None until it has been asked."""
    detail: PastDetail | None = None
    """What it tells of the instance looked at; None while it is being read."""
    typed: dict[str, list[str]] = field(default_factory=dict)
    """What was typed before, by the sign of its line; the newest last."""
    arrangements: dict[str, Arrangement] = field(default_factory=dict)
    """How a person wants the tables, by their place."""
    looks: dict[Query, Facet[Any]] = field(default_factory=dict)
    """What was asked for while a page shows it; nothing while it is loading."""
    audit: Reading = field(default_factory=Reading)
    crumbs: tuple[str, ...] = field(default=())

    @property
    def is_snapshot(self) -> bool:
        """True when what is shown was read from a file: it does not age, and there is nobody to ask."""
        return self.snapshot is not None and self.snapshot.origin.value == "snapshot"

    @property
    def looked_at(self) -> InstanceSnapshot | None:
        """The instance looked at, when the snapshot has it."""
        return None if self.snapshot is None else self.snapshot.instance(self.instance)

    @property
    def instance_verdict(self) -> InstanceVerdict | None:
        """The verdict of the instance looked at."""
        if self.verdict is None:
            return None
        return next((each for each in self.verdict.instances if each.name == self.instance), None)

    @property
    def judged(self) -> Mapping[str, State]:
        """The worst that the findings say of each subject of the instance looked at."""
        worst: dict[str, State] = {}
        for each in self.verdict.findings if self.verdict is not None else ():
            if each.instance == self.instance:
                worst[each.subject] = max(each.state, worst.get(each.subject, each.state))
        return worst
