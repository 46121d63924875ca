"""The edge variant: CloudFront, and a function at the edge location that is nearest to the user."""

import re
from collections.abc import Sequence

from aws_cdk import Duration, Token
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cognito_proxy.app_clients.app_client import AppClient
from cognito_proxy.common.checks import PropertyError, require_between, require_duration_between
from cognito_proxy.common.origins import warn_of_any_origin
from cognito_proxy.firewall.address_lists import WafScope
from cognito_proxy.firewall.web_acl import ProxyWebAcl
from cognito_proxy.firewall.web_acl_choice import WebAclChoice, chosen_web_acl
from cognito_proxy.proxies._client_context import prepare_client_context
from cognito_proxy.proxies._edge_distribution import edge_distribution
from cognito_proxy.proxies._edge_function import edge_function
from cognito_proxy.proxies._edge_log_bucket import edge_log_bucket
from cognito_proxy.proxies._edge_places import check_certificate, check_region, check_secret_region
from cognito_proxy.proxies._edge_response_headers import edge_response_headers
from cognito_proxy.proxies.custom_domain import CustomDomain
from cognito_proxy.proxies.settings_document import EdgeAdminCalls, SettingsDocument

# CloudFront gives an origin-request function no more.
_LONGEST_TIMEOUT = Duration.seconds(30)
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")


