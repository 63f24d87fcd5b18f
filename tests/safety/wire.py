"""Everything that reaches the simulated fleet, byte by byte, read back as requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qsl

from harbortui.sim import listener
from harbortui.sim.thread import SimThread
from harbortui.sources.allowlist import AllowList, Blocked
from harbortui.sources.harbor.policy import allow_list as harbor_reads
from harbortui.sources.nomad.policy import reads as nomad_reads
from harbortui.sources.nomad.policy import stream_reads as nomad_streams
from harbortui.sources.storage.policy import listing_reads, s3_reads, store_reads
from harbortui.sources.vault.policy import allow_list as vault_reads


@dataclass(frozen=True)
class Request:
    """One request as it came."""

    backend: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name), None)


class Wire:
    """Bytes per connection, in order of arrival."""

    def __init__(self) -> None:
        self._connections: dict[int, tuple[str, bytearray, object]] = {}

    def take(self, gate: listener.Gate, data: bytes) -> None:
        # The gate is kept, so that its id is not used again for another connection.
        self._connections.setdefault(id(gate), (gate._listener.backend, bytearray(), gate))[1].extend(data)

    @property
    def raw(self) -> bytes:
        """All bytes together."""
        return b"\n".join(bytes(data) for _, data, _ in list(self._connections.values()))

    def requests(self) -> list[Request]:
        """All requests that came whole; anything that is none fails."""
        return [each for backend, data, _ in list(self._connections.values()) for each in _requests(backend, data)]

    def forget(self) -> None:
        """Start anew with what comes next; connections that are open stay open."""
        for _, data, _ in self._connections.values():
            data.clear()


@contextmanager
def recorded() -> Iterator[Wire]:
    """Record what reaches every simulated backend in this process while the block runs."""
    wire = Wire()
    original = listener.Gate.data_received

    def data_received(self: listener.Gate, data: bytes) -> None:
        wire.take(self, data)
        original(self, data)

    listener.Gate.data_received = data_received  # type: ignore[method-assign]
    try:
        yield wire
    finally:
        listener.Gate.data_received = original  # type: ignore[method-assign]


def _requests(backend: str, data: bytearray) -> Iterator[Request]:
    rest = bytes(data)
    while b"\r\n\r\n" in rest:
        head, _, rest = rest.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, version = first.split(" ")
        assert version == "HTTP/1.1"
        headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
        given = dict((name.lower(), value) for name, value in headers)
        assert "transfer-encoding" not in given, "a streamed body"
        size = int(given.get("content-length", "0"))
        yield Request(backend, method, target, headers, rest[:size])
        rest = rest[size:]


class Declared:
    """What the sources declare, by backend of the simulated fleet."""

    def __init__(self, sim: SimThread, vault_paths: tuple[str, ...] = ("kv/data/harbor",)) -> None:
        self._lists: dict[str, tuple[AllowList, ...]] = {
            "nomad": (nomad_reads(), nomad_streams()),
            "s3": (s3_reads(), store_reads(), listing_reads()),
            "vault": (vault_reads(sim.url("vault"), login=None, paths=vault_paths),),
        }
        for each in sim.world.instances:
            backend = f"harbor:{each.name}"
            self._lists[backend] = (harbor_reads(sim.url(backend)),)

    def undeclared(self, requests: list[Request]) -> list[str]:
        """The requests that no source declares."""
        return [f"{each.backend}: {each.method} {each.target}" for each in requests if not self._allows(each)]

    def _allows(self, request: Request) -> bool:
        path, _, query = request.target.partition("?")
        for allow in self._lists[request.backend]:
            try:
                allow.check(request.method, path, parse_qsl(query, keep_blank_values=True), request.body)
            except Blocked:
                continue
            return True
        return False
