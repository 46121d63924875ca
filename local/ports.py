"""Loopback ports: free ones unless the user names one."""

import errno
import socket

from local.errors import LocalRunError

LOOPBACK = "127.0.0.1"
_HIGHEST_PORT = 65535


def listen(port: int = 0) -> socket.socket:
    """A listening loopback socket. Default: any free port.

    Raises LocalRunError when the port is not one, is taken, or may not be used.
    """
    if not 0 <= port <= _HIGHEST_PORT:
        raise LocalRunError(f"port {port} is not a port: give 1 to {_HIGHEST_PORT}, or 0 for any free one")
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        reason = "is already in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        raise LocalRunError(f"port {port} on {LOOPBACK} {reason}: give another one (0: any free port)") from error
    return listener


def port_of(listener: socket.socket) -> int:
    """The port that a socket is bound to."""
    port: int = listener.getsockname()[1]
    return port


def free_port() -> int:
    """A port that was free a moment ago, for a program that insists on binding it itself."""
    with listen() as listener:
        return port_of(listener)
