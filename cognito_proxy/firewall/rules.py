"""The rules of the firewall: their names, their order, and what each is made of."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from aws_cdk import aws_wafv2 as wafv2

from cognito_proxy.firewall import _aws_groups as aws
from cognito_proxy.firewall import _responses as responses
from cognito_proxy.firewall._statements import (
    Acl,
    Statement,
    all_of,
    any_of,
    body_has_one_of,
    body_larger_than,
    calls_operation,
    from_addresses,
    host_is_api_gateways,
    method_is,
    network_rate_above,
    none_of,
    path_contains,
    path_ends_with,
    rate_above,
)
from cognito_proxy.firewall.address_lists import AddressList, WafScope
from cognito_proxy.firewall.health_checkers import HEALTH_PATH
from cognito_proxy.firewall.managed_groups import ManagedGroups
from cognito_proxy.firewall.rates import (
    NO_ATTEMPT_CHALLENGES,
    NO_ATTEMPT_FLOWS,
    RECOVERY_OPERATIONS,
    SIGN_IN_OPERATIONS,
    SIGN_UP_OPERATIONS,
    Ipv6Rates,
    OperationRates,
    RateLimit,
)


class FirewallRule(StrEnum):
    """The rules by name, in the order in which they are asked. Each has a CloudWatch metric of its own name."""

    ALLOW_LIST = "AllowList"
    """Lets addresses on the allow list in; no later rule sees them."""

    DENY_LIST_PREFLIGHT = "DenyListPreflight"
    """Answers preflights of addresses that the next two rules block, so that a page can read the block of its call."""

    DENY_LIST = "DenyList"
    """Blocks addresses on the deny list: ForbiddenException."""

    NO_IPV6 = "NoIpv6"
    """Blocks every IPv6 address, where `ipv6` is off: ForbiddenException."""

    HEALTH_CHECK = "HealthCheck"
    """Lets Route 53's health checkers ask whether the proxy is well, where `health_check` is on."""

    METHODS = "OnlyPostAndOptions"
    """Blocks every other method: ForbiddenException. With `oauth_rate` GET passes, too, but never of the check."""

    BODY_SIZE = "BodySize"
    """Blocks bodies larger than any that Cognito is sent: ForbiddenException."""

    PREFLIGHT_RATE_LIMIT = "PreflightRateLimit"
    """Answers preflights itself once an address sends more of them than the general rate allows."""

    RATE_LIMIT = "RateLimit"
    """The general rate of an address: TooManyRequestsException."""

    SIGN_UP_RATE_LIMIT = "SignUpRateLimit"
    """The rate of an address for signing up: TooManyRequestsException."""

    RECOVERY_RATE_LIMIT = "RecoveryRateLimit"
    """The rate of an address for password recovery and sent codes: TooManyRequestsException."""

    SIGN_IN_RATE_LIMIT = "SignInRateLimit"
    """The rate of an address for signing in: TooManyRequestsException."""

    SIGN_IN_ATTEMPT_RATE_LIMIT = "SignInAttemptRateLimit"
    """The rate of an address for what tries passwords and codes, or may send messages: TooManyRequestsException."""

    OAUTH_RATE_LIMIT = "OAuthRateLimit"
    """With `oauth_rate`: the rate of an address for the OAuth 2.0 endpoints: 429, in OAuth's own words."""

    IPV6_CLIENT_SIGN_UP_RATE_LIMIT = "Ipv6ClientSignUpRateLimit"
    """The rate of a kind of client in a network over IPv6, for sign-up and recovery: TooManyRequestsException."""

    IPV6_NETWORK_SIGN_UP_RATE_LIMIT = "Ipv6NetworkSignUpRateLimit"
    """The rate of a network over IPv6, for sign-up and recovery: TooManyRequestsException."""

    IPV6_CLIENT_SIGN_IN_RATE_LIMIT = "Ipv6ClientSignInRateLimit"
    """The rate of a kind of client in a network over IPv6, for signing in: TooManyRequestsException."""

    IPV6_NETWORK_SIGN_IN_RATE_LIMIT = "Ipv6NetworkSignInRateLimit"
    """The rate of a network over IPv6, for signing in: TooManyRequestsException."""

    IP_REPUTATION = "IpReputation"
    """AWS's list of attackers: ForbiddenException."""

    ANONYMOUS_IP = "AnonymousIp"
    """AWS's lists of Tor, VPNs, proxies and hosting providers: counts, or ForbiddenException where you say so."""

    KNOWN_BAD_INPUTS = "KnownBadInputs"
    """AWS's list of exploits: ForbiddenException."""

    BOT_CONTROL = "BotControl"
    """AWS's bot detection: ForbiddenException."""

    ACCOUNT_TAKEOVER = "AccountTakeoverPrevention"
    """AWS's detection of stolen and tried passwords: ForbiddenException."""

    ACCOUNT_CREATION = "AccountCreationFraudPrevention"
    """AWS's detection of mass sign-ups: ForbiddenException."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule before it has its place. Without an action it is a managed group, whose rules have theirs."""

    name: FirewallRule
    statement: Statement
    action: Acl.RuleActionProperty | None = None


