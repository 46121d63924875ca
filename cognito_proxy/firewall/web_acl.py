"""The firewall in front of the proxy: lists, rates, sanity and AWS's managed groups, in that order."""

from collections.abc import Collection, Sequence

from aws_cdk import Annotations, Names, Stack, Token
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs
from constructs import Construct

from cognito_proxy.common.origins import check_origins
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.common.regions import EDGE_REGION
from cognito_proxy.firewall import _responses as responses
from cognito_proxy.firewall._statements import Acl, visible
from cognito_proxy.firewall.address_lists import AddressList, WafScope, address_list, ipv6_sources
from cognito_proxy.firewall.health_checkers import health_checkers
from cognito_proxy.firewall.ip_lists import check_deny_list, parse_addresses
from cognito_proxy.firewall.managed_groups import ROOT, ManagedGroups
from cognito_proxy.firewall.rates import DEFAULT_RATE_LIMIT, Ipv6Rates, OperationRates, RateLimit
from cognito_proxy.firewall.rules import (
    FirewallRule,
    Rule,
    health_check_rule,
    ipv6_rate_rules,
    list_rules,
    managed_rules,
    oauth_rate_rule,
    rate_rules,
    sanity_rules,
    with_preflights,
)
from cognito_proxy.firewall.web_acl_logging import DEFAULT_LOGGING, WebAclLogging, data_protection, log_web_acl

__all__ = ["DEFAULT_MAX_BODY_BYTES", "MAX_BODY_BYTES", "FirewallRule", "ProxyWebAcl"]

DEFAULT_MAX_BODY_BYTES = 16_384
MAX_BODY_BYTES = 65_536
_INSPECTION_LIMITS = ((16_384, "KB_16"), (32_768, "KB_32"), (49_152, "KB_48"), (65_536, "KB_64"))
_PRIORITY_STEP = 10


