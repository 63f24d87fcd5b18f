"""Starting the engine: by fork before anything else runs, and by a fresh interpreter when it has to be started again.

Only what a fork needs is imported here, because this module loads before the first paint.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harbortui.config.settings import Settings
    from harbortui.model.secret import Secret

HANDOVER_SECONDS = 10.0
"""A new interpreter that has not read its settings by then never will."""


@dataclass(frozen=True, slots=True)
class EngineEnd:
    """The console's end of a running engine."""

    sock: socket.socket
    pid: int


def fork_engine(settings: Settings, vault_password: Secret | None = None) -> EngineEnd:
    """Fork the engine with the settings already read; call it before any thread runs and before Textual is imported.

    Raises OSError when the system gives no process or socket.
    """
    console, engine = socket.socketpair()
    console_pid = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        _run_child(console, engine, settings, vault_password, console_pid)
    engine.close()
    return EngineEnd(console, pid)


def respawn_engine(settings: Settings, vault_password: Secret | None = None) -> EngineEnd:
    """Start an engine in a new interpreter; a console full of threads must not fork.

    The settings travel as the first bytes on the socket, never as arguments that ``ps`` shows.
    Raises OSError when the system gives no process or socket.
    """
    from harbortui.engine.handover import Handover, encode_handover

    body = encode_handover(Handover(settings, vault_password))
    console, engine = socket.socketpair()
    try:
        pid = _spawn(engine)
    except OSError:
        console.close()
        raise
    finally:
        engine.close()
    try:
        console.settimeout(HANDOVER_SECONDS)
        console.sendall(len(body).to_bytes(4, "big") + body)
        console.settimeout(None)
    except OSError:
        console.close()
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise
    return EngineEnd(console, pid)


def _spawn(engine: socket.socket) -> int:
    # -P: the folder that the person happens to stand in is no place to import from.
    arguments = [sys.executable, "-P", "-m", "harbortui.engine", str(engine.fileno()), str(os.getpid())]
    null = os.open(os.devnull, os.O_RDWR)
    os.set_inheritable(engine.fileno(), True)
    try:
        actions = [(os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1, 2)]
        return os.posix_spawn(sys.executable, arguments, os.environ, file_actions=actions)
    finally:
        os.close(null)


def _run_child(
    console: socket.socket, engine: socket.socket, settings: Settings, vault_password: Secret | None, console_pid: int
) -> None:
    """The forked side; never returns to the console's code, whatever happens."""
    status = 1
    try:
        console.close()
        from harbortui.engine.handover import Handover
        from harbortui.engine.process import serve

        status = serve(engine, Handover(settings, vault_password), console_pid)
    finally:
        os._exit(status)