def list_rules(
    allow: AddressList,
    deny: AddressList,
    origin: str | None,
    *,
    refused_ipv6: wafv2.CfnIPSet | None,
    counting: Collection[FirewallRule],
) -> Iterator[Rule]:
    """Who is let in and who is not, whatever they send."""
    yield Rule(
        name=FirewallRule.ALLOW_LIST,
        statement=from_addresses(allow.ip_sets),
        action=Acl.RuleActionProperty(allow=Acl.AllowActionProperty()),
    )
    refused = {FirewallRule.DENY_LIST: deny.ip_sets}
    if refused_ipv6 is not None:
        refused[FirewallRule.NO_IPV6] = (refused_ipv6,)
    if origin is not None:
        # Where a rule only counts, the call goes on, and so must its preflight.
        blocked = [ip_sets for name, ip_sets in refused.items() if name not in counting] or list(refused.values())
        sources = from_addresses([ip_set for ip_sets in blocked for ip_set in ip_sets])
        yield _preflight_rule(FirewallRule.DENY_LIST_PREFLIGHT, all_of([method_is("OPTIONS"), sources]), origin)
    for name, ip_sets in refused.items():
        yield _forbidding_rule(name, from_addresses(ip_sets), origin)


def health_check_rule(checkers: wafv2.CfnIPSet) -> Rule:
    """GET of the one path, from the checkers' addresses, by API Gateway's own name: the next rule stops whoever else.

    The addresses are those of everybody's health checks, and a checker sends the name that it was given as Host (API
    reference, HealthCheckConfig, `FullyQualifiedDomainName`). So who knows only the proxy's host name, and not the id
    of its API, cannot have it checked. Managed groups that block hosting providers or bots would stop the checkers,
    too, so no later rule sees them.
    """
    return Rule(
        name=FirewallRule.HEALTH_CHECK,
        statement=all_of(
            [method_is("GET"), path_ends_with(HEALTH_PATH), from_addresses([checkers]), host_is_api_gateways()]
        ),
        action=Acl.RuleActionProperty(allow=Acl.AllowActionProperty()),
    )


def sanity_rules(max_body_bytes: int, origin: str | None, *, oauth: bool, health_check: bool) -> Iterator[Rule]:
    """What no client of Cognito sends; with `oauth`, browsers come with GET.

    With `health_check` the path of the check is blocked for GET by name, whatever GET is let through for.
    """
    methods = ("POST", "OPTIONS", *(("GET",) if oauth else ()))
    refused = [none_of([method_is(method) for method in methods])]
    if health_check:
        refused.append(all_of([method_is("GET"), path_contains(HEALTH_PATH)]))
    yield _forbidding_rule(FirewallRule.METHODS, any_of(refused), origin)
    yield _forbidding_rule(FirewallRule.BODY_SIZE, body_larger_than(max_body_bytes), origin)


