"""The configuration's text: a new one with comments, or an existing one with new instances appended.

What is there already is never changed, moved or reformatted: an existing text is kept to the byte and only added to.
One line of ours remembers which jobs were offered, so that an instance a person deleted does not come back.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from harbortui.config.kinds import Value
from harbortui.config.schema import KeyPath
from harbortui.setup import toml
from harbortui.setup.draft import Draft, free_name

OFFERED = "# harbortui init has offered: "
_OFFERED = re.compile(rf"^{re.escape(OFFERED)}(\[.*\])[ \t]*$", re.MULTILINE)


@dataclass(slots=True)
class Known:
    """What is true for the whole fleet; empty texts are not known and become comments."""

    nomad_address: str
    nomad_region: str = ""
    nomad_token: str = ""
    """A reference as TOML: ``{ env = "NOMAD_TOKEN" }``."""
    vault_address: str = ""
    vault_path: str = ""
    harbor_username: str = ""
    harbor_password: str = ""
    """A reference as TOML."""
    access_key: str = ""
    secret_key: str = ""
    fleet: str = ""


@dataclass(slots=True)
class Existing:
    """An existing configuration: its text and its checked values."""

    text: str
    values: Mapping[KeyPath, Value] = field(default_factory=dict)
    nomad: str = ""
    """The Nomad address that was searched; the file's own when it is empty."""

    def names(self) -> set[str]:
        """The instances that are written down."""
        return {path[1] for path in self.values if path[0] == "instance"}

    @property
    def elsewhere(self) -> bool:
        """Whether another Nomad was searched than the one that the file names for the whole fleet."""
        return bool(self.nomad) and self.nomad != self.of("nomad", "address")

    def key(self, draft: Draft) -> str:
        """What a job is remembered by: ``namespace/job``, with its Nomad before it where that is not the fleet's."""
        return self._key(self.nomad, draft.key)

    def _key(self, address: str, job: str) -> str:
        return f"{address} {job}" if address and address != self.of("nomad", "address") else job

    def jobs(self) -> dict[str, str]:
        """The instance of each job, by its key."""
        found = {}
        # Where the file names no Nomad, the environment does, and that is the one that was searched.
        fleet = self.of("nomad", "address") or self.nomad
        for name in self.names():
            job = self.values.get(("instance", name, "job"), name)
            address = self.of("instance", name, "nomad", "address") or fleet
            space = (
                self.values.get(("instance", name, "nomad", "namespace"))
                or self.values.get(("instance", name, "namespace"))
                or self.values.get(("nomad", "namespace"))
                or "default"
            )
            found[self._key(address, f"{space}/{job}")] = name
        return found

    def of(self, *path: str) -> str:
        """A text of the fleet's tables; empty when it is not there."""
        value = self.values.get(path)
        return value if isinstance(value, str) else ""


def offered(text: str) -> list[str]:
    """The jobs that were offered before, by their keys."""
    found = _OFFERED.search(text)
    try:
        value = json.loads(found[1]) if found is not None else []
    except ValueError:
        return []
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def new_drafts(drafts: Sequence[Draft], existing: Existing) -> list[Draft]:
    """The drafts that are neither in the text nor were offered before; a name that is taken gets another."""
    jobs, before, names = existing.jobs(), set(offered(existing.text)), existing.names()
    fresh = [each for each in drafts if existing.key(each) not in {*jobs, *before}]
    for each in fresh:
        if each.name in names:
            each.name = free_name(f"{each.name}-{each.namespace}", names)
        names.add(each.name)
    return fresh


def appended(existing: Existing, fresh: Sequence[Draft], every: Sequence[Draft], token: str = "") -> str:
    """The existing text with the new instances at its end; ``every`` draft is remembered as offered.

    ``token`` is the reference, as TOML, of the token that was used; it is written where the file has none and the
    jobs are in another Nomad than the file's.
    """
    shared = _Shared(
        namespace=existing.of("nomad", "namespace") or "default",
        region=existing.of("nomad", "region"),
        nomad=existing.nomad if existing.elsewhere else "",
        token="" if ("nomad", "token") in existing.values else token,
        endpoint=existing.of("storage", "endpoint"),
        s3_region=existing.of("storage", "region") or "us-east-1",
    )
    known = sorted({*offered(existing.text), *map(existing.key, every)})
    if not fresh and known == sorted(offered(existing.text)):
        return existing.text
    text = existing.text if existing.text.endswith("\n") or not existing.text else existing.text + "\n"
    blocks = "".join(f"\n{_instance(each, shared)}" for each in fresh)
    line = f"{OFFERED}{json.dumps(known)}"
    if _OFFERED.search(text):
        return _OFFERED.sub(lambda _: line, text, count=1) + blocks
    return f"{text}{blocks}\n{line}\n" if fresh else text


@dataclass(frozen=True, slots=True)
class _Shared:
    """What an instance need not repeat."""

    namespace: str
    region: str
    endpoint: str
    s3_region: str
    nomad: str = ""
    """The address of a Nomad that is not the fleet's, which each instance then names itself."""
    token: str = ""


