"""What `init` and `doctor` ask of a Nomad beyond what the console does, each once and never in the console itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import quote

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.jobfacts import HostPort, JobFacts, JobStub, PolicyText, TokenFacts
from harbortui.model.redact import Clean
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.errors import failure_of
from harbortui.sources.nomad import specs
from harbortui.sources.nomad.client import Body, NomadClient, TokenSource
from harbortui.sources.nomad.identity import Identity
from harbortui.sources.nomad.policy import inquiry_reads, is_allocation_id
from harbortui.sources.nomad.worker import TOTAL_SECONDS, Call
from harbortui.sources.origin import Origin
from harbortui.sources.rows import Unreadable
from harbortui.sources.tls import TlsSettings

T = TypeVar("T")

PAGE = 100
MAX_PAGES = 50
MAX_POLICIES = 50


class NomadInquiry:
    """Reads of one (address, region, token). No method raises for what Nomad does."""

    def __init__(
        self,
        *,
        address: str,
        token: TokenSource,
        clean: Clean,
        now: Callable[[], float],
        region: str = "",
        tls: TlsSettings | None = None,
        proxy: str = "",
        deadline: float = TOTAL_SECONDS,
    ) -> None:
        """``address`` as in NOMAD_ADDR. Raises ValueError when it is no http(s) URL."""
        address = address.rstrip("/")
        self._clean = clean
        self._now = now
        self._client = NomadClient(
            address=address,
            region=region,
            token=token,
            tls=tls or TlsSettings(),
            proxy=proxy,
            clean=clean,
            now=now,
            deadline=deadline,
            allow=inquiry_reads(Origin.of(address).prefix),
        )
        self._identity = Identity(self._client, token, now)

    async def jobs(self, namespace: str = "*", prefix: str = "") -> Answer[tuple[JobStub, ...]]:
        """Every job of a namespace (``*``: of all that the token can see), page by page; a job is listed once."""
        found: dict[tuple[str, str], JobStub] = {}
        lost: list[str] = []
        token = ""
        for _ in range(MAX_PAGES):
            pairs = [("per_page", str(PAGE)), ("meta", "true"), ("prefix", prefix), ("next_token", token)]
            query = tuple((key, value) for key, value in pairs if value)
            body = await self._get(Call("jobs", (), "list-jobs", namespace, query))
            answer = self._decoded(body, specs.decode_stubs)
            if isinstance(answer, Failure):
                return answer
            before = len(found)
            for stub in answer.value:
                found.setdefault((stub.namespace, stub.id), stub)
            lost += answer.lost_rows
            token = body.next_token if isinstance(body, Body) else ""
            if not token:
                break
            if len(found) == before:
                lost.append("Nomad's list of jobs repeats itself: it ends here")
                break
        else:
            lost.append(f"more than {MAX_PAGES * PAGE} jobs: the rest was not looked at")
        return Ok(tuple(found.values()), tuple(lost))

    async def facts(self, job_id: str, namespace: str) -> Answer[JobFacts]:
        """What a job's specification says, by allow-list."""
        call = Call("job", (quote(job_id, safe=""),), "read-job", namespace)
        return self._decoded(await self._get(call), specs.decode_facts)

    async def ports(self, allocation_id: str, namespace: str) -> Answer[tuple[HostPort, ...]]:
        """Where an allocation's ports are."""
        if not is_allocation_id(allocation_id):
            return Failure(kind=FailureKind.NOT_FOUND, detail="not a full allocation id", at=self._now())
        call = Call("allocation", (allocation_id,), "read-job", namespace)
        return self._decoded(await self._get(call), specs.decode_ports)

    async def token(self) -> Answer[TokenFacts]:
        """Who Nomad takes us for; a CONFLICT or ``acls-disabled`` says that it has no ACLs."""
        return self._decoded(await self._client.get(Call("acl", ("token", "self"), "")), specs.decode_token)

    async def policies(self) -> Answer[tuple[PolicyText, ...]]:
        """The rules of our own token's policies, those of its roles included; one that cannot be read is a lost row."""
        names = self._decoded(await self._client.get(Call("acl", ("policies",), "")), specs.decode_policy_names)
        if isinstance(names, Failure):
            return names
        texts: list[PolicyText] = []
        lost: list[str] = []
        for name in names.value[:MAX_POLICIES]:
            call = Call("acl", ("policy", quote(name, safe="")), "")
            answer = self._decoded(await self._client.get(call), specs.decode_policy)
            if isinstance(answer, Ok):
                texts.append(answer.value)
            else:
                lost.append(self._clean(f"policy {name}: {answer.detail}"))
        return Ok(tuple(texts), tuple(lost))

    async def aclose(self) -> None:
        """Cut all connections."""
        await self._client.aclose()

    async def _get(self, call: Call) -> Body | Failure:
        body = await self._client.get(call)
        return await self._identity.explain(body) if isinstance(body, Failure) else body

    def _decoded(self, body: Body | Failure, decode: Callable[[bytes, Clean], Ok[T]]) -> Answer[T]:
        if isinstance(body, Failure):
            return body
        try:
            decoded = decode(body.data, self._clean)
        except Unreadable as error:
            return failure_of(error, clean=self._clean, at=self._now())
        return Ok(decoded.value, decoded.lost_rows, server_time=body.server_time)
