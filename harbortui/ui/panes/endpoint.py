"""A registry endpoint's page: where it is, how Harbor finds it, and which policies use it."""

from __future__ import annotations

from collections.abc import Iterator

from harbortui.model.finding import State
from harbortui.model.harbor import RegistryEndpoint
from harbortui.ui.cell import Block, Pane, Row
from harbortui.ui.facets import is_old
from harbortui.ui.panes.parts import FACTS, NOT_KNOWN, badge, empty_page, fact, facts, instance_of, not_there, told
from harbortui.ui.panes.policy import endpoint_state
from harbortui.ui.panes.related import findings_block
from harbortui.ui.panes.replication import POLICIES, policy_row
from harbortui.ui.things import Thing, key_of
from harbortui.ui.view import View

LAGS = "Harbor looks every five minutes, and keeps the last word while a Harbor peer cannot be reached"


def page(view: View, thing: Thing, width: int) -> Pane:
    """One endpoint."""
    instance = instance_of(view, thing)
    if instance is None:
        return empty_page(view, "Registry", thing)
    facet, now = instance.registries, view.now
    endpoint = next((each for each in facet.value or () if str(each.id) == thing.id), None)
    if endpoint is None:
        rows = not_there(facet, now, f"registry {thing.id}", width)
        return Pane("Registry", (Block(FACTS, rows),), NOT_KNOWN)
    using = [each for each in instance.policies.value or () if each.peer == endpoint.name]
    blocks = [Block(FACTS, (*told((facet,), now, width), *_facts(endpoint)))]
    blocks += findings_block(view, thing.instance, endpoint.name)
    if using:
        rows = tuple(
            policy_row(each)._replace(key=key_of(Thing("policy", thing.instance, str(each.id)))) for each in using
        )
        blocks.append(Block(POLICIES, rows, f"Policies ({len(using)})"))
    state = State.UNKNOWN if is_old(facet, now) else endpoint_state(endpoint)
    return Pane(f"Registry {endpoint.name}", tuple(blocks), badge(state, endpoint.status or "status not told"))


def crumb(thing: Thing) -> str:
    """What the header calls it."""
    return f"registry {thing.id}"


def _facts(endpoint: RegistryEndpoint) -> Iterator[Row]:
    style = "warning" if endpoint_state(endpoint) else "text"
    yield fact("status", "Status", endpoint.status or "not told", style)
    yield from facts(
        ("lag", "Told late", LAGS),
        ("type", "Type", endpoint.type),
        ("url", "URL", endpoint.url),
        ("id", "Id", str(endpoint.id)),
    )
    yield fact("tls", "Certificate", "not checked by Harbor" if endpoint.insecure else "checked by Harbor")
