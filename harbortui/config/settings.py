"""The configuration as the rest of the program sees it: complete, checked, immutable, without any secret."""

from __future__ import annotations

from enum import Enum

import msgspec

from harbortui.config.errors import UnknownInstance

BASE_REFRESH = 15.0
"""Seconds; the refresh interval that the collection's own intervals are stated for."""


class Origin(Enum):
    """Which layer a value came from, lowest first."""

    DEFAULT = "built-in"
    TOOL = "tool"
    """A variable or file of Vault's or Nomad's own tools; used only where nothing of ours says otherwise."""
    SYSTEM = "system file"
    USER = "user file"
    FILE = "--config"
    ENVIRONMENT = "environment"
    FLAG = "flag"
    POLICY = "policy"


class Source(msgspec.Struct, frozen=True):
    """Where one value came from."""

    origin: Origin
    where: str = ""
    """The file, variable or flag; empty for built-in values."""

    def __str__(self) -> str:
        return f"{self.origin.value} {self.where}".strip()


class CredentialRef(msgspec.Struct, frozen=True, kw_only=True):
    """Where a credential is found; exactly one of ``vault`` with ``key``, ``env``, ``file`` and ``plain`` is set."""

    vault: str = ""
    """API path of the secret in Vault, without ``/v1/``: ``kv/data/harbor``."""
    key: str = ""
    """The field of the Vault secret."""
    env: str = ""
    """Name of an environment variable."""
    file: str = ""
    """Absolute path of a file that only we can read."""
    plain: str = ""
    """The value itself; only user names and access key ids may be written down so."""

    def __str__(self) -> str:
        if self.key:
            return f"vault {self.vault or '(path of the fleet or instance)'} key {self.key}"
        return f"env {self.env}" if self.env else f"file {self.file}" if self.file else self.plain


class Tls(msgspec.Struct, frozen=True, kw_only=True):
    """How a server proves itself to us, and we to it; hashable, so that connections can share one TLS context."""

    verify: bool = True
    """False only for hosts named in ``[tls] unverified_hosts``."""
    ca_file: str = ""
    """PEM file of the authorities to trust instead of the system's."""
    ca_path: str = ""
    """Directory of such files, as OpenSSL wants it (``c_rehash``)."""
    client_cert: str = ""
    client_key: str = ""
    """May be empty when the key is in the certificate's file."""
    server_name: str = ""
    """The name expected in the server's certificate and sent as SNI, when it is not the host of the URL."""


class VaultSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Vault: the place of credentials, and itself a thing to watch."""

    address: str
    namespace: str = ""
    path: str = "kv/data/harbor"
    """The path of references that name only a key."""
    auth: str = "token"
    """``token``, ``approle`` or ``userpass``."""
    token: CredentialRef | None = None
    """For ``token``: an environment variable or a file, never Vault itself."""
    role_id: str = ""
    secret_id: CredentialRef | None = None
    username: str = ""
    password: CredentialRef | None = None
    """For ``userpass``; without it the person is asked before the console opens."""
    mount: str = ""
    """Mount of the auth method; empty for its usual one."""
    tls: Tls = Tls()
    proxy: str = ""


class NomadSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where an instance's Nomad job runs."""

    address: str
    region: str = ""
    """Empty: the region of the server that answers."""
    namespace: str = "default"
    token: CredentialRef | None = None
    tls: Tls = Tls()
    proxy: str = ""


class StorageSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The S3 endpoint behind an instance; bucket and prefix are the instance's own."""

    endpoint: str
    region: str = "us-east-1"
    access_key: CredentialRef | None = None
    secret_key: CredentialRef | None = None
    metrics_token: CredentialRef | None = None
    """Bearer token for MinIO's metrics; without it they are only read where they are public."""
    tls: Tls = Tls()
    proxy: str = ""


class HarborSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How to sign in to an instance; without credentials only what is public can be seen."""

    username: CredentialRef | None = None
    password: CredentialRef | None = None
    tls: Tls = Tls()
    proxy: str = ""


class InstanceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One Harbor instance, with everything inherited from the fleet filled in."""

    name: str
    url: str
    """Where the console reaches Harbor; without a slash at the end."""
    external_url: str = ""
    """Where users reach it; shown, never asked."""
    job: str = ""
    """The Nomad job; the instance's name unless said otherwise."""
    bucket: str = ""
    prefix: str = ""
    """Harbor's root directory in the bucket, without slashes at its ends."""
    production: bool = False
    harbor: HarborSettings = HarborSettings()
    nomad: NomadSettings | None = None
    """None when no Nomad address is known."""
    storage: StorageSettings | None = None
    """None when no endpoint or no bucket is known."""


class FleetSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The fleet as a whole."""

    name: str = ""
    refresh: float = BASE_REFRESH
    """Seconds between two looks at what changes fastest; everything else is slower in proportion."""
    production: bool = False
    """Marked on every screen; also true for each of its instances."""
    simulated: bool = False
    """Marks the console SIMULATED; the tools' own variables are then not looked at."""


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """From where on something is a finding."""

    restarts: int = 3
    """Restarts of one task within an hour."""
    failed_executions: int = 3
    """Failed replication executions of one policy in a row."""
    gc_overdue_factor: float = 1.5
    """Schedule intervals since the last successful garbage collection."""
    memory_percent: float = 90.0
    """Of a task's hard limit."""
    bucket_percent: float = 85.0
    """Of a bucket's quota."""
    clock_skew: float = 60.0
    """Seconds, either way."""


class HistorySettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the console remembers of what no backend keeps."""

    enabled: bool = True
    directory: str = ""
    """Empty: the state directory. One that is named may be shared by several people and hosts."""
    keep: int = 730
    """Days."""
    megabytes: int = 200
    """What one host and user may fill."""


class UiSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The screen."""

    theme: str = ""
    """Empty for the default theme."""
    mouse: bool = False
    timezone: str = "UTC"
    """A name of the time zone database, or ``local``."""
    restore: bool = True
    """False: every session begins on the fleet, unfiltered and unsorted."""


class PolicySettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the administrator of this machine decided in the system file; everything here only tightens."""

    read_only: bool = False
    """True: no session may ever leave read-only mode."""
    arming: bool = True
    """False: operator mode may not be armed."""
    tls_verify: bool = False
    """True: every certificate is verified, whatever the other files say."""
    minimum_refresh: float = 0.0
    """Seconds."""
    hooks: bool = True
    """False: no user commands are run."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a person configured, checked and complete. Holds references to secrets, never a secret."""

    fleet: FleetSettings = FleetSettings()
    instances: tuple[InstanceSettings, ...] = ()
    """In the order of the files; names are unique."""
    vault: VaultSettings | None = None
    """None when no address is known."""
    thresholds: Thresholds = Thresholds()
    history: HistorySettings = HistorySettings()
    ui: UiSettings = UiSettings()
    keys: dict[str, str] = {}
    """Keys by action id, as a person wrote them; the console checks them."""
    policy: PolicySettings = PolicySettings()
    warnings: tuple[str, ...] = ()
    """Sentences a person should read; none of them stops the console."""
    files: tuple[str, ...] = ()
    """The files that were read, lowest precedence first."""
    values: dict[str, str] = {}
    """Every value in effect as text, by its key path (``instance.harbor-nas.url``); references instead of secrets."""
    sources: dict[str, Source] = {}
    """Where each of ``values`` came from."""

    def instance(self, name: str) -> InstanceSettings | None:
        """The instance of that name, or None."""
        return next((each for each in self.instances if each.name == name), None)

    def only(self, name: str) -> Settings:
        """The same with no other instance than this one; raises :class:`~harbortui.config.errors.UnknownInstance`."""
        found = self.instance(name)
        if found is None:
            raise UnknownInstance(name, (each.name for each in self.instances))
        return msgspec.structs.replace(self, instances=(found,))
