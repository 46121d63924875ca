"""What API Gateway tells an integration about the way that a request came, and the journal about its own answers."""

import secrets
import time

from local.simulators.common.http import Headers, TurnedAway, without

_SET_BY_API_GATEWAY = frozenset({"x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "x-amzn-trace-id"})


def with_forwarded(headers: Headers, *, client_ip: str) -> Headers:
    """The headers with API Gateway's own in place of what a client sent under their names."""
    return (
        *without(headers, _SET_BY_API_GATEWAY),
        # In AWS a client's own value stands in front, and nobody trusts it. The emulator takes the caller's
        # address from here, where AWS takes it from the connection: so the connection's alone.
        ("X-Forwarded-For", client_ip),
        ("X-Forwarded-Port", "443"),
        ("X-Forwarded-Proto", "https"),
        ("X-Amzn-Trace-Id", f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)}"),
    )


def by_api_gateway(why: str) -> TurnedAway:
    """API Gateway answered in place of the integration."""
    return TurnedAway(by="API Gateway", why=why)
