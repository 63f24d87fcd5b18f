from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbortui.sim.nomad.filters import FilterError, compile_filter

JOB: dict[str, object] = {
    "ID": "harbor-vm-06",
    "Status": "running",
    "Stop": False,
    "Version": 3,
    "Meta": {"app": "harbor", "tier.x": "1"},
    "Datacenters": ["dc1", "dc2"],
    "Periodic": None,
    "TaskGroups": {"harbor": {"HealthyAllocs": 1}},
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('Status == "running"', True),
        ("Status == running", True),
        ("Status != `dead`", True),
        ("Stop == false", True),
        ("Stop == True", False),
        ("Version == 3", True),
        ("Version != 3", False),
        ('Meta["app"] == "harbor"', True),
        ("Meta.app == harbor", True),
        ('"/Meta/app" == "harbor"', True),
        ('Meta["none"] == "harbor"', False),
        ('Meta["none"] != "harbor"', True),
        ("Meta.none is empty", True),
        ("Meta.none is not empty", False),
        ("Meta is not empty", True),
        ("Periodic is empty", True),
        ('ID matches "^harbor-vm-\\\\d+$"', True),
        ('ID not matches "nas"', True),
        ('Datacenters contains "dc1"', True),
        ('Datacenters not contains "dc1"', False),
        ('"dc2" in Datacenters', True),
        ('"dc3" not in Datacenters', True),
        ('"app" in Meta', True),
        ('"vm" in ID', True),
        ("TaskGroups.harbor.HealthyAllocs == 1", True),
        ('Status == "dead" or Version == 3 and Stop == false', True),
        ('(Status == "dead" or Version == 3) and Stop == true', False),
        ('not Status == "dead"', True),
        ("not (Version == 3)", False),
    ],
)
def test_expressions_mean_what_go_bexpr_means(expression: str, expected: bool) -> None:
    assert compile_filter(expression).matches(JOB) is expected


@pytest.mark.parametrize(
    "expression", ["Status", "Status ==", "== 3", 'Status == "a" and', "(Status == a", "a = b", '"x']
)
def test_what_cannot_be_read_is_refused(expression: str) -> None:
    with pytest.raises(FilterError):
        compile_filter(expression)


@pytest.mark.parametrize(
    "expression", ["Nope == 1", "Status.Deeper == 1", "TaskGroups.harbor.Nope == 1", "Version == x"]
)
def test_a_field_that_is_not_there_is_an_error(expression: str) -> None:
    with pytest.raises(FilterError, match="error finding value in datum"):
        compile_filter(expression).matches(JOB)


def test_the_fields_looked_at_are_known() -> None:
    assert compile_filter('Meta["app"] == "x" or "dc1" in Datacenters').fields == {"Meta", "Datacenters"}


@given(st.text(max_size=60))
def test_hostile_text_is_read_or_refused_with_one_error(expression: str) -> None:
    with suppress(FilterError):
        compile_filter(expression).matches(JOB)
