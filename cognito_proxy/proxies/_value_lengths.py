"""How long and how short what deployment puts in for a token can get, to tell what fits into settings before that."""

from typing import TYPE_CHECKING, Any, cast

from aws_cdk import CfnElement, Names, Stack, Token

from cognito_proxy.app_clients.cross_region import ClientValues

if TYPE_CHECKING:
    from cognito_proxy.app_clients.app_client import AppClient

# The longest that deployment can put in for a token.
LONGEST_REGION = 25
_LONGEST_POOL_ID = 55  # API reference, UserPoolIdType
_LONGEST_CLIENT_ID = 128  # API reference, ClientIdType
LONGEST_ORIGIN = 280
_LONGEST_STACK_NAME = 128
_LONGEST_LOGICAL_ID = 255
_ARN_BUT_NAME = len("arn:aws-iso-e:secretsmanager::123456789012:secret:-AbCdEf") + LONGEST_REGION
_NAME_BUT_IDS = len("--123456789012")  # CloudFormation adds 12 random characters
# And the shortest.
SHORTEST_REGION = len("eu-west-1")
_SHORTEST_CLIENT_ID = 20
_SHORTEST_ARN_BUT_ID = len("arn:aws:secretsmanager::123456789012:secret:-123456789012-AbCdEf") + SHORTEST_REGION


def longest_values(client: "AppClient") -> ClientValues:
    """The app client with stand-ins, each as long as the value can get."""
    stack_name = Stack.of(client).stack_name
    ids = _LONGEST_STACK_NAME if Token.is_unresolved(stack_name) else len(stack_name)
    ids += min(_LONGEST_LOGICAL_ID, len(Names.node_unique_id(client.secret.node)))
    client_id = _client_id(client, _LONGEST_CLIENT_ID)
    return ClientValues(
        client_id=client_id,
        secret_arn="x" * (_ARN_BUT_NAME + _NAME_BUT_IDS + ids),
        user_pool_id=longest(client.user_pool.user_pool_id, _LONGEST_POOL_ID),
    )


def shortest_values(client: "AppClient") -> ClientValues:
    """The app client with stand-ins, each as short as the value can get."""
    logical_id = Stack.of(client).get_logical_id(cast("CfnElement", client.secret.node.default_child))
    return ClientValues(
        client_id=_client_id(client, _SHORTEST_CLIENT_ID),
        secret_arn="x" * (_SHORTEST_ARN_BUT_ID + len(logical_id)),
        user_pool_id=client.user_pool.user_pool_id,
    )


def _client_id(client: "AppClient", length: int) -> str:
    """The id itself where it is known. Ids differ, also their stand-ins, since they are keys."""
    if not Token.is_unresolved(client.client_id):
        return client.client_id
    return Names.node_unique_id(client.node)[-length:].rjust(length, "x")


def longest(value: str, bound: int) -> str:
    """The value; for one that is known at deploy time only, a stand-in with as many characters as it can get."""
    return "x" * bound if Token.is_unresolved(value) else value


def shortest(value: Any) -> Any:
    """The value, with nothing in the place of each text in it that is known at deploy time only."""
    match value:
        case dict():
            return {key: shortest(member) for key, member in value.items()}
        case list():
            return [shortest(member) for member in value]
        case str() if Token.is_unresolved(value):
            return ""
        case _:
            return value
