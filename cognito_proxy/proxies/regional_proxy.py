"""The regional variant: API Gateway and a function in the user pool's Region."""

from collections.abc import Sequence
from typing import Unpack, cast

from aws_cdk import Aws, Duration, RemovalPolicy, Stack, Token
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events_
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_route53_targets as targets
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from cognito_proxy.app_clients.cross_region import in_region_of
from cognito_proxy.common.assets import proxy_code
from cognito_proxy.common.checks import require_between
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.common.python_function import python_function
from cognito_proxy.common.reach import EgressAddresses, Reach
from cognito_proxy.firewall.address_lists import WafScope
from cognito_proxy.firewall.health_checkers import HEALTH_PATH
from cognito_proxy.interceptors.made import make_all
from cognito_proxy.interceptors.phone_rules import PhoneRules
from cognito_proxy.interceptors.sealed_tokens import SealedTokens
from cognito_proxy.interceptors.user_events import MadeUserEvents, UserEvents
from cognito_proxy.interceptors.user_limits import UserLimits
from cognito_proxy.proxies._dns_records import new_health_check
from cognito_proxy.proxies._gateway_responses import add_gateway_responses
from cognito_proxy.proxies._network import Network, private_network, reached
from cognito_proxy.proxies._regional_places import region_asked_first
from cognito_proxy.proxies._rest_api import rest_api
from cognito_proxy.proxies._secret_grants import grant_secret
from cognito_proxy.proxies._warm_alias import warm_alias
from cognito_proxy.proxies.custom_domain import CustomDomain
from cognito_proxy.proxies.private_network import PrivateNetwork
from cognito_proxy.proxies.proxy_properties import ProxyProperties, SharedProperties
from cognito_proxy.proxies.rest_stage import check_stage_name, warn_of_account_role
from cognito_proxy.proxies.settings_document import ENVIRONMENT_VARIABLE, SettingsDocument
from cognito_proxy.proxies.sign_in_proxy import Alias, Front, SignInProxy
from cognito_proxy.proxies.throttle import Throttle
from cognito_proxy.proxies.watched_metric import WATCHED_PERIOD, Measure, WatchedMetric


