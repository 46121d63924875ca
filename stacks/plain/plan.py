"""What a switch means as flags of the app, which Conditions it has, and which parameters do not go together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from aws_cdk import Fn, Token

from cognito_proxy import FirewallRule, OperationRates, RateLimit
from cognito_proxy.common.origins import ANY_ORIGIN
from cognito_proxy.common.regions import EDGE_REGION
from stacks.flags import AppFlags, Variant
from stacks.plain.parameters import BOTH, NO, REGIONAL_ONLY, YES
from stacks.plain.stand_ins import ADDRESSES, ORIGINS, ROTATION_DAYS
from stacks.plain.switches import (
    Combination,
    Switch,
    differs,
    equals,
    every,
    first_of,
    ref,
    second_of,
)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A switch, and the flags of each of its states but the first, in which it sets none."""

    switch: Switch
    flags: tuple[Mapping[str, Any], ...] = ()
    variants: tuple[Variant, ...] = BOTH


API_REVISION = "ApiRevision"


def _given(name: str) -> dict[str, Any]:
    return differs(ref(name), "")


def _has(name: str, condition: str, **flags: Any) -> Choice:
    """On where the parameter has a value."""
    return Choice(switch=Switch(name=name, conditions={condition: _given(name)}), flags=(flags,))


def _on(name: str, *, variants: tuple[Variant, ...] = BOTH, off: str = NO, **flags: Any) -> Choice:
    condition = f"{name}On" if off == NO else f"{name}Off"
    on = YES if off == NO else NO
    switch = Switch(name=name, conditions={condition: equals(ref(name), on)})
    return Choice(switch=switch, flags=(flags,), variants=variants)


def _choices() -> tuple[Choice, ...]:
    # With several origins, or `*`, an answer that is fixed text allows every page; with one, its name stands there.
    origins = Switch(
        name="AllowedOrigins",
        conditions={
            "HasOrigins": differs(first_of("AllowedOrigins"), ""),
            "SeveralOrigins": differs(second_of("AllowedOrigins"), ""),
        },
    )
    domain = Switch(
        name="DomainName",
        conditions={
            "HasDomain": _given("DomainName"),
            "HasRecord": every(_given("DomainName"), _given("HostedZoneId")),
        },
    )
    host = {"domain_name": Fn.ref("DomainName"), "certificate_arn": Fn.ref("CertificateArn")}
    return (
        Choice(switch=origins, flags=({"allowed_origins": ORIGINS[:1]}, {"allowed_origins": ORIGINS})),
        _has("AppClientId", "HasAppClient", app_client_ids=(("", Fn.ref("AppClientId")),)),
        Choice(
            switch=Switch(name="RotationDays", conditions={"Rotates": differs(ref("RotationDays"), "0")}),
            flags=({"rotation_days": ROTATION_DAYS},),
        ),
        _on("ThreatProtection", threat_protection=True),
        _on("PropagateClientIp", propagate_client_ip=True),
        *(
            Choice(
                switch=Switch(name=name, conditions={f"Has{name}": differs(first_of(name), "")}, alone=True),
                flags=({_list_flag(name): (address,)},),
            )
            for name, address in ADDRESSES.items()
        ),
        _on("CountOnly", count_only=tuple(FirewallRule)),
        _on("ApiGatewayAccountRole", variants=REGIONAL_ONLY, api_gateway_account_role=True),
        Choice(
            # No flag: `synthesis` gives the deployment another logical id.
            switch=Switch(name=API_REVISION, conditions={"ApiRevisionB": equals(ref(API_REVISION), "B")}),
            flags=({},),
            variants=REGIONAL_ONLY,
        ),
        Choice(switch=domain, flags=(host, {**host, "hosted_zone_id": Fn.ref("HostedZoneId")})),
        _on("Monitoring", off=YES, monitoring=False),
        _has("AlarmEmail", "HasAlarmEmail", alarm_email=Fn.ref("AlarmEmail")),
    )


def _list_flag(parameter: str) -> str:
    return f"{parameter.removesuffix('Ipv4').removesuffix('Ipv6').lower()}_ips"


def choices(variant: Variant) -> tuple[Choice, ...]:
    """The switches of a variant's template."""
    return tuple(choice for choice in _choices() if variant in choice.variants)


def switches(variant: Variant) -> tuple[Switch, ...]:
    """The same without flags."""
    return tuple(choice.switch for choice in choices(variant))


def flags_for(variant: Variant, states: Combination) -> AppFlags:
    """The app's flags for a combination. Values that parameters bring are references, or stand-ins."""
    flags = _base(variant)
    for choice in choices(variant):
        state = states.get(choice.switch.name, 0)
        for name, value in choice.flags[state - 1].items() if state else ():
            # Both kinds of addresses are one flag.
            together = (*getattr(flags, name), *value) if name in ("allow_ips", "deny_ips") else value
            changed: dict[str, Any] = {name: together}
            flags = replace(flags, **changed)
    return flags


def _base(variant: Variant) -> AppFlags:
    regional = variant is Variant.REGIONAL
    return AppFlags(
        variant=variant,
        user_pool_id=Fn.ref("UserPoolId"),
        rate_limit=_number("RateLimit"),
        rate_window_seconds=_number("RateWindowSeconds"),
        operation_rates=OperationRates(
            sign_up=RateLimit(limit=_number("SignUpRateLimit")),
            recovery=RateLimit(limit=_number("RecoveryRateLimit")),
            sign_in=RateLimit(limit=_number("SignInRateLimit")),
            sign_in_attempts=RateLimit(limit=_number("SignInAttemptsRateLimit")),
        ),
        throttle_rate=_number("ThrottleRate") if regional else None,
        throttle_burst=_number("ThrottleBurst") if regional else None,
    )


def _number(name: str) -> int:
    return cast("int", Token.as_number(ref(name)))


def rules(variant: Variant) -> dict[str, Any]:
    """Wrong combinations, found before anything is made.

    Functions of rules only: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
    """
    needs = {
        "DomainNeedsCertificate": ("DomainName", "CertificateArn", "DomainName needs CertificateArn"),
        "CertificateNeedsDomain": ("CertificateArn", "DomainName", "CertificateArn needs DomainName"),
        "HostedZoneNeedsDomain": ("HostedZoneId", "DomainName", "HostedZoneId needs DomainName"),
    }
    every_variant: dict[str, Any] = {
        name: _rule(_given(one), _given(other), f"{message}.") for name, (one, other, message) in needs.items()
    }
    every_variant["AnyOriginStandsAlone"] = _rule(
        {"Fn::Contains": [ref("AllowedOrigins"), ANY_ORIGIN]},
        {"Fn::EachMemberIn": [ref("AllowedOrigins"), [ANY_ORIGIN]]},
        "AllowedOrigins: * stands alone, not beside other origins.",
    )
    if variant is Variant.REGIONAL:
        return every_variant
    where = {"Assert": equals(ref("AWS::Region"), EDGE_REGION), "AssertDescription": f"Deploy this in {EDGE_REGION}."}
    return {"EdgeRegion": {"Assertions": [where]}, **every_variant}


def _rule(condition: Any, assertion: Any, message: str) -> dict[str, Any]:
    return {"RuleCondition": condition, "Assertions": [{"Assert": assertion, "AssertDescription": message}]}
