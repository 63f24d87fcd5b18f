"""A small image pushed and pulled through Harbor's /v2/ endpoint, as a container client would (OCI distribution)."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.live.harbor_plain import Plain

CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def digest_of(content: bytes) -> str:
    """``sha256:...``."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class Pusher:
    """Pushes to and reads from one repository (``project/name``) with one account's rights."""

    def __init__(self, plain: Plain, repository: str) -> None:
        self._plain = plain
        self._repository = repository
        self._token = ""

    def push(self, tag: str, layers: list[bytes]) -> str:
        """Push an image of these layers; the manifest's digest."""
        config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}})
        for content in (config.encode(), *layers):
            self._blob(content)
        document = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": _descriptor(CONFIG, config.encode()),
            "layers": [_descriptor(LAYER, layer) for layer in layers],
        }
        manifest = json.dumps(document).encode()
        answer = self.ask("PUT", f"manifests/{tag}", content=manifest, headers={"Content-Type": MANIFEST})
        assert answer.status_code == 201, (answer.status_code, answer.text[:300])
        return digest_of(manifest)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request below /v2/<repository>/; asks for a token when the registry wants one."""
        return self._send(method, f"/v2/{self._repository}/{path}", **more)

    def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers: dict[str, str] = dict(more.pop("headers", {}))
        answer = None
        for _ in range(2):
            if self._token:
                headers["Authorization"] = f"Bearer {self._token}"
            answer = self._plain.raw(method, path, headers=headers, auth=None, **more)
            if answer.status_code != 401:
                break
            self._login(answer.headers.get("www-authenticate", ""))
        assert answer is not None
        return answer

    def _login(self, challenge: str) -> None:
        service = dict(re.findall(r'(\w+)="([^"]*)"', challenge)).get("service", "harbor-registry")
        query = {"service": service, "scope": f"repository:{self._repository}:pull,push"}
        answer = self._plain.raw("GET", "/service/token", query=query)
        assert answer.status_code == 200, (answer.status_code, answer.text[:300])
        self._token = answer.json()["token"]

    def _blob(self, content: bytes) -> None:
        digest = digest_of(content)
        if self.ask("HEAD", f"blobs/{digest}").status_code == 200:
            return
        begun = self.ask("POST", "blobs/uploads/")
        assert begun.status_code == 202, (begun.status_code, begun.text[:300])
        place = urlsplit(begun.headers["location"])
        query = f"{place.query}&digest={digest}" if place.query else f"digest={digest}"
        # The session may name Harbor by its external URL, which need not be the way that we came.
        answer = self._send(
            "PUT", f"{place.path}?{query}", content=content, headers={"Content-Type": "application/octet-stream"}
        )
        assert answer.status_code == 201, (answer.status_code, answer.text[:300])


def _descriptor(kind: str, content: bytes) -> dict[str, object]:
    return {"mediaType": kind, "digest": digest_of(content), "size": len(content)}
