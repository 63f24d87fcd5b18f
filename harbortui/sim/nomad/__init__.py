"""The simulated Nomad: HTTP API /v1 as agents of Nomad 1.8 and newer speak it."""

from __future__ import annotations

from harbortui.sim.nomad.application import app

__all__ = ["app"]