class ProxyWebAcl(Construct):
    """AWS WAF in front of the proxy, either variant. A proxy makes one for itself; make your own for other settings:

        web_acl = ProxyWebAcl(self, "WebAcl", rate_limit=RateLimit(limit=500), allowed_origins=ORIGINS)
        RegionalProxy(self, "Proxy", app_clients=[client], allowed_origins=ORIGINS, web_acl=web_acl)

    Rules are asked in the order of `FirewallRule`; the first that allows or blocks decides, and what none of them stops
    gets through. Allow list, deny list and general rate mean what AllowList, DenyList and RateLimit mean in the AWS
    Security Blog's web ACL, down to the four IP sets. Blocks look like Cognito's errors; `responses` says how a
    page gets to see them, `address_lists` how lists changed by hand survive deployments.

    AWS WAF notices a flood with some delay, and lets it in until then; Cognito's own quotas stand behind it.
    """

    web_acl: Acl
    """The web ACL itself."""

    waf_scope: WafScope
    """What the web ACL can be put in front of."""

    ipv6: bool
    """Whether IPv6 addresses may call; the proxy behind it must agree."""

    health_check: bool
    """Whether Route 53's health checkers may ask; a proxy with a health check needs it."""

    oauth: bool
    """Whether the paths of OAuth 2.0 pass; it must, before a proxy that serves them."""

    allow_list: AddressList
    """The IP sets of the allow list; `v4` and `v6` are for editing by hand."""

    deny_list: AddressList
    """The IP sets of the deny list; `v4` and `v6` are for editing by hand."""

    metric_name: str
    """The web ACL's name in CloudWatch (dimension WebACL)."""

    log_group: logs.ILogGroup | None
    """Where it logs to. None where that is a bucket, or nowhere."""

    readable_by: str | None
    """The origin whose pages can read what the web ACL answers; `*`: of every origin; None: none."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        waf_scope: WafScope = WafScope.REGIONAL,
        allow_ips: str | Sequence[str] = (),
        deny_ips: str | Sequence[str] = (),
        rate_limit: RateLimit | None = None,
        operation_rates: OperationRates | None = None,
        ipv6: bool = False,
        ipv6_rates: Ipv6Rates | None = None,
        health_check: bool = False,
        oauth_rate: RateLimit | None = None,
        managed_groups: ManagedGroups | None = None,
        max_body_bytes: int = DEFAULT_MAX_BODY_BYTES,
        allowed_origins: Sequence[str] = (),
        count_only: Collection[FirewallRule] = (),
        logging: WebAclLogging | None = DEFAULT_LOGGING,
    ) -> None:
        """Make the web ACL and its IP sets.

        Args:
            scope: The parent construct.
            construct_id: The construct's id.
            waf_scope: What it protects. Default: REGIONAL, an API Gateway stage.
            allow_ips: Addresses and CIDRs, v4 and v6 mixed, always let in. Default: none besides those set by hand.
            deny_ips: Addresses and CIDRs, v4 and v6 mixed, always blocked. Default: none besides those set by hand.
            rate_limit: The general rate of one address. Default: 1,000 requests in 300 seconds.
            operation_rates: Rates for sign-up, recovery and sign-in. Default: see `OperationRates`.
            ipv6: Let IPv6 addresses call, as a proxy with `ipv6=True` has them do. Else every one of them is blocked,
                unless it is on the allow list. Default: False.
            ipv6_rates: With `ipv6`, ceilings for all IPv6 addresses of a network together; in front of an API those of
                one kind of client are left out, since AWS WAF knows no fingerprints there. Default: see `Ipv6Rates`.
            health_check: Let Route 53's health checkers ask for `/health`, as a `RegionalProxy` with `DnsFailover` has
                them do, by API Gateway's own name. Nobody else can: the rule is by their addresses and that name.
                Scope REGIONAL only. Default: False.
            oauth_rate: For a proxy with `oauth`: GET passes, one address has this rate for all paths below `/oauth2/`,
                and queries, which hold tokens and addresses then, are not logged. Default: - GET is blocked.
            managed_groups: AWS's managed rule groups. Default: see `ManagedGroups`.
            max_body_bytes: The largest body let through, in bytes; 1 to 65,536. AWS charges more for inspecting more
                than 16,384. Default: 16,384.
            allowed_origins: The pages that call the proxy, as in its own settings. Default: none, no CORS headers.
            count_only: Rules that only count what they would decide; `tuple(FirewallRule)` for a first deployment.
                Default: none.
            logging: Where and what the web ACL logs; None turns it off. Default: - a new log group that keeps what was
                stopped or counted for a month.

        Raises:
            PropertyError: an address, a list, a size, an origin, IPv6 or the stack's Region is not as AWS WAF or the
                proxy wants it; names the property, the value and what is allowed.
        """
        super().__init__(scope, construct_id)
        _check_region(self, waf_scope)
        _check_body_size(max_body_bytes)
        _check_rules(count_only)
        allow, deny = parse_addresses(allow_ips, name="allow_ips"), parse_addresses(deny_ips, name="deny_ips")
        check_deny_list(allow=allow, deny=deny)
        check_origins("allowed_origins", allowed_origins)
        _check_ipv6(ipv6=ipv6, ipv6_rates=ipv6_rates)
        _check_health_check(waf_scope, health_check=health_check)

        self.waf_scope = waf_scope
        self.ipv6 = ipv6
        self.health_check = health_check
        self.oauth = oauth_rate is not None
        self.allow_list = address_list(self, "AllowList", waf_scope=waf_scope, addresses=allow)
        self.deny_list = address_list(self, "DenyList", waf_scope=waf_scope, addresses=deny)
        self.metric_name = Names.unique_resource_name(self, max_length=128, separator="-")

        origin = responses.static_origin(allowed_origins)
        self.readable_by = origin
        groups = managed_groups or ManagedGroups()
        _warn_of_paths(self, groups)
        counting = with_preflights(count_only, ipv6=ipv6)
        if not groups.block_anonymous_ip:
            counting.add(FirewallRule.ANONYMOUS_IP)
        every_ipv6 = ipv6_sources(self, waf_scope=waf_scope)
        rules = [
            *list_rules(
                self.allow_list, self.deny_list, origin, refused_ipv6=None if ipv6 else every_ipv6, counting=counting
            ),
            *((health_check_rule(health_checkers(self, waf_scope=waf_scope)),) if health_check else ()),
            *sanity_rules(max_body_bytes, origin, oauth=self.oauth, health_check=health_check),
            *rate_rules(rate_limit or DEFAULT_RATE_LIMIT, operation_rates or OperationRates(), origin),
            *((oauth_rate_rule(oauth_rate, origin),) if oauth_rate is not None else ()),
            *(
                ipv6_rate_rules(every_ipv6, ipv6_rates or Ipv6Rates(), origin, waf_scope, oauth=self.oauth)
                if ipv6
                else ()
            ),
            *managed_rules(groups, origin, waf_scope),
        ]
        self.web_acl = Acl(
            self,
            "Resource",
            scope=waf_scope.value,
            default_action=Acl.DefaultActionProperty(allow=Acl.AllowActionProperty()),
            visibility_config=visible(self.metric_name),
            custom_response_bodies=responses.custom_response_bodies(oauth=self.oauth),
            association_config=_body_inspection(waf_scope, max_body_bytes),
            data_protection_config=data_protection(redact_query=self.oauth),
            rules=[
                _property(rule, priority=index * _PRIORITY_STEP, count_only=rule.name in counting)
                for index, rule in enumerate(rules)
            ],
        )
        self.log_group = None if logging is None else log_web_acl(self, self.web_acl, logging, redact_query=self.oauth)

    @property
    def attr_arn(self) -> str:
        """The web ACL's ARN."""
        return self.web_acl.attr_arn

    @property
    def metric_dimensions(self) -> dict[str, str]:
        """What its metrics in `AWS/WAFV2` have in common; each has its `Rule` besides."""
        dimensions = {"WebACL": self.metric_name}
        if self.waf_scope is WafScope.REGIONAL:
            dimensions["Region"] = Stack.of(self).region
        return dimensions

    def metric_blocked(self, rule: FirewallRule) -> cloudwatch.Metric:
        """Requests that a rule blocked; sum in five minutes."""
        dimensions = {**self.metric_dimensions, "Rule": rule.value}
        return cloudwatch.Metric(
            namespace="AWS/WAFV2", metric_name="BlockedRequests", dimensions_map=dimensions, statistic="Sum"
        )


