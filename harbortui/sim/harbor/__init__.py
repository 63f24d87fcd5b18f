"""The Harbor of one instance behind its nginx, as one aiohttp application: `app(world, instance, options)`."""

from __future__ import annotations

from harbortui.sim.harbor.server import app

__all__ = ["app"]
