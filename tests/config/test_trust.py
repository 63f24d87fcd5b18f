"""Files that others could have written are not believed; the policy is only the administrator's and only tightens."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from harbortui.config.credentials import resolve_local
from harbortui.config.errors import ConfigError
from harbortui.config.load import Places, load
from harbortui.config.settings import CredentialRef, Origin
from harbortui.config.trust import Mistrust, check_mode, check_parent, config_rules, policy_rules, secret_rules
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.secret import Secret
from tests.config.conftest import MINIMAL, Write


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666, 0o777])
def test_a_config_that_others_can_change_is_refused(write: Write, mode: int) -> None:
    with pytest.raises(ConfigError, match=r"can be changed by others; run: chmod go-w"):
        load(config=write(MINIMAL, mode=mode), environ={}, places=Places.nowhere())


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o400])
def test_a_config_that_others_can_only_read_is_fine(write: Write, mode: int) -> None:
    assert load(config=write(MINIMAL, mode=mode), environ={}, places=Places.nowhere()).instances


@pytest.mark.parametrize(
    ("mode", "uid", "believed"),
    [(0o600, 1000, True), (0o400, 0, True), (0o600, 1001, False), (0o640, 1000, False), (0o604, 1000, False)],
)
def test_who_may_own_a_secret(mode: int, uid: int, believed: bool) -> None:
    if believed:
        check_mode(stat.S_IFREG | mode, uid, secret_rules(1000), "f")
    else:
        with pytest.raises(Mistrust):
            check_mode(stat.S_IFREG | mode, uid, secret_rules(1000), "f")


def test_only_regular_files() -> None:
    with pytest.raises(Mistrust, match="not a regular file"):
        check_mode(stat.S_IFIFO | 0o600, 0, config_rules(0), "f")


def test_directories_that_everybody_can_change() -> None:
    with pytest.raises(Mistrust, match="by everybody"):
        check_parent(0o777, 0, config_rules(0), "d")
    check_parent(0o1777, 0, config_rules(0), "d")
    with pytest.raises(Mistrust, match="belong to root"):
        check_parent(0o755, 1000, policy_rules(), "d")
    with pytest.raises(Mistrust, match="belong to root"):
        check_parent(0o775, 0, policy_rules(), "d")


def test_credentials_of_this_machine(write: Write) -> None:
    path = write("s3cret-value\r\nsecond line\n", "secret")
    assert resolve_local(CredentialRef(file=str(path))) == Secret("s3cret-value")
    assert resolve_local(CredentialRef(env="X"), environ={"X": " v "}) == Secret("v")
    assert resolve_local(CredentialRef(plain="ops")) == Secret("ops")
    with pytest.raises(ValueError, match="Vault source"):
        resolve_local(CredentialRef(vault="kv/data/x", key="y"))


@pytest.mark.parametrize(
    ("text", "mode", "kind", "word"),
    [
        ("x", 0o644, FailureKind.LOCAL, "chmod 600"),
        ("x", 0o660, FailureKind.LOCAL, "chmod 600"),
        ("", 0o600, FailureKind.NO_CREDENTIALS, "empty"),
        ("\nx", 0o600, FailureKind.NO_CREDENTIALS, "empty"),
        ("a\x1bb", 0o600, FailureKind.LOCAL, "control characters"),
    ],
)
def test_secret_files_that_are_not_used(write: Write, text: str, mode: int, kind: FailureKind, word: str) -> None:
    found = resolve_local(CredentialRef(file=str(write(text, "secret", mode))), now=7.0)
    assert isinstance(found, Failure)
    assert (found.kind, found.at) == (kind, 7.0) and word in found.detail


def test_missing_credentials_say_so(tmp_path: Path) -> None:
    missing = resolve_local(CredentialRef(file=str(tmp_path / "none")))
    unset = resolve_local(CredentialRef(env="NOT_SET"), environ={})
    assert isinstance(missing, Failure) and missing.kind is FailureKind.NO_CREDENTIALS
    assert isinstance(unset, Failure) and "NOT_SET" in unset.detail


def test_a_pipe_does_not_hang_us(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    found = resolve_local(CredentialRef(file=str(tmp_path / "pipe")))
    assert isinstance(found, Failure) and "not a regular file" in found.detail


def test_a_link_is_followed_when_it_is_ours_and_its_target_is_checked(write: Write, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(write("value-1", "secret"))
    assert resolve_local(CredentialRef(file=str(tmp_path / "link"))) == Secret("value-1")
    (tmp_path / "secret").chmod(0o644)
    assert isinstance(resolve_local(CredentialRef(file=str(tmp_path / "link"))), Failure)


POLICY = "[policy]\nread_only = true\narming = false\ntls_verify = true\nminimum_refresh = '30s'\nhooks = false\n"
LOOSE = (
    "[fleet]\nrefresh = 10\n[tls]\nverify = false\nunverified_hosts = ['one.example.org', 'v']\n"
    "[vault]\naddress = 'https://v'\n" + MINIMAL
)


def test_the_policy_tightens_last(write: Write, places: Places) -> None:
    write(POLICY, "etc/config.toml", 0o644)
    write(LOOSE, "user/config.toml")
    settings = load(environ={"HARBORTUI_REFRESH": "11"}, places=places)
    assert settings.policy.read_only and not settings.policy.arming and not settings.policy.hooks
    assert settings.fleet.refresh == 30.0
    assert settings.vault and settings.vault.tls.verify and settings.instances[0].harbor.tls.verify
    assert settings.sources["fleet.refresh"].origin is Origin.POLICY
    assert settings.values["tls.verify"] == "true" and settings.sources["tls.verify"].origin is Origin.POLICY
    assert any("overruled" in each for each in settings.warnings)
    assert not any("is not verified" in each for each in settings.warnings)


def test_the_policy_never_loosens(write: Write, places: Places) -> None:
    write("[policy]\nread_only = false\ntls_verify = false\nminimum_refresh = 0\n", "etc/config.toml", 0o644)
    write("[fleet]\nrefresh = 60\n" + MINIMAL, "user/config.toml")
    settings = load(environ={}, places=places)
    assert settings.fleet.refresh == 60.0
    assert settings.instances[0].harbor.tls.verify


def test_a_named_file_does_not_escape_the_policy(write: Write, places: Places) -> None:
    write(POLICY, "etc/config.toml", 0o644)
    assert load(config=write(MINIMAL, "named.toml"), environ={}, places=places).policy.read_only


def test_a_policy_in_a_directory_that_others_change_is_refused(write: Write, places: Places) -> None:
    write(POLICY + MINIMAL, "etc/config.toml", 0o644).parent.chmod(0o775)
    with pytest.raises(ConfigError, match=r"\[policy\] is refused"):
        load(environ={}, places=places)


def test_a_policy_that_is_not_the_administrators_is_refused(write: Write, places: Places) -> None:
    if os.geteuid() != 0:
        places = places._replace(administrator=0)
    path = write(POLICY + MINIMAL, "etc/config.toml", 0o644)
    if os.geteuid() == 0:
        os.chown(path, 12345, 12345)
    with pytest.raises(ConfigError, match="belongs to user id"):
        load(environ={}, places=places)
