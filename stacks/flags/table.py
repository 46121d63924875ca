"""Every flag: what is allowed, in words and as code."""

from dataclasses import dataclass
from typing import Any

from cognito_proxy import EdgeAdminCalls, FirewallRule, HumanCheckProvider, LogLevel, UserLimits
from cognito_proxy.firewall.rates import MAX_LIMIT, MIN_LIMIT, WINDOWS
from stacks.flags import firewall, values
from stacks.flags.errors import FlagError, shown
from stacks.flags.pool_replica import PoolReplica
from stacks.flags.sample import Sample, oauth_host, sign_in_host
from stacks.flags.variant import Variant


@dataclass(frozen=True, kw_only=True)
class Flag:
    """One flag."""

    allowed: str
    """For whoever gave another value."""
    parse: values.Parse

    def read(self, name: str, value: Any) -> Any:
        """The value as the stacks take it.

        Raises:
            FlagError: it is empty or not allowed.
        """
        if value is None or value == [] or (isinstance(value, str) and not value.strip()):
            raise FlagError(f"{name}: empty; leave the flag out, or give {self.allowed}")
        try:
            return self.parse(name, value)
        except ValueError:
            raise FlagError(f"{name}: {shown(value)} is not allowed; allowed is {self.allowed}") from None


AUTH_FLOWS = ("srp", "password", "user", "custom")
REGION = r"[a-z]{2}(-[a-z]+)+-\d"

_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_SWITCH = Flag(allowed="true or false", parse=values.boolean)
_ADDRESSES = Flag(allowed="IPv4 and IPv6 addresses and CIDRs, comma-separated", parse=values.addresses)
_LIMIT = f"a whole number of requests from {MIN_LIMIT} to {MAX_LIMIT:,}"
_A_LIMIT = values.whole_number(MIN_LIMIT, MAX_LIMIT)

_A_HOST_NAME = values.pattern(rf"(?=.{{1,253}}$)({_LABEL}\.)+[A-Za-z]{{2,63}}")
_CERTIFICATE = Flag(
    allowed="the ARN of a certificate, such as arn:aws:acm:eu-west-1:123456789012:certificate/…",
    parse=values.pattern(rf"arn:aws[a-z-]*:acm:{REGION}:\d{{12}}:certificate/[0-9A-Za-z-]+"),
)

_REDIRECT_URLS = Flag(
    allowed="absolute addresses without fragment, with https, a scheme of the app's own, or http on localhost; "
    "comma-separated",
    parse=values.redirect_urls,
)

