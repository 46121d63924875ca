"""The regional variant: API Gateway and a function in the user pool's Region."""

import re
from collections.abc import Sequence
from typing import cast

from aws_cdk import Annotations, Aws, Duration, RemovalPolicy, Stack, Token
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from cognito_proxy.app_clients.app_client import AppClient
from cognito_proxy.common.assets import proxy_code
from cognito_proxy.common.checks import PropertyError, require_between, require_duration_between
from cognito_proxy.common.origins import warn_of_any_origin
from cognito_proxy.common.python_function import python_function
from cognito_proxy.firewall.address_lists import WafScope
from cognito_proxy.firewall.web_acl import ProxyWebAcl
from cognito_proxy.firewall.web_acl_choice import WebAclChoice, chosen_web_acl
from cognito_proxy.proxies._client_context import prepare_client_context
from cognito_proxy.proxies._gateway_responses import add_gateway_responses
from cognito_proxy.proxies._rest_api import rest_api
from cognito_proxy.proxies.custom_domain import CustomDomain
from cognito_proxy.proxies.settings_document import ENVIRONMENT_VARIABLE, SettingsDocument
from cognito_proxy.proxies.throttle import Throttle

# API Gateway waits 29 seconds; the function must answer before, in its own words.
_LONGEST_TIMEOUT = Duration.seconds(28)
_STAGE_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")


