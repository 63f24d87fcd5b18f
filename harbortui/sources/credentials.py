"""A name and the secret that goes with it."""

from __future__ import annotations

from dataclasses import dataclass

from harbortui.model.secret import Secret


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a backend is asked with: a Harbor user or robot and its secret, or an S3 access key and its secret key."""

    user: str
    secret: Secret
