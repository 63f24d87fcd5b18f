"""What can be said on the command line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harbortui.cli.parsers import parser

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harbortui.model.secret import Secret


@dataclass(slots=True)
class Arguments:
    """The command line, read; texts are as given."""

    command: str = "console"
    """``console``, ``check``, ``doctor``, ``init``, ``usage``, ``history``, ``demo``, ``config`` or ``version``."""
    config: str | None = None
    instance: str | None = None
    snapshot: str | None = None
    """A snapshot file to show instead of a living fleet."""
    theme: str | None = None
    mouse: bool = False
    fresh: bool = False
    """Begin without the last session's view."""
    history: str | None = None
    """A directory in place of the state directory's history."""
    record: bool = False
    """Whether ``check`` or ``usage`` adds what it saw to the history."""
    format: str = "text"
    """Of ``check`` (one of FORMATS), ``config show``, ``doctor``, ``usage`` and ``history`` (text or json)."""
    save: str | None = None
    """Where ``check`` writes the snapshot."""
    timeout: float = 20.0
    """Seconds ``check`` and ``doctor`` may take in all, and ``usage`` beside counting."""
    count: bool = False
    """``usage`` counts each bucket."""
    sample: int | None = None
    """``usage`` estimates each bucket from so many of 256 prefixes."""
    projects: bool = False
    """``usage`` tells what each project uses, and asks no object store."""
    repositories: str | None = None
    """``usage`` sums the repositories of this project."""
    role: str = "viewer"
    """Of ``doctor``: one of ROLES."""
    grants: bool = False
    """``doctor`` prints every policy of the role, also those that need no change."""
    output: str | None = None
    """The file that ``init`` writes; the user file when it is not said."""
    nomad: str | None = None
    """The Nomad address that ``init`` asks; else NOMAD_ADDR or the configuration's."""
    namespace: str = "*"
    """Where ``init`` looks for jobs."""
    prefix: str = ""
    """The beginning of the names of the jobs that ``init`` looks at."""
    dry_run: bool = False
    yes: bool = False
    serve: bool = False
    write_config: str | None = None
    instances: int = 3
    seed: int = 1
    speed: float = 1.0
    harbor_version: str = "2.11"
    provider: str = "minio"
    vault_password: Secret | None = None
    """What the person typed when Vault's userpass login asks for it; never on the command line."""

    def flags(self) -> dict[str, str]:
        """The flags that set a key of the configuration, as texts."""
        given = {
            "--theme": self.theme,
            "--mouse": "true" if self.mouse else None,
            "--history": self.history,
        }
        return {flag: text for flag, text in given.items() if text is not None}


def parse(argv: Sequence[str]) -> Arguments:
    """The command line as :class:`Arguments`; wrong usage ends the process as the command promises."""
    given = vars(parser(argv).parse_args(argv))
    given.pop("config_command", None)
    if given.get("command") is None:
        given["command"] = "console"
    return Arguments(**given)
