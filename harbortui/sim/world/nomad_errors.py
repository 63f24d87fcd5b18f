"""The error that Nomad's operations raise."""

from __future__ import annotations


class NomadError(Exception):
    """A refusal with the HTTP status and the plain text Nomad answers."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
