"""The edge variant: CloudFront, and a function at the edge location that is nearest to the user."""

import re
from collections.abc import Sequence
from typing import Unpack

from aws_cdk import Duration, Token
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_route53_targets as targets
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cognito_proxy.common.assets import proxy_code
from cognito_proxy.common.checks import require_duration_between
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.firewall.address_lists import WafScope
from cognito_proxy.interceptors.guards import check_observer
from cognito_proxy.interceptors.made import make_all
from cognito_proxy.proxies._edge_distribution import edge_distribution
from cognito_proxy.proxies._edge_function import edge_function
from cognito_proxy.proxies._edge_places import check_certificate, check_region, check_secret_region
from cognito_proxy.proxies._edge_response_headers import edge_oauth_headers, edge_response_headers
from cognito_proxy.proxies.custom_domain import CustomDomain
from cognito_proxy.proxies.edge_log_bucket import edge_log_bucket
from cognito_proxy.proxies.proxy_properties import ProxyProperties, SharedProperties
from cognito_proxy.proxies.settings_document import EdgeAdminCalls, SettingsDocument
from cognito_proxy.proxies.sign_in_proxy import Alias, Front, SignInProxy
from cognito_proxy.proxies.watched_metric import WATCHED_PERIOD, Measure, WatchedMetric

_HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")


