"""`harbortui doctor` on a simulated fleet with credentials of one's choice; every output is searched for secrets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from harbortui.cli.main import main
from harbortui.config.load import Places
from harbortui.sim.thread import SimThread
from tests.safety.scanner import Scanner

DOCS = Path(__file__).parents[2] / "docs"
SCHEMA = json.loads((DOCS / "doctor.schema.json").read_text("utf-8"))


class Told:
    """What one run said and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found

    def part(self, source: str, instance: str = "") -> dict[str, Any]:
        """The part of a source, of one instance when there are several."""
        found: dict[str, Any] = next(
            part
            for part in self.document["parts"]
            if part["source"] == source and (not instance or instance in part["instances"])
        )
        return found

    def checks(self, source: str, instance: str = "") -> dict[str, dict[str, Any]]:
        """The checks of a part by their id, the worst of each."""
        order = ("ok", "note", "warning", "missing")
        rows = sorted(self.part(source, instance)["checks"], key=lambda row: order.index(row["level"]))
        return {row["id"]: row for row in rows}

    def texts(self, source: str, level: str) -> list[str]:
        """What a source says at a level."""
        return [
            check["text"]
            for part in self.document["parts"]
            if part["source"] == source
            for check in part["checks"]
            if check["level"] == level
        ]

    def blind(self) -> dict[str, dict[str, Any]]:
        """What is blind, by its name; of one instance."""
        return {row["name"]: row for row in self.document["blind"]}

    def grant(self, system: str, role: str) -> str:
        """The text of a policy."""
        return next(row["text"] for row in self.document["grants"] if (row["system"], row["role"]) == (system, role))


class Site:
    """A simulated fleet and the files of one person."""

    def __init__(self, sim: SimThread, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.sim, self.folder, self._capsys = sim, folder, capsys
        self.scanner = Scanner(sim.world.secrets.all())

    def secret(self, name: str, value: str, mode: int = 0o600) -> str:
        """A file with a secret, as a reference in TOML."""
        path = self.folder / name
        path.write_text(value + "\n")
        path.chmod(mode)
        return f"{{ file = {json.dumps(str(path))} }}"

    def config(self, mode: int = 0o600, instances: int = 1, **given: str) -> Path:
        """A configuration of least privilege; ``given`` puts other TOML values in place of its own, "" leaves out."""
        secrets, sim = self.sim.world.secrets, self.sim
        robot = sim.world.options.console_user
        keys: dict[str, Mapping[str, str]] = {
            "nomad": {
                "address": json.dumps(sim.url("nomad")),
                "token": self.secret("nomad", secrets.nomad_read_token),
            },
            "storage": {
                "endpoint": json.dumps(sim.url("s3")),
                "access_key": '"console-readonly"',
                "secret_key": self.secret("s3", secrets.s3_readonly_secret),
            },
            "harbor": {
                "username": json.dumps(robot),
                "password": self.secret("harbor", secrets.console_password),
            },
            "vault": {},
        }
        lines = []
        for table, values in keys.items():
            merged = dict(values) | {
                name.removeprefix(f"{table}_"): value for name, value in given.items() if name.startswith(f"{table}_")
            }
            rows = [f"{key} = {value}" for key, value in merged.items() if value]
            lines += (
                [f"[{table}]", *rows]
                if rows and not (table == "nomad" and "nomad_address" in given and not given["nomad_address"])
                else []
            )
        for each in sim.world.instances[:instances]:
            lines += [
                "[[instance]]",
                f"name = {json.dumps(each.name)}",
                f"url = {json.dumps(sim.url(f'harbor:{each.name}'))}",
            ]
            lines += [f"job = {given.get('job') or json.dumps(each.job_id)}"]
            lines += [f"bucket = {given.get('bucket') or json.dumps(each.bucket_name)}"]
            lines += [f"prefix = {given.get('prefix') or json.dumps('registry')}"]
        path = self.folder / "fleet.toml"
        path.write_text("\n".join(lines) + "\n")
        path.chmod(mode)
        return path

    def doctor(self, config: Path, *arguments: str, form: str = "json") -> Told:
        """One run."""
        code = main(["doctor", "--config", str(config), "--format", form, *arguments], places=Places.nowhere())
        captured = self._capsys.readouterr()
        told = Told(code, captured.out, captured.err)
        assert self.scanner.find(told.out + told.err) == set()
        if form == "json" and told.out:
            jsonschema.validate(told.document, SCHEMA)
        return told
