"""Exceptions of our own transports, raised below the client libraries and mapped to failures like theirs."""

from __future__ import annotations


class Refusal(Exception):
    """Our side ended a call; the text is ours and holds no secret."""


class TooLarge(Refusal):
    """The body, decoded, is larger than its cap."""

    def __init__(self, cap: int) -> None:
        super().__init__(f"the answer is larger than {cap} bytes")


class Redirected(Refusal):
    """A redirect was answered; none is ever followed, since the token would travel along."""

    def __init__(self, target: str, status: int) -> None:
        super().__init__(f"redirected to {target}" if target else "redirected without a target")
        self.status = status


class LoginPage(Refusal):
    """A login or error page in HTML where an API's answer was due, with a status that claims success."""

    def __init__(self, host: str, status: int) -> None:
        super().__init__(f"a login page answered at {host}")
        self.status = status


class Overdue(Refusal):
    """The answer took longer in all than the total deadline, however steadily it dripped."""