def rate_rules(general: RateLimit, operations: OperationRates, origin: str | None) -> Iterator[Rule]:
    """The rates of one address."""
    counted = None
    if origin is not None:
        # A page sends a preflight with a call, or does not: what it may call must not depend on that.
        counted = none_of([method_is("OPTIONS")])
        preflights = rate_above(general.limit, general.window_seconds, method_is("OPTIONS"))
        yield _preflight_rule(FirewallRule.PREFLIGHT_RATE_LIMIT, preflights, origin)
    groups: tuple[tuple[FirewallRule, RateLimit | None, Statement | None], ...] = (
        (FirewallRule.RATE_LIMIT, general, counted),
        (FirewallRule.SIGN_UP_RATE_LIMIT, operations.sign_up, calls_operation(SIGN_UP_OPERATIONS)),
        (FirewallRule.RECOVERY_RATE_LIMIT, operations.recovery, calls_operation(RECOVERY_OPERATIONS)),
        (FirewallRule.SIGN_IN_RATE_LIMIT, operations.sign_in, calls_operation(SIGN_IN_OPERATIONS)),
        (FirewallRule.SIGN_IN_ATTEMPT_RATE_LIMIT, operations.sign_in_attempts, _sign_in_attempts()),
    )
    for name, rate, scope_down in groups:
        if rate is not None:
            yield _limiting_rule(name, rate_above(rate.limit, rate.window_seconds, scope_down), origin)


def oauth_rate_rule(rate: RateLimit, origin: str | None) -> Rule:
    """The rate of one address for what is below `/oauth2/`; a page's preflights do not count."""
    counted = all_of([_oauth_calls(), none_of([method_is("OPTIONS")])])
    block = responses.block_with(responses.TOO_MANY_OAUTH_REQUESTS, origin=origin)
    return Rule(
        name=FirewallRule.OAUTH_RATE_LIMIT,
        statement=rate_above(rate.limit, rate.window_seconds, counted),
        action=Acl.RuleActionProperty(block=block),
    )


def _oauth_calls() -> Statement:
    return path_contains("/oauth2/")


def ipv6_rate_rules(
    sources: wafv2.CfnIPSet, rates: Ipv6Rates, origin: str | None, waf_scope: WafScope, *, oauth: bool
) -> Iterator[Rule]:
    """The ceilings of one network over IPv6; in front of an API, where there are no fingerprints, without a client's.

    They stand behind the rates of an address, and a client's before its network's: what one rule blocks, no later one
    counts, so who floods with one kind of client uses up that client's rate and not the whole network's.
    """
    sign_up = calls_operation((*SIGN_UP_OPERATIONS, *RECOVERY_OPERATIONS))
    sign_in = calls_operation(SIGN_IN_OPERATIONS)
    if oauth:
        sign_in = any_of([sign_in, _oauth_calls()])
    client, network = True, False
    for name, rate, operations, counted_by in (
        (FirewallRule.IPV6_CLIENT_SIGN_UP_RATE_LIMIT, rates.sign_up_and_recovery_of_one_client, sign_up, client),
        (FirewallRule.IPV6_NETWORK_SIGN_UP_RATE_LIMIT, rates.sign_up_and_recovery, sign_up, network),
        (FirewallRule.IPV6_CLIENT_SIGN_IN_RATE_LIMIT, rates.sign_in_of_one_client, sign_in, client),
        (FirewallRule.IPV6_NETWORK_SIGN_IN_RATE_LIMIT, rates.sign_in, sign_in, network),
    ):
        if rate is not None and (counted_by is network or waf_scope is WafScope.CLOUDFRONT):
            scope_down = all_of([from_addresses([sources]), operations])
            statement = network_rate_above(rate.limit, rate.window_seconds, scope_down, one_client=counted_by)
            # With the headers of all answers, everything switched on would go beyond the 100 of a web ACL.
            yield _limiting_rule(name, statement, origin, answer_headers=False)


