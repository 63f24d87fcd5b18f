"""Vault's API through hvac, in threads: hvac makes the requests, our guarded session sends them, we read the answers.

hvac falls back on VAULT_* variables and ``~/.vault-token`` for whatever it is not given, so everything is given. Its
own decoding is not used: it trusts content type and shape, and its exceptions carry whole answers.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import msgspec

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Clean
from harbortui.model.secret import Secret
from harbortui.sources.allowlist import AllowList
from harbortui.sources.errors import failure_of
from harbortui.sources.headers import media_type, retry_after
from harbortui.sources.lane import Lane
from harbortui.sources.origin import Origin
from harbortui.sources.refusals import Overdue
from harbortui.sources.tls import TlsSettings
from harbortui.sources.vault.hvac_types import Hvac
from harbortui.sources.vault.login import AppRoleLogin, UserpassLogin

if TYPE_CHECKING:
    import requests

TOTAL_SECONDS = 10.0
STANDBY_STATUS = 307
"""How a standby answers what it cannot forward to the active node (openbao http/handler.go ``respondStandby``)."""
ANSWER_CAP = 1_000_000
_WIDTH = 2


@dataclass(frozen=True, slots=True)
class VaultReply:
    """An answer of any status; never HTML with a 2xx."""

    status: int
    body: bytes
    is_html: bool = False
    retry_after: float | None = None


class _Turn:
    """One call's hold on a session; no two calls share one, so cutting a call cuts nothing else."""

    def __init__(self, session: requests.Session | None) -> None:
        self.session = session
        self._ended = False

    def take(self, make: Callable[[], requests.Session]) -> requests.Session:
        """The session to call with; in the call's thread."""
        if self.session is None:
            self.session = make()
        if self._ended:
            raise Overdue("nobody waits for this call any more")
        return self.session

    def cut(self) -> None:
        """We stopped waiting, or it failed: its connection is not used again."""
        self._ended = True
        if self.session is not None:
            from harbortui.sources.guard_requests import abort

            abort(self.session)
            self.session.close()


