"""What a stack reads of an app client whose stack is in another Region, or only shall not be held fast.

It reads outputs of the other stack as CloudFormation deploys it (Fn::GetStackOutput, CDK's weak references), whatever
the app's default is: CDK's strong ones would add two functions in Node.js, and would refuse to let go of a secret.
A client or secret that is replaced under its logical id reaches the reader with its next deployment
(`cdk deploy --force`, since its template stays the same).
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import CfnResource, ReferenceStrength, Stack, Token
from constructs import IConstruct

if TYPE_CHECKING:
    from cognito_proxy.app_clients.app_client import AppClient


@dataclass(frozen=True, kw_only=True)
class ClientValues:
    """An app client in the words of the stack that reads it; tokens where deployment decides."""

    client_id: str
    """What apps are configured with."""

    secret_arn: str
    """Of the primary, in the app client's own Region."""

    user_pool_id: str
    """Whose app client it is."""


def seen_from(scope: IConstruct, client: "AppClient") -> ClientValues:
    """The values of `client` for the stack of `scope`."""
    if in_region_of(scope, client):
        return ClientValues(
            client_id=client.client_id,
            secret_arn=client.secret.secret_arn,
            user_pool_id=client.user_pool.user_pool_id,
        )
    return loosely_seen(client)


def loosely_seen(client: "AppClient") -> ClientValues:
    """The values of `client` for another stack, of whatever Region, that shall not hold it fast."""
    return ClientValues(
        client_id=_weak(client.user_pool_client, client.client_id),
        secret_arn=_weak(client.secret, client.secret.secret_arn),
        user_pool_id=_weak(client.user_pool, client.user_pool.user_pool_id),
    )


def read_weakly(scope: IConstruct, construct: IConstruct, value: str) -> str:
    """What `construct` is referred to by (`value`), for the stack of `scope`."""
    return value if in_region_of(scope, construct) else _weak(construct, value)


def in_region_of(scope: IConstruct, other: IConstruct) -> bool:
    """Whether both stacks are in one Region; two whose Region the deployer decides count as such."""
    return Stack.of(scope).region == Stack.of(other).region


def _weak(construct: IConstruct, value: str) -> str:
    resource = construct.node.default_child
    if not Token.is_unresolved(value) or not isinstance(resource, CfnResource):
        return value
    # The resource's own reference: `secret_arn` and its like ask for a physical name across Regions.
    return Stack.consume_reference(resource.ref, ReferenceStrength.WEAK)