def managed_rules(groups: ManagedGroups, origin: str | None, waf_scope: WafScope) -> Iterator[Rule]:
    """AWS's managed groups."""
    block = responses.block_with(responses.FORBIDDEN, origin=origin, answer_headers=False)
    # Response inspection is CloudFront's privilege (API reference, ResponseInspection).
    inspects = waf_scope is WafScope.CLOUDFRONT
    takeover, creation = groups.account_takeover, groups.account_creation
    for name, wanted, group, config, operations in (
        (FirewallRule.IP_REPUTATION, groups.ip_reputation, aws.IP_REPUTATION, None, ()),
        (FirewallRule.ANONYMOUS_IP, groups.anonymous_ip, aws.ANONYMOUS_IP, None, ()),
        (FirewallRule.KNOWN_BAD_INPUTS, groups.known_bad_inputs, aws.KNOWN_BAD_INPUTS, None, ()),
        (FirewallRule.BOT_CONTROL, groups.bot_control, aws.BOT_CONTROL, aws.bot_control_config(), ()),
        (
            FirewallRule.ACCOUNT_TAKEOVER,
            takeover,
            aws.ACCOUNT_TAKEOVER,
            aws.takeover_config(takeover, inspects_responses=inspects) if takeover else None,
            ("InitiateAuth",),
        ),
        (
            FirewallRule.ACCOUNT_CREATION,
            creation,
            aws.ACCOUNT_CREATION,
            aws.creation_config(creation, inspects_responses=inspects) if creation else None,
            ("SignUp",),
        ),
    ):
        if wanted:
            statement = aws.managed_group(group, block, config=config, operations=operations)
            yield Rule(name=name, statement=statement)


def with_preflights(count_only: Collection[FirewallRule], *, ipv6: bool) -> set[FirewallRule]:
    """Whoever lets a rule count wants nothing of it answered by AWS WAF, preflights included."""
    answered_for = {
        FirewallRule.DENY_LIST_PREFLIGHT: {FirewallRule.DENY_LIST, *(() if ipv6 else (FirewallRule.NO_IPV6,))},
        FirewallRule.PREFLIGHT_RATE_LIMIT: {FirewallRule.RATE_LIMIT},
    }
    counting = set(count_only)
    return counting | {preflight for preflight, rules in answered_for.items() if rules <= counting}


def _sign_in_attempts() -> Statement:
    """Calls of a sign-in that try a password or a code, or may send a message; see `rates`."""
    first_calls = all_of([calls_operation(["InitiateAuth"]), none_of([body_has_one_of("/AuthFlow", NO_ATTEMPT_FLOWS)])])
    answers = all_of(
        [
            calls_operation(["RespondToAuthChallenge"]),
            none_of([body_has_one_of("/ChallengeName", NO_ATTEMPT_CHALLENGES)]),
        ]
    )
    return any_of([first_calls, answers])


def _preflight_rule(name: FirewallRule, statement: Statement, origin: str) -> Rule:
    answer = responses.answer_preflight(origin=origin)
    return Rule(name=name, statement=statement, action=Acl.RuleActionProperty(block=answer))


def _forbidding_rule(name: FirewallRule, statement: Statement, origin: str | None) -> Rule:
    block = responses.block_with(responses.FORBIDDEN, origin=origin)
    return Rule(name=name, statement=statement, action=Acl.RuleActionProperty(block=block))


def _limiting_rule(
    name: FirewallRule, statement: Statement, origin: str | None, *, answer_headers: bool = True
) -> Rule:
    block = responses.block_with(responses.TOO_MANY_REQUESTS, origin=origin, answer_headers=answer_headers)
    return Rule(name=name, statement=statement, action=Acl.RuleActionProperty(block=block))