class RegionalProxy(Construct):
    """A regional REST API whose only resource, the root, takes POST and OPTIONS, and a function behind it.

    It serves one or more app clients of one user pool. The function's role may read their secrets and write to its
    own log group; nothing else, but for two administrator operations on the pool with `threat_protection`.
    """

    app_clients: tuple[AppClient, ...]
    """Whom the proxy serves."""
    api: apigateway.RestApi
    stage: apigateway.Stage
    web_acl: ProxyWebAcl | None
    """The web ACL in front of the stage. None when it is made elsewhere, or there is none."""
    web_acl_arn: str | None
    """Its ARN, wherever it is made. None when there is none."""
    function: lambda_.Function
    log_group: logs.ILogGroup
    """The function's."""
    access_log_group: logs.ILogGroup
    endpoint: str
    """The URL that apps call."""
    domain_name: str
    """The host name in `endpoint`."""
    alias_target: str | None
    """With a `domain`: the host name that its DNS record points at."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        app_clients: Sequence[AppClient],
        allowed_origins: Sequence[str] = (),
        secret_ttl: Duration | None = None,
        threat_protection: bool = False,
        propagate_client_ip: bool = False,
        web_acl: WebAclChoice | None = None,
        throttle: Throttle | None = None,
        domain: CustomDomain | None = None,
        stage_name: str = "prod",
        memory_size: int = 512,
        timeout: Duration | None = None,
        reserved_concurrent_executions: int | None = None,
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH,
        cloud_watch_role: bool = False,
    ) -> None:
        """Make the API, its stage and the function.

        Args:
            scope: The parent; its stack is in the user pool's Region.
            construct_id: Id within `scope`.
            app_clients: Whom the proxy serves, at least one, all of one pool. Any other client id is refused. About
                twenty-five fit into the settings.
            allowed_origins: Exact origins whose pages may call (`https://app.example.com`, `capacitor://localhost`),
                or `*` alone, which warns. Native apps need none. Default: none.
            secret_ttl: How long the function uses a fetched secret, from 1 second to 24 hours. Default: 300 seconds.
            threat_protection: Sign-in goes through the administrator operations, with the client's true address and
                device, so that Cognito's threat protection judges the client and not the proxy. Needs the Plus
                feature plan, and warns. Default: False.
            propagate_client_ip: Sign-up, confirmation and password recovery (and sign-in, without
                `threat_protection`) are told the client's true address. Needs the Plus feature plan. Default: False.
            web_acl: What stands in front: a `ProxyWebAcl` of scope REGIONAL, an `ExistingWebAcl`, or `NoWebAcl()`,
                which warns. Default: - a `ProxyWebAcl` of the proxy's own.
            throttle: Requests that the stage takes. Default: 100 a second, 200 at once.
            domain: A host name of your own; API Gateway's own is then switched off. Default: - API Gateway's own,
                whose URL holds the stage as a path.
            stage_name: 1 to 128 letters, digits, `-` and `_`. Default: `prod`.
            memory_size: Of the function, from 128 to 10,240 MB; more memory is also more CPU. Default: 512.
            timeout: Of the function, from 3 to 28 seconds; API Gateway gives up after 29. Default: 15 seconds.
            reserved_concurrent_executions: Runs at the same time at most, from 1. Default: - what the account has.
            log_retention: Of both log groups; they go when the proxy does. Default: 1 month.
            cloud_watch_role: Make a role that lets API Gateway write logs and set it as the account's for the whole
                Region, which warns: it replaces the role that all other APIs there log with, and stays when the stack
                is deleted. The access log needs one. Where none is set, the deployment fails ("CloudWatch Logs role
                ARN must be set in account settings"): then set one for the account, or let this do it. Default: False,
                as the CDK recommends, since the setting is not one stack's.

        Raises:
            ValueError: a property is out of its bounds, the app clients do not belong together or are too many, or the
                web ACL cannot be put in front of the stage.
        """
        super().__init__(scope, construct_id)
        self.app_clients = tuple(app_clients)
        timeout = timeout or Duration.seconds(15)
        _check_function(memory_size, timeout, reserved_concurrent_executions)
        _check_stage_name(stage_name)
        settings = SettingsDocument(
            app_clients=app_clients,
            allowed_origins=allowed_origins,
            secret_ttl=secret_ttl,
            threat_protection=threat_protection,
            propagate_client_ip=propagate_client_ip,
        )
        warn_of_any_origin(self, allowed_origins)

        self.function = python_function(
            self,
            code=proxy_code(),
            handler="proxy.regional.handler",
            description="Adds the proof of the app client's secret to calls of Cognito",
            timeout=timeout,
            memory_size=memory_size,
            log_retention=log_retention,
            environment={ENVIRONMENT_VARIABLE: settings.to_json(self)},
            reserved_concurrent_executions=reserved_concurrent_executions,
        )
        self.log_group = self.function.log_group
        for client in app_clients:
            client.grant_read_secret(self.function)
        prepare_client_context(
            self,
            self.function,
            app_clients=app_clients,
            threat_protection=threat_protection,
            propagate_client_ip=propagate_client_ip,
        )
        self.access_log_group = logs.LogGroup(
            self, "AccessLogGroup", retention=log_retention, removal_policy=RemovalPolicy.DESTROY
        )
        self.api = rest_api(
            self,
            function=self.function,
            throttle=throttle or Throttle(),
            domain=domain,
            stage_name=stage_name,
            access_log_group=self.access_log_group,
            cloud_watch_role=cloud_watch_role,
        )
        self.stage = self.api.deployment_stage
        if cloud_watch_role:
            Annotations.of(self).add_warning_v2(
                "@cognito-proxy:apiGatewayAccountRole",
                "cloud_watch_role: this sets the role with which every API Gateway API of the account logs in this "
                "Region, in place of one that may be set, and leaves it there. Needed once in a Region.",
            )
        # A proxy that answers has its secrets: the stage comes after they are in place.
        self.stage.node.add_dependency(*app_clients)
        add_gateway_responses(self.api, allowed_origins)
        chosen = chosen_web_acl(self, web_acl, waf_scope=WafScope.REGIONAL, allowed_origins=allowed_origins)
        self.web_acl, self.web_acl_arn = chosen.construct, chosen.arn
        if chosen.arn is not None:
            wafv2.CfnWebACLAssociation(
                self, "WebAclAssociation", resource_arn=self.stage.stage_arn, web_acl_arn=chosen.arn
            )

        if domain is None:
            self.domain_name = f"{self.api.rest_api_id}.execute-api.{Stack.of(self).region}.{Aws.URL_SUFFIX}"
            self.endpoint = self.api.url
            self.alias_target = None
        else:
            self.domain_name = domain.domain_name
            self.endpoint = f"https://{domain.domain_name}/"
            # API Gateway made the domain name because `domain` was given.
            own_domain = cast("apigateway.DomainName", self.api.domain_name)
            self.alias_target = own_domain.domain_name_alias_domain_name
            self._add_alias_record(domain)

    def _add_alias_record(self, domain: CustomDomain) -> None:
        if domain.hosted_zone is not None:
            route53.ARecord(
                self,
                "AliasRecord",
                zone=domain.hosted_zone,
                # The dot at the end makes it fully qualified, whatever the zone's name is.
                record_name=f"{domain.domain_name}.",
                target=route53.RecordTarget.from_alias(targets.ApiGateway(self.api)),
            )


def _check_function(memory_size: int, timeout: Duration, reserved_concurrent_executions: int | None) -> None:
    require_between("memory_size", memory_size, 128, 10_240, "MB")
    require_duration_between("timeout", timeout, Duration.seconds(3), _LONGEST_TIMEOUT)
    if reserved_concurrent_executions is not None:
        require_between("reserved_concurrent_executions", reserved_concurrent_executions, 1, 100_000)


def _check_stage_name(stage_name: str) -> None:
    if not Token.is_unresolved(stage_name) and _STAGE_NAME.fullmatch(stage_name) is None:
        raise PropertyError(f"stage_name must be 1 to 128 letters, digits, - or _, not {stage_name!r}")
