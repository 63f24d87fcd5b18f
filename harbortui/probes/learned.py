"""What was asked and answered: plain tables by subject, from which the judgements are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from harbortui.config.settings import NomadSettings, StorageSettings, Tls
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.reached import Reached
from harbortui.probes.files import FileSeen
from harbortui.sources.answer import Answer, Ok


class Asked(NamedTuple):
    """What was asked (``executions``) about whom (``instance:harbor-nas``, ``nomad:http://…``, ``vault``)."""

    subject: str
    what: str


class Door(NamedTuple):
    """An address and how it is spoken to; equal doors are tried once."""

    kind: str
    url: str
    tls: Tls
    proxy: str = ""


@dataclass(slots=True)
class Learned:
    """Everything that came back; what did not is a failure that says so."""

    at: float
    timeout: float
    answers: dict[Asked, Answer[Any]] = field(default_factory=dict)
    reached: dict[Door, Reached] = field(default_factory=dict)
    files: tuple[FileSeen, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of the fields of each Vault path that could be read."""

    def answer(self, subject: str, what: str) -> Answer[Any]:
        """What was answered, or that there was no answer."""
        found = self.answers.get(Asked(subject, what))
        if found is not None:
            return found
        detail = f"not answered within {self.timeout:g} s"
        return Failure(kind=FailureKind.TIMEOUT, detail=detail, at=self.at)

    def value(self, subject: str, what: str) -> Any:
        """The value, or None without one."""
        found = self.answer(subject, what)
        return found.value if isinstance(found, Ok) else None

    def was_asked(self, subject: str, what: str) -> bool:
        """False for what did not apply."""
        return Asked(subject, what) in self.answers


def of_instance(name: str) -> str:
    """The subject of an instance's own answers."""
    return f"instance:{name}"


def of_nomad(nomad: NomadSettings) -> str:
    """The subject of what one Nomad address says of one token."""
    return f"nomad:{nomad.address} {nomad.region} {nomad.token}"


def of_bucket(storage: StorageSettings, bucket: str) -> str:
    """The subject of what one key may do on one bucket."""
    return f"bucket:{storage.endpoint} {bucket} {storage.access_key}"


VAULT = "vault"
