"""What a deployed stack tells its users; the same names for every variant."""

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from cognito_proxy import AppClient
from cognito_proxy._cross_region import seen_from


def add_outputs(stack: Construct, *, client: AppClient, endpoint: str, domain_name: str) -> None:
    """Add the outputs that both variants have."""
    values = seen_from(stack, client)
    outputs = {
        "ProxyEndpoint": (endpoint, "URL that apps call instead of Cognito's"),
        "ProxyDomain": (domain_name, "Host name of that URL, for mobile SDKs"),
        "AppClientId": (values.client_id, "Client id that apps use"),
        "UserPoolId": (values.user_pool_id, "User pool that apps use"),
        "Region": (Stack.of(client).region, "Region of the user pool"),
        "SecretArn": (values.secret_arn, "Where the app client's secret is kept"),
    }
    for name, (value, description) in outputs.items():
        CfnOutput(stack, name, value=value, description=description)
