"""Frames and the mirror: whatever happens to the bytes, the console's copy is the engine's or an error is said."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbortui.collect.lookup import FacetKey
from harbortui.collect.store import SnapshotStore
from harbortui.engine.frames import FrameError, console_reader, encode_frame, engine_reader
from harbortui.engine.messages import Change, Delta, EngineNote, Focus, FullSnapshot, Refresh, Shutdown, Touch
from harbortui.engine.mirror import SnapshotMirror, encode_change, facet_of
from harbortui.model.facet import Facet
from harbortui.model.finding import State, Verdict
from harbortui.model.nomad import Node
from harbortui.model.secret import Secret
from harbortui.model.storage import StoreHealth
from harbortui.model.vault import VaultState
from harbortui.sources.answer import Ok
from tests.collect.fakes import empty, failure, health, key

VERDICT = Verdict(state=State.OK, sentence="well")


@given(st.lists(st.integers(1, 50), max_size=30))
def test_messages_survive_any_cutting_of_the_stream(cuts: list[int]) -> None:
    sent = [Refresh(), Focus(instance="harbor-ä"), Refresh(instance="x" * 100), Shutdown()]
    stream = b"".join(map(encode_frame, sent))
    reader = engine_reader()
    got = []
    for cut in [*cuts, len(stream)]:
        piece, stream = stream[:cut], stream[cut:]
        got += list(reader.feed(piece))
    assert got == sent and not reader.partial


@given(st.binary(max_size=200))
def test_nonsense_is_an_error_or_an_unfinished_frame(noise: bytes) -> None:
    reader = console_reader()
    try:
        list(reader.feed(noise))
    except FrameError:
        return
    assert reader.partial or not noise


def test_a_frame_over_the_limit_is_refused_before_it_is_awaited() -> None:
    with pytest.raises(FrameError, match="over the limit"):
        list(console_reader().feed(b"\xff\xff\xff\xff"))


def test_a_command_is_not_taken_for_a_message() -> None:
    with pytest.raises(FrameError):
        list(console_reader().feed(encode_frame(Refresh())))


def test_a_secret_cannot_travel() -> None:
    with pytest.raises(TypeError):
        encode_frame(EngineNote(text=Secret("hunter2")))


def store() -> SnapshotStore:
    base = msgspec.structs.replace(
        empty("a", "b"), nodes={"http://n": Facet[tuple[Node, ...]]()}, stores={"http://s": Facet[StoreHealth]()}
    )
    return SnapshotStore(base)


NODES = FacetKey("nodes", "http://n", "nodes")
STORE = FacetKey("store", "http://s", "health")
VAULT = FacetKey("vault", "", "vault")


def test_the_mirror_ends_up_with_the_engines_snapshot() -> None:
    engine = store()
    mirror = SnapshotMirror()
    mirror.apply(through_the_wire(FullSnapshot(snapshot=engine.snapshot(1.0), verdict=VERDICT)))
    engine.learn(key("health"), Ok(health(core="unhealthy")), 2.0)
    engine.learn(key("quotas", "b"), failure(), 2.0)
    engine.learn(NODES, Ok((Node(id="1", name="n1"),)), 2.0)
    engine.learn(STORE, Ok(StoreHealth(provider="MinIO", live=True)), 2.0)
    engine.learn(VAULT, Ok(VaultState(sealed=True)), 2.0)
    moved = sorted(engine.take_moves(times=True).content)
    changes = tuple(encode_change(*each, engine.facet(each)) for each in moved)
    mirror.apply(through_the_wire(Delta(taken_at=3.0, changes=changes)))
    assert mirror.snapshot == engine.snapshot(3.0)


def test_what_did_not_change_stays_the_same_object() -> None:
    engine = store()
    engine.learn(key("health"), Ok(health()), 1.0)
    mirror = SnapshotMirror()
    before = mirror.apply(through_the_wire(FullSnapshot(snapshot=engine.snapshot(1.0), verdict=VERDICT)))
    change = encode_change("instance", "a", "system", Facet(failure=failure()))
    after = mirror.apply(through_the_wire(Delta(taken_at=2.0, changes=(change,))))
    assert after.instances[1] is before.instances[1]
    assert after.instances[0].health is before.instances[0].health
    assert after.instances[0].system.failure is not None and mirror.verdict == VERDICT


def test_a_touch_moves_the_times_and_keeps_the_value() -> None:
    engine = store()
    engine.learn(key("health"), Ok(health()), 1.0)
    mirror = SnapshotMirror()
    before = mirror.apply(through_the_wire(FullSnapshot(snapshot=engine.snapshot(1.0), verdict=VERDICT, cached=True)))
    assert mirror.cached
    touch = Touch(scope="instance", owner="a", facet="health", at=9.0, tried_at=9.0)
    after = mirror.apply(through_the_wire(Delta(taken_at=9.0, touches=(touch,))))
    assert after.instances[0].health.at == 9.0
    assert after.instances[0].health.value is before.instances[0].health.value
    assert not mirror.cached, "from here on the facets' own ages tell what is old"


def test_changes_of_unknown_things_are_left_out() -> None:
    engine = store()
    mirror = SnapshotMirror(engine.snapshot(1.0), VERDICT)
    raw = msgspec.Raw(msgspec.msgpack.encode({}))
    changes = (
        Change(scope="instance", owner="gone", facet="health", value=raw),
        Change(scope="instance", owner="a", facet="target", value=raw),
    )
    touches = (Touch(scope="instance", owner="a", facet="target", at=1.0, tried_at=1.0),)
    after = mirror.apply(Delta(taken_at=1.0, changes=changes, touches=touches))
    assert after.instances == engine.snapshot(1.0).instances
    assert facet_of(after, "instance", "a", "target") is None and facet_of(after, "instance", "gone", "health") is None


def through_the_wire(message: FullSnapshot | Delta) -> FullSnapshot | Delta:
    (back,) = console_reader().feed(encode_frame(message))
    assert isinstance(back, FullSnapshot | Delta)
    return back
