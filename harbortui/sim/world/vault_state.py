"""What Vault holds for the fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harbortui.sim.world.options import S3_ACCESS_KEY, VAULT_PATH

if TYPE_CHECKING:
    from harbortui.sim.vault.tokens import Token
    from harbortui.sim.world.world import World

TOKEN_TTL = 30 * 86_400


class VaultState:
    """A KV version 2 store: path with "data/" -> keys.

    Switches for tests and faults: `sealed`, `initialized`, `mode` ("active", "standby", "performance", "dr") and
    `deleted` (path -> when its newest version was deleted; `destroyed` when for good). `tokens` are those that were
    given, by their values.
    """

    def __init__(self, world: World) -> None:
        s = world.secrets
        self._start = world.options.start
        self.sealed = False
        self.initialized = True
        self.mode = "active"
        self.deleted: dict[str, float] = {}
        self.destroyed: set[str] = set()
        self.tokens: dict[str, Token] = {}
        self.token_accessor = "8609694a-cdbc-db9b-d345-e782dbb562ed"
        self.data: dict[str, dict[str, str]] = {
            VAULT_PATH: {
                "db_password": s.db_password,
                "admin_password": s.admin_password,
                "console_password": s.console_password,
                "robot_secret": s.robot_secret,
                "nomad_token": s.nomad_operator_token,
                "nomad_read_token": s.nomad_read_token,
                "s3_access_key": S3_ACCESS_KEY,
                "s3_secret_key": s.s3_secret_key,
            }
        }

    def metadata(self, path: str) -> tuple[int, float]:
        """Version and creation time (unix seconds) of a secret; KeyError when it is not there."""
        keys = self.data[path]
        return len(keys) % 5 + 1, self._start - 20 * 86_400.0

    def token_ttl(self, now: float) -> int:
        """Seconds the console's token still lives."""
        return max(0, int(TOKEN_TTL - (now - self._start)))