class EdgeProxy(Construct):
    """A CloudFront distribution in front of Cognito whose origin-request function adds the proof.

    CloudFront itself carries the rewritten request to Cognito, over connections that it keeps. It serves one or more
    app clients of one user pool, which may be in any Region; the proxy's own stack is in us-east-1. For a pool
    elsewhere, the app client stands in a stack in the pool's Region and has `us-east-1` among its
    `secret_replica_regions`. Values pass from stack to stack by themselves; deploy both with one `cdk deploy --all`.

    The function logs to `/aws/lambda/us-east-1.<function name>` in the Regions near its viewers, in log groups that it
    makes there and that never expire unless you say so. Deleting the stack fails the first time, because AWS removes
    the copies of the function some hours after the distribution; delete it again then.
    """

    app_clients: tuple[AppClient, ...]
    """Whom the proxy serves."""
    distribution: cloudfront.Distribution
    web_acl: ProxyWebAcl | None
    """The web ACL in front of the distribution. None when it is made elsewhere, or there is none."""
    web_acl_arn: str | None
    """Its ARN, wherever it is made. None when there is none."""
    function: lambda_.Function
    function_version: lambda_.IVersion
    """What CloudFront runs."""
    log_bucket: s3.Bucket
    """The access log. It holds viewers' addresses, which are personal data; it stays when the proxy goes."""
    endpoint: str
    """The URL that apps call."""
    domain_name: str
    """The host name in `endpoint`."""
    alias_target: str | None
    """With a `domain`: the host name that its DNS records point at."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        app_clients: Sequence[AppClient],
        allowed_origins: Sequence[str] = (),
        additional_request_headers: Sequence[str] = (),
        secret_ttl: Duration | None = None,
        threat_protection: bool = False,
        propagate_client_ip: bool = False,
        edge_admin_calls: EdgeAdminCalls = EdgeAdminCalls.GENERATED,
        web_acl: WebAclChoice | None = None,
        ipv6: bool = False,
        domain: CustomDomain | None = None,
        memory_size: int = 512,
        timeout: Duration | None = None,
        price_class: cloudfront.PriceClass = cloudfront.PriceClass.PRICE_CLASS_ALL,
        log_retention: Duration | None = None,
    ) -> None:
        """Make the distribution and the function.

        Args:
            scope: The parent; its stack is in us-east-1. A stack that leaves its Region open warns.
            construct_id: Id within `scope`.
            app_clients: Whom the proxy serves, at least one, all of one pool. Any other client id is refused. About
                twenty fit into the settings.
            allowed_origins: Exact origins whose pages may call (`https://app.example.com`, `capacitor://localhost`),
                or `*` alone, which warns. Native apps need none. Default: none.
            additional_request_headers: Headers that pages may send besides those of Amplify and the AWS SDKs, such as
                `traceparent`; Cognito ignores them. Default: none.
            secret_ttl: How long the function uses a fetched secret, from 1 second to 24 hours. Default: 300 seconds.
            threat_protection: Sign-in goes through the administrator operations, with the client's true address and
                device, so that Cognito's threat protection judges the client and not the proxy. Needs the Plus
                feature plan, and warns. Default: False.
            propagate_client_ip: Sign-up, confirmation and password recovery (and sign-in, without
                `threat_protection`) are told the client's true address. Needs the Plus feature plan. Default: False.
            edge_admin_calls: With `threat_protection`, who sends the signed calls. `GENERATED`: the function makes
                them and answers with what Cognito says, which is known to work. `IN_PLACE`: the function signs, and
                CloudFront sends; it saves the function's own call to Cognito, but nobody has yet seen Cognito take
                such calls, and its refusals then reach the client in Cognito's own words. Choose it after a trial in
                your account. Default: `GENERATED`.
            web_acl: What stands in front: a `ProxyWebAcl` of scope CLOUDFRONT, an `ExistingWebAcl`, or `NoWebAcl()`,
                which warns. Default: - a `ProxyWebAcl` of the proxy's own.
            ipv6: Answer on IPv6, too. Off by default, because AWS WAF counts each IPv6 address by itself and a single
                customer of a network has 2^64 of them: its rates hold back nobody there. Who has IPv6 only gets
                through by its network's translation (NAT64, 464XLAT), as everywhere on IPv4. With it on, the web ACL
                has ceilings for whole networks, which their customers share with an attacker (`Ipv6Rates`); the web
                ACL must agree (`ProxyWebAcl.ipv6`). Default: False.
            domain: A host name of your own, with a certificate in us-east-1. Default: - CloudFront's own, for which
                CloudFront also accepts TLS versions before 1.2.
            memory_size: Of the function, from 128 to 10,240 MB; more memory is also more CPU. Default: 512.
            timeout: Of the function, from 3 to 30 seconds. Default: 15 seconds where the function makes the signed
                calls itself, else 10, since only a fetch of a secret takes time then.
            price_class: Which edge locations serve. Default: all of them.
            log_retention: How long the access log is kept, in whole days from 1. Default: 90 days.

        Raises:
            ValueError: a property is out of its bounds, the app clients do not belong together, a Region is not what
                CloudFront needs, the settings do not fit into CloudFront's headers, or the web ACL cannot be put in
                front of a distribution.
        """
        super().__init__(scope, construct_id)
        self.app_clients = tuple(app_clients)
        makes_calls = threat_protection and edge_admin_calls == EdgeAdminCalls.GENERATED
        timeout = timeout or Duration.seconds(15 if makes_calls else 10)
        log_retention = log_retention or Duration.days(90)
        require_between("memory_size", memory_size, 128, 10_240, "MB")
        require_duration_between("timeout", timeout, Duration.seconds(3), _LONGEST_TIMEOUT)
        require_duration_between("log_retention", log_retention, Duration.days(1), Duration.days(3650))
        settings = SettingsDocument(
            app_clients=app_clients,
            allowed_origins=allowed_origins,
            secret_ttl=secret_ttl,
            threat_protection=threat_protection,
            propagate_client_ip=propagate_client_ip,
            edge_admin_calls=edge_admin_calls,
            server_name=domain.domain_name if threat_protection and domain is not None else None,
        )
        check_region(self)
        for client in app_clients:
            check_secret_region(self, client)
        if domain is not None:
            check_certificate(self, domain.certificate)
        _check_header_names(additional_request_headers)
        warn_of_any_origin(self, allowed_origins)

        self.function = edge_function(self, app_clients=app_clients, memory_size=memory_size, timeout=timeout)
        prepare_client_context(
            self,
            self.function,
            app_clients=app_clients,
            threat_protection=threat_protection,
            propagate_client_ip=propagate_client_ip,
        )
        self.function_version = self.function.current_version
        self.log_bucket = edge_log_bucket(self, retention=log_retention)
        chosen = chosen_web_acl(
            self, web_acl, waf_scope=WafScope.CLOUDFRONT, allowed_origins=allowed_origins, ipv6=ipv6
        )
        self.web_acl, self.web_acl_arn = chosen.construct, chosen.arn
        self.distribution = edge_distribution(
            self,
            app_client=app_clients[0],
            settings_headers=settings.to_headers(self),
            function_version=self.function_version,
            response_headers=edge_response_headers(
                self, allowed_origins=allowed_origins, additional_request_headers=additional_request_headers
            ),
            price_class=price_class,
            ipv6=ipv6,
            web_acl_arn=chosen.arn,
            log_bucket=self.log_bucket,
            domain=domain,
        )
        # A proxy that answers has its secrets, and may write its log.
        self.distribution.node.add_dependency(*app_clients, self.node.find_child("LogPolicy"))
        self._name(domain, ipv6=ipv6)

    def _name(self, domain: CustomDomain | None, *, ipv6: bool) -> None:
        target = self.distribution.distribution_domain_name
        self.domain_name = target if domain is None else domain.domain_name
        self.endpoint = f"https://{self.domain_name}/"
        self.alias_target = None if domain is None else target
        if domain is None or domain.hosted_zone is None:
            return
        alias = route53.RecordTarget.from_alias(targets.CloudFrontTarget(self.distribution))
        # The dot at the end makes it fully qualified, whatever the zone's name is.
        name = f"{domain.domain_name}."
        route53.ARecord(self, "AliasRecord", zone=domain.hosted_zone, record_name=name, target=alias)
        if ipv6:
            route53.AaaaRecord(self, "AliasRecordIpv6", zone=domain.hosted_zone, record_name=name, target=alias)


def _check_header_names(names: Sequence[str]) -> None:
    for name in names:
        if not Token.is_unresolved(name) and _HEADER_NAME.fullmatch(name) is None:
            raise PropertyError(
                f"additional_request_headers: {name!r} is not a header's name; allowed are letters, digits, -"
            )
