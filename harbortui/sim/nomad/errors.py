"""Nomad's refusals: a status and a plain text (hashicorp/nomad command/agent/http.go never writes JSON errors)."""

from __future__ import annotations


class Refused(Exception):
    """An answer that is not the one asked for; `text` is the whole body."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


def bad_request(text: str) -> Refused:
    """400 with Nomad's words."""
    return Refused(400, text)


def not_found(text: str) -> Refused:
    """404 with Nomad's words."""
    return Refused(404, text)


def internal(text: str) -> Refused:
    """500: everything that Nomad has no status for."""
    return Refused(500, text)


def permission_denied() -> Refused:
    """403 of an ordinary call; streams answer 500 with the same text."""
    return Refused(403, "Permission denied")


def unknown_allocation(alloc_id: str) -> Refused:
    """404 of the client endpoints."""
    return Refused(404, f'Unknown allocation "{alloc_id}"')
