"""A simulated Harbor fleet: real HTTP servers on loopback before one consistent world."""

from __future__ import annotations
