"""A home directory of its own for a watched ``harbortui``, on a pty or as a plain command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.ptyharness import Terminal
from tests.safety.program import SECRET_VARIABLE

ROOT = str(Path(__file__).resolve().parents[2])
RUN_SECONDS = 60.0
_INHERITED = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE")


class Home:
    """Where a person of the test lives; everything ``harbortui`` writes lands beneath it."""

    def __init__(self, path: Path, **variables: str) -> None:
        self.path = path
        self.log = path.parent / f"{path.name}.events"
        path.mkdir(exist_ok=True)
        self.variables = {
            "HOME": str(path),
            "XDG_STATE_HOME": str(path / "state"),
            "XDG_CONFIG_HOME": str(path / "config"),
            "XDG_CACHE_HOME": str(path / "cache"),
            "XDG_RUNTIME_DIR": str(path),
            "TMPDIR": str(path),
            **variables,
        }

    def terminal(self, *arguments: str, faults: str = "-", secret: str = "", **options: int) -> Terminal:
        """``harbortui`` on a pty."""
        environ = {**self.variables, SECRET_VARIABLE: secret}
        return Terminal(self._command(faults, arguments), environ=environ, cwd=ROOT, **options)  # type: ignore[arg-type]

    def run(self, *arguments: str, faults: str = "-", secret: str = "") -> subprocess.CompletedProcess[bytes]:
        """``harbortui`` as a command, to its end."""
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        environ = {**inherited, **self.variables, SECRET_VARIABLE: secret}
        command = self._command(faults, arguments)
        return subprocess.run(
            command,
            env=environ,
            cwd=ROOT,
            capture_output=True,
            timeout=RUN_SECONDS,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def files(self, pattern: str = "**/*") -> Iterator[Path]:
        """Every file that was written."""
        return (each for each in sorted(self.path.glob(pattern)) if each.is_file())

    def events(self) -> list[str]:
        """What the process and its forks did, as the interpreter's audit events tell it."""
        return self.log.read_text("utf-8", "replace").splitlines()

    def _command(self, faults: str, arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "tests.safety.program", str(self.log), faults, "--", *arguments]
