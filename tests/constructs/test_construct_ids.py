"""Construct ids are a contract: changing one replaces a user's resource."""

from aws_cdk import Stack
from aws_cdk import aws_cognito as cognito
from constructs import IConstruct

from cognito_proxy import AppClient, CognitoAuthorizedApi, EdgeProxy, ProxyAlarms, RegionalProxy
from tests.constructs.synthesized import EDGE_REGION, new_stack


def test_ids_stay() -> None:
    stack = new_stack()
    client = AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"))
    proxy = RegionalProxy(stack, "Proxy", app_clients=[client])
    alarms = ProxyAlarms(stack, "Alarms", proxy=proxy, email="ops@example.com")
    assert _children(client) == {"Resource", "Secret", "Seeding", "SeedingPolicy"}
    assert _children(proxy) == {
        "AccessLogGroup",
        "Api",
        "Function",
        "LogGroup",
        "Role",
        "WebAcl",
        "WebAclAssociation",
    }
    assert _children(alarms) == {"FunctionErrors", "FunctionThrottles", "Key", "ServerErrors", "Topic"}
    assert _children(stack.node.find_child("CognitoProxySecretSeeding")) == {"Function", "LogGroup", "Role"}


def test_ids_of_the_edge_stay() -> None:
    stack = new_stack(region=EDGE_REGION)
    client = AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"))
    proxy = EdgeProxy(stack, "Proxy", app_clients=[client])
    alarms = ProxyAlarms(stack, "Alarms", proxy=proxy)
    assert _children(proxy) == {
        "Distribution",
        "Function",
        "LogBucket",
        "LogPolicy",
        "ResponseHeaders",
        "Role",
        "WebAcl",
    }
    assert _children(alarms) == {"Key", "ServerErrorRate", "Topic"}
    ids = {
        stack.get_logical_id(resource.node.default_child)  # type: ignore[arg-type]
        for resource in (proxy.distribution, proxy.function, proxy.log_bucket)
    }
    assert ids == {"ProxyDistributionEFAD9F4B", "ProxyFunction6F85094A", "ProxyLogBucket239B70AF"}


def test_ids_of_the_api_stay() -> None:
    stack = new_stack()
    pool = cognito.UserPool(stack, "Pool")
    client = AppClient(stack, "Client", user_pool=pool)
    api = CognitoAuthorizedApi(stack, "Rest", user_pool=pool, user_pool_clients=[client.user_pool_client])
    assert _children(api) == {"AccessLogGroup", "Api", "Authorizer", "Function", "LogGroup", "Role", "Table"}
    ids = {
        stack.get_logical_id(resource.node.default_child)  # type: ignore[arg-type]
        for resource in (api.table, api.api, api.function)
    }
    assert ids == {"RestApi79D61EE8", "RestFunction98D4AF89", "RestTable02A9E518"}


def test_stateful_resources_keep_their_logical_ids() -> None:
    stack: Stack = new_stack()
    client = AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"))
    proxy = RegionalProxy(stack, "Proxy", app_clients=[client])
    ids = {
        name: stack.get_logical_id(resource)  # type: ignore[arg-type]
        for name, resource in {
            "client": client.user_pool_client.node.default_child,
            "secret": client.secret.node.default_child,
            "api": proxy.api.node.default_child,
            "function": proxy.function.node.default_child,
        }.items()
    }
    assert ids == {
        "client": "Client997D45C1",
        "secret": "ClientSecret81339D6A",
        "api": "ProxyApi99F439A2",
        "function": "ProxyFunction6F85094A",
    }


def _children(construct: IConstruct) -> set[str]:
    return {child.node.id for child in construct.node.children}
