"""From merged values to settings: what instances inherit, and what has to go together."""

from __future__ import annotations

from urllib.parse import urlsplit

from harbortui.config.errors import Problem
from harbortui.config.layers import Merged
from harbortui.config.schema import KeyPath
from harbortui.config.settings import (
    CredentialRef,
    FleetSettings,
    HarborSettings,
    HistorySettings,
    InstanceSettings,
    NomadSettings,
    Origin,
    StorageSettings,
    Thresholds,
    Tls,
    UiSettings,
    VaultSettings,
)


class Builder:
    """Builds each part and collects what is wrong (``problems``) or only worth saying (``warnings``)."""

    def __init__(self, merged: Merged) -> None:
        self.merged = merged
        self.problems: list[Problem] = []
        self.warnings: list[str] = []
        self.unverified = frozenset(merged.names(("tls", "unverified_hosts")))

    def fleet(self) -> FleetSettings:
        pick = self.merged
        return FleetSettings(
            name=pick.text(("fleet", "name")),
            refresh=pick.number(("fleet", "refresh")),
            production=pick.flag(("fleet", "production")),
            simulated=pick.flag(("fleet", "simulated")),
        )

    def thresholds(self) -> Thresholds:
        def of(key: str) -> float:
            return self.merged.number(("thresholds", key))

        return Thresholds(
            restarts=int(of("restarts")),
            failed_executions=int(of("failed_executions")),
            gc_overdue_factor=of("gc_overdue_factor"),
            memory_percent=of("memory_percent"),
            bucket_percent=of("bucket_percent"),
            clock_skew=of("clock_skew"),
        )

    def history(self) -> HistorySettings:
        pick = self.merged
        return HistorySettings(
            enabled=pick.flag(("history", "enabled")),
            directory=pick.text(("history", "directory")),
            keep=int(pick.number(("history", "keep"))),
            megabytes=int(pick.number(("history", "megabytes"))),
        )

    def ui(self) -> UiSettings:
        pick = self.merged
        return UiSettings(
            theme=pick.text(("ui", "theme")),
            mouse=pick.flag(("ui", "mouse")),
            timezone=pick.text(("ui", "timezone")),
            restore=pick.flag(("ui", "restore")),
        )

    def keys(self) -> dict[str, str]:
        return {path[1]: str(found.value) for path, found in self.merged.found.items() if path[0] == "keys"}

    def vault(self) -> VaultSettings | None:
        pick = self.merged
        address = pick.text(("vault", "address"))
        if not address:
            return None
        auth = pick.text(("vault", "auth"))
        settings = VaultSettings(
            address=address,
            namespace=pick.text(("vault", "namespace")),
            path=pick.text(("vault", "path")),
            auth=auth,
            token=self._vault_token() if auth == "token" else None,
            role_id=pick.text(("vault", "role_id")),
            secret_id=pick.reference(("vault", "secret_id")),
            username=pick.text(("vault", "username")),
            password=pick.reference(("vault", "password")),
            mount=pick.text(("vault", "mount")),
            tls=self._tls(("vault", "tls"), ("tls",), url=address),
            proxy=pick.text(("proxy", "vault")),
        )
        needs = {"approle": ("role_id", "secret_id"), "userpass": ("username",)}.get(auth, ())
        missing = [key for key in needs if not getattr(settings, key)]
        if missing:
            message = f'[vault] auth = "{auth}" needs {" and ".join(missing)}'
            self.problems.append(pick.problem(message, ("vault", "auth")))
        return settings

    def _vault_token(self) -> CredentialRef | None:
        pick = self.merged
        token, file = pick.pick(("vault", "token")), pick.pick(("vault", "token_file"))
        if token and file and pick.outranks(token, file) == 0:
            self.problems.append(
                pick.problem("[vault] token and token_file: give one of them", ("vault", "token_file"))
            )
        if file and isinstance(file.value, str) and not (token and pick.outranks(token, file) > 0):
            return CredentialRef(file=file.value)
        return pick.reference(("vault", "token"))

    def nomad(self) -> NomadSettings | None:
        """Nomad as the fleet has it, for when there is no instance yet."""
        return self._nomad(("instance", ""), self.merged.text(("vault", "path")))

    def instances(self, fleet: FleetSettings) -> tuple[InstanceSettings, ...]:
        return tuple(self._instance(name, fleet) for name in self.merged.instance_names())

    def _instance(self, name: str, fleet: FleetSettings) -> InstanceSettings:
        pick = self.merged
        at: KeyPath = ("instance", name)
        url = pick.text((*at, "url"))
        if not url:
            self.problems.append(pick.problem(f'[[instance]] {name!r} needs a url = "https://…"', at))
        vault_path = pick.text((*at, "vault_path"), ("vault", "path"))
        return InstanceSettings(
            name=name,
            url=url,
            external_url=pick.text((*at, "external_url")),
            job=pick.text((*at, "job")) or name,
            bucket=pick.text((*at, "bucket")),
            prefix=pick.text((*at, "prefix")),
            production=fleet.production or pick.flag((*at, "production")),
            harbor=self._harbor(at, url, vault_path),
            nomad=self._nomad(at, vault_path),
            storage=self._storage(at, vault_path),
        )

    def _harbor(self, at: KeyPath, url: str, vault_path: str) -> HarborSettings:
        pick = self.merged
        settings = HarborSettings(
            username=pick.reference((*at, "harbor", "username"), ("harbor", "username"), vault_path=vault_path),
            password=pick.reference((*at, "harbor", "password"), ("harbor", "password"), vault_path=vault_path),
            tls=self._tls((*at, "harbor", "tls"), ("harbor", "tls"), ("tls",), url=url),
            proxy=pick.text((*at, "proxy", "harbor"), ("proxy", "harbor")),
        )
        self._pair(settings.username, settings.password, ("username", "password"), at, "harbor")
        return settings

    def _nomad(self, at: KeyPath, vault_path: str) -> NomadSettings | None:
        pick = self.merged
        own = (*at, "nomad")
        address = pick.text((*own, "address"), ("nomad", "address"))
        if not address:
            return None
        token = pick.pick((*own, "token"), ("nomad", "token"))
        ref = pick.reference((*own, "token"), ("nomad", "token"), vault_path=vault_path)
        if token and token.source.origin is Origin.TOOL and (*own, "address") in pick.found:
            self.warnings.append(f"{at[1]}: NOMAD_TOKEN is not sent to this instance's own Nomad address")
            ref = None
        return NomadSettings(
            address=address,
            region=pick.text((*own, "region"), (*at, "region"), ("nomad", "region")),
            namespace=pick.text((*own, "namespace"), (*at, "namespace"), ("nomad", "namespace")),
            token=ref,
            tls=self._tls((*own, "tls"), ("nomad", "tls"), ("tls",), url=address),
            proxy=pick.text((*at, "proxy", "nomad"), ("proxy", "nomad")),
        )

    def _storage(self, at: KeyPath, vault_path: str) -> StorageSettings | None:
        pick = self.merged

        def paths(key: str) -> tuple[KeyPath, KeyPath]:
            return (*at, "storage", key), ("storage", key)

        endpoint = pick.text(*paths("endpoint"))
        if not endpoint or not pick.text((*at, "bucket")):
            return None
        settings = StorageSettings(
            endpoint=endpoint,
            region=pick.text(*paths("region")),
            access_key=pick.reference(*paths("access_key"), vault_path=vault_path),
            secret_key=pick.reference(*paths("secret_key"), vault_path=vault_path),
            metrics_token=pick.reference(*paths("metrics_token"), vault_path=vault_path),
            tls=self._tls(*paths("tls"), ("tls",), url=endpoint),
            proxy=pick.text((*at, "proxy", "storage"), ("proxy", "storage")),
        )
        self._pair(settings.access_key, settings.secret_key, ("access_key", "secret_key"), at, "storage")
        return settings

    def _pair(
        self, one: CredentialRef | None, other: CredentialRef | None, keys: tuple[str, str], at: KeyPath, table: str
    ) -> None:
        """Half of a credential is a mistake, not a reason to go on without."""
        if (one is None) == (other is None):
            return
        given, missing = keys if other is None else keys[::-1]
        path = next(path for path in ((*at, table, given), (table, given)) if path in self.merged.found)
        problem = self.merged.problem(f"[{table}] {given} without {missing} (instance {at[1]!r})", path)
        if all(each[:3] != problem[:3] for each in self.problems if path[0] != "instance"):
            self.problems.append(problem)

    def _tls(self, *levels: KeyPath, url: str) -> Tls:
        pick = self.merged

        def of(key: str) -> str:
            return pick.text(*((*level, key) for level in levels))

        tls = Tls(
            verify=pick.flag(*((*level, "verify") for level in levels)),
            ca_file=of("ca_file"),
            ca_path=of("ca_path"),
            client_cert=of("client_cert"),
            client_key=of("client_key"),
            server_name=of("server_name"),
        )
        if not tls.verify and url.startswith("https://"):
            self._unverified(url, levels)
        return tls

    def _unverified(self, url: str, levels: tuple[KeyPath, ...]) -> None:
        parts = urlsplit(url)
        if {parts.netloc, parts.hostname} & self.unverified:
            warning = f"the certificate of {parts.netloc} is not verified, as the configuration says"
        else:
            found = self.merged.pick(*((*level, "verify") for level in levels))
            path = found.path if found else ("tls", "verify")
            hint = f'add unverified_hosts = ["{parts.netloc}"] to [tls] if you mean it'
            problem = self.merged.problem(f"verify = false needs the host {parts.netloc} named", path, hint)
            if problem not in self.problems:
                self.problems.append(problem)
            return
        if warning not in self.warnings:
            self.warnings.append(warning)
