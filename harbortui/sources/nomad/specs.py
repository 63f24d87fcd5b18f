"""Decoding for `init` and `doctor`: what jobs are there and say of themselves, and what our own token is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from harbortui.model.jobfacts import (
    HostPort,
    JobFacts,
    JobStub,
    PolicyText,
    PortFact,
    ServiceFact,
    TaskFact,
    TokenFacts,
    VaultFact,
)
from harbortui.model.redact import Clean
from harbortui.sources.answer import Ok
from harbortui.sources.nomad import spec_texts
from harbortui.sources.nomad.spec_wire import (
    HostPortWire,
    NetworkWire,
    PlacedWire,
    PolicyStubWire,
    PolicyWire,
    PortWire,
    ServiceWire,
    SpecGroupWire,
    SpecTaskWire,
    SpecWire,
    StubWire,
    TemplateWire,
    TokenWire,
)
from harbortui.sources.nomad.values import rows_of
from harbortui.sources.rows import Unreadable, read_object, read_rows, unix

MAX_RULES = 65_536
_MAX_META = 200


def decode_stubs(body: bytes, clean: Clean) -> Ok[tuple[JobStub, ...]]:
    """One page of ``GET /v1/jobs``.

    Raises:
        Unreadable: not an array.
    """
    rows = read_rows(body, StubWire, name="job")
    stubs = tuple(
        JobStub(
            id=row.id,
            namespace=row.namespace,
            type=clean(row.type),
            status=clean(row.status),
            stop=row.stop,
            parent=row.parent_id,
            meta=_meta(row.meta, clean),
        )
        for row in rows.rows
    )
    return Ok(stubs, tuple(map(clean, rows.lost)))


def decode_facts(body: bytes, clean: Clean) -> Ok[JobFacts]:
    """``GET /v1/job/:id``, by allow-list.

    Raises:
        Unreadable: not a job.
    """
    wire = read_object(body, SpecWire)
    groups = rows_of(wire.task_groups, SpecGroupWire, "task group").rows
    tasks = [task for group in groups for task in rows_of(group.tasks, SpecTaskWire, "task").rows]
    texts = [text for task in tasks for text in _texts(task)]
    services = [raw for group in groups for raw in (group.services, *_task_services(group))]
    facts = JobFacts(
        id=wire.id,
        namespace=wire.namespace,
        region=clean(wire.region),
        type=clean(wire.type),
        status=clean(wire.status),
        stop=wire.stop,
        meta=_meta(wire.meta, clean),
        tasks=tuple(
            TaskFact(name=clean(each.name), image=clean(each.config.image) if each.config else "") for each in tasks
        ),
        ports=tuple(port for group in groups for port in _ports(group.networks, clean)),
        services=tuple(found for raw in services for found in _services(raw, clean)),
        settings=_settings(tasks, texts),
        vault=_vault(texts, clean),
    )
    return Ok(facts)


def decode_ports(body: bytes, clean: Clean) -> Ok[tuple[HostPort, ...]]:
    """``GET /v1/allocation/:id``: where its ports are.

    Raises:
        Unreadable: not an allocation.
    """
    wire = read_object(body, PlacedWire)
    shared = wire.allocated_resources.shared if wire.allocated_resources else None
    rows = rows_of(shared.ports, HostPortWire, "port").rows if shared is not None else ()
    ports = (HostPort(label=clean(row.label), host=clean(row.host_ip), port=row.value) for row in rows)
    return Ok(tuple(each for each in ports if each.host and 0 < each.port < 65_536))


def decode_token(body: bytes, clean: Clean) -> Ok[TokenFacts]:
    """``GET /v1/acl/token/self`` without the secret.

    Raises:
        Unreadable: not a token.
    """
    wire = read_object(body, TokenWire)
    return Ok(
        TokenFacts(
            name=clean(wire.name),
            type=clean(wire.type),
            accessor=clean(wire.accessor_id),
            policies=tuple(map(clean, wire.policies or ())),
            roles=tuple(clean(role.name) for role in wire.roles or ()),
            expires_at=unix(wire.expiration_time),
        )
    )


def decode_policy_names(body: bytes, _clean: Clean) -> Ok[tuple[str, ...]]:
    """``GET /v1/acl/policies``.

    Raises:
        Unreadable: not an array.
    """
    return Ok(tuple(row.name for row in read_rows(body, PolicyStubWire, name="policy").rows))


def decode_policy(body: bytes, clean: Clean) -> Ok[PolicyText]:
    """``GET /v1/acl/policy/:name``; the rules are kept for reading, not for showing.

    Raises:
        Unreadable: not a policy.
    """
    wire = read_object(body, PolicyWire)
    return Ok(PolicyText(name=clean(wire.name), rules=wire.rules[:MAX_RULES]))


def _meta(raw: msgspec.Raw, clean: Clean) -> dict[str, str]:
    try:
        found = read_object(bytes(raw), dict[str, msgspec.Raw] | None) or {}  # type: ignore[arg-type]  # a union is no type
    except Unreadable:
        return {}
    known = ((key.lower(), _text(value)) for key, value in list(found.items())[:_MAX_META])
    return {key: clean(value)[:100] for key, value in known if key in spec_texts.META and value}


def _text(raw: msgspec.Raw) -> str:
    try:
        return read_object(bytes(raw), str)
    except Unreadable:
        return ""


def _texts(task: SpecTaskWire) -> Iterator[str]:
    for template in rows_of(task.templates, TemplateWire, "template").rows:
        yield template.embedded_tmpl


def _task_services(group: SpecGroupWire) -> Iterator[msgspec.Raw]:
    for task in rows_of(group.tasks, SpecTaskWire, "task").rows:
        yield task.services


def _settings(tasks: Iterable[SpecTaskWire], texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for task in tasks:
        for name in spec_texts.ENVIRONMENT:
            raw = (task.env or {}).get(name)
            pair = spec_texts.of_environment(name, _text(raw)) if raw is not None else None
            if pair is not None:
                found.setdefault(pair[0], {})[pair[1]] = None
    for text in texts:
        for key, value in spec_texts.of_template(text):
            found.setdefault(key, {})[value] = None
    return {key: tuple(values) for key, values in found.items()}


def _vault(texts: Iterable[str], clean: Clean) -> tuple[VaultFact, ...]:
    found: dict[str, dict[str, None]] = {}
    for text in texts:
        for path, fields in spec_texts.vault_fields(text).items():
            found.setdefault(path, {}).update(dict.fromkeys(fields))
    return tuple(VaultFact(path=clean(path), fields=tuple(map(clean, fields))) for path, fields in found.items())


def _ports(networks: msgspec.Raw, clean: Clean) -> Iterator[PortFact]:
    for network in rows_of(networks, NetworkWire, "network").rows:
        for raw in (network.reserved_ports, network.dynamic_ports):
            for port in rows_of(raw, PortWire, "port").rows:
                yield PortFact(label=clean(port.label), value=port.value, to=port.to)


def _services(raw: msgspec.Raw, clean: Clean) -> Iterator[ServiceFact]:
    for service in rows_of(raw, ServiceWire, "service").rows:
        hosts = (host for tag in (service.tags or ())[:100] for host in spec_texts.hosts_of_tag(tag))
        yield ServiceFact(
            name=clean(service.name), port=clean(service.port_label), hosts=tuple(dict.fromkeys(map(clean, hosts)))
        )
