"""How far a connection comes: name, port, TLS with its chain, HTTP and clocks, over real sockets."""

from __future__ import annotations

import asyncio
import time
from email.utils import formatdate
from pathlib import Path

import pytest

from harbortui.config.settings import Tls
from harbortui.model.failure import FailureKind
from harbortui.model.reached import Reached
from harbortui.model.redact import Cleaner, Redactor
from harbortui.probes.judge import door
from harbortui.probes.learned import Door, Learned
from harbortui.probes.result import Check, Level
from harbortui.sources.reach import PATHS, Way, reach
from harbortui.sources.tls import TlsSettings
from tests.sources.certificates import Authority, served, tls_server

DAY = 86_400.0


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


async def tried(url: str, tls: TlsSettings | None = None, proxy: str = "", deadline: float = 5.0) -> Reached:
    way = Way("harbor", url, tls or TlsSettings(), proxy)
    return await reach(way, clean=Cleaner(Redactor()), now=time.time, deadline=deadline)


def judged(found: Reached, **tls: object) -> dict[str, Check]:
    """What doctor says of it."""
    at = Door("harbor", found.url, Tls(**tls))  # type: ignore[arg-type]
    learned = Learned(at=time.time(), timeout=5.0, reached={at: found})
    return {each.id: each for each in door.judge(at, learned, skew_limit=60.0)}


async def test_a_good_chain_is_described(authority: Authority) -> None:
    good = authority.certificate("good", days=90)
    async with tls_server(good, formatdate(usegmt=True)) as url:
        found = await tried(url, TlsSettings(ca_file=str(authority.root)))
    assert found.failure is None and found.status == 200 and found.verified and found.tls_version.startswith("TLSv1.")
    assert [each.subject for each in found.chain] == ["good", "Test Root, Test Trust"]
    own = found.chain[0]
    assert own.issuer == "Test Root, Test Trust" and own.names == ("localhost", "127.0.0.1")
    assert own.not_after is not None and 89 * DAY < own.not_after - time.time() < 91 * DAY
    checks = judged(found)
    assert all(each.level is Level.OK for each in checks.values()), checks
    assert "good (localhost, 127.0.0.1), issued by Test Root, Test Trust, ends in 8" in checks["tls-certificate"].text


async def test_a_certificate_that_ends_soon_is_a_warning(authority: Authority) -> None:
    soon = authority.certificate("soon", days=5)
    async with tls_server(soon, formatdate(usegmt=True)) as url:
        found = await tried(url, TlsSettings(ca_file=str(authority.root)))
    assert judged(found)["tls-certificate"].level is Level.WARNING


@pytest.mark.parametrize("case", ["unknown authority", "ended", "another name"])
async def test_a_refused_chain_is_shown_with_the_reason(authority: Authority, case: str) -> None:
    names = "DNS:other.example.org" if case == "another name" else "DNS:localhost"
    certificate = authority.certificate(case.replace(" ", "-"), days=-1 if case == "ended" else 30, names=names)
    tls = TlsSettings() if case == "unknown authority" else TlsSettings(ca_file=str(authority.root))
    async with tls_server(certificate) as url:
        found = await tried(url, tls)
    assert found.failed_at == "tls" and found.failure is not None and found.failure.kind is FailureKind.TLS
    assert found.chain and found.chain[0].subject == case.replace(" ", "-") and not found.verified
    checks = judged(found)
    words = {"unknown authority": "unable to get local issuer", "ended": "expired", "another name": "mismatch"}[case]
    assert checks["reachable"].level is Level.MISSING and words in checks["reachable"].text
    hint = {"unknown authority": "ca_file", "ended": "renew", "another name": "server_name"}[case]
    assert "not believed" in checks["tls-certificate"].text and hint in checks["reachable"].hint
    if case == "ended":
        assert "ended" in checks["tls-certificate"].text and "ago" in checks["tls-certificate"].text


