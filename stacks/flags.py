"""The context flags (`-c name=value`, or `context` in cdk.json), read and checked in one place."""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from constructs import Node

from cognito_proxy.ip_lists import check_disjoint, parse_addresses
from cognito_proxy.origins import check_origins
from cognito_proxy.waf_rates import DEFAULT_RATE_LIMIT, MAX_LIMIT, MIN_LIMIT, WINDOWS


class FlagError(Exception):
    """One line for whoever typed the flag: its name, its value, and what is allowed."""


class Variant(StrEnum):
    """Where the proxy runs."""

    REGIONAL = "regional"
    EDGE = "edge"


EDGE_REGION = "us-east-1"
"""Where everything of the edge variant stands but the pool, its app client and the secret."""


@dataclass(frozen=True, kw_only=True)
class AppFlags:
    """What the flags say. Every flag is optional."""

    variant: Variant = Variant.REGIONAL
    """`regional`: API Gateway and a function in the pool's Region. `edge`: CloudFront and Lambda@Edge. Default:
    `regional`."""

    user_pool_id: str | None = None
    """An existing pool, such as `eu-west-1_AbCdEf123`. Default: - a demo pool is made."""

    app_clients: tuple[str, ...] = ()
    """Names of the apps that get an app client of their own, comma-separated: `web,ios,android`. The first is the app
    client that there is without this flag, so keep its place and append new ones. Default: one app client."""

    rotation_days: int | None = None
    """Days between rotations of the app clients' secrets, 1 to 1,000. Default: - they are not rotated."""

    allowed_origins: tuple[str, ...] = ()
    """Exact origins of web pages, comma-separated, or `*`. Default: none."""

    rate_limit: int = DEFAULT_RATE_LIMIT.limit
    """Requests of one address within the window, 10 to 2,000,000,000. Default: 1,000."""

    rate_window_seconds: int = DEFAULT_RATE_LIMIT.window_seconds
    """The window of `rate_limit`: 60, 120, 300 or 600 seconds. Default: 300."""

    allow_ips: tuple[str, ...] = ()
    """Addresses and CIDRs that are always let in, v4 and v6 mixed, comma-separated. Default: none besides those set by
    hand."""

    deny_ips: tuple[str, ...] = ()
    """Addresses and CIDRs that are always blocked, likewise. Default: none besides those set by hand."""

    threat_protection: bool = False
    """Sign-in as administrator calls that carry the client's true address. Default: False."""

    propagate_client_ip: bool = False
    """The client's true address on the public operations that take it. Default: False."""

    domain_name: str | None = None
    """A host name of your own; needs `certificate_arn`. Default: - AWS's own."""

    certificate_arn: str | None = None
    """ACM certificate for `domain_name`: in the pool's Region for `regional`, in us-east-1 for `edge`."""

    hosted_zone_id: str | None = None
    """Route 53 zone that gets the record for `domain_name`. Default: - no record is made."""

    alarm_email: str | None = None
    """Who is told of alarms. Default: - there are no alarms."""

    @classmethod
    def from_context(cls, node: Node) -> Self:
        """Read the flags of an app.

        Raises:
            FlagError: a flag is unknown or wrong, or flags do not go together.
        """
        return cls.from_mapping(node.get_all_context())

    @classmethod
    def from_mapping(cls, context: Mapping[str, Any]) -> Self:
        """Read the flags of `context`; keys of CDK's own are ignored.

        Raises:
            FlagError: a flag is unknown or wrong, or flags do not go together.
        """
        ours = {name: value for name, value in context.items() if _is_ours(name)}
        for name in ours:
            if name not in _FLAGS:
                raise FlagError(_unknown(name))
        flags = cls(**{name: _FLAGS[name].read(name, value) for name, value in ours.items() if not _is_unset(value)})
        for broken in _RULES:
            message = broken(flags)
            if message:
                raise FlagError(message)
        return flags

    @property
    def region(self) -> str | None:
        """The pool's Region, as far as the flags settle it: its own, else a regional proxy's certificate's. None: the
        deployer's."""
        if self.user_pool_id is not None:
            return self.user_pool_id.partition("_")[0]
        if self.certificate_arn is None or self.variant is Variant.EDGE:
            return None
        return _region_of(self.certificate_arn)


