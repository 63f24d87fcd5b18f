"""The commands of the bundled runbooks, and bash to try them in."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from harbortui.runbooks.catalogue import runbooks
from harbortui.runbooks.document import parse
from harbortui.runbooks.names import PLACEHOLDERS

NEUTRAL = {name: f"Z{name}Z" for name in PLACEHOLDERS}
"""Names that need no quoting and cannot be mistaken for anything else."""
BASH = shutil.which("bash") or "/bin/bash"


class Command(NamedTuple):
    """One command, and the section of the second level that it stands in."""

    page: str
    section: str
    text: str


def commands() -> list[Command]:
    """All commands of all pages, placeholders and all."""
    found = []
    for book in runbooks().values():
        section = ""
        for part in parse(book.body):
            if part.kind == "heading" and part.level == 2:
                section = part.runs[0].text
            elif part.kind == "command":
                found.append(Command(book.id, section, part.text))
    return found


def bash(*arguments: str, cwd: Path, environ: Mapping[str, str], text: str = "") -> subprocess.CompletedProcess[str]:
    """Run bash with nothing of ours in its environment."""
    return subprocess.run(
        [BASH, "--norc", "--noprofile", *arguments],
        cwd=cwd,
        env=dict(environ),
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