class RegionalProxy(SignInProxy):
    """A regional REST API whose only resource, the root, takes POST and OPTIONS, and a function behind it.

    With `oauth` it has a resource for each path of OAuth 2.0, too.

    It serves one or more app clients of one user pool. The function's role may read their secrets and write to its
    own log group; nothing else, but for two administrator operations on the pool with `threat_protection`.
    """

    api: apigateway.RestApi
    """What apps call."""

    stage: apigateway.Stage
    """Its only one."""

    log_group: logs.ILogGroup
    """The function's."""

    access_log_group: logs.ILogGroup
    """API Gateway's: how each request went, and nothing about who sent it."""

    vpc: ec2.IVpc | None
    """The function's. None outside of any."""

    egress_addresses: EgressAddresses | None
    """Where calls to Cognito come from, for a `PoolShield`. None where they go through Cognito's endpoint, or are not
    known."""

    event_bus: events_.IEventBus | None
    """What `events` tells of users. None without."""

    undelivered_events: sqs.IQueue | None
    """Where events wait that the bus did not take. None without `events`."""

    phone_rules: PhoneRules | None
    """Those that it was made with."""

    _waf_scope = WafScope.REGIONAL
    # API Gateway waits 29 seconds; the function must answer before, in its own words.
    _longest_timeout = Duration.seconds(28)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        throttle: Throttle | None = None,
        stage_name: str = "prod",
        reserved_concurrent_executions: int | None = None,
        provisioned_concurrency: int | None = None,
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH,
        cloud_watch_role: bool = False,
        ipv6: bool = False,
        vpc: PrivateNetwork | None = None,
        tracing: bool = False,
        events: UserEvents | None = None,
        user_limits: UserLimits | None = None,
        sealed_tokens: SealedTokens | None = None,
        **shared: Unpack[ProxyProperties],
    ) -> None:
        """Make the API, its stage and the function.

        Args:
            scope: The parent; its stack is in the user pool's Region, or where the pool (`failover_regions`) and each
                secret (`secret_replica_regions`) are replicated to.
            construct_id: Id within `scope`.
            throttle: Requests that the stage takes. Default: 100 a second, 200 at once.
            stage_name: 1 to 128 letters, digits, `-` and `_`. Default: `prod`.
            reserved_concurrent_executions: Runs at the same time at most, from 1. Default: - what the account has.
            provisioned_concurrency: Execution environments that are kept ready, from 1, at most
                `reserved_concurrent_executions`. They are charged by the hour, used or not. Further calls get others,
                which start as ever. Default: - none is kept.
            log_retention: Of both log groups; they go when the proxy does. Default: 1 month.
            cloud_watch_role: Make a role that lets API Gateway write logs and set it as the account's for the whole
                Region, which warns: it replaces the role that all other APIs there log with, and stays when the stack
                is deleted. The access log needs one. Where none is set, the deployment fails ("CloudWatch Logs role
                ARN must be set in account settings"): then set one for the account, or let this do it. Default: False,
                as the CDK recommends, since the setting is not one stack's.
            ipv6: Answer on IPv6, too, by the API's own name or that of `domain`. Off by default, because AWS WAF counts
                each IPv6 address by itself, and a single customer has 2^64 of them; on, ceilings of a whole network are
                asked besides (`Ipv6Rates`), and the web ACL must agree (`ProxyWebAcl.ipv6`). Default: False.
            vpc: The private network that the function runs in: `PrivateNetwork()` for a new one. Default: - outside of
                any VPC.
            tracing: API Gateway and Lambda send traces of sampled calls to X-Ray: times and status codes, and what
                API Gateway adds, the caller's address among it. The access log names each trace. Default: False.
            events: Tell EventBridge of each call that changed something of a user. Default: - nobody is told.
            user_limits: Attempts on a username, whatever addresses they come from; makes a table of counters in
                DynamoDB. Default: - only the firewall's rates of an address.
            sealed_tokens: Access tokens that Cognito does not take, so that users cannot call it past the proxy.
                Default: - Cognito's own.
            **shared: What both proxies take, as `ProxyProperties` describes it; only `app_clients` must be given.

        Raises:
            PropertyError: a property is out of its bounds, the app clients do not belong together or are too many, or
                the web ACL cannot be put in front of the stage.
        """
        super().__init__(scope, construct_id)
        properties = SharedProperties(**shared)
        if reserved_concurrent_executions is not None:
            require_between("reserved_concurrent_executions", reserved_concurrent_executions, 1, 100_000)
        if provisioned_concurrency is not None:
            _check_provisioned(provisioned_concurrency, reserved=reserved_concurrent_executions)
        check_stage_name(stage_name)
        self._throttle = throttle or Throttle()
        self._stage_name = stage_name
        self._reserved_concurrent_executions = reserved_concurrent_executions
        self._provisioned_concurrency = provisioned_concurrency
        self._log_retention = log_retention
        self._cloud_watch_role = cloud_watch_role
        self._ipv6 = ipv6
        self._vpc = vpc
        self._tracing = tracing
        if cloud_watch_role:
            warn_of_account_role(self)
        self.phone_rules = properties.phone_rules
        self._encryption_key = properties.encryption_key
        if sealed_tokens is not None:
            _check_sealed(sealed_tokens, properties)
            self._seals = True
        region = region_asked_first(self, properties.app_clients, properties.failover_regions)
        self._failover = None if properties.domain is None else properties.domain.failover
        self._oauth = properties.oauth
        if properties.oauth is not None:
            properties.oauth.warn_of_unseen(
                self,
                phone_rules=properties.phone_rules,
                human_check=properties.human_check,
                guards=properties.guards,
                user_limits=user_limits,
                events=events,
            )
        made = make_all(
            self,
            (
                properties.phone_rules,
                properties.human_check,
                properties.guards,
                sealed_tokens,
                user_limits,
                events,
                properties.oauth,
            ),
            encryption_key=properties.encryption_key,
        )
        told = next((each for each in made if isinstance(each, MadeUserEvents)), None)
        self.event_bus = None if told is None else told.bus
        self.undelivered_events = None if told is None else told.undelivered
        self._made = made
        settings = properties.settings(region=region, interceptors=made)
        self._build(properties, settings, default_timeout=Duration.seconds(15), ipv6=ipv6)

    def watched_metrics(self) -> tuple[WatchedMetric, ...]:
        """The API's 5XX, the function's errors and throttled runs, and what stands around calls by choice watches.

        Lambda counts the calls of an alias under the function's name, too, so these see them in any case.
        """
        period = WATCHED_PERIOD
        own = tuple(
            WatchedMetric(alarm_id=alarm_id, metric=metric, what=what, measure=Measure.EVENTS)
            for alarm_id, metric, what in (
                ("ServerErrors", self.stage.metric_server_error(period=period, statistic="Sum"), "answered 5XX"),
                ("FunctionErrors", self.function.metric_errors(period=period), "had errors in its function"),
                ("FunctionThrottles", self.function.metric_throttles(period=period), "had no function to run"),
            )
        )
        # One alarm for what two of them count alike.
        chosen = {watched.alarm_id: watched for made in self._made for watched in made.watched(self.function)}
        return own + tuple(
            WatchedMetric(
                alarm_id=watched.alarm_id,
                metric=watched.metric,
                what=watched.what,
                measure=Measure.EVENTS,
                threshold=watched.threshold,
            )
            for watched in chosen.values()
        )

    def _new_function(self, settings: SettingsDocument, *, memory_size: int, timeout: Duration) -> lambda_.Function:
        if self._vpc is not None and self._vpc.cognito_endpoint and settings.failover_regions:
            raise PropertyError(
                "failover_regions: an endpoint leads to its own Region's Cognito; cognito_endpoint=False"
            )
        reaches = reached(self, settings)
        network = self._new_network(settings, reaches)
        function = python_function(
            self,
            code=proxy_code(settings.files),
            handler="proxy.regional.handler",
            description="Adds the proof of the app client's secret to calls of Cognito",
            timeout=timeout,
            memory_size=memory_size,
            log_retention=self._log_retention,
            environment={ENVIRONMENT_VARIABLE: settings.to_json(self)},
            reserved_concurrent_executions=self._reserved_concurrent_executions,
            place=None if network is None else network.place,
            encryption_key=self._encryption_key,
            tracing=self._tracing,
        )
        self.log_group = function.log_group
        for client in settings.app_clients:
            if in_region_of(self, client):
                client.grant_read_secret(function)
            else:
                grant_secret(self, cast("iam.Role", function.role), client)
        for made in settings.interceptors:
            made.grant(function)
        self._endpoints: tuple[Construct, ...] = ()
        if network is not None:
            network.admit(cast("iam.IRole", function.role), reaches)
            self._endpoints = tuple(network.endpoints.values())
        return function

    def _new_network(self, settings: SettingsDocument, reaches: Sequence[Reach]) -> Network | None:
        self.vpc = self.egress_addresses = None
        if self._vpc is None:
            return None
        network = private_network(
            self,
            self._vpc,
            reaches=reaches,
            user_pool=settings.app_clients[0].user_pool,
            log_retention=self._log_retention,
            encryption_key=self._encryption_key,
        )
        self.vpc, self.egress_addresses = network.place.vpc, network.egress_addresses
        return network

    def _new_front(self, settings: SettingsDocument, domain: CustomDomain | None) -> Front:
        self.access_log_group = logs.LogGroup(
            self,
            "AccessLogGroup",
            retention=self._log_retention,
            removal_policy=RemovalPolicy.DESTROY,
            encryption_key=self._encryption_key,
        )
        if self._provisioned_concurrency is not None:
            self.function_alias = warm_alias(
                self.function,
                self._provisioned_concurrency,
                after=[*settings.app_clients, self.log_group, *self._endpoints],
            )
        self.api = rest_api(
            self,
            function=self.function_alias or self.function,
            throttle=self._throttle,
            domain=domain,
            stage_name=self._stage_name,
            access_log_group=self.access_log_group,
            cloud_watch_role=self._cloud_watch_role,
            ipv6=self._ipv6,
            tracing=self._tracing,
            oauth=self._oauth,
        )
        self.stage = self.api.deployment_stage
        # A proxy that answers has its way to Cognito.
        self.stage.node.add_dependency(*self._endpoints)
        add_gateway_responses(self.api, settings.allowed_origins)
        if self.web_acl_arn is not None:
            wafv2.CfnWebACLAssociation(
                self, "WebAclAssociation", resource_arn=self.stage.stage_arn, web_acl_arn=self.web_acl_arn
            )
        host_name = f"{self.api.rest_api_id}.execute-api.{Stack.of(self).region}.{Aws.URL_SUFFIX}"
        health_check = None
        if self._failover is not None:
            path = f"/{self._stage_name}{HEALTH_PATH}"
            health_check = new_health_check(self, self._failover, host_name=host_name, path=path)
            # Route 53 takes a health check for passed until it knows better, so it waits for the stage.
            health_check.node.add_dependency(self.stage)
        return Front(
            resource=self.stage,
            host_name=host_name,
            url=self.api.url,
            alias=_alias(self.api),
            health_check=health_check,
        )


def _check_sealed(sealed_tokens: SealedTokens, properties: SharedProperties) -> None:
    sealed_tokens.check_secret_ttl(properties.secret_ttl)
    if properties.oauth is not None:
        raise PropertyError("sealed_tokens: not with oauth, whose token endpoint gives Cognito's own access tokens")
    if properties.failover_regions:
        raise PropertyError(
            "sealed_tokens: not with failover_regions; the keys are in one Region, so tokens would not be opened while "
            "that Region is away"
        )


def _check_provisioned(executions: int, *, reserved: int | None) -> None:
    """Lambda takes no more than the function may run: "you can't allocate more provisioned concurrency than reserved
    concurrency for a function", https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html"""
    most = 100_000 if reserved is None or Token.is_unresolved(reserved) else reserved
    require_between("provisioned_concurrency", executions, 1, most)


def _alias(api: apigateway.RestApi) -> Alias | None:
    """None without a domain name of its own."""
    name = api.domain_name
    return None if name is None else Alias(name=name.domain_name_alias_domain_name, target=targets.ApiGateway(api))
