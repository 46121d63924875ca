"""What goes into the core and what comes out of it: plain values, the same for both variants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple


class Request(NamedTuple):
    """A call as the client made it, whichever service carried it here."""

    method: str
    """HTTP method, upper case."""
    headers: Mapping[str, Sequence[str]]
    """Lower-case header name to its values, in the order in which they came."""
    body: bytes | None
    """The exact bytes of the body; None where what carried them is broken or cut off, so that they cannot be known."""
    client_ip: str
    """Address of the peer of the client's TCP connection, IPv4 or IPv6; never taken from a header."""
    host: str = ""
    """Host name that the client called."""
    path: str = "/"
    """Path that the client called, the stage included."""
    truncated: bool = False
    """Whether what carried the body cut it off for its length; `body` is None then."""
    route: str = ""
    """Path below the proxy's endpoint, where the settings have `oauth`; else it is not looked at."""
    query: str = ""
    """The query as it was sent, or as good as that; likewise."""
    base: str = ""
    """URL of the proxy's endpoint, without a slash at its end; likewise."""

    def header(self, name: str) -> str | None:
        """Last value of a header, None where it is absent. `name` is lower case."""
        values = self.headers.get(name)
        return values[-1] if values else None


class Forward(NamedTuple):
    """Let the call through, rewritten."""

    operation: str
    """The Cognito operation to call, which may differ from the one that the client named."""
    headers: Mapping[str, str]
    """Every request header that Cognito may see, lower-case names; Host and Content-Length are the carrier's affair."""
    body: bytes
    rewritten: bool = False
    """Whether the body is not the one that came."""
    client_id: str | None = None
    """App client whose secret went into the body; None where no secret was needed."""
    signed: bool = False
    """An administrator operation, to be signed with the function's role."""
    region: str = ""
    """At the edge, the Region to which CloudFront carries it; empty: the one of the settings."""


class Respond(NamedTuple):
    """Answer the client without calling Cognito."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = MappingProxyType({})
    """Lower-case names."""
    outcome: str = "ok"
    """For the log: `ok`, or the error's type."""
    reason: str = ""
    """For the log: why the proxy itself says no or fails, from the closed set in `proxy.errors`; empty for an answer of
    Cognito's, and for a preflight that is granted."""


class Onward(NamedTuple):
    """A call of an OAuth 2.0 endpoint that goes on, to the user pool domain or to the user pool."""

    host: str
    """Host name of the user pool domain; empty: Cognito's own endpoint, where all other calls go."""
    path: str
    """A constant of ours, never anything of a caller's."""
    headers: Mapping[str, str]
    """Every request header that goes on, lower-case names; Host and Content-Length are the carrier's affair."""
    body: bytes | None = None
    """A form; None for a call without a body, which goes on with the method that it came with."""
    client_id: str | None = None
    """App client whose secret is in the headers; None where no secret was needed."""


class NeedSecret(NamedTuple):
    """The decision waits for the secret of this app client; ask again when it is there."""

    client_id: str


Decision = Forward | Respond | NeedSecret
