"""``harbortui check`` as a process on the live object store, beside a Harbor that does not answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live.s3_open import reader
from tests.live.settings import LiveS3

NOBODY = "http://127.0.0.1:9"
"""The discard port, where no Harbor is."""


def configured(live_s3: LiveS3, folder: Path, bucket: str, secret: str) -> Path:
    """A configuration of one instance with this bucket."""
    file = folder / "secret"
    file.touch(mode=0o600)
    file.write_text(secret)
    lines = [
        "[storage]",
        f"endpoint = {json.dumps(live_s3.url)}",
        f"region = {json.dumps(live_s3.region)}",
        f"access_key = {json.dumps(reader(live_s3).user)}",
        f"secret_key = {{ file = {json.dumps(str(file))} }}",
    ]
    if live_s3.get("CA"):
        lines += ["[storage.tls]", f"ca_file = {json.dumps(live_s3.get('CA'))}"]
    lines += ["[[instance]]", 'name = "live"', f"url = {json.dumps(NOBODY)}", f"bucket = {json.dumps(bucket)}"]
    config = folder / "config.toml"
    config.touch(mode=0o600)
    config.write_text("\n".join(lines) + "\n")
    return config


def check(config: Path, form: str) -> str:
    """What one run prints, without anything of this user's own surroundings."""
    home = config.parent
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(home), "XDG_CONFIG_HOME": str(home / "none")}
    command = [sys.executable, "-m", "harbortui", "check", "--config", str(config), "--format", form]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode in (2, 3), run.stderr  # Harbor itself does not answer
    return run.stdout


def bucket_rules(document: str) -> list[str]:
    rules = [each["rule"] for each in json.loads(document)["findings"]]
    return [rule for rule in rules if rule.startswith(("bucket", "store"))]


def test_a_bucket_that_is_well_is_no_finding(live_s3: LiveS3, tmp_path: Path) -> None:
    config = configured(live_s3, tmp_path, live_s3.bucket, reader(live_s3).secret.reveal())
    document = check(config, "json")
    facet = json.loads(document)["instances"][0]["facets"]["bucket"]
    assert (facet["error"], facet["detail"]) == (None, None)
    assert set(bucket_rules(document)) <= {"bucket-full"}


def test_a_wrong_secret_is_said_and_never_shown(live_s3: LiveS3, tmp_path: Path) -> None:
    wrong = "a-secret-that-is-not-the-stores-0000000"
    config = configured(live_s3, tmp_path, live_s3.bucket, wrong)
    assert bucket_rules(check(config, "json")) == ["bucket-refused"]
    text = check(config, "text")
    assert "the secret key is wrong" in text
    assert all(wrong not in check(config, form) for form in ("text", "json", "prometheus", "nagios"))


def test_a_missing_bucket_is_said(live_s3: LiveS3, tmp_path: Path) -> None:
    secret = reader(live_s3).secret.reveal()
    config = configured(live_s3, tmp_path, "harbortui-live-no-such-bucket", secret)
    assert bucket_rules(check(config, "json"))[0] in ("bucket-missing", "bucket-refused")


@pytest.mark.parametrize("form", ["text", "json", "prometheus", "nagios"])
def test_no_format_shows_the_secret(live_s3: LiveS3, tmp_path: Path, form: str) -> None:
    secret = reader(live_s3).secret.reveal()
    printed = check(configured(live_s3, tmp_path, live_s3.bucket, secret), form)
    assert printed and secret not in printed