def _property(rule: Rule, *, priority: int, count_only: bool) -> Acl.RuleProperty:
    count = Acl.CountActionProperty()
    if rule.action is None:
        override = Acl.OverrideActionProperty(count={}) if count_only else Acl.OverrideActionProperty(none={})
        action = None
    else:
        override = None
        action = Acl.RuleActionProperty(count=count) if count_only else rule.action
    return Acl.RuleProperty(
        name=rule.name.value,
        priority=priority,
        statement=rule.statement,
        action=action,
        override_action=override,
        visibility_config=visible(rule.name.value),
    )


def _body_inspection(waf_scope: WafScope, max_body_bytes: int) -> Acl.AssociationConfigProperty | None:
    """How much of a body AWS WAF gets to see: the smallest of its steps that holds the largest body let through."""
    step = next(name for size, name in _INSPECTION_LIMITS if max_body_bytes <= size)
    if step == _INSPECTION_LIMITS[0][1]:
        return None
    resource = "CLOUDFRONT" if waf_scope is WafScope.CLOUDFRONT else "API_GATEWAY"
    return Acl.AssociationConfigProperty(
        request_body={resource: Acl.RequestBodyAssociatedResourceTypeConfigProperty(default_size_inspection_limit=step)}
    )


def _check_body_size(max_body_bytes: int) -> None:
    allowed = f"AWS WAF inspects 1 to {MAX_BODY_BYTES} bytes"
    if Token.is_unresolved(max_body_bytes):
        # How much AWS WAF gets to see of a body is chosen here and now.
        raise PropertyError(f"max_body_bytes: it is known at deployment only; give a number, {allowed}")
    if not 1 <= max_body_bytes <= MAX_BODY_BYTES:
        raise PropertyError(f"max_body_bytes: {max_body_bytes}; {allowed}")


def _check_rules(count_only: Collection[FirewallRule]) -> None:
    for name in count_only:
        if name not in tuple(FirewallRule):
            raise PropertyError(f"count_only: {name!r}; known are {', '.join(FirewallRule)}")


def _check_region(scope: Construct, waf_scope: WafScope) -> None:
    region = Stack.of(scope).region
    if waf_scope is WafScope.CLOUDFRONT and not Token.is_unresolved(region) and region != EDGE_REGION:
        raise PropertyError(f"waf_scope: CLOUDFRONT needs a stack in {EDGE_REGION}; this one is in {region}")


def _check_ipv6(*, ipv6: bool, ipv6_rates: Ipv6Rates | None) -> None:
    if ipv6_rates is not None and not ipv6:
        raise PropertyError("ipv6_rates: given without ipv6=True; no IPv6 address gets so far then")


def _check_health_check(waf_scope: WafScope, *, health_check: bool) -> None:
    if health_check and waf_scope is WafScope.CLOUDFRONT:
        raise PropertyError("health_check: needs waf_scope REGIONAL; no health check asks an EdgeProxy")


def _warn_of_paths(scope: Construct, groups: ManagedGroups) -> None:
    takeover, creation = groups.account_takeover, groups.account_creation
    for name, path in (
        ("account_takeover: its login_path", takeover.login_path if takeover else ROOT),
        ("account_creation: its creation_path", creation.creation_path if creation else ROOT),
    ):
        if path != ROOT:
            Annotations.of(scope).add_warning_v2(
                "@cognito-proxy:managedGroupPath",
                f"managed_groups: {name} is longer than {ROOT}, so a call to a path that does not begin with it, be it "
                f"for want of a slash, is not looked at. Leave it out: {ROOT} is enough, x-amz-target picks the calls.",
            )
