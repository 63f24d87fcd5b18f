"""``harbortui`` as it is, watched: ``python -m tests.safety.program LOG FAULTS -- ARGUMENTS``.

LOG gets one line for each connection, name look-up, started program and opened file of the process and its forks, from
the interpreter's own audit events. FAULTS names methods (``module:Class.method``, comma separated, or ``-``) that raise
an error with secrets in its message and in local variables.
"""

from __future__ import annotations

import importlib
import inspect
import os
import resource
import sys
from collections.abc import Callable
from typing import Any

SECRET_VARIABLE = "HARBORTUI_TEST_SECRET"
_EVENTS = (
    *("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.bind"),
    *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "open"),
)


def watch(log: str) -> None:
    """Write the events to a file from here on, forks included."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _EVENTS:
            shown = arguments[1:] if event.startswith("socket.c") else arguments
            os.write(descriptor, f"{event} {shown!r}\n".encode("utf-8", "replace"))

    sys.addaudithook(hook)


_FAILING = """
def fail():
    headers = {"Authorization": f"Bearer {value}", "X-Vault-Token": value}
    raise RuntimeError(f"injected: {value} in {headers}")
"""


def _failing(where: str) -> Callable[[], None]:
    """A function that raises at a place of its own: reports of one place are written once."""
    scope: dict[str, Any] = {"value": os.environ[SECRET_VARIABLE]}
    exec(compile(_FAILING, where, "exec"), scope)
    failing: Callable[[], None] = scope["fail"]
    return failing


def plant(where: str) -> None:
    """Let this method raise."""
    module, _, path = where.partition(":")
    owner: Any = importlib.import_module(module)
    *outer, name = path.split(".")
    for each in outer:
        owner = getattr(owner, each)
    original = getattr(owner, name)
    fail = _failing(where)

    async def broken_coroutine(*_: Any, **__: Any) -> None:
        fail()

    async def broken_generator(*_: Any, **__: Any) -> Any:
        fail()
        yield None

    def broken(*_: Any, **__: Any) -> None:
        fail()

    if inspect.isasyncgenfunction(original):
        setattr(owner, name, broken_generator)
    else:
        setattr(owner, name, broken_coroutine if inspect.iscoroutinefunction(original) else broken)


def main(argv: list[str]) -> int:
    """Watch, plant, and be ``harbortui``."""
    log, faults, _, *arguments = argv
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    for each in faults.split(","):
        if each != "-":
            plant(each)
    watch(log)
    from harbortui.cli.main import main as harbortui

    return harbortui(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
