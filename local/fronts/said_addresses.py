"""Lets a caller say which address it calls from, in runs that ask for it: on loopback every caller is 127.0.0.1.

A front takes the address of the TCP peer, as AWS does. Who tries a firewall on one machine needs many addresses, IPv6
ones among them, and neither Linux nor macOS has them without a change to its interfaces. So this stands before a front
when `local_run(callers_say_their_address=True)` says so, and nowhere else: without it the header is a header like any
other, which says nothing.
"""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address

from aiohttp import web

HEADER = "X-Local-Caller-Address"
"""Holds the address. The front behind does not see it."""


@web.middleware
async def said_address(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Hand a request on as if it came from the address that it says. Without the header: from its TCP peer.

    Answers 400 when that is no address: a mistake of who wrote the attack.
    """
    said = request.headers.get(HEADER)
    if said is None:
        return await handler(request)
    try:
        address = ip_address(said)
    except ValueError:
        return web.Response(status=400, text=f"{HEADER} is no address\n")
    headers = request.headers.copy()
    del headers[HEADER]
    return await handler(request.clone(headers=headers, remote=str(address)))
