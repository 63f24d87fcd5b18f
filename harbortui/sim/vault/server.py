"""The application: routes, the seal before everything, and Vault's way to say no."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from aiohttp import web

from harbortui.sim.vault import auth, kv, system
from harbortui.sim.vault.answers import DENIED, UNKNOWN_TOKEN, errors
from harbortui.sim.vault.tokens import Token, TokenStore
from harbortui.sim.world import SimOptions, World

Handler = Callable[["VaultServer", web.Request], Awaitable[web.Response]]

UNSEALED_ONLY = "Vault is sealed"
ALWAYS = ("/v1/sys/health", "/v1/sys/seal-status", "/v1/sys/unseal")
ROOT_ONLY = (*ALWAYS, "/v1/sys/leader", "/v1/sys/seal")
"""What answers in no namespace."""


class VaultServer:
    """One Vault before one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.state = world.vault
        self.tokens = TokenStore(world)
        self.unseal_keys: set[str] = set()

    @property
    def now(self) -> float:
        """World time."""
        return self.world.now

    def token(self, request: web.Request) -> Token | None:
        """The living token of a request, from either of the two headers."""
        secret = request.headers.get("X-Vault-Token", "")
        bearer = request.headers.get("Authorization", "")
        if not secret and bearer.startswith("Bearer "):
            secret = bearer.removeprefix("Bearer ")
        return self.tokens.find(secret, self.now)

    @staticmethod
    def denied() -> web.Response:
        """403 for a token that lives and lacks the right."""
        return errors(403, DENIED)

    @staticmethod
    def unknown() -> web.Response:
        """403 for no token or one that does not live (any more)."""
        return errors(403, UNKNOWN_TOKEN)

    def nowhere(self, request: web.Request) -> web.Response:
        """The answer to a path that nothing is mounted at, as far as the token may know."""
        token = self.token(request)
        if token is None:
            return self.unknown()
        if "root" not in token.policies:
            return self.denied()
        path = request.path.removeprefix("/v1/")
        if path.startswith(("sys/", "auth/")):
            return errors(404, "1 error occurred:\n\t* unsupported path\n\n")
        return errors(404, f'no handler for route "{path}". route entry not found.')


def app(world: World, options: SimOptions) -> web.Application:
    """The Vault of a fleet."""
    server = VaultServer(world)

    @web.middleware
    async def guard(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        namespace = request.headers.get("X-Vault-Namespace", "").strip("/")
        if namespace and request.path in ROOT_ONLY:
            return errors(400, "operation unavailable in namespaces")
        if server.state.sealed and request.path not in ALWAYS:
            return errors(503, UNSEALED_ONLY)
        if namespace:
            return errors(404, "namespace not found")
        try:
            return await handler(request)
        except web.HTTPMethodNotAllowed:
            bare = request.path in ALWAYS
            return errors(405) if bare else errors(405, "1 error occurred:\n\t* unsupported operation\n\n")
        except web.HTTPNotFound:
            return server.nowhere(request)
        except ValueError as error:
            return errors(400, str(error))

    application = web.Application(middlewares=[guard])

    def route(methods: str, path: str, handler: Handler) -> None:
        for method in methods.split():
            application.router.add_route(method, f"/v1/{path}", partial(handler, server))

    route("GET HEAD", "sys/health", system.health)
    route("GET", "sys/seal-status", system.seal_status)
    route("GET", "sys/leader", system.leader)
    route("PUT POST", "sys/seal", system.seal)
    route("PUT POST", "sys/unseal", system.unseal)
    route("PUT POST", "sys/capabilities-self", system.capabilities_self)
    route("GET", "auth/token/lookup-self", auth.lookup_self)
    route("PUT POST", "auth/token/renew-self", auth.renew_self)
    route("PUT POST", "auth/token/revoke-self", auth.revoke_self)
    route("PUT POST", "auth/approle/login", auth.approle_login)
    route("PUT POST", "auth/userpass/login/{user}", auth.userpass_login)
    route("GET", "kv/data/{path:.+}", kv.read)
    route("GET", "kv/metadata{path:(/.*)?}", kv.metadata)
    route("GET", "kv/{path:.+}", kv.old_form)
    return application
