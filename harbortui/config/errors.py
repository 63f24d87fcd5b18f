"""What is wrong with a configuration, said so that a person can mend it.

::

    ConfigError          one or more problems, each with file and line
    ├── NoConfig         no file was found at any place
    └── UnknownInstance  an instance was asked for that is not configured
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import NamedTuple


class Problem(NamedTuple):
    """One thing that is wrong. No text here ever repeats a value of the file: it could be a secret."""

    message: str
    file: str = ""
    line: int | None = None
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.line else f"{self.file}: " if self.file else ""
        return f"{place}{self.message}" + (f" ({self.hint})" if self.hint else "")


class ConfigError(Exception):
    """The configuration cannot be used; nothing was started."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class NoConfig(ConfigError):
    """There is no configuration file; ``places`` are the paths that were looked at."""

    def __init__(self, places: Iterable[str]) -> None:
        self.places = tuple(places)
        super().__init__([Problem(f"no configuration found; looked at {', '.join(self.places) or 'nothing'}")])


class UnknownInstance(ConfigError):
    """An instance was asked for that is not in the configuration."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        names = tuple(known)
        hint = nearest(name, names) or f"there are {', '.join(names[:8])}{', …' if len(names) > 8 else ''}"
        super().__init__([Problem(f"no instance is named {name!r}", hint=hint)])


def nearest(word: str, known: Iterable[str]) -> str:
    """``did you mean 'x'?`` for the most similar known word, or an empty string."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean {found[0]!r}?" if found else ""