@dataclass(frozen=True, kw_only=True)
class _Flag:
    allowed: str
    parse: Callable[[str, Any], Any]
    """Takes the flag's name and value; raises ValueError for a wrong one."""

    def read(self, name: str, value: Any) -> Any:
        try:
            return self.parse(name, value)
        except ValueError:
            raise FlagError(f"{name}: {_shown(value)} is not allowed; allowed is {self.allowed}") from None


def _pattern(pattern: str) -> Callable[[str, Any], str]:
    def parse(_name: str, value: Any) -> str:
        if not isinstance(value, str) or re.fullmatch(pattern, value.strip()) is None:
            raise ValueError
        return value.strip()

    return parse


def _variant(_name: str, value: Any) -> Variant:
    return Variant(value)


def _boolean(_name: str, value: Any) -> bool:
    """`true` or `false` from the command line, or a truth value from cdk.json."""
    if isinstance(value, bool):
        return value
    if value not in ("true", "false"):
        raise ValueError
    return bool(value == "true")


def _whole_number(value: Any) -> int:
    """Digits from the command line, or a number from cdk.json."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value.strip()):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError


def _rate(_name: str, value: Any) -> int:
    rate = _whole_number(value)
    if not MIN_LIMIT <= rate <= MAX_LIMIT:
        raise ValueError
    return rate


def _window(_name: str, value: Any) -> int:
    seconds = _whole_number(value)
    if seconds not in WINDOWS:
        raise ValueError
    return seconds


def _days(_name: str, value: Any) -> int:
    days = _whole_number(value)
    if not 1 <= days <= 1000:
        raise ValueError
    return days


def _client_names(_name: str, value: Any) -> tuple[str, ...]:
    names = _list(value)
    # `AppClientId` is an output already.
    if len(set(names)) < len(names) or not all(re.fullmatch(r"(?!id$)[a-z][a-z0-9]{0,31}", name) for name in names):
        raise ValueError
    return names


def _addresses(name: str, value: Any) -> tuple[str, ...]:
    addresses = _list(value)
    try:
        parse_addresses(addresses, name=name)
    except ValueError as error:
        # It names the one entry that is wrong, out of a list that may be long.
        raise FlagError(str(error)) from None
    return addresses


def _origins(name: str, value: Any) -> tuple[str, ...]:
    origins = _list(value)
    check_origins(name, origins)
    return origins


def _list(value: Any) -> tuple[str, ...]:
    """A comma-separated text from the command line, or a list from cdk.json."""
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise ValueError
    return tuple(item.strip() for item in items if item.strip())


_ADDRESSES = "IPv4 and IPv6 addresses and CIDRs, comma-separated"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_REGION = r"[a-z]{2}(-[a-z]+)+-\d"

_FLAGS: dict[str, _Flag] = {
    "variant": _Flag(allowed=" or ".join(Variant), parse=_variant),
    "user_pool_id": _Flag(
        allowed="a user pool's id, such as eu-west-1_AbCdEf123", parse=_pattern(rf"{_REGION}_[0-9A-Za-z]{{1,46}}")
    ),
    "app_clients": _Flag(
        allowed="different names of 1 to 32 lower-case letters and digits, a letter first, but id; comma-separated",
        parse=_client_names,
    ),
    "rotation_days": _Flag(allowed="a whole number of days from 1 to 1000", parse=_days),
    "allowed_origins": _Flag(
        allowed="scheme://host[:port] in lower case, comma-separated, without path or slash at the end, or * alone",
        parse=_origins,
    ),
    "rate_limit": _Flag(allowed=f"a whole number of requests from {MIN_LIMIT} to {MAX_LIMIT:,}", parse=_rate),
    "rate_window_seconds": _Flag(allowed=f"one of {', '.join(map(str, WINDOWS))} seconds", parse=_window),
    "allow_ips": _Flag(allowed=_ADDRESSES, parse=_addresses),
    "deny_ips": _Flag(allowed=_ADDRESSES, parse=_addresses),
    "threat_protection": _Flag(allowed="true or false", parse=_boolean),
    "propagate_client_ip": _Flag(allowed="true or false", parse=_boolean),
    "domain_name": _Flag(
        allowed="a host name, such as auth.example.com",
        parse=_pattern(rf"(?=.{{1,253}}$)({_LABEL}\.)+[A-Za-z]{{2,63}}"),
    ),
    "certificate_arn": _Flag(
        allowed="the ARN of a certificate, such as arn:aws:acm:eu-west-1:123456789012:certificate/…",
        parse=_pattern(rf"arn:aws[a-z-]*:acm:{_REGION}:\d{{12}}:certificate/[0-9A-Za-z-]+"),
    ),
    "hosted_zone_id": _Flag(
        allowed="a hosted zone's id, such as Z0123456789ABCDEFGHIJ", parse=_pattern(r"Z[0-9A-Z]{1,31}")
    ),
    "alarm_email": _Flag(
        allowed="one e-mail address", parse=_pattern(r"[^@\s,;<>\"']{1,64}@[A-Za-z0-9.-]{1,253}\.[A-Za-z]{2,63}")
    ),
}


def _lists_apart(flags: AppFlags) -> str | None:
    allow = parse_addresses(flags.allow_ips, name="allow_ips")
    deny = parse_addresses(flags.deny_ips, name="deny_ips")
    try:
        check_disjoint(allow=allow, deny=deny)
    except ValueError as error:
        return str(error)
    return None


def _certificate_for_domain(flags: AppFlags) -> str | None:
    if flags.domain_name is not None and flags.certificate_arn is None:
        return f"domain_name: {flags.domain_name!r} needs certificate_arn, a certificate for that name"
    if flags.certificate_arn is not None and flags.domain_name is None:
        return f"certificate_arn: {flags.certificate_arn!r} needs domain_name, the name that it is for"
    return None


def _domain_for_zone(flags: AppFlags) -> str | None:
    if flags.hosted_zone_id is not None and flags.domain_name is None:
        return f"hosted_zone_id: {flags.hosted_zone_id!r} needs domain_name, the name that the record is for"
    return None


def _certificate_in_region(flags: AppFlags) -> str | None:
    # API Gateway takes certificates of its own Region only, CloudFront those of us-east-1.
    edge = flags.variant is Variant.EDGE
    wanted = EDGE_REGION if edge else flags.region
    if flags.certificate_arn is None or _region_of(flags.certificate_arn) == wanted:
        return None
    where = "where CloudFront needs it" if edge else "in the pool's Region"
    return f"certificate_arn: {flags.certificate_arn!r} is not {where}; allowed is one in {wanted}"


_RULES: tuple[Callable[[AppFlags], str | None], ...] = (
    _lists_apart,
    _certificate_for_domain,
    _domain_for_zone,
    _certificate_in_region,
)

# Keys of the CDK command line.
_CDK_OWN = frozenset({"acknowledged-issue-numbers", "cli-telemetry"})


def _is_ours(name: str) -> bool:
    """Keys of CDK and of its libraries hold one of these signs: `aws:cdk:…`, `@aws-cdk/…`, `vpc-provider:…`."""
    return not any(sign in name for sign in ":/@") and name not in _CDK_OWN


def _is_unset(value: Any) -> bool:
    return value is None or value == ""


def _unknown(name: str) -> str:
    close = difflib.get_close_matches(name, _FLAGS, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]}?" if close else f"known flags are {', '.join(_FLAGS)}"
    return f"{name}: unknown flag; {hint}"


def _shown(value: Any) -> str:
    return repr(value if len(str(value)) <= 200 else f"{str(value)[:200]}…")


def _region_of(arn: str) -> str:
    return arn.split(":")[3]
