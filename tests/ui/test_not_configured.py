"""An instance that is Harbor alone: what has nobody to ask is said to be not configured, never to be loading."""

from __future__ import annotations

from pathlib import Path

import msgspec

from harbortui.collect.targets import empty_snapshot
from harbortui.config.load import Places, load
from harbortui.diagnose import diagnose
from harbortui.model.facet import FacetState
from harbortui.model.snapshot import NOMAD_FACETS
from harbortui.ui.panes.ages import ages_pane
from harbortui.ui.panes.fleet import fleet_pane
from tests.ui import samples
from tests.ui.test_panes import NOW, all_text, instance_panes

ALONE = '[[instance]]\nname = "alone"\nurl = "http://127.0.0.1:1"\n'


def test_harbor_alone(tmp_path: Path) -> None:
    config = tmp_path / "fleet.toml"
    config.write_text(ALONE)
    snapshot = empty_snapshot(load(config=config, environ={}, places=Places.nowhere()))
    (alone,) = snapshot.instances
    for name in (*NOMAD_FACETS, "bucket"):
        assert getattr(alone, name).state(NOW) is FacetState.ABSENT, name
    assert alone.health.state(NOW) is FacetState.LOADING
    components, allocations, storage, _ = instance_panes(snapshot, alone)[:4]
    healthy = msgspec.structs.replace(alone, health=samples.instance(alone.name).health)
    assert "loading" not in all_text(instance_panes(snapshot, healthy)[0])
    for pane in (components, allocations):
        assert "not configured" in all_text(pane)
        assert "loading: no answer yet from Nomad" not in all_text(pane)
    assert "not configured" in storage.badge.text and "Object store" not in all_text(storage)
    assert "none" in all_text(fleet_pane(snapshot, diagnose(snapshot, now=NOW), NOW))
    ages = all_text(ages_pane(snapshot, diagnose(snapshot, now=NOW), NOW, 120))
    assert "absent" in ages