class EdgeProxy(SignInProxy):
    """A CloudFront distribution in front of Cognito whose origin-request function adds the proof.

    CloudFront itself carries the rewritten request to Cognito, over connections that it keeps. It serves one or more
    app clients of one user pool, which may be in any Region; the proxy's own stack is in us-east-1. For a pool
    elsewhere, the app client stands in a stack in the pool's Region and has `us-east-1` among its
    `secret_replica_regions`. Values pass from stack to stack by themselves; deploy both with one `cdk deploy --all`.

    The function logs to `/aws/lambda/us-east-1.<function name>` in the Regions near its viewers, in log groups that it
    makes there and that never expire unless you say so. Deleting the stack fails the first time, because AWS removes
    the copies of the function some hours after the distribution; delete it again then.
    """

    distribution: cloudfront.Distribution
    """What apps call."""

    function_version: lambda_.IVersion
    """What CloudFront runs."""

    log_bucket: s3.Bucket
    """The access log. It holds viewers' addresses, which are personal data; it stays when the proxy goes."""

    _waf_scope = WafScope.CLOUDFRONT
    # CloudFront gives an origin-request function no more.
    _longest_timeout = Duration.seconds(30)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        additional_request_headers: Sequence[str] = (),
        edge_admin_calls: EdgeAdminCalls = EdgeAdminCalls.GENERATED,
        ipv6: bool = False,
        price_class: cloudfront.PriceClass = cloudfront.PriceClass.PRICE_CLASS_ALL,
        log_retention: Duration | None = None,
        access_log_bucket: s3.IBucket | None = None,
        **shared: Unpack[ProxyProperties],
    ) -> None:
        """Make the distribution and the function.

        Args:
            scope: The parent; its stack is in us-east-1. A stack that leaves its Region open warns.
            construct_id: Id within `scope`.
            additional_request_headers: Headers that pages may send besides those of Amplify and the AWS SDKs, such as
                `traceparent`; Cognito ignores them. Default: none.
            edge_admin_calls: With `threat_protection`, who sends the signed calls. `GENERATED`: the function makes
                them and answers with what Cognito says, which is known to work. `IN_PLACE`: the function signs, and
                CloudFront sends; it saves the function's own call to Cognito, but nobody has yet seen Cognito take
                such calls, and its refusals then reach the client in Cognito's own words. Choose it after a trial in
                your account. Default: `GENERATED`.
            ipv6: Answer on IPv6, too. Off by default, because AWS WAF counts each IPv6 address by itself and a single
                customer of a network has 2^64 of them: its rates hold back nobody there. Who has IPv6 only gets
                through by its network's translation (NAT64, 464XLAT), as everywhere on IPv4. With it on, the web ACL
                has ceilings for whole networks, which their customers share with an attacker (`Ipv6Rates`); the web
                ACL must agree (`ProxyWebAcl.ipv6`). Default: False.
            price_class: Which edge locations serve. Default: all of them.
            log_retention: How long the access log is kept, in whole days from 1. Default: 90 days.
            access_log_bucket: Where S3 logs who reads and writes the access log, in us-east-1, without a log of its
                own. Its encryption is S3's own keys: S3 delivers to no other. Default: - that is not logged.
            **shared: What both proxies take, as `ProxyProperties` describes it; only `app_clients` must be given.

        Raises:
            PropertyError: a property is out of its bounds, the app clients do not belong together, a Region is not what
                CloudFront needs, the settings do not fit into CloudFront's headers, or the web ACL cannot be put in
                front of a distribution.
        """
        super().__init__(scope, construct_id)
        properties = SharedProperties(**shared)
        domain = properties.domain
        log_retention = log_retention or Duration.days(90)
        require_duration_between("log_retention", log_retention, Duration.days(1), Duration.days(3650))
        _check_header_names(additional_request_headers)
        if properties.phone_rules is not None and properties.phone_rules.has_ceilings:
            raise PropertyError(
                "phone_rules: all_messages and per_prefix are for a RegionalProxy; at the edge Cognito's answers do "
                "not pass through the function, and a table far away would slow each call"
            )
        if domain is not None and domain.failover is not None:
            raise PropertyError("domain: failover is for a RegionalProxy; CloudFront is in no single Region")
        makes_calls = properties.threat_protection and edge_admin_calls == EdgeAdminCalls.GENERATED
        check_observer(properties.guards, sees_answers=makes_calls)
        named = properties.threat_protection or properties.oauth is not None
        settings = properties.settings(
            edge_admin_calls=edge_admin_calls,
            server_name=domain.domain_name if named and domain is not None else None,
            interceptors=make_all(
                self,
                (properties.phone_rules, properties.human_check, properties.guards, properties.oauth),
                encryption_key=properties.encryption_key,
            ),
        )
        check_region(self)
        for client in properties.app_clients:
            check_secret_region(self, client)
        if domain is not None:
            check_certificate(self, domain.certificate)
        self._additional_request_headers = additional_request_headers
        self._ipv6 = ipv6
        self._price_class = price_class
        self._log_retention = log_retention
        self._encryption_key = properties.encryption_key
        self._oauth = properties.oauth is not None
        if properties.oauth is not None:
            properties.oauth.warn_of_unseen(
                self,
                phone_rules=properties.phone_rules,
                human_check=properties.human_check,
                guards=properties.guards,
            )
        self._access_log_bucket = access_log_bucket
        self._build(properties, settings, default_timeout=Duration.seconds(15 if makes_calls else 10), ipv6=ipv6)

    def watched_metrics(self) -> tuple[WatchedMetric, ...]:
        """CloudFront's rate of 5xx, which counts what the function fails at, too."""
        # The distribution's own metric in CDK lacks the second dimension, and so would match nothing:
        # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html
        metric = cloudwatch.Metric(
            namespace="AWS/CloudFront",
            metric_name="5xxErrorRate",
            dimensions_map={"DistributionId": self.distribution.distribution_id, "Region": "Global"},
            statistic="Average",
            period=WATCHED_PERIOD,
        )
        return (WatchedMetric(alarm_id="ServerErrorRate", metric=metric, what="answered 5xx", measure=Measure.PERCENT),)

    def _new_function(self, settings: SettingsDocument, *, memory_size: int, timeout: Duration) -> lambda_.Function:
        function = edge_function(
            self,
            app_clients=settings.app_clients,
            code=proxy_code(settings.files),
            memory_size=memory_size,
            timeout=timeout,
        )
        for made in settings.interceptors:
            made.grant(function)
        self.function_version = function.current_version
        return function

    def _new_front(self, settings: SettingsDocument, domain: CustomDomain | None) -> Front:
        self.log_bucket = edge_log_bucket(
            self,
            retention=self._log_retention,
            encryption_key=self._encryption_key,
            access_log_bucket=self._access_log_bucket,
        )
        self.distribution = edge_distribution(
            self,
            app_client=settings.app_clients[0],
            settings_headers=settings.to_headers(self),
            function_version=self.function_version,
            response_headers=edge_response_headers(
                self,
                allowed_origins=settings.allowed_origins,
                additional_request_headers=self._additional_request_headers,
            ),
            oauth_headers=edge_oauth_headers(
                self,
                allowed_origins=settings.allowed_origins,
                additional_request_headers=self._additional_request_headers,
            )
            if self._oauth
            else {},
            price_class=self._price_class,
            ipv6=self._ipv6,
            web_acl_arn=self.web_acl_arn,
            log_bucket=self.log_bucket,
            domain=domain,
        )
        # A proxy that answers may write its log.
        self.distribution.node.add_dependency(self.node.find_child("LogPolicy"))
        host_name = self.distribution.distribution_domain_name
        return Front(
            resource=self.distribution,
            host_name=host_name,
            url=f"https://{host_name}/",
            alias=None if domain is None else Alias(name=host_name, target=targets.CloudFrontTarget(self.distribution)),
        )


def _check_header_names(names: Sequence[str]) -> None:
    for name in names:
        if not Token.is_unresolved(name) and _HEADER_NAME.fullmatch(name) is None:
            raise PropertyError(
                f"additional_request_headers: {name!r} is not a header's name; allowed are letters, digits, -"
            )
