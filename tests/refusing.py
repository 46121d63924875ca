"""A port on which nobody listens."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from local.ports import LOOPBACK, port_of


@contextmanager
def refusing_port() -> Iterator[int]:
    """A loopback port that refuses every connection, and that nobody else is given meanwhile.

    It is bound but not listened on. A port that was only closed goes to whoever asks for a free one next, perhaps to
    the very server of the test, which would then call itself.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as bound:
        bound.bind((LOOPBACK, 0))
        yield port_of(bound)
