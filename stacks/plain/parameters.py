"""The templates' parameters: what the console shows and takes, and where an app's flag says the same.

`AllowedPattern` holds for each item of a list: "When applied to a parameter of type CommaDelimitedList, the pattern
must match each value in the list". An empty list is a list of one empty text, so patterns of lists take that, too.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

# ruff: noqa: PLR0917 - rows of a table

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cognito_proxy.common.regions import EDGE_REGION
from cognito_proxy.firewall.rates import DEFAULT_RATE_LIMIT, MAX_LIMIT, MIN_LIMIT, WINDOWS, OperationRates
from cognito_proxy.proxies.throttle import Throttle
from stacks.flags import Variant

REGIONAL_ONLY = (Variant.REGIONAL,)
BOTH = tuple(Variant)
NO, YES = "false", "true"

_POOL = r"[a-z]{2}(-[a-z]+)+-\d_[0-9A-Za-z]{1,46}"
_EDGE_POOL = rf"{EDGE_REGION}_[0-9A-Za-z]{{1,46}}"
_ORIGIN = r"\*|[a-z][a-z0-9+.-]*://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?|"
_HOST_NAME = r"([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}|"
_IPV4 = r"(([0-9]{1,3}\.){3}[0-9]{1,3}/([1-9]|[12][0-9]|3[0-2]))|"
_IPV6 = r"([0-9a-fA-F:.]*:[0-9a-fA-F:.]*/([1-9]|[1-9][0-9]|1[01][0-9]|12[0-8]))|"
_CERTIFICATE = r"arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[0-9A-Za-z-]+|"
_E_MAIL = r"[^@\s,;<>\"']{1,64}@[A-Za-z0-9.-]{1,253}\.[A-Za-z]{2,63}|"


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter."""

    name: str
    label: str
    """What the console shows instead of the name."""
    description: str
    flag: str | None = None
    """The app's flag that says the same. None: there is none."""
    type: str = "String"
    default: str | int | None = ""
    """None: it must be given."""
    constraints: Mapping[str, Any] = field(default_factory=dict)
    """AllowedPattern, AllowedValues, MinValue and so on."""
    variants: tuple[Variant, ...] = BOTH

    def document(self) -> dict[str, Any]:
        """As it stands in the template."""
        default = {} if self.default is None else {"Default": self.default}
        return {"Type": self.type, **default, "Description": self.description, **self.constraints}


def _switch(name: str, label: str, description: str, flag: str | None, default: str = NO, **more: Any) -> Parameter:
    return Parameter(
        name=name,
        label=label,
        description=description,
        flag=flag,
        default=default,
        constraints={"AllowedValues": [NO, YES]},
        **more,
    )


def _text(name: str, label: str, description: str, flag: str, pattern: str, wrong: str, **more: Any) -> Parameter:
    constraints = {"AllowedPattern": pattern, "ConstraintDescription": wrong}
    return Parameter(name=name, label=label, description=description, flag=flag, constraints=constraints, **more)


def _number(name: str, label: str, description: str, flag: str, default: float, low: int, high: int) -> Parameter:
    return Parameter(
        name=name,
        label=label,
        description=description,
        flag=flag,
        type="Number",
        default=int(default),
        constraints={"MinValue": low, "MaxValue": high},
        variants=REGIONAL_ONLY if flag.startswith("throttle") else BOTH,
    )


def _list(name: str, label: str, description: str, flag: str, pattern: str, wrong: str) -> Parameter:
    return _text(name, label, description, flag, pattern, wrong, type="CommaDelimitedList")


_OPERATIONS = OperationRates()
_THROTTLE = Throttle()


def _rate(name: str, label: str, of: str, flag: str, attribute: str) -> Parameter:
    default = getattr(_OPERATIONS, attribute).limit
    return _number(
        name, label, f"Requests of one address for {of}, in 300 seconds.", flag, default, MIN_LIMIT, MAX_LIMIT
    )


def _pool(variant: Variant) -> Parameter:
    edge = variant is Variant.EDGE
    where = f"in {EDGE_REGION}" if edge else "in the Region of this stack"
    return _text(
        "UserPoolId",
        "User pool",
        f"Id of an existing user pool {where}.",
        "user_pool_id",
        _EDGE_POOL if edge else _POOL,
        f"a user pool's id, such as {EDGE_REGION if edge else 'eu-west-1'}_AbCdEf123",
        default=None,
        variants=(variant,),
    )