FLAGS: dict[str, Flag] = {
    "variant": Flag(allowed=" or ".join(Variant), parse=values.one_of(Variant)),
    "user_pool_id": Flag(
        allowed="a user pool's id, such as eu-west-1_AbCdEf123", parse=values.pattern(rf"{REGION}_[0-9A-Za-z]{{1,46}}")
    ),
    "app_clients": Flag(
        allowed="different names of 1 to 32 lower-case letters and digits, a letter first, but id; comma-separated",
        parse=values.client_names,
    ),
    "app_client_ids": Flag(
        allowed="one app client's id, or name:id for names in app_clients, comma-separated (web:1a2b3c,ios:4d5e6f)",
        parse=values.client_ids,
    ),
    "auth_flows": Flag(allowed=f"some of {', '.join(AUTH_FLOWS)}, comma-separated", parse=values.names_of(AUTH_FLOWS)),
    "rotation_days": Flag(allowed="a whole number of days from 1 to 1000", parse=values.whole_number(1, 1000)),
    "allowed_origins": Flag(
        allowed="scheme://host[:port] in lower case, comma-separated, without path or slash at the end, or * alone",
        parse=values.origins,
    ),
    "threat_protection": _SWITCH,
    "propagate_client_ip": _SWITCH,
    "edge_admin_calls": Flag(allowed=" or ".join(EdgeAdminCalls), parse=values.one_of(EdgeAdminCalls)),
    "log_level": Flag(allowed=" or ".join(LogLevel), parse=values.one_of(LogLevel)),
    "log_plain": _SWITCH,
    "allow_ips": _ADDRESSES,
    "deny_ips": _ADDRESSES,
    "rate_limit": Flag(allowed=_LIMIT, parse=_A_LIMIT),
    "rate_window_seconds": Flag(
        allowed=f"one of {', '.join(map(str, WINDOWS))} seconds", parse=values.number_of(WINDOWS)
    ),
    **dict.fromkeys(firewall.RATES, Flag(allowed=f"{_LIMIT}, or none", parse=values.or_none(_A_LIMIT))),
    "managed_groups": Flag(
        allowed=f"some of {', '.join(firewall.MANAGED_GROUPS)}, comma-separated, or none",
        parse=firewall.managed_groups,
    ),
    "count_only": Flag(
        allowed=f"true, false, or some of {', '.join(FirewallRule)}, comma-separated", parse=firewall.count_only
    ),
    "throttle_rate": Flag(
        allowed="a whole number of requests a second from 1 to 10000", parse=values.whole_number(1, 10_000)
    ),
    "throttle_burst": Flag(allowed="a whole number of requests from 1 to 5000", parse=values.whole_number(1, 5_000)),
    "api_gateway_account_role": _SWITCH,
    "ipv6": _SWITCH,
    "domain_name": Flag(allowed="a host name, such as auth.example.com", parse=_A_HOST_NAME),
    "certificate_arn": _CERTIFICATE,
    "hosted_zone_id": Flag(
        allowed="a hosted zone's id, such as Z0123456789ABCDEFGHIJ", parse=values.pattern(r"Z[0-9A-Z]{1,31}")
    ),
    "second_region": Flag(allowed="a Region, such as eu-central-1", parse=values.pattern(REGION)),
    "second_certificate_arn": _CERTIFICATE,
    "pool_replica": Flag(allowed=", ".join(PoolReplica), parse=values.one_of(PoolReplica)),
    "monitoring": _SWITCH,
    "alarm_email": Flag(
        allowed="one e-mail address",
        parse=values.pattern(r"[^@\s,;<>\"']{1,64}@[A-Za-z0-9.-]{1,253}\.[A-Za-z]{2,63}"),
    ),
    "trail_bucket": Flag(
        allowed="a bucket's name, such as my-trail-123456789012",
        parse=values.pattern(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"),
    ),
    "sample": Flag(allowed=f"some of {', '.join(Sample)}, comma-separated", parse=values.members_of(Sample)),
    "api_domain": Flag(allowed="a host name, such as api.example.com", parse=_A_HOST_NAME),
    "api_certificate_arn": _CERTIFICATE,
    "sign_in_domain": Flag(
        allowed="a host name in lower case below one of yours, such as auth.example.com; a prefix of AWS's, such as "
        "my-app; or none",
        parse=sign_in_host,
    ),
    "sign_in_certificate_arn": _CERTIFICATE,
    "nat_gateways": Flag(allowed="a whole number from 0 to 2", parse=values.whole_number(0, 2)),
    "implicit_grant": _SWITCH,
    "provisioned_concurrency": Flag(
        allowed="a whole number of execution environments from 1 to 1000", parse=values.whole_number(1, 1_000)
    ),
    "private_network": _SWITCH,
    "customer_key": _SWITCH,
    "tracing": _SWITCH,
    "reserved_concurrency": Flag(
        allowed="a whole number of runs from 1 to 100000", parse=values.whole_number(1, 100_000)
    ),
    "bucket_access_log": _SWITCH,
    "events": _SWITCH,
    "user_limits": Flag(
        allowed="true, or a whole number of attempts from 3 to 1000",
        parse=values.or_true(values.whole_number(3, 1000), UserLimits.attempts),
    ),
    "sealed_tokens": _SWITCH,
    "phone_countries": Flag(
        allowed="calling codes or longer prefixes such as +1,+44, and with a minus those that are not accepted, such "
        "as -1876; comma-separated",
        parse=values.phone_prefixes,
    ),
    "message_limit": Flag(
        allowed="a whole number of text messages an hour from 1 to 100000", parse=values.whole_number(1, 100_000)
    ),
    "oauth_domain": Flag(
        allowed="the user pool's domain: a prefix of AWS's, such as my-app, or a host name in lower case below one of "
        "yours, such as auth.example.com",
        parse=oauth_host,
    ),
    "oauth_callback_urls": _REDIRECT_URLS,
    "oauth_logout_urls": _REDIRECT_URLS,
    "guards": Flag(
        allowed="a folder and a module in it, such as guards:my_guards",
        parse=values.pattern(r".+:[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*"),
    ),
    "human_check": Flag(allowed=" or ".join(HumanCheckProvider), parse=values.one_of(HumanCheckProvider)),
    "human_check_secret_arn": Flag(
        allowed="the whole ARN of a secret, such as arn:aws:secretsmanager:eu-west-1:123456789012:secret:name-AbCdEf",
        parse=values.pattern(
            rf"arn:aws[a-z-]*:secretsmanager:{REGION}:\d{{12}}:secret:[\w/+=.@-]{{1,512}}-[0-9A-Za-z]{{6}}"
        ),
    ),
    "human_check_site_key": Flag(
        allowed="a site key, 1 to 100 letters, digits, - and _", parse=values.pattern(r"[0-9A-Za-z_-]{1,100}")
    ),
}
"""By name, in the order of the README."""
