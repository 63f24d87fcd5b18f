"""/v2/ (the distribution API behind core's checks) and /service/token.

core challenges first: GET and HEAD of a repository need an Authorization header even when the project is public, with a
Bearer challenge for who sent none and a Basic one for who sent a wrong one (goharbor/harbor
src/server/middleware/v2auth/auth.go). Then the registry answers, which needs the object store.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from hashlib import sha256

from aiohttp import web

from harbortui.sim.harbor.accounts import ANONYMOUS, Principal
from harbortui.sim.harbor.artifacts import CONFIG_TYPE, MANIFEST_TYPE
from harbortui.sim.harbor.call import Harbor
from harbortui.sim.harbor.encoding import Row, dumps, reply
from harbortui.sim.harbor.query import integer
from harbortui.sim.world import Artifact

API = {"Docker-Distribution-Api-Version": "registry/2.0"}
LAYER_TYPE = "application/vnd.docker.image.rootfs.diff.tar.gzip"
TOKEN_SECONDS = 1800.0
ACTIONS = {"pull": "repository:pull", "push": "repository:push", "delete": "artifact:delete"}


def _error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> web.Response:
    return reply({"errors": [{"code": code, "message": message}]}, status, {**API, **(headers or {})})


class Distribution:
    """The registry of one instance as clients see it through core."""

    def __init__(self, harbor: Harbor) -> None:
        self._harbor = harbor
        self._instance = harbor.instance

    async def answer(self, request: web.Request) -> web.Response:
        """Any request below /v2/."""
        tail = request.path.removeprefix("/v2/")
        who, scopes = await self._who(request)
        if tail == "":
            if not who.authenticated:
                return self._challenge(request, "", "unauthorized")
            return reply({}, headers=API, charset=True) if self._registry_up() else self._bad_gateway()
        if tail == "_catalog":
            return self._catalog(request, who)
        for kind in ("manifests", "blobs", "tags"):
            name, sign, reference = tail.rpartition(f"/{kind}/")
            if sign:
                return self._repository(request, who, scopes, (kind, name, reference))
        return _error(404, "NOT_FOUND", "page not found")

    async def token(self, request: web.Request) -> web.Response:
        """GET /service/token: a token with the part of the asked scopes the account has."""
        who = await self._harbor.accounts.identify(request.headers.get("Authorization", ""))
        asked = [scope for value in request.query.getall("scope", []) for scope in value.split(" ") if scope]
        if not who.authenticated and not asked:
            return web.Response(status=401)
        granted = frozenset(f"{name}:{action}" for name, action in self._granted(who, asked))
        now = self._harbor.world.now
        claims = {
            "aud": "harbor-registry",
            "exp": int(now + TOKEN_SECONDS),
            "iss": "harbor-token-issuer",
            "sub": who.name,
        }
        parts = ({"alg": "RS256", "typ": "JWT"}, {**claims, "scopes": sorted(granted)})
        text = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
        signature = sha256((self._harbor.world.secrets.core_secret + text).encode()).hexdigest()
        token = f"{text}.{signature}"
        self._harbor.tokens[token] = (who.name, granted, now + TOKEN_SECONDS)
        while len(self._harbor.tokens) > 1000:
            self._harbor.tokens.pop(next(iter(self._harbor.tokens)))
        issued = datetime.fromtimestamp(int(now), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        row: Row = {"token": token, "access_token": "", "expires_in": int(TOKEN_SECONDS), "issued_at": issued}
        return reply(row, charset=True)

    def _granted(self, who: Principal, asked: list[str]) -> list[tuple[str, str]]:
        found = []
        for scope in asked:
            kind, _, rest = scope.partition(":")
            name, _, actions = rest.rpartition(":")
            if kind == "repository":
                found += [(name, action) for action in actions.split(",") if self._may(who, name, action)]
            elif kind == "registry" and name == "catalog" and who.may("catalog:read"):
                found.append(("catalog", "*"))
        return found

    def _may(self, who: Principal, name: str, action: str) -> bool:
        project = self._instance.project(name.partition("/")[0])
        return project is not None and action in ACTIONS and who.may_in(project, ACTIONS[action])

    async def _who(self, request: web.Request) -> tuple[Principal, frozenset[str] | None]:
        """The account and, for a bearer, the scopes its token holds."""
        header = request.headers.get("Authorization", "")
        scheme, _, value = header.partition(" ")
        if scheme.lower() != "bearer":
            return await self._harbor.accounts.identify(header), None
        name, scopes, expires = self._harbor.tokens.get(value, ("", frozenset[str](), 0.0))
        if expires <= self._harbor.world.now:
            return ANONYMOUS, frozenset()
        return self._harbor.accounts.named(name), scopes

    def _challenge(self, request: web.Request, scope: str, message: str) -> web.Response:
        text = 'Basic realm="harbor"'
        if "Authorization" not in request.headers and not request.path.endswith("/_catalog"):
            scheme = self._instance.external_url.partition("://")[0]
            text = f'Bearer realm="{scheme}://{request.host}/service/token",service="harbor-registry"'
            text += f',scope="{scope}"' if scope else ""
        return _error(401, "UNAUTHORIZED", f"{message}: {message}", {"Www-Authenticate": text})

    def _registry_up(self) -> bool:
        return self._instance.component_up("registry")

    def _bad_gateway(self) -> web.Response:
        """core's reverse proxy could not reach the registry: 502 with no body."""
        return web.Response(status=502, headers=API)

    def _catalog(self, request: web.Request, who: Principal) -> web.Response:
        if not who.may("catalog:read"):
            return self._challenge(request, "", "unauthorized to list catalog")
        names = sorted(repository.name for repository in self._instance.repositories.values() if repository.artifacts)
        last, count = request.query.get("last", ""), integer(request, "n", 100)
        rest = [name for name in names if name > last]
        headers = dict(API)
        if count > 0 and len(rest) > count:
            rest = rest[:count]
            headers["Link"] = f'</v2/_catalog?last={rest[-1]}&n={count}>; rel="next"'
        return reply({"repositories": rest}, headers=headers)

    def _repository(
        self, request: web.Request, who: Principal, scopes: frozenset[str] | None, target: tuple[str, str, str]
    ) -> web.Response:
        kind, name, reference = target
        message = f"unauthorized to access repository: {name}, action: pull"
        if request.method not in ("GET", "HEAD"):
            return _error(405, "UNSUPPORTED", "The operation is unsupported.")
        if "Authorization" not in request.headers:
            return self._challenge(
                request, f"repository:{name}:pull", "authorize header needed to send HEAD to repository"
            )
        allowed = self._may(who, name, "pull") if scopes is None else f"{name}:pull" in scopes
        if not allowed:
            return self._challenge(request, "", message)
        if not self._registry_up():
            return self._bad_gateway()
        if "s3" in self._harbor.world.unreachable:
            return _error(500, "UNKNOWN", "unknown error")
        if kind == "blobs":
            return self._blob(request, reference)
        return self._tags(name) if kind == "tags" else self._manifest(name, reference)

    def _tags(self, name: str) -> web.Response:
        repository = self._instance.repository(name)
        if repository is None:
            return _error(404, "NAME_UNKNOWN", f"repository {name} not found")
        return reply({"name": name, "tags": sorted(t for a in repository.artifacts for t in a.tags)}, headers=API)

    def _manifest(self, name: str, reference: str) -> web.Response:
        artifact = self._instance.find_artifact(name, reference)
        if artifact is None:
            return _error(404, "NOT_FOUND", f"artifact {name}:{reference} not found")
        if self._instance.blob_size(artifact.image.manifest.hex) is None:
            return _error(404, "MANIFEST_UNKNOWN", "manifest unknown")
        digest = artifact.image.digest
        headers = {**API, "Docker-Content-Digest": digest, "Etag": f'"{digest}"'}
        body = manifest(artifact).encode()
        return web.Response(body=body, headers={**headers, "Content-Type": MANIFEST_TYPE})

    def _blob(self, request: web.Request, reference: str) -> web.Response:
        """HEAD only: the simulated store knows sizes, no contents."""
        size = self._instance.blob_size(reference.removeprefix("sha256:"))
        if size is None:
            return _error(404, "BLOB_UNKNOWN", "blob unknown to registry")
        if request.method != "HEAD":
            return _error(405, "UNSUPPORTED", "The operation is unsupported.")
        headers = {**API, "Docker-Content-Digest": reference, "Etag": f'"{reference}"', "Accept-Ranges": "bytes"}
        length = {"Content-Length": str(size), "Content-Type": "application/octet-stream"}
        return web.Response(headers={**headers, **length})


def manifest(artifact: Artifact) -> str:
    """An image manifest, padded with blanks to the size Harbor shows (its hash cannot be the digest)."""
    image = artifact.image
    layers = [{"digest": f"sha256:{b.hex}", "mediaType": LAYER_TYPE, "size": b.size} for b in image.layers]
    config = {"digest": f"sha256:{image.config.hex}", "mediaType": CONFIG_TYPE, "size": image.config.size}
    text = dumps({"config": config, "layers": layers, "mediaType": MANIFEST_TYPE, "schemaVersion": 2})
    return text.ljust(image.manifest.size)
