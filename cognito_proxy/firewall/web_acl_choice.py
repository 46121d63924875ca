"""Which web ACL stands in front of a proxy: its own, yours, or none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Annotations, Stack, Token
from aws_cdk import aws_kms as kms
from constructs import Construct

from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.firewall._responses import static_origin
from cognito_proxy.firewall.address_lists import WafScope
from cognito_proxy.firewall.health_checkers import HEALTH_PATH
from cognito_proxy.firewall.rates import RateLimit
from cognito_proxy.firewall.web_acl import ProxyWebAcl
from cognito_proxy.firewall.web_acl_logging import WebAclLogging

# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awswafv2.html
_ARN = re.compile(
    r"arn:aws[a-z-]*:wafv2:(?P<region>[a-z0-9-]+):\d{12}:(?P<scope>global|regional)/webacl/[\w-]{1,128}/[\w-]{1,36}"
)
_ARN_SCOPES = {"global": WafScope.CLOUDFRONT, "regional": WafScope.REGIONAL}


@dataclass(frozen=True, kw_only=True)
class ExistingWebAcl:
    """A web ACL that is made elsewhere, such as by a security team or another stack.

    Its blocks look as it says: without custom responses, a page sees API Gateway's gateway response (in Cognito's
    shape) in front of a `RegionalProxy`, and a failed fetch in front of an `EdgeProxy`.

    It has to deal with IPv6 by itself: rates by address hold back nobody who has a /64 (see `Ipv6Rates`), and a proxy
    without IPv6 has no AAAA record, but may be reached over IPv6 all the same (see `EdgeProxy`).

    Raises:
        PropertyError: `arn` is not the ARN of a web ACL of AWS WAF (the classic one is not supported).
    """

    arn: str
    """Its ARN: scope REGIONAL in the proxy's own Region for a `RegionalProxy`, CLOUDFRONT for an `EdgeProxy`."""

    def __post_init__(self) -> None:
        if not Token.is_unresolved(self.arn) and _ARN.fullmatch(self.arn) is None:
            raise PropertyError(
                f"arn: {self.arn!r} is not a web ACL's; give one such as "
                "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/Name/a1b2c3d4-5678-90ab-cdef-111122223333"
            )


@dataclass(frozen=True, kw_only=True)
class NoWebAcl:
    """Nothing in front of the proxy, which warns. For a web ACL that is attached from outside of the app, such as by
    AWS Firewall Manager."""


WebAclChoice = ProxyWebAcl | ExistingWebAcl | NoWebAcl
"""What stands in front of a proxy, when it is not the web ACL that the proxy makes for itself."""


@dataclass(frozen=True, kw_only=True)
class ChosenWebAcl:
    """What became of a choice."""

    construct: ProxyWebAcl | None
    """None when it is made elsewhere, or there is none."""

    arn: str | None
    """None when there is none."""


def chosen_web_acl(
    scope: Construct,
    choice: WebAclChoice | None,
    *,
    waf_scope: WafScope,
    allowed_origins: Sequence[str],
    ipv6: bool = False,
    health_check: bool = False,
    oauth_rate: RateLimit | None = None,
    encryption_key: kms.IKey | None = None,
) -> ChosenWebAcl:
    """The web ACL for the proxy `scope`; made there, as `WebAcl`, when there is no choice.

    Raises:
        PropertyError: the chosen one is none, or cannot be put in front of this proxy.
    """
    match choice:
        case None:
            own = ProxyWebAcl(
                scope,
                "WebAcl",
                waf_scope=waf_scope,
                allowed_origins=allowed_origins,
                ipv6=ipv6,
                health_check=health_check,
                oauth_rate=oauth_rate,
                logging=WebAclLogging(encryption_key=encryption_key),
            )
            return ChosenWebAcl(construct=own, arn=own.attr_arn)
        case NoWebAcl():
            Annotations.of(scope).add_warning_v2(
                "@cognito-proxy:noWebAcl",
                "web_acl: nothing stands in front of the proxy, so bots and floods reach Cognito's quotas. Leave the "
                "property out for a web ACL of its own, or attach one from outside.",
            )
            return ChosenWebAcl(construct=None, arn=None)
        case ExistingWebAcl():
            _check_arn(scope, choice.arn, waf_scope)
            if health_check:
                _warn_of_health_check(scope)
            return ChosenWebAcl(construct=None, arn=choice.arn)
        case ProxyWebAcl():
            _check_construct(scope, choice, waf_scope)
            _check_ipv6(choice, ipv6=ipv6)
            _check_health_check(choice, health_check=health_check)
            _check_oauth(choice, oauth=oauth_rate is not None)
            _warn_of_unreadable_blocks(scope, choice, allowed_origins)
            return ChosenWebAcl(construct=choice, arn=choice.attr_arn)
    raise PropertyError(
        f"web_acl: {_spoken(choice)} is none; give a ProxyWebAcl, ExistingWebAcl(arn=…) for one that is made "
        "elsewhere, or NoWebAcl(); leave it out for one of the proxy's own"
    )


