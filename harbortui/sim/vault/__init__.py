"""The simulated Vault: KV version 2 at kv/, tokens, AppRole and userpass logins, health and seal."""

from __future__ import annotations

from harbortui.sim.vault.server import app

__all__ = ["app"]
