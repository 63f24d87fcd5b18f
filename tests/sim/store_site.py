"""A running store and clients of it, shared by the store's tests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import requests
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from harbortui.sim.fleet import SimFleet
from harbortui.sim.store import ADMIN_KEY, READONLY_KEY, SERVER
from harbortui.sim.store.server import StoreServer
from harbortui.sim.thread import SimThread
from harbortui.sim.world import SimOptions
from harbortui.sim.world.options import S3_ACCESS_KEY

START = 1_768_399_200.0
EMPTY = hashlib.sha256(b"").hexdigest()


def server(fleet: SimFleet) -> StoreServer:
    return fleet.listeners["s3"].app[SERVER]


class Site:
    """A store, and what is needed to ask it."""

    def __init__(self, sim: SimThread) -> None:
        self.sim = sim
        self.url = sim.url("s3")
        self._session = boto3.session.Session()
        self._clients: dict[tuple[str, str, str], Any] = {}
        secrets = sim.world.secrets
        self.keys = {
            S3_ACCESS_KEY: secrets.s3_secret_key,
            READONLY_KEY: secrets.s3_readonly_secret,
            ADMIN_KEY: secrets.s3_admin_secret,
        }

    def client(self, key: str = S3_ACCESS_KEY, secret: str = "", region: str = "us-east-1") -> Any:
        """A boto3 client with one of the store's keys, or with any other."""
        known = self._clients.get((key, secret, region))
        if known is not None:
            return known
        client = self._session.client(
            "s3",
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id=key,
            aws_secret_access_key=secret or self.keys.get(key, "x" * 40),
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"},
                retries={"mode": "standard", "total_max_attempts": 1},
                proxies={},
            ),
        )
        self._clients[key, secret, region] = client
        return client

    def get(
        self, path: str, key: str = S3_ACCESS_KEY, method: str = "GET", body: bytes = b"", **headers: str
    ) -> requests.Response:
        """A signed request beside S3's own operations."""
        signed = AWSRequest(method=method, url=self.url + path, data=body)
        signed.context["payload_signing_enabled"] = True
        S3SigV4Auth(Credentials(key, self.keys[key]), "s3", "us-east-1").add_auth(signed)
        return self.plain(path, method, body, **{**dict(signed.headers.items()), **headers})

    def plain(self, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> requests.Response:
        """An unsigned request."""
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, self.url + path, headers=headers, data=body, timeout=10)

    def set(self, **settings: object) -> None:
        """Change the store's settings."""

        def change(fleet: SimFleet) -> None:
            for name, value in settings.items():
                assert hasattr(server(fleet).settings, name)
                setattr(server(fleet).settings, name, value)

        self.sim.call(change)

    def bucket(self, name: str = "harbor") -> Any:
        """The world's bucket."""
        return next(i.bucket for i in self.sim.world.instances if i.bucket_name == name)

    def close(self) -> None:
        for client in self._clients.values():
            client.close()


@contextmanager
def site(**options: Any) -> Iterator[Site]:
    with SimThread(SimOptions(start=START, speed=0.0, **options), only={"s3"}) as sim:
        found = Site(sim)
        try:
            yield found
        finally:
            found.close()