class VaultClient:
    """Sends one request at a time per thread and answers replies or failures; holds no token."""

    def __init__(
        self,
        *,
        url: str,
        allow: AllowList,
        clean: Clean,
        now: Callable[[], float],
        tls: TlsSettings | None = None,
        proxy: str = "",
        namespace: str = "",
        total: float = TOTAL_SECONDS,
    ) -> None:
        self._origin = Origin.of(url)
        self._allow = allow
        self._clean = clean
        self._now = now
        self._tls = tls or TlsSettings()
        self._proxy = proxy
        self._namespace = namespace
        self._lane = Lane(f"vault {self._origin.host}", _WIDTH)
        # A standby tells its state at once while what it forwards hangs: the state must not wait behind that.
        self._health_lane = Lane(f"vault {self._origin.host} health", 1)
        self._total = total
        self._idle: list[requests.Session] = []

    async def health(self) -> VaultReply | Failure:
        """``GET sys/health``, without a token; it belongs to no namespace and answers 400 when one is named."""
        return await self._call(None, lambda hvac: hvac.sys.read_health_status(method="GET"), health=True)

    async def lookup(self, token: Secret) -> VaultReply | Failure:
        """What Vault knows of our token."""
        return await self._call(token, lambda hvac: hvac.auth.token.lookup_self())

    async def renew(self, token: Secret) -> VaultReply | Failure:
        """Renew our token by its own increment."""
        return await self._call(token, lambda hvac: hvac.auth.token.renew_self())

    async def capabilities(self, token: Secret, paths: list[str]) -> VaultReply | Failure:
        """What our token may do at some paths; nothing is read there."""
        return await self._call(token, lambda hvac: hvac.sys.get_capabilities(paths))

    async def read(self, token: Secret, path: str) -> VaultReply | Failure:
        """``GET`` of one secret; ``path`` as in the API, ``kv/data/harbor``."""
        return await self._call(token, lambda hvac: hvac.adapter.get(f"/v1/{path}"))

    async def login(self, login: AppRoleLogin | UserpassLogin) -> VaultReply | Failure:
        """Ask for a token."""
        if isinstance(login, AppRoleLogin):
            role, mount = login.role_id, login.mount
            secret = login.secret_id
            return await self._call(
                None, lambda hvac: hvac.auth.approle.login(role, secret.reveal(), use_token=False, mount_point=mount)
            )
        name, mount, password = login.username, login.mount, login.password
        return await self._call(
            None, lambda hvac: hvac.auth.userpass.login(name, password.reveal(), use_token=False, mount_point=mount)
        )

    async def aclose(self) -> None:
        """Close the idle connections and let the threads end; a call under way ends at its deadline."""
        while self._idle:
            self._idle.pop().close()
        self._lane.close()
        self._health_lane.close()

    async def _call(
        self, token: Secret | None, ask: Callable[[Hvac], requests.Response], *, health: bool = False
    ) -> VaultReply | Failure:
        turn = _Turn(self._idle.pop() if self._idle else None)
        lane, namespace = (self._health_lane, "") if health else (self._lane, self._namespace)
        try:
            reply = await lane.run(
                lambda: self._judge(ask(self._hvac(turn, token, namespace))), deadline=self._total, abandon=turn.cut
            )
        except Exception as error:  # noqa: BLE001 - whatever the libraries raise is a value here
            turn.cut()
            return self._failed(error)
        if turn.session is not None:
            self._idle.append(turn.session)
        if reply.is_html and reply.status < 300:
            words = f"a login page answered at {self._origin.host}"
            return Failure(kind=FailureKind.LOGIN_PAGE, detail=self._clean(words), at=self._now(), status=reply.status)
        return reply

    def _failed(self, error: Exception) -> Failure:
        failure = failure_of(error, clean=self._clean, at=self._now())
        if failure.kind is FailureKind.REDIRECT and failure.status == STANDBY_STATUS:
            # It names the node that was active last, even after that node died.
            words = f"{failure.detail}: a standby that cannot forward; there may be no active node"
            failure = msgspec.structs.replace(failure, detail=self._clean(words))
        return failure

    def _hvac(self, turn: _Turn, token: Secret | None, namespace: str) -> Hvac:
        """A client of its own per call: hvac keeps the token in shared state without a lock."""
        client = _client_class()(
            url=self._origin.url,
            token=token.reveal() if token is not None else "",
            cert=(),
            verify=True,
            timeout=self._total,
            proxies=None,
            allow_redirects=False,
            session=turn.take(self._new_session),
            namespace=namespace or None,
            adapter=_quiet_adapter(),
        )
        return cast(Hvac, client)

    def _new_session(self) -> requests.Session:
        from harbortui.sources.guard_requests import guarded_session  # here, since requests costs 80 ms

        return guarded_session(
            allow=self._allow,
            origin=self._origin,
            tls=self._tls,
            proxy=self._proxy,
            connections=1,
            cap=ANSWER_CAP,
            total=self._total,
        )

    def _judge(self, response: requests.Response) -> VaultReply:
        return VaultReply(
            response.status_code,
            response.content,
            is_html=media_type(response.headers.get("Content-Type", "")) == "text/html",
            retry_after=retry_after(response.headers.get("Retry-After", ""), self._now()),
        )


@functools.cache
def _client_class() -> Callable[..., object]:
    import hvac  # here, since it costs 20 ms on top of requests

    return cast("Callable[..., object]", hvac.Client)


@functools.cache
def _quiet_adapter() -> type[object]:
    """hvac's adapter that answers every status as a response instead of raising with the answer inside."""
    from hvac.adapters import RawAdapter

    class QuietAdapter(RawAdapter):  # type: ignore[misc]  # hvac is untyped
        def request(self, *args: object, **kwargs: object) -> object:
            kwargs["raise_exception"] = False
            return super().request(*args, **kwargs)

    return QuietAdapter
