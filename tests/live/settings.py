"""What the environment says about the servers to run against; docs/live.md explains each variable."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from harbortui.model.secret import Secret
from harbortui.sources.credentials import Credentials
from harbortui.sources.tls import TlsSettings, ssl_context

PREFIX = "HARBORTUI_LIVE_"
CHANGE = f"{PREFIX}CHANGE"
"""Set to 1, tests may make things of their own and remove them."""

VARIABLES: Mapping[str, Mapping[str, str]] = {
    "NOMAD": {
        "": "address, as in NOMAD_ADDR",
        "TOKEN": "token of a reader; left out when ACLs are off",
        "NAMESPACE": "namespace of the jobs, `default` when left out",
        "REGION": "region, the agent's own when left out",
        "JOBS": "existing jobs to read, separated by commas",
        "CA": "PEM file of the CA that signed the server's certificate",
        "ADMIN_TOKEN": "token that may register and purge jobs; only with CHANGE",
        "DRIVER": "driver for the suite's own job, `raw_exec` when left out; only with CHANGE",
    },
    "VAULT": {
        "": "address, as in VAULT_ADDR",
        "TOKEN": "a token, or",
        "ROLE_ID": "an AppRole's role id, or",
        "SECRET_ID": "with its secret id,",
        "USERNAME": "a user of userpass",
        "PASSWORD": "with its password",
        "SECRET": "a secret that must be readable, as `path#key`, such as `kv/data/harbor#console_password`",
        "CA": "PEM file of the CA",
        "NAMESPACE": "namespace, none when left out",
        "ADMIN_TOKEN": "token that may mount stores and logins, write policies and make tokens; only with CHANGE",
        "UNSEAL_KEY": "allows the suite to seal the server and unseal it with this one key; only with CHANGE",
    },
    "S3": {
        "": "endpoint",
        "ACCESS_KEY": "access key of a reader",
        "SECRET_KEY": "its secret key",
        "BUCKET": "bucket to look at",
        "REGION": "region to sign for, `us-east-1` when left out",
        "PROVIDER": "`minio`, `rgw` or `s3`: what the store must be recognised as; not checked when left out",
        "METRICS_TOKEN": "bearer token of MinIO's metrics",
        "CA": "PEM file of the CA",
        "ADMIN_ACCESS_KEY": "access key that may make buckets and write objects; only with CHANGE",
        "ADMIN_SECRET_KEY": "its secret key",
    },
    "HARBOR": {
        "": "URL",
        "USERNAME": "user or robot that reads",
        "PASSWORD": "its password or secret",
        "CA": "PEM file of the CA",
        "ADMIN_USERNAME": "system administrator; only with CHANGE",
        "ADMIN_PASSWORD": "its password",
    },
}
"""The variables of each system without their prefix, and what they say; the documentation's table is made of them."""


@dataclass(frozen=True)
class _Server:
    """One system's variables by their short names, "" being the address."""

    values: Mapping[str, str] = field(repr=False)
    """Not in the representation: pytest prints the arguments of a test that failed."""

    @property
    def url(self) -> str:
        return self.values[""].rstrip("/")

    def get(self, name: str, default: str = "") -> str:
        """A variable that is no secret."""
        return self.values.get(name, "") or default

    def secret(self, name: str) -> Secret | None:
        """A secret variable, or None when it is not set."""
        value = self.values.get(name, "")
        return Secret(value) if value else None

    @property
    def tls(self) -> TlsSettings:
        return TlsSettings(ca_file=self.get("CA"))

    @property
    def verify(self) -> ssl.SSLContext | bool:
        """What httpx is told for the tests' own requests."""
        return ssl_context(self.tls) if self.url.startswith("https") else True

    def pair(self, user: str, secret: str) -> Credentials | None:
        """Two variables that belong together, or None when one is not set."""
        known = self.secret(secret)
        return Credentials(self.get(user), known) if known is not None and self.get(user) else None


class LiveNomad(_Server):
    """A Nomad agent."""

    @property
    def token(self) -> Secret | None:
        return self.secret("TOKEN")

    @property
    def admin_token(self) -> Secret | None:
        return self.secret("ADMIN_TOKEN")

    @property
    def namespace(self) -> str:
        return self.get("NAMESPACE", "default")

    @property
    def region(self) -> str:
        return self.get("REGION")

    @property
    def jobs(self) -> tuple[str, ...]:
        return tuple(job for job in self.get("JOBS").split(",") if job)

    @property
    def driver(self) -> str:
        return self.get("DRIVER", "raw_exec")


class LiveVault(_Server):
    """A Vault or OpenBao."""

    @property
    def reference(self) -> str:
        return self.get("SECRET")


class LiveS3(_Server):
    """An object store."""

    @property
    def credentials(self) -> Credentials | None:
        return self.pair("ACCESS_KEY", "SECRET_KEY")

    @property
    def admin(self) -> Credentials | None:
        return self.pair("ADMIN_ACCESS_KEY", "ADMIN_SECRET_KEY")

    @property
    def bucket(self) -> str:
        return self.get("BUCKET")

    @property
    def region(self) -> str:
        return self.get("REGION", "us-east-1")


class LiveHarbor(_Server):
    """A Harbor."""

    @property
    def credentials(self) -> Credentials | None:
        return self.pair("USERNAME", "PASSWORD")

    @property
    def admin(self) -> Credentials | None:
        return self.pair("ADMIN_USERNAME", "ADMIN_PASSWORD")


KINDS: Mapping[str, Callable[[Mapping[str, str]], _Server]] = {
    "NOMAD": LiveNomad,
    "VAULT": LiveVault,
    "S3": LiveS3,
    "HARBOR": LiveHarbor,
}


def server(system: str, environment: Mapping[str, str]) -> _Server | None:
    """The server of ``system`` (a key of VARIABLES) that the environment names, or None."""
    values = {
        name: environment.get(f"{PREFIX}{system}{'_' if name else ''}{name}", "").strip() for name in VARIABLES[system]
    }
    return KINDS[system](values) if values[""] else None


def may_change(environment: Mapping[str, str]) -> bool:
    """True when the suite may make things of its own."""
    return environment.get(CHANGE, "") == "1"
