"""Asking the person for a secret, before the console takes the terminal."""

from __future__ import annotations

import sys

from harbortui.model.secret import Secret


def ask_vault_password(username: str, address: str) -> Secret | None:
    """The password typed at the terminal without echo; None when there is no terminal or nothing was typed."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    from getpass import getpass

    try:
        typed = getpass(f"Vault password of {username} at {address} (empty to go without): ", stream=sys.stderr)
    except EOFError:
        return None
    return Secret(typed) if typed else None


def ask_line(question: str, default: str) -> str | None:
    """A line typed at the terminal, the default for an empty one; None when there is no terminal or input ended."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    shown = f" [{default}]" if default else ""
    print(f"{question}{shown}: ", end="", file=sys.stderr, flush=True)
    typed = sys.stdin.readline()
    return (typed.strip() or default) if typed else None