GROUPS: Mapping[str, tuple[Parameter, ...]] = {
    "Cognito": (
        *map(_pool, Variant),
        _text(
            "AppClientId",
            "Existing app client",
            "Id of an app client of the pool that has a secret; nothing of it is changed. Empty: a new one is made.",
            "app_client_ids",
            r"[0-9A-Za-z_+]{0,128}",
            "an app client's id, or nothing",
        ),
        Parameter(
            name="RotationDays",
            label="Days between rotations of the secret",
            description="1 to 1,000. 0: the secret is not rotated.",
            flag="rotation_days",
            type="Number",
            default=0,
            constraints={"MinValue": 0, "MaxValue": 1000},
        ),
        _switch(
            "ThreatProtection",
            "Threat protection",
            "Sign-in as administrator calls that carry the client's true address.",
            "threat_protection",
        ),
        _switch(
            "PropagateClientIp",
            "Address propagation",
            "The client's true address on the public operations that take it.",
            "propagate_client_ip",
        ),
    ),
    "Pages that may call": (
        _list(
            "AllowedOrigins",
            "Allowed origins",
            "Origins of web pages, comma-separated, such as https://app.example.com; or * alone. Empty: none.",
            "allowed_origins",
            _ORIGIN,
            "scheme://host[:port] in lower case, without path or slash at the end, or * alone",
        ),
    ),
    "Firewall": (
        _number(
            "RateLimit",
            "Rate limit",
            "Requests of one address in the window.",
            "rate_limit",
            DEFAULT_RATE_LIMIT.limit,
            MIN_LIMIT,
            MAX_LIMIT,
        ),
        Parameter(
            name="RateWindowSeconds",
            label="Window of the rate limit, in seconds",
            description="How far back AWS WAF looks.",
            flag="rate_window_seconds",
            type="Number",
            default=DEFAULT_RATE_LIMIT.window_seconds,
            constraints={"AllowedValues": list(WINDOWS)},
        ),
        _rate("SignUpRateLimit", "Rate limit of sign-up", "signing up", "sign_up_rate_limit", "sign_up"),
        _rate(
            "RecoveryRateLimit",
            "Rate limit of recovery",
            "password recovery and codes",
            "recovery_rate_limit",
            "recovery",
        ),
        _rate("SignInRateLimit", "Rate limit of sign-in", "all of signing in", "sign_in_rate_limit", "sign_in"),
        _rate(
            "SignInAttemptsRateLimit",
            "Rate limit of attempts",
            "what tries a password or a code",
            "sign_in_attempts_rate_limit",
            "sign_in_attempts",
        ),
        *(
            _list(
                f"{kind}Ipv{version}",
                f"{kind} list, IPv{version}",
                f"CIDRs that are always {what}, comma-separated, such as {example}; besides those set by hand.",
                f"{kind.lower()}_ips",
                pattern,
                f"IPv{version} addresses in CIDR notation, such as {example}",
            )
            for kind, what in (("Allow", "let in"), ("Deny", "blocked"))
            for version, example, pattern in ((4, "192.0.2.44/32", _IPV4), (6, "2001:db8::/32", _IPV6))
        ),
        _switch(
            "CountOnly",
            "Only count",
            "The firewall's rules count and stop nothing; for a first deployment.",
            "count_only",
        ),
    ),
    "API": (
        _number(
            "ThrottleRate", "Requests a second", "Of all callers.", "throttle_rate", _THROTTLE.rate_limit, 1, 10_000
        ),
        _number("ThrottleBurst", "Requests at once", "Likewise.", "throttle_burst", _THROTTLE.burst_limit, 1, 5_000),
        _switch(
            "ApiGatewayAccountRole",
            "Set the account's role for API Gateway",
            "Set the role with which API Gateway logs, for all of the account and Region. Needed where none is set.",
            "api_gateway_account_role",
            variants=REGIONAL_ONLY,
        ),
        Parameter(
            name="ApiRevision",
            label="Revision of the API",
            description="Take the other letter when you change AllowedOrigins, so that API Gateway deploys the change.",
            default="A",
            constraints={"AllowedValues": ["A", "B"]},
            variants=REGIONAL_ONLY,
        ),
    ),
    "Host name": (
        _text(
            "DomainName",
            "Host name",
            "A host name of your own, such as auth.example.com. Empty: AWS's own.",
            "domain_name",
            _HOST_NAME,
            "a host name, such as auth.example.com",
        ),
        _text(
            "CertificateArn",
            "Certificate",
            "ARN of an ACM certificate for that name, in the Region of this stack.",
            "certificate_arn",
            _CERTIFICATE,
            "the ARN of an ACM certificate",
        ),
        _text(
            "HostedZoneId",
            "Hosted zone",
            "Route 53 zone that gets the record for that name. Empty: no record is made.",
            "hosted_zone_id",
            r"(Z[0-9A-Z]{1,31})?",
            "a hosted zone's id, such as Z0123456789ABCDEFGHIJ",
        ),
    ),
    "Watching": (
        _switch("Monitoring", "Dashboard and alarms", "Some $7 a month.", "monitoring", YES),
        _text(
            "AlarmEmail",
            "E-mail address for alarms",
            "Who is told of alarms; AWS asks that address first. Empty: nobody.",
            "alarm_email",
            _E_MAIL,
            "one e-mail address",
        ),
    ),
}
"""In the order of the console."""


def parameters(variant: Variant) -> Iterator[Parameter]:
    """Those of a variant's template."""
    return (each for group in GROUPS.values() for each in group if variant in each.variants)


def interface(variant: Variant) -> dict[str, Any]:
    """How the console groups and labels them (AWS::CloudFormation::Interface)."""
    groups = [
        {"Label": {"default": title}, "Parameters": [each.name for each in group if variant in each.variants]}
        for title, group in GROUPS.items()
        if any(variant in each.variants for each in group)
    ]
    labels = {each.name: {"default": each.label} for each in parameters(variant)}
    return {"AWS::CloudFormation::Interface": {"ParameterGroups": groups, "ParameterLabels": labels}}
