"""What a deployed stack tells its users; the same names for every variant."""

from collections.abc import Mapping

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from cognito_proxy import AppClient
from cognito_proxy._cross_region import seen_from


def add_outputs(
    stack: Construct, *, clients: Mapping[str, AppClient], endpoint: str, domain_name: str, web_acl_arn: str
) -> None:
    """Add the outputs that both variants have. `clients` are by what the names of their outputs end in."""
    first = next(iter(clients.values()))
    outputs = {
        "ProxyEndpoint": (endpoint, "URL that apps call instead of Cognito's"),
        "ProxyDomain": (domain_name, "Host name of that URL, for mobile SDKs"),
        "UserPoolId": (seen_from(stack, first).user_pool_id, "User pool that apps use"),
        "Region": (Stack.of(first).region, "Region of the user pool"),
        "WebAclArn": (web_acl_arn, "Web ACL in front of the proxy, for `cognito-proxy ip`"),
    }
    for name, (value, description) in outputs.items():
        CfnOutput(stack, name, value=value, description=description)
    for ending, client in clients.items():
        seen = seen_from(stack, client)
        CfnOutput(stack, f"AppClientId{ending}", value=seen.client_id, description="Client id that apps use")
        CfnOutput(
            stack, f"SecretArn{ending}", value=seen.secret_arn, description="Where the app client's secret is kept"
        )
