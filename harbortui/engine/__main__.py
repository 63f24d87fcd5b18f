"""``python -m harbortui.engine FD CONSOLE_PID``: the engine in a fresh interpreter, settings first on the socket."""

from __future__ import annotations

import socket
import sys


def main(arguments: list[str]) -> int:
    """Read the settings from the inherited socket and serve until the console ends."""
    from harbortui.engine.handover import LIMIT_BYTES, decode_handover
    from harbortui.engine.process import serve

    connection = socket.socket(fileno=int(arguments[0]))
    connection.set_inheritable(False)
    size = int.from_bytes(_exactly(connection, 4), "big")
    if size > LIMIT_BYTES:
        return 1
    return serve(connection, decode_handover(_exactly(connection, size)), int(arguments[1]))


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise EOFError("the console ended before it sent the settings")
        data += piece
    return bytes(data)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
