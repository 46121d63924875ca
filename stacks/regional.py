"""The regional variant in one stack."""

from aws_cdk import CfnOutput, Environment, Stack
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_route53 as route53
from constructs import Construct

from cognito_proxy import AppClient, AuthFlows, CustomDomain, ProxyAlarms, RegionalProxy
from cognito_proxy._acknowledge import acknowledge
from stacks.demo_pool import DemoPool
from stacks.flags import AppFlags
from stacks.outputs import add_outputs


class RegionalStack(Stack):
    """User pool (existing, or one for the demonstration), app client, proxy and, on request, alarms."""

    def __init__(self, scope: Construct, construct_id: str, *, flags: AppFlags, env: Environment | None = None) -> None:
        super().__init__(
            scope, construct_id, env=env, description="Sign-in proxy in front of Amazon Cognito, regional variant"
        )
        client = self._app_client(flags)
        domain = self._domain(flags)
        proxy = RegionalProxy(self, "Proxy", app_clients=[client], allowed_origins=flags.allowed_origins, domain=domain)
        acknowledge(
            proxy.api, {"APIG3": "The stack has no firewall; a web ACL is associated with the stage from outside."}
        )
        if flags.alarm_email is not None:
            ProxyAlarms(self, "Alarms", proxy=proxy, email=flags.alarm_email)
        add_outputs(self, client=client, endpoint=proxy.endpoint, domain_name=proxy.domain_name)
        if proxy.alias_target is not None and flags.hosted_zone_id is None:
            CfnOutput(
                self,
                "ProxyDomainTarget",
                value=proxy.alias_target,
                description="Point the DNS record of ProxyDomain here",
            )

    def _app_client(self, flags: AppFlags) -> AppClient:
        if flags.user_pool_id is None:
            # The demonstration shows password sign-in, too.
            return AppClient(
                self, "AppClient", user_pool=DemoPool(self, "DemoPool"), auth_flows=AuthFlows(user_password=True)
            )
        pool = cognito.UserPool.from_user_pool_id(self, "UserPool", flags.user_pool_id)
        # Rotation of refresh tokens is refused by pools on the Lite plan, and nothing here knows this pool's plan.
        return AppClient(self, "AppClient", user_pool=pool, refresh_token_rotation=None)

    def _domain(self, flags: AppFlags) -> CustomDomain | None:
        if flags.domain_name is None or flags.certificate_arn is None:
            return None
        zone = None
        if flags.hosted_zone_id is not None:
            zone = route53.HostedZone.from_hosted_zone_attributes(
                self, "HostedZone", hosted_zone_id=flags.hosted_zone_id, zone_name=flags.domain_name
            )
        certificate = acm.Certificate.from_certificate_arn(self, "Certificate", flags.certificate_arn)
        return CustomDomain(domain_name=flags.domain_name, certificate=certificate, hosted_zone=zone)
