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
