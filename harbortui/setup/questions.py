"""What no job says, and a person is asked for: pure, with the answers checked as the configuration checks them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harbortui.config.kinds import NAME, ORIGIN_URL, TEXT, URL, VAULT_PATH, Kind
from harbortui.config.settings import CredentialRef
from harbortui.model.patterns import mask_patterns
from harbortui.probes.grants.vault import own_path
from harbortui.probes.result import Role
from harbortui.setup import toml
from harbortui.setup.document import Known
from harbortui.setup.draft import Draft

SKIP = "-"
"""The answer that leaves a thing out."""


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask; ``field`` is of :class:`Known`, or of the draft when there is one."""

    field: str
    words: str
    kind: Kind
    default: str = ""
    draft: Draft | None = None


def questions(known: Known, drafts: Sequence[Draft]) -> Iterator[Question]:
    """What is missing, one after the other: an answer may decide what is asked next."""
    if not known.fleet:
        named = {each.fleet for each in drafts if each.fleet}
        yield Question("fleet", "Name of the fleet", NAME, next(iter(named)) if len(named) == 1 else "")
    if not known.vault_address:
        yield Question("vault_address", "Vault's address, if the credentials are in Vault", URL)
    if known.vault_address and not known.vault_path:
        yield Question("vault_path", "Vault path of the console's own credentials", VAULT_PATH, suggested_path(drafts))
    yield Question("harbor_username", "The console's robot in Harbor", NAME, "robot$harbortui-viewer")
    if known.harbor_username:
        yield _secret(known, "harbor_password", "the robot's secret", "harbor_secret")
    if any(each.endpoint for each in drafts):
        yield _secret(known, "access_key", "the id of an S3 key that may only list", "s3_access_key")
        if known.access_key:
            yield _secret(known, "secret_key", "that key's secret", "s3_secret_key")
    for each in drafts:
        if not each.url:
            yield Question("url", f"{each.name}: where does the console reach it", ORIGIN_URL, draft=each)
        if not each.bucket:
            yield Question("bucket", f"{each.name}: its bucket", NAME, draft=each)
        if each.bucket and not each.endpoint:
            yield Question("endpoint", f"{each.name}: the S3 endpoint", ORIGIN_URL, draft=each)


def suggested_path(drafts: Sequence[Draft]) -> str:
    """A path of the console's own, in the store that the jobs use."""
    used = next((each.vault_path for each in drafts if each.vault_path), "kv/data/harbor")
    return own_path(used, Role.VIEWER)


def _secret(known: Known, field: str, words: str, default: str) -> Question:
    if known.vault_address:
        return Question(field, f"Name of the field there that holds {words}", FIELD, default)
    return Question(field, f"Path of a file that holds {words}", FILE)


def _field(value: object, _base: Path) -> str:
    text = value if isinstance(value, str) else ""
    if not re.fullmatch(r"[\w.-]{1,64}", text) or mask_patterns(text) != text:
        raise ValueError("expected the name of a field, like harbor_secret; the secret itself is never written down")
    return text


def _file(value: object, base: Path) -> str:
    text = str(TEXT.read(value, base))
    if not text.startswith(("/", "~/")):
        raise ValueError("expected a path that begins with / or ~/; the secret itself is never written down")
    return text


FIELD = Kind("the name of a field", _field)
FILE = Kind("the path of a file", _file)
"""A secret that somebody pastes where its place is asked for must not get into the file."""


def answer(known: Known, question: Question, typed: str) -> None:
    """Put an answer where it belongs; raises ValueError for one that the configuration would not take."""
    text = typed.strip() or question.default
    if text == SKIP or not text:
        return
    text = str(question.kind.read(text, Path.cwd()))
    if question.draft is not None:
        setattr(question.draft, question.field, text)
        return
    if question.field in ("harbor_password", "access_key", "secret_key"):
        text = f"{{ key = {toml.text(text)} }}" if known.vault_address else f"{{ file = {toml.text(text)} }}"
    setattr(known, question.field, text)


def reference(ref: CredentialRef | None) -> str:
    """A reference as TOML; empty for one that cannot be written down."""
    if ref is None:
        return ""
    if ref.env:
        return f"{{ env = {toml.text(ref.env)} }}"
    if ref.file:
        return f"{{ file = {toml.text(ref.file)} }}"
    return f"{{ vault = {toml.text(ref.vault)}, key = {toml.text(ref.key)} }}" if ref.vault else ""


def missing(known: Known, drafts: Sequence[Draft]) -> list[str]:
    """What is still a comment in the file."""
    said = []
    if not (known.harbor_username and known.harbor_password):
        said.append("[harbor] username and password of a robot: without them only component health is visible")
    if any(each.endpoint for each in drafts) and not (known.access_key and known.secret_key):
        said.append("[storage] access_key and secret_key of a key that may list")
    for each in drafts:
        if each.missing():
            said.append(f"{each.name}: {', '.join(each.missing())}")
    return said
