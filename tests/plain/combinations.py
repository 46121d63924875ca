"""Parameter values for combinations of switches, the app's flags that say the same, and which combinations to try."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any

from stacks.flags import Variant
from stacks.plain.plan import switches

POOL = "us-east-1_AbCdEf123"
_CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-0123456789ab"
_DOMAIN = {"DomainName": "auth.example.com", "CertificateArn": _CERTIFICATE}

VALUES: Mapping[str, Sequence[Mapping[str, str]]] = {
    "AllowedOrigins": (
        {"AllowedOrigins": "https://app.example.com"},
        {"AllowedOrigins": "https://app.example.com,https://admin.example.com:8443,capacitor://localhost"},
    ),
    "AppClientId": ({"AppClientId": "1a2b3c4d5e"},),
    "RotationDays": ({"RotationDays": "30"},),
    "ThreatProtection": ({"ThreatProtection": "true"},),
    "PropagateClientIp": ({"PropagateClientIp": "true"},),
    "AllowIpv4": ({"AllowIpv4": "192.0.2.44/32,198.51.100.0/24"},),
    "AllowIpv6": ({"AllowIpv6": "2001:db8:1::/48"},),
    "DenyIpv4": ({"DenyIpv4": "203.0.113.0/24"},),
    "DenyIpv6": ({"DenyIpv6": "2001:db8:2::/48,2001:db8:3::/48"},),
    "CountOnly": ({"CountOnly": "true"},),
    "ApiGatewayAccountRole": ({"ApiGatewayAccountRole": "true"},),
    "ApiRevision": ({"ApiRevision": "B"},),
    "DomainName": (_DOMAIN, {**_DOMAIN, "HostedZoneId": "Z0123456789ABCDEFGHIJ"}),
    "Monitoring": ({"Monitoring": "false"},),
    "AlarmEmail": ({"AlarmEmail": "ops@example.com"},),
}
"""What each state of a switch but the first may be in parameters."""

NUMBERS = {
    "RateLimit": "777",
    "RateWindowSeconds": "120",
    "SignUpRateLimit": "41",
    "RecoveryRateLimit": "42",
    "SignInRateLimit": "243",
    "SignInAttemptsRateLimit": "44",
}
"""Values that only flow."""

_FLAGS = {
    "AllowedOrigins": "allowed_origins",
    "AppClientId": "app_client_ids",
    "RotationDays": "rotation_days",
    "ThreatProtection": "threat_protection",
    "PropagateClientIp": "propagate_client_ip",
    "CountOnly": "count_only",
    "ApiGatewayAccountRole": "api_gateway_account_role",
    "DomainName": "domain_name",
    "CertificateArn": "certificate_arn",
    "HostedZoneId": "hosted_zone_id",
    "Monitoring": "monitoring",
    "AlarmEmail": "alarm_email",
    "RateLimit": "rate_limit",
    "RateWindowSeconds": "rate_window_seconds",
    "SignUpRateLimit": "sign_up_rate_limit",
    "RecoveryRateLimit": "recovery_rate_limit",
    "SignInRateLimit": "sign_in_rate_limit",
    "SignInAttemptsRateLimit": "sign_in_attempts_rate_limit",
    "ThrottleRate": "throttle_rate",
    "ThrottleBurst": "throttle_burst",
    "UserPoolId": "user_pool_id",
}

States = tuple[int, ...]


def covering(variant: Variant, strength: int) -> list[States]:
    """Combinations that hold every choice of states of every `strength` switches; the same each time."""
    states = [list(switch.states) for switch in switches(variant)]
    places = list(combinations(range(len(states)), strength))
    missing = {(at, values) for at in places for values in product(*(states[place] for place in at))}
    chance = random.Random(15)  # noqa: S311 - nothing is secret here
    found = [tuple(0 for _ in states), tuple(each[-1] for each in states)]
    for combination in found:
        missing -= set(_held(combination, places))
    while missing:
        candidates = [_through(min(missing), states, chance) for _ in range(30)]
        best = max(candidates, key=lambda each: len(missing & set(_held(each, places))))
        missing -= set(_held(best, places))
        found.append(best)
    return found


def _held(combination: States, places: Sequence[tuple[int, ...]]) -> Iterator[tuple[tuple[int, ...], States]]:
    return ((at, tuple(combination[place] for place in at)) for at in places)


def _through(wanted: tuple[tuple[int, ...], States], states: Sequence[Sequence[int]], chance: random.Random) -> States:
    fixed = dict(zip(*wanted, strict=True))
    return tuple(fixed.get(place, chance.choice(each)) for place, each in enumerate(states))


def parameters_for(variant: Variant, combination: States) -> dict[str, str]:
    """Values of parameters that put the switches into these states; numbers of their own, too, where any is on."""
    values = {"UserPoolId": POOL, **(NUMBERS if any(combination) else {})}
    if any(combination) and variant is Variant.REGIONAL:
        values |= {"ThrottleRate": "321", "ThrottleBurst": "654"}
    for switch, state in zip(switches(variant), combination, strict=True):
        if state:
            values |= VALUES[switch.name][state - 1]
    return values


def flags_of(variant: Variant, parameters: Mapping[str, str]) -> dict[str, Any]:
    """What a user of the CDK app would give as flags."""
    flags: dict[str, Any] = {"variant": str(variant)}
    for kind in ("Allow", "Deny"):
        lists = [parameters[name] for name in (f"{kind}Ipv4", f"{kind}Ipv6") if name in parameters]
        if lists:
            flags[f"{kind.lower()}_ips"] = ",".join(lists)
    return flags | {_FLAGS[name]: value for name, value in parameters.items() if name in _FLAGS}