def written(known: Known, drafts: Sequence[Draft]) -> str:
    """A new configuration."""
    shared = _Shared(
        namespace=_most(each.namespace for each in drafts) or "default",
        region=known.nomad_region,
        endpoint=_most(each.endpoint for each in drafts),
        s3_region=_most(each.s3_region for each in drafts) or "us-east-1",
    )
    lines = [
        "# Written by `harbortui init`. Yours to change: init never touches what stands",
        "# here, it only appends. Every setting: `harbortui config show`. Whether it",
        "# works: `harbortui doctor`. No secret belongs here, only where it is.",
        "",
        "[fleet]",
        _value("name", known.fleet, "your-fleet"),
        "",
        *_nomad(known, shared),
        *_vault(known),
        *_storage(known, shared),
        *_harbor(known),
    ]
    blocks = "".join(f"\n{_instance(each, shared)}" for each in drafts)
    keys = sorted(each.key for each in drafts)
    return "\n".join(lines) + "\n" + blocks + f"\n{OFFERED}{json.dumps(keys)}\n"


def _nomad(known: Known, shared: _Shared) -> list[str]:
    lines = ["[nomad]", f"address = {toml.text(known.nomad_address)}"]
    if known.nomad_region:
        lines.append(f"region = {toml.text(known.nomad_region)}")
    if shared.namespace != "default":
        lines.append(f"namespace = {toml.text(shared.namespace)}")
    lines.append(_reference("token", known.nomad_token, '{ env = "NOMAD_TOKEN" }'))
    return [*lines, ""]


def _vault(known: Known) -> list[str]:
    lines = [
        "# Where the console's own credentials are: a path that holds nothing else",
        "# (`harbortui doctor --grants` tells how to make it).",
    ]
    if not known.vault_address:
        return [
            *lines,
            "# [vault]",
            '# address = "https://vault.example.org:8200"',
            f"# path = {toml.text(known.vault_path or 'kv/data/harbortui/viewer')}",
            "",
        ]
    lines += ["[vault]", f"address = {toml.text(known.vault_address)}"]
    return [*lines, _value("path", known.vault_path, "kv/data/harbortui/viewer"), ""]


def _storage(known: Known, shared: _Shared) -> list[str]:
    if not shared.endpoint:
        return [
            "# [storage]",
            '# endpoint = "https://s3.example.org"',
            '# region = "us-east-1"',
            *_keys(Known("")),
            "",
        ]
    return [
        "[storage]",
        f"endpoint = {toml.text(shared.endpoint)}",
        f"region = {toml.text(shared.s3_region)}",
        "# A key that may list and nothing else, not the registry's own.",
        *_keys(known),
        "",
    ]


def _keys(known: Known) -> list[str]:
    pairs = (
        ("access_key", known.access_key, '{ key = "s3_access_key" }'),
        ("secret_key", known.secret_key, '{ key = "s3_secret_key" }'),
    )
    # Half a pair would be an error: either both or none.
    given = all(value for _, value, _ in pairs)
    return [_reference(name, value if given else "", example) for name, value, example in pairs]


def _harbor(known: Known) -> list[str]:
    given = known.harbor_username and known.harbor_password
    return [
        "[harbor]",
        "# A robot of its own on each instance, never admin.",
        _value("username", known.harbor_username if given else "", "robot$harbortui-viewer"),
        _reference("password", known.harbor_password if given else "", '{ key = "harbor_secret" }'),
    ]


def _instance(draft: Draft, shared: _Shared) -> str:
    lines = toml.comment(f"job {draft.job}, recognised by {draft.why}")
    for note in draft.notes:
        lines += toml.comment(note)
    lines += ["[[instance]]", f"name = {toml.text(draft.name)}"]
    lines.append(_value("url", draft.url, "https://harbor.example.org"))
    if draft.external_url and draft.external_url != draft.url:
        lines.append(f"external_url = {toml.text(draft.external_url)}")
    lines.append(f"job = {toml.text(draft.job)}")
    if draft.namespace != shared.namespace:
        lines.append(f"namespace = {toml.text(draft.namespace)}")
    if draft.region and shared.region and draft.region != shared.region:
        lines.append(f"region = {toml.text(draft.region)}")
    lines.append(_value("bucket", draft.bucket, "harbor"))
    if draft.prefix:
        lines.append(f"prefix = {toml.text(draft.prefix)}")
    if draft.production:
        lines.append("production = true")
    own = [] if not draft.endpoint or draft.endpoint == shared.endpoint else [("endpoint", draft.endpoint)]
    if draft.s3_region and draft.s3_region != shared.s3_region:
        own.append(("region", draft.s3_region))
    if own:
        lines += ["[instance.storage]", *(f"{key} = {toml.text(value)}" for key, value in own)]
    if shared.nomad:
        lines += ["[instance.nomad]", f"address = {toml.text(shared.nomad)}"]
        lines += [f"token = {shared.token}"] if shared.token else []
    text = "\n".join(lines) + "\n"
    # Without a URL there is no instance: the whole block waits for the person.
    return text if draft.url else "".join(f"# {line}\n" for line in text.removesuffix("\n").split("\n"))


def _value(key: str, value: str, example: str) -> str:
    return f"{key} = {toml.text(value)}" if value else f"# {key} = {toml.text(example)}"


def _reference(key: str, reference: str, example: str) -> str:
    return f"{key} = {reference}" if reference else f"# {key} = {example}"


def _most(values: Iterable[str]) -> str:
    counted = Counter(value for value in values if value)
    return min(counted, key=lambda value: (-counted[value], value), default="")


def differences(drafts: Sequence[Draft], existing: Existing) -> list[str]:
    """Where the file says something else than Nomad does; the file stays as it is."""
    jobs = existing.jobs()
    said = []
    for each in drafts:
        name = jobs.get(existing.key(each))
        if name is None:
            continue
        for key, found in (("bucket", each.bucket), ("prefix", each.prefix)):
            here = existing.of("instance", name, key)
            if found and here != found:
                said.append(f"{name}: {key} is {here or 'not set'} in the file, the job says {found}")
    return said
