"""The regional variant in one stack."""

from aws_cdk import Environment, Stack
from constructs import Construct

from cognito_proxy import ProxyAlarms, RegionalProxy
from cognito_proxy._acknowledge import acknowledge
from stacks.app_client import app_client
from stacks.domain import add_domain_target, custom_domain
from stacks.flags import AppFlags
from stacks.outputs import add_outputs


class RegionalStack(Stack):
    """User pool (existing, or one for the demonstration), app client, proxy and, on request, alarms."""

    def __init__(self, scope: Construct, construct_id: str, *, flags: AppFlags, env: Environment | None = None) -> None:
        super().__init__(
            scope, construct_id, env=env, description="Sign-in proxy in front of Amazon Cognito, regional variant"
        )
        client = app_client(self, flags)
        proxy = RegionalProxy(
            self,
            "Proxy",
            app_clients=[client],
            allowed_origins=flags.allowed_origins,
            threat_protection=flags.threat_protection,
            propagate_client_ip=flags.propagate_client_ip,
            domain=custom_domain(self, flags),
        )
        acknowledge(
            proxy.api, {"APIG3": "The stack has no firewall; a web ACL is associated with the stage from outside."}
        )
        if flags.alarm_email is not None:
            ProxyAlarms(self, "Alarms", proxy=proxy, email=flags.alarm_email)
        add_outputs(self, client=client, endpoint=proxy.endpoint, domain_name=proxy.domain_name)
        add_domain_target(self, flags, proxy.alias_target)
