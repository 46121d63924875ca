"""Whom a rate-based rule counts: an address, a network, a kind of client of a network.

API reference, RateBasedStatement and RateBasedStatementCustomKey:
https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatementCustomKey.html
"""

from collections.abc import Callable, Hashable

from local.simulators.common.http import HttpRequest
from local.simulators.waf.errors import FirewallError
from local.simulators.waf.properties import Properties, only_entry, understood

Sender = Callable[[HttpRequest], Hashable | None]
"""Whom a request is counted for; None when the rule leaves it out."""

MAX_CUSTOM_KEYS = 5

# What MATCH does in a rate-based rule, count first or act at once, is not documented clearly enough to be modelled.
_UNCOUNTED = {"FallbackBehavior": "NO_MATCH"}


def read_sender(properties: Properties, *, where: str) -> Sender:
    """The sender by `AggregateKeyType` and `CustomKeys`.

    A request that lacks one of the components is left out, neither counted nor limited.

    Raises:
        FirewallError: it is not modelled, or not what AWS WAF would take.
    """
    match properties["AggregateKeyType"], properties.get("CustomKeys", []):
        case "IP", []:
            return _address
        # An address alone is no custom key (API reference, RateLimitIP).
        case "CUSTOM_KEYS", [_, *_] as keys if len(keys) <= MAX_CUSTOM_KEYS and keys != [{"IP": {}}]:
            return _together([_custom_key(key, where=where) for key in keys])
    raise FirewallError(
        f"{where}: AggregateKeyType {properties['AggregateKeyType']} with these CustomKeys is not modelled; known are "
        f"IP without, and CUSTOM_KEYS with 1 to {MAX_CUSTOM_KEYS}, not IP alone"
    )


def _together(parts: list[Sender]) -> Sender:
    def sender(request: HttpRequest) -> Hashable | None:
        found = tuple(part(request) for part in parts)
        return None if None in found else found

    return sender


def _custom_key(key: Properties, *, where: str) -> Sender:
    kind, settings = only_entry(key, where=where)
    match kind:
        case "IP":
            understood(settings, (), where=where)
            return _address
        case "ASN":
            understood(settings, (), where=where)
            return lambda request: request.asn
        case "JA4Fingerprint" if settings == _UNCOUNTED:
            return lambda request: request.ja4
    raise FirewallError(
        f"{where}: custom key {kind} {settings} is not modelled; known are IP, ASN, JA4Fingerprint {_UNCOUNTED}"
    )


def _address(request: HttpRequest) -> Hashable:
    return request.client_ip
