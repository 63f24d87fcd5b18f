"""What `doctor` found: checks by source, what they leave blind, and what to grant."""

from __future__ import annotations

from enum import Enum, IntEnum

from harbortui.model.record import Record


class Role(Enum):
    """What a person wants to do with the console; each may do what those before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    """Also restarts allocations, runs replications and garbage collections."""
    DEPLOYER = "deployer"
    """Also stops, starts and reverts jobs."""

    @property
    def one(self) -> str:
        """The role with its article."""
        return f"an {self.value}" if self is Role.OPERATOR else f"a {self.value}"

    def includes(self, other: Role) -> bool:
        """True when this role may do what the other may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


class Level(IntEnum):
    """How a check came out, ordered so that ``max`` gives the verdict."""

    OK = 0
    NOTE = 1
    """Worth knowing; nothing to do."""
    WARNING = 2
    MISSING = 3
    """Something the role needs is missing or cannot be reached."""

    @property
    def word(self) -> str:
        """The level as a word."""
        return self.name.lower()


class Check(Record, frozen=True, kw_only=True):
    """One thing that was looked at; texts are plain, sanitised and one line each."""

    id: str
    """Stable: ``tls-expiry``, ``right-missing``."""
    level: Level
    text: str
    hint: str = ""
    """What to do about it."""
    needs: str = ""
    """The right that is missing, in the system's words."""


class Part(Record, frozen=True, kw_only=True):
    """The checks of one source at one address."""

    source: str
    """``files``, ``Vault``, ``Nomad``, ``Harbor`` or ``S3``."""
    address: str = ""
    instances: tuple[str, ...] = ()
    """The instances it serves."""
    checks: tuple[Check, ...] = ()

    @property
    def level(self) -> Level:
        """The worst of its checks."""
        return max((each.level for each in self.checks), default=Level.OK)


class Blind(Record, frozen=True, kw_only=True):
    """A pane that misses something, or a key that will be refused."""

    instance: str
    kind: str
    """``pane`` or ``key``."""
    name: str
    """``4 Replication``, ``R restart``."""
    reasons: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    """The rights that would mend it, each with its system: ``Harbor replication:list``."""


class Grant(Record, frozen=True, kw_only=True):
    """A policy or robot to paste."""

    system: str
    role: Role
    title: str
    language: str
    """``hcl`` or ``json``."""
    file: str
    """The name that the commands read the text under."""
    text: str
    commands: tuple[str, ...] = ()
    """How to put it in place; nothing here is ever run by us."""
    notes: tuple[str, ...] = ()


class Report(Record, frozen=True, kw_only=True):
    """Everything `doctor` has to say."""

    role: Role
    at: float
    sentence: str
    level: Level
    parts: tuple[Part, ...] = ()
    blind: tuple[Blind, ...] = ()
    grants: tuple[Grant, ...] = ()
    """Of all three roles."""
    wanted: tuple[str, ...] = ()
    """Systems whose grant is to be changed, by the checks: a right is missing, or there are too many."""
