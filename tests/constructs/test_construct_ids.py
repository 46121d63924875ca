"""Construct ids are a contract: changing one replaces a user's resource."""

from aws_cdk import Stack
from aws_cdk import aws_cognito as cognito
from constructs import IConstruct

from cognito_proxy import (
    ApiScopes,
    AppClient,
    CodeGrantClient,
    CognitoAuthorizedApi,
    EdgeProxy,
    JwtAuthorizedApi,
    MachineClient,
    ProxyAlarms,
    RegionalProxy,
    SignInDomain,
)
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


def test_ids_of_the_http_api_stay() -> None:
    stack = new_stack()
    pool = cognito.UserPool(stack, "Pool")
    scopes = ApiScopes(stack, "Scopes", user_pool=pool, identifier="documents", scopes={"read": "Read"})
    page = CodeGrantClient(stack, "Page", user_pool=pool, callback_urls=["https://app.example.com/"])
    machine = MachineClient(stack, "Machine", user_pool=pool, api_scopes=scopes, scope_names=["read"])
    api = JwtAuthorizedApi(stack, "Http", user_pool=pool, user_pool_clients=[page.user_pool_client])
    assert _children(api) == {
        "AccessLogGroup",
        "Api",
        "FlowLog",
        "FlowLogGroup",
        "Function",
        "FunctionSecurityGroup",
        "LogGroup",
        "NoInterfaces",
        "PrefixList",
        "Role",
        "SecurityGroup",
        "Stage",
        "Table",
        "Vpc",
    }
    assert _children(page) == {"Branding", "Resource"}
    assert _children(machine) == {"Kept", "Resource"}
    assert _children(scopes) == {"Resource"}
    assert _children(SignInDomain(stack, "SignIn", user_pool=pool)) == {"Resource"}
    ids = {
        stack.get_logical_id(resource.node.default_child)  # type: ignore[arg-type]
        for resource in (api.table, api.api, api.vpc, page.user_pool_client, machine.user_pool_client)
    }
    assert ids == {
        "HttpApi4E1D4184",
        "HttpTableFF2C1E53",
        "HttpVpc562E2348",
        "Machine07671955",
        "PageFE402EAB",
    }


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
