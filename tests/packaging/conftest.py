"""A wheel built from the checkout and installed, without a network, into an environment of its own outside of it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60.0


def build(source: Path, target: str, folder: Path) -> Path:
    """Build ``wheel`` or ``sdist`` of a source tree with the build tool that stands here; the one file it makes."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = folder.iterdir()
    return made


@dataclass(frozen=True, slots=True)
class Installed:
    """The installed wheel and an empty place to run it from."""

    prefix: Path
    """The environment."""
    empty: Path
    """An empty folder: home and working directory."""

    @property
    def python(self) -> str:
        """Its interpreter."""
        return str(self.prefix / "bin" / "python")

    @property
    def harbortui(self) -> str:
        """The command as a person has it."""
        return str(self.prefix / "bin" / "harbortui")

    @property
    def environ(self) -> dict[str, str]:
        """A new person's environment: nothing of ours, of Python or of the tools, and an empty home."""
        ours = ("HARBORTUI_", "PYTHON", "VAULT_", "NOMAD_", "XDG_", "VIRTUAL_ENV", "COV_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return {**kept, "HOME": str(self.empty), "LC_ALL": "C.UTF-8"}

    def run(self, *command: str, environ: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, outside the checkout."""
        return subprocess.run(
            command,
            cwd=self.empty,
            env={**self.environ, **(environ or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel in a new environment that borrows this one's dependencies.

    They come through a .pth file: a folder named there is put on the path, but its own .pth files are not read, so that
    an editable installation here cannot lead back into the checkout.
    """
    prefix = tmp_path_factory.mktemp("installed") / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(prefix)], timeout=SECONDS, check=True)
    place = Installed(prefix, tmp_path_factory.mktemp("elsewhere"))
    (site,) = (prefix / "lib").glob("python*/site-packages")
    borrowed = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    (site / "borrowed.pth").write_text("".join(f"{path}\n" for path in borrowed))
    pip = [sys.executable, "-m", "pip", "--python", place.python, "install"]
    options = ["--quiet", "--no-index", "--no-deps", "--ignore-installed", "--disable-pip-version-check"]
    done = subprocess.run([*pip, *options, str(wheel)], capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return place
