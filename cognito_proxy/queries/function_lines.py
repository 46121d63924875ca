"""Names of the fields on the line that both functions write for each call, as docs/logs.md has them. Only here."""

from types import MappingProxyType

HASHED = MappingProxyType(
    {
        "operation": "operation",
        "error": "error",
        "client_id": "client_id",
        "username": "username_hash",
        "address": "address_hash",
        "prefix": "prefix_hash",
        "latency": "Latency",
        "upstream_latency": "UpstreamLatency",
    }
)
"""What a saved query calls a field, and what the line calls it: who called stands there as a keyed hash."""

PLAIN = MappingProxyType({**HASHED, "username": "username", "address": "address", "prefix": "prefix"})
"""The same where the functions also log usernames and addresses as they are."""
