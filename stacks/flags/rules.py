"""Which flags go together, and which do not."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from cognito_proxy.common.origins import ANY_ORIGIN
from cognito_proxy.common.regions import EDGE_REGION
from cognito_proxy.firewall.ip_lists import check_deny_list, parse_addresses
from stacks.flags.pool_replica import PoolReplica
from stacks.flags.sample import Sample
from stacks.flags.variant import Variant

if TYPE_CHECKING:
    from stacks.flags.app_flags import AppFlags


def broken_rule(flags: "AppFlags") -> str | None:
    """The first rule that the flags break, in one line; None if they go together."""
    return next((message for rule in _RULES if (message := rule(flags))), None)


def region_of(arn: str) -> str:
    """The Region that an ARN names."""
    return arn.split(":")[3]


def _lists_apart(flags: "AppFlags") -> str | None:
    allow = parse_addresses(flags.allow_ips, name="allow_ips")
    deny = parse_addresses(flags.deny_ips, name="deny_ips")
    try:
        check_deny_list(allow=allow, deny=deny)
    except ValueError as error:
        return str(error)
    return None


def _certificate_for_domain(flags: "AppFlags") -> str | None:
    if flags.domain_name is not None and flags.certificate_arn is None:
        return f"domain_name: {flags.domain_name!r} needs certificate_arn, a certificate for that name"
    if flags.certificate_arn is not None and flags.domain_name is None:
        return f"certificate_arn: {flags.certificate_arn!r} needs domain_name, the name that it is for"
    return None


def _domain_for_zone(flags: "AppFlags") -> str | None:
    if flags.hosted_zone_id is not None and not any((flags.domain_name, flags.api_domain, _sign_in_host_name(flags))):
        return f"hosted_zone_id: {flags.hosted_zone_id!r} needs domain_name, the name that the record is for"
    return None


def _certificate_in_region(flags: "AppFlags") -> str | None:
    # API Gateway takes certificates of its own Region only, CloudFront those of us-east-1.
    edge = flags.variant is Variant.EDGE
    wanted = EDGE_REGION if edge else flags.region
    if flags.certificate_arn is None or region_of(flags.certificate_arn) == wanted:
        return None
    where = "where CloudFront needs it" if edge else "in the pool's Region"
    return f"certificate_arn: {flags.certificate_arn!r} is not {where}; allowed is one in {wanted}"


def _existing_clients_of_an_existing_pool(flags: "AppFlags") -> str | None:
    if flags.app_client_ids and flags.user_pool_id is None:
        return "app_client_ids: needs user_pool_id, the pool that these app clients are of"
    return None


def _existing_clients_have_names(flags: "AppFlags") -> str | None:
    names = [name for name, _ in flags.app_client_ids]
    if "" in names and (len(names) > 1 or len(flags.app_clients) > 1):
        return "app_client_ids: with several app clients each id needs its name in app_clients, such as web:1a2b3c"
    for name in names:
        if name and name not in flags.app_clients:
            named = f"allowed are {', '.join(flags.app_clients)}" if flags.app_clients else "give app_clients, too"
            return f"app_client_ids: {name!r} is not a name in app_clients; {named}"
    return None


def _flows_of_new_clients(flags: "AppFlags") -> str | None:
    if flags.auth_flows and flags.existing_client_ids.keys() >= set(range(flags.client_count)):
        return "auth_flows: nothing of an existing app client is changed, and app_client_ids names all there are"
    return None


def _only_regional(flags: "AppFlags") -> str | None:
    if flags.provisioned_concurrency is not None and flags.variant is Variant.EDGE:
        return (
            f"provisioned_concurrency: {flags.provisioned_concurrency} needs variant=regional; Lambda@Edge keeps no "
            "execution environments ready"
        )
    given = {
        "throttle_rate": flags.throttle_rate,
        "throttle_burst": flags.throttle_burst,
        # A sample's REST API logs with it, too.
        "api_gateway_account_role": None if Sample.REST in flags.sample else flags.api_gateway_account_role or None,
    }
    for name, value in given.items():
        if value is not None and flags.variant is Variant.EDGE:
            return f"{name}: {str(value).lower()} needs variant=regional; the edge has no API Gateway"
    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-at-edge-function-restrictions.html
    not_at_the_edge = {
        "private_network": flags.private_network or None,
        "tracing": flags.tracing or None,
        "reserved_concurrency": flags.reserved_concurrency,
    }
    for name, value in not_at_the_edge.items():
        if value is not None and flags.variant is Variant.EDGE:
            return f"{name}: {str(value).lower()} needs variant=regional; Lambda@Edge has no such thing"
    if flags.events and flags.variant is Variant.EDGE:
        return "events: true needs variant=regional; at the edge Cognito's answers do not pass through the function"
    return None


def _messages_are_counted_in_one_region(flags: "AppFlags") -> str | None:
    if flags.message_limit is not None and flags.variant is Variant.EDGE:
        return f"message_limit: {flags.message_limit} needs variant=regional; the edge does not see what Cognito sends"
    return None


def _origins_of_an_api(flags: "AppFlags") -> str | None:
    of = next((sample for sample in (Sample.REST, Sample.HTTP) if sample in flags.sample), None)
    if of is not None and ANY_ORIGIN in flags.allowed_origins:
        return f"allowed_origins: '*' is not for sample={of}, which answers with users' own data; name the origins"
    return None


def _only_of_sample_http(flags: "AppFlags") -> str | None:
    given = {
        "api_domain": flags.api_domain,
        "api_certificate_arn": flags.api_certificate_arn,
        "sign_in_domain": flags.sign_in_domain,
        "sign_in_certificate_arn": flags.sign_in_certificate_arn,
        "nat_gateways": None if flags.private_network else flags.nat_gateways,
        "implicit_grant": flags.implicit_grant or None,
    }
    for name, value in given.items():
        if value is not None and Sample.HTTP not in flags.sample:
            return f"{name}: needs sample=http, which it is for"
    return None


def _certificate_for_api_domain(flags: "AppFlags") -> str | None:
    if flags.api_domain is not None and flags.api_certificate_arn is None:
        return f"api_domain: {flags.api_domain!r} needs api_certificate_arn, a certificate for that name"
    if flags.api_certificate_arn is not None and flags.api_domain is None:
        return f"api_certificate_arn: {flags.api_certificate_arn!r} needs api_domain, the name that it is for"
    if flags.api_certificate_arn is not None and region_of(flags.api_certificate_arn) != flags.region:
        return (
            f"api_certificate_arn: {flags.api_certificate_arn!r} is not in the pool's Region; "
            f"allowed is one in {flags.region}"
        )
    return None


def _certificate_for_sign_in_domain(flags: "AppFlags") -> str | None:
    host_name, certificate = _sign_in_host_name(flags), flags.sign_in_certificate_arn
    if host_name is not None and certificate is None:
        return f"sign_in_domain: {host_name!r} needs sign_in_certificate_arn, a certificate for that name"
    if certificate is not None and host_name is None:
        return f"sign_in_certificate_arn: {certificate!r} needs a host name in sign_in_domain, which it is for"
    # Cognito makes a CloudFront distribution for it: API reference, CreateUserPoolDomain, CustomDomainConfig.
    if certificate is not None and region_of(certificate) != EDGE_REGION:
        return (
            f"sign_in_certificate_arn: {certificate!r} is not where Cognito needs it; allowed is one in {EDGE_REGION}"
        )
    return None


def _grant_needs_pages(flags: "AppFlags") -> str | None:
    if flags.implicit_grant and flags.sign_in_domain is not None and not flags.sign_in_domain.made:
        return "implicit_grant: true needs sign-in pages; sign_in_domain is none"
    return None


def _cognito_endpoint_without_domain(flags: "AppFlags") -> str | None:
    # https://docs.aws.amazon.com/cognito/latest/developerguide/vpc-interface-endpoints.html
    pages = Sample.HTTP in flags.sample and (flags.sign_in_domain is None or flags.sign_in_domain.made)
    if flags.private_network and not flags.nat_gateways and pages:
        return (
            "private_network: true calls Cognito through an endpoint, which a pool with sign-in pages refuses; "
            "give nat_gateways, too, or sign_in_domain=none"
        )
    return None


def _sign_in_host_name(flags: "AppFlags") -> str | None:
    return None if flags.sign_in_domain is None else flags.sign_in_domain.host_name


def _human_check_is_whole(flags: "AppFlags") -> str | None:
    if flags.human_check is None:
        for name in ("human_check_secret_arn", "human_check_site_key"):
            if (value := getattr(flags, name)) is not None:
                return f"{name}: {value!r} needs human_check, the provider that it is of"
        return None
    if Sample.PAGE in flags.sample and flags.human_check_site_key is None:
        return f"human_check: {flags.human_check} with sample=page needs human_check_site_key, which the page shows"
    return None


def _only_at_the_edge(flags: "AppFlags") -> str | None:
    if flags.edge_admin_calls is None:
        return None
    if flags.variant is not Variant.EDGE:
        return f"edge_admin_calls: {flags.edge_admin_calls} needs variant=edge; a regional function makes its own calls"
    if not flags.threat_protection:
        return f"edge_admin_calls: {flags.edge_admin_calls} needs threat_protection; nothing is signed without it"
    return None


def _user_limits_not_at_the_edge(flags: "AppFlags") -> str | None:
    if flags.user_limits is not None and flags.variant is Variant.EDGE:
        return "user_limits: needs variant=regional; the edge's function does not see Cognito's answers"
    return None


def _sealed_tokens_where_answers_pass(flags: "AppFlags") -> str | None:
    if flags.sealed_tokens and flags.variant is Variant.EDGE:
        return "sealed_tokens: true needs variant=regional; at the edge Cognito's answers do not pass the function"
    return None


def _sealed_tokens_for_every_sign_in(flags: "AppFlags") -> str | None:
    wanted = flags.sign_in_domain
    if flags.sealed_tokens and Sample.HTTP in flags.sample and (wanted is None or wanted.made):
        return (
            "sealed_tokens: true with sample=http needs sign_in_domain=none; Cognito's own pages give tokens that are "
            "not sealed"
        )
    return None


def _sealed_tokens_alone(flags: "AppFlags") -> str | None:
    if flags.sealed_tokens and flags.oauth_domain is not None:
        return "sealed_tokens: true not with oauth_domain, whose token endpoint gives tokens that are not sealed"
    if flags.sealed_tokens and flags.second_region is not None:
        return "sealed_tokens: true not with second_region; the keys are in one Region only"
    return None


def _second_region_is_whole(flags: "AppFlags") -> str | None:
    region = flags.second_region
    if region is None:
        if flags.second_certificate_arn is not None:
            return f"second_certificate_arn: {flags.second_certificate_arn!r} needs second_region, where it is for"
        if flags.pool_replica is not PoolReplica.EXISTING:
            return f"pool_replica: {flags.pool_replica} needs second_region, where the replica is to be"
        return None
    if flags.user_pool_id is None:
        return f"second_region: {region} needs user_pool_id; the demonstration's pool is in one Region"
    if region == flags.region:
        return f"second_region: {region} is the pool's own Region; give another one"
    return _second_proxy_is_whole(flags) if flags.variant is Variant.REGIONAL else _edge_needs_no_second_proxy(flags)


def _one_region_only(flags: "AppFlags") -> str | None:
    if flags.second_region is None:
        return None
    if Sample.HTTP in flags.sample:
        return (
            "sample: http not with second_region; its authorizer knows the pool's first issuer, and a replicated pool "
            "issues its tokens as another one"
        )
    if (domain := flags.oauth_domain) is not None:
        name = domain.host_name or domain.prefix
        return (
            f"oauth_domain: {name!r} not with second_region; a user pool domain is in "
            "one Region, and discovery names the issuer that a replicated pool leaves"
        )
    return None


def _second_proxy_is_whole(flags: "AppFlags") -> str | None:
    for name in ("domain_name", "hosted_zone_id", "second_certificate_arn"):
        if getattr(flags, name) is None:
            return f"second_region: {flags.second_region} needs {name}: both Regions answer to one host name"
    certificate = flags.second_certificate_arn
    if certificate is not None and region_of(certificate) != flags.second_region:
        return (
            f"second_certificate_arn: {certificate!r} is not in second_region; allowed is one in {flags.second_region}"
        )
    if flags.private_network and not flags.nat_gateways:
        return "private_network: true with second_region needs nat_gateways; an endpoint leads to one Region's Cognito"
    if flags.human_check_secret_arn is not None:
        return (
            "human_check_secret_arn: one secret is in one Region; leave it out with second_region, and fill the secret "
            "that each of the two stacks makes"
        )
    return None


def _edge_needs_no_second_proxy(flags: "AppFlags") -> str | None:
    if flags.second_certificate_arn is not None:
        return "second_certificate_arn: needs variant=regional; CloudFront has one certificate, in us-east-1"
    return None


def _oauth_is_whole(flags: "AppFlags") -> str | None:
    domain = flags.oauth_domain
    if domain is None:
        given = [name for name in ("oauth_callback_urls", "oauth_logout_urls") if getattr(flags, name)]
        return f"{given[0]}: needs oauth_domain, the domain of the user pool" if given else None
    if not flags.oauth_callback_urls and len(flags.existing_client_ids) < flags.client_count:
        return "oauth_domain: new app clients need oauth_callback_urls, where apps come back to with a code"
    if flags.demonstration and domain.host_name is not None:
        return f"oauth_domain: {domain.host_name!r} needs user_pool_id; a demonstration makes a prefix of AWS's"
    if domain.host_name is not None and domain.host_name == flags.domain_name:
        return f"oauth_domain: {domain.host_name!r} is domain_name, the proxy's own; give the user pool's domain"
    return None


def _one_domain_that_is_reached(flags: "AppFlags") -> str | None:
    if flags.oauth_domain is None:
        return None
    if Sample.HTTP in flags.sample and (flags.sign_in_domain is None or flags.sign_in_domain.made):
        return "oauth_domain: sample=http makes a domain of the pool, too, which has one; give sign_in_domain=none"
    if flags.private_network and not flags.nat_gateways:
        return "oauth_domain: private_network=true needs nat_gateways; no endpoint in a VPC leads to a user pool domain"
    return None


_RULES: tuple[Callable[["AppFlags"], str | None], ...] = (
    _lists_apart,
    _certificate_for_domain,
    _domain_for_zone,
    _certificate_in_region,
    _existing_clients_of_an_existing_pool,
    _existing_clients_have_names,
    _flows_of_new_clients,
    _only_regional,
    _messages_are_counted_in_one_region,
    _only_at_the_edge,
    _origins_of_an_api,
    _only_of_sample_http,
    _certificate_for_api_domain,
    _certificate_for_sign_in_domain,
    _grant_needs_pages,
    _cognito_endpoint_without_domain,
    _user_limits_not_at_the_edge,
    _sealed_tokens_where_answers_pass,
    _sealed_tokens_for_every_sign_in,
    _sealed_tokens_alone,
    _human_check_is_whole,
    _second_region_is_whole,
    _one_region_only,
    _oauth_is_whole,
    _one_domain_that_is_reached,
)
