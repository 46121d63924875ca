"""What a deployed stack tells its users; the same names for every variant."""

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from cognito_proxy import AppClient


def add_outputs(stack: Construct, *, client: AppClient, endpoint: str, domain_name: str) -> None:
    """Add the outputs that both variants have."""
    outputs = {
        "ProxyEndpoint": (endpoint, "URL that apps call instead of Cognito's"),
        "ProxyDomain": (domain_name, "Host name of that URL, for mobile SDKs"),
        "AppClientId": (client.client_id, "Client id that apps use"),
        "UserPoolId": (client.user_pool.user_pool_id, "User pool that apps use"),
        "Region": (Stack.of(client).region, "Region of the user pool"),
        "SecretArn": (client.secret.secret_arn, "Where the app client's secret is kept"),
    }
    for name, (value, description) in outputs.items():
        CfnOutput(stack, name, value=value, description=description)