def _spoken(choice: object) -> str:
    """What came, for an error; never a token's encoding."""
    return f"a {type(choice).__name__}" if not isinstance(choice, str) or Token.is_unresolved(choice) else repr(choice)


def _check_construct(scope: Construct, web_acl: ProxyWebAcl, waf_scope: WafScope) -> None:
    _check_scope(web_acl.node.path, web_acl.waf_scope, waf_scope)
    _check_region(scope, web_acl.node.path, Stack.of(web_acl).region, waf_scope)


def _check_ipv6(web_acl: ProxyWebAcl, *, ipv6: bool) -> None:
    """One that blocks IPv6 would turn away the users that the proxy invites; one that lets it in has no reason to."""
    if web_acl.ipv6 is not ipv6:
        raise PropertyError(f"web_acl: {web_acl.node.path} has ipv6={web_acl.ipv6}; this proxy has ipv6={ipv6}")


def _check_health_check(web_acl: ProxyWebAcl, *, health_check: bool) -> None:
    """One that stops the checkers would have Route 53 take the proxy for unwell, whatever it does."""
    if health_check and not web_acl.health_check:
        raise PropertyError(f"web_acl: {web_acl.node.path} needs health_check=True; this proxy has DnsFailover")


def _warn_of_health_check(scope: Construct) -> None:
    Annotations.of(scope).add_warning_v2(
        "@cognito-proxy:webAclHealthCheck",
        f"web_acl: it is made elsewhere and must let Route 53's health checkers GET {HEALTH_PATH} by API "
        "Gateway's own name, and should let nobody else; while it stops them, Route 53 takes this Region for unwell.",
    )


def _check_oauth(web_acl: ProxyWebAcl, *, oauth: bool) -> None:
    """One that blocks GET would let nobody sign in; one that lets it in has no reason to."""
    if web_acl.oauth is not oauth:
        fix = "give it an oauth_rate" if oauth else "leave its oauth_rate out"
        raise PropertyError(f"web_acl: {web_acl.node.path} has oauth={web_acl.oauth}; for this proxy {fix}")


def _check_arn(scope: Construct, arn: str, waf_scope: WafScope) -> None:
    parts = _ARN.fullmatch(arn)
    if parts is not None:
        _check_scope(arn, _ARN_SCOPES[parts["scope"]], waf_scope)
        _check_region(scope, arn, parts["region"], waf_scope)


def _check_scope(name: str, found: WafScope, wanted: WafScope) -> None:
    if found is not wanted:
        raise PropertyError(f"web_acl: {name} has the scope {found}; this proxy takes {wanted}")


def _check_region(scope: Construct, name: str, found: str, waf_scope: WafScope) -> None:
    """A regional resource takes web ACLs of its own Region; a distribution those of scope CLOUDFRONT, wherever made."""
    wanted = Stack.of(scope).region
    if waf_scope is WafScope.CLOUDFRONT or Token.is_unresolved(found) or Token.is_unresolved(wanted):
        return
    if found != wanted:
        raise PropertyError(f"web_acl: {name} is in {found}; this proxy takes one in its own Region, {wanted}")


def _warn_of_unreadable_blocks(scope: Construct, web_acl: ProxyWebAcl, allowed_origins: Sequence[str]) -> None:
    wanted = static_origin(allowed_origins)
    if wanted is not None and web_acl.readable_by not in (wanted, "*"):
        Annotations.of(scope).add_warning_v2(
            "@cognito-proxy:webAclOrigins",
            f"web_acl: pages of {', '.join(allowed_origins)} cannot read its blocks, which reach them as network "
            f"errors. Give {web_acl.node.path} the proxy's allowed_origins.",
        )
