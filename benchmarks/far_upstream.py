"""Secrets Manager and Cognito over TLS, and ten milliseconds away: `upstream` behind a relay that delays.

Each way takes `DELAY_SECONDS`. On loopback a connection is there at once; so that it costs its round trip, too, the
relay holds back the first bytes of each connection for one more. Run as a process of its own
(`python -m benchmarks.far_upstream FOLDER`): it writes its authority's certificate into the folder, prints port and
file, and ends when its standard input does.
"""

import asyncio
import os
import socket
import ssl
import sys
import threading
from pathlib import Path

from benchmarks.upstream import serve
from tests.proxy.certificate_authority import Authority

HOST = "127.0.0.1"
DELAY_SECONDS = 0.010
_ROUND_TRIP = 2 * DELAY_SECONDS
_CHUNK = 65_536


def main() -> None:
    """Listen on a free port of the loopback interface until standard input ends."""
    authority = Authority(Path(sys.argv[1]))
    near = socket.create_server((HOST, 0))
    threading.Thread(target=_accept, args=(near, authority.server(HOST)), daemon=True).start()
    threading.Thread(target=_until_the_end, daemon=True).start()
    asyncio.run(_relay(near.getsockname()[1], authority.bundle))


def _accept(listener: socket.socket, tls: ssl.SSLContext) -> None:
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_shake_hands_and_serve, args=(connection, tls), daemon=True).start()


def _shake_hands_and_serve(connection: socket.socket, tls: ssl.SSLContext) -> None:
    try:
        serve(tls.wrap_socket(connection, server_side=True))
    except OSError:  # the process that was measured has ended
        connection.close()


def _until_the_end() -> None:
    sys.stdin.read()
    os._exit(0)


async def _relay(near: int, bundle: Path) -> None:
    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward_reader, onward_writer = await asyncio.open_connection(HOST, near)
        await asyncio.gather(
            _carry_late(reader, onward_writer, connecting=_ROUND_TRIP),
            _carry_late(onward_reader, writer, connecting=0),
        )

    server = await asyncio.start_server(carry, HOST, 0)
    print(server.sockets[0].getsockname()[1], bundle, flush=True)
    await server.serve_forever()


async def _carry_late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, connecting: float) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time() + connecting + DELAY_SECONDS
    try:
        while received := await reader.read(_CHUNK):
            due = max(due, loop.time() + DELAY_SECONDS)  # nothing overtakes what was held back
            loop.call_at(due, writer.write, received)
    except OSError:
        pass
    loop.call_at(max(due, loop.time() + DELAY_SECONDS), writer.close)


if __name__ == "__main__":
    main()