async def test_another_name_can_be_expected(authority: Authority) -> None:
    certificate = authority.certificate("named", days=30, names="DNS:server.global.nomad")
    async with tls_server(certificate) as url:
        found = await tried(url, TlsSettings(ca_file=str(authority.root), server_name="server.global.nomad"))
    assert found.failure is None and found.status == 200


async def test_an_unverified_host_is_a_warning(authority: Authority) -> None:
    certificate = authority.certificate("loose", days=30)
    async with tls_server(certificate, formatdate(usegmt=True)) as url:
        found = await tried(url, TlsSettings(verify=False))
    checks = judged(found, verify=False)
    assert found.chain[0].subject == "loose" and checks["tls-unverified"].level is Level.WARNING


async def test_a_server_that_wants_our_certificate(authority: Authority) -> None:
    server, client = authority.certificate("mutual", days=30), authority.certificate("client", days=30)
    async with tls_server(server, clients=authority.root) as url:
        without = await tried(url, TlsSettings(ca_file=str(authority.root)))
        given = TlsSettings(ca_file=str(authority.root), client_cert=str(client))
        assert (await tried(url, given)).status == 200
    assert without.failure is not None and without.status is None


async def test_files_that_are_not_there_are_our_own_fault(authority: Authority) -> None:
    certificate = authority.certificate("plain", days=30)
    async with tls_server(certificate) as url:
        found = await tried(url, TlsSettings(ca_file=str(authority.folder / "nowhere.pem")))
    assert found.failed_at == "tls" and found.failure is not None and found.failure.kind is FailureKind.LOCAL


async def test_clocks_are_compared(authority: Authority) -> None:
    certificate = authority.certificate("clock", days=30)
    late = formatdate(time.time() - 3_600, usegmt=True)
    async with tls_server(certificate, late) as url:
        found = await tried(url, TlsSettings(ca_file=str(authority.root)))
    checks = judged(found)
    assert found.clock_skew == pytest.approx(-3_600, abs=10) and "behind ours" in checks["clock"].text
    assert checks["clock"].level is Level.WARNING
    async with tls_server(certificate) as url:
        undated = await tried(url, TlsSettings(ca_file=str(authority.root)))
    assert judged(undated)["clock"].level is Level.NOTE


async def test_plain_http_where_tls_was_due_and_the_other_way_round(authority: Authority) -> None:
    async def hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(64)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    async with served(hello) as port:
        found = await tried(f"https://127.0.0.1:{port}")
    assert found.failed_at == "tls" and found.failure is not None and "does not speak TLS" in found.failure.detail


async def test_the_steps_before_tls() -> None:
    name = await tried("http://no-such-host.invalid")
    assert name.failed_at == "name" and name.failure is not None and name.failure.kind is FailureKind.DNS
    port = await tried("http://127.0.0.1:1")
    assert port.failed_at == "port" and port.addresses == ("127.0.0.1",)
    assert "127.0.0.1" in judged(port)["reachable"].text


async def test_a_server_that_takes_connections_and_never_answers() -> None:
    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with served(silence) as port:
        found = await tried(f"http://127.0.0.1:{port}", deadline=0.5)
    assert found.failed_at == "http" and found.connected == "127.0.0.1"
    assert "hangs" in judged(found)["reachable"].hint


async def test_through_a_proxy_only_the_answer_is_ours_to_see() -> None:
    seen: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readline())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}")
        await writer.drain()

    async with served(proxy) as port:
        at = f"http://127.0.0.1:{port}"
        found = await tried("http://harbor.invalid", proxy=at)
    assert found.status == 200 and found.addresses == () and found.proxy == "127.0.0.1"
    assert seen[0].startswith(b"GET http://harbor.invalid")
    assert "through the proxy" in judged(found)["reachable"].text


def test_what_is_asked_is_a_read_of_every_kind() -> None:
    assert set(PATHS) == {"harbor", "nomad", "vault", "storage"} and Path(PATHS["vault"]).name == "health"
