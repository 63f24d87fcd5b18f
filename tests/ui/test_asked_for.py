"""What pages say while there is no answer: every state is designed, and names what to do."""

from __future__ import annotations

from types import ModuleType

import msgspec
import pytest

from harbortui.model.asked import Topic
from harbortui.model.facet import Facet
from harbortui.model.failure import FailureKind
from harbortui.model.snapshot import Origin
from harbortui.ui.cell import Pane
from harbortui.ui.fit import cell_len
from harbortui.ui.panes import audit, jobs, project_list
from harbortui.ui.view import View
from tests.ui.asked import NEEDS, SOURCES, all_text, query, refused, texts, view

PAGES = ((jobs, Topic.JOB_SERVICE), (project_list, Topic.PROJECTS), (audit, Topic.AUDIT))


def said(module: ModuleType, shown: View, width: int = 200) -> str:
    pane: Pane = module.page(shown, width)
    assert all(cell_len(line) <= width for line in texts(pane))
    return all_text(pane)


@pytest.mark.parametrize(("module", "topic"), PAGES)
def test_every_page_is_loading_at_first(module: ModuleType, topic: Topic) -> None:
    for looks in ({}, {query(topic): Facet(source=SOURCES[topic])}):
        text = said(module, view(looks))
        assert text.startswith("◌ loading") and "asked, no answer yet" in text


@pytest.mark.parametrize(("module", "topic"), PAGES)
def test_a_missing_right_is_named_as_harbor_calls_it_with_what_grants_it(module: ModuleType, topic: Topic) -> None:
    text = said(module, view({query(topic): refused(topic, detail="forbidden")}))
    assert f"our account lacks {NEEDS[topic]}: grant it" in text
    assert "harbortui doctor prints the robot account" in text and "Harbor's answer: forbidden" in text
    assert text.startswith("◌ not permitted")


@pytest.mark.parametrize(("module", "topic"), PAGES)
def test_an_instance_without_credentials_says_what_to_configure(module: ModuleType, topic: Topic) -> None:
    facet = refused(topic, FailureKind.NO_CREDENTIALS, "no user name", secret="kv/data/harbor")
    text = said(module, view({query(topic): facet}))
    assert "cannot be read without credentials for this Harbor" in text
    assert "no credentials: no user name" in text and "expected in Vault at kv/data/harbor" in text
    assert "name a robot account for it in the configuration" in text


@pytest.mark.parametrize(("module", "topic"), PAGES)
def test_credentials_that_are_not_accepted_and_a_sealed_vault(module: ModuleType, topic: Topic) -> None:
    text = said(module, view({query(topic): refused(topic, FailureKind.AUTH, "401 UNAUTHORIZED")}))
    assert "Harbor does not accept our credentials" in text and "401 UNAUTHORIZED" in text
    text = said(module, view({query(topic): refused(topic, FailureKind.SEALED)}))
    assert "Vault is sealed" in text


@pytest.mark.parametrize(("module", "topic"), PAGES)
def test_a_harbor_that_is_down(module: ModuleType, topic: Topic) -> None:
    facet = refused(topic, FailureKind.REFUSED, "connection refused: 10.0.0.1:443")
    text = said(module, view({query(topic): facet}))
    assert "✖ failed to read" in text and "connection refused: 10.0.0.1:443" in text
    assert "connection refused: connection refused" not in text
    assert "ctrl-r asks at once" in text and "last tried 14:03 UTC" in text
    text = said(module, view({query(topic): facet}, keymap={"refresh": "ctrl+e"}))
    assert "ctrl-e asks at once" in text


@pytest.mark.parametrize(("module", "topic"), PAGES)
def test_a_snapshot_file_has_nobody_to_ask(module: ModuleType, topic: Topic) -> None:
    shown = view()
    assert shown.snapshot is not None
    shown.snapshot = msgspec.structs.replace(shown.snapshot, origin=Origin.SNAPSHOT)
    text = said(module, shown)
    assert "a snapshot file does not hold" in text and "nobody to ask" in text
    assert text.startswith("◌ not in a snapshot")


@pytest.mark.parametrize(("module", "topic"), PAGES)
@pytest.mark.parametrize("width", [1, 20, 76])
def test_sentences_are_wrapped_and_lose_nothing(module: ModuleType, topic: Topic, width: int) -> None:
    shown = view({query(topic): refused(topic, detail="forbidden")})
    narrow = [row.cells[0].text for row in module.page(shown, width).blocks[0].rows]
    wide = [row.cells[0].text for row in module.page(shown, 500).blocks[0].rows]
    assert "".join("".join(narrow).split()) == "".join("".join(wide).split())
    keys = [row.key for row in module.page(shown, width).blocks[0].rows]
    assert len(keys) == len(set(keys))
    if width > 4:
        assert all(cell_len(text) <= width for text in narrow)
