"""ProxyOutputs: what a stack of the user's own tells apps and the command line."""

from collections.abc import Sequence

import pytest
from aws_cdk import Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk.assertions import Annotations, Match, Template

from cognito_proxy import AppClient, EdgeProxy, NoWebAcl, PropertyError, ProxyOutputs, RegionalProxy
from tests.constructs.synthesized import EDGE_REGION, joined, new_stack, new_stacks

NAMES = {"ProxyEndpoint", "ProxyDomain", "AppClientId", "UserPoolId", "Region", "WebAclArn", "SecretArn"}
"""The contract, in README.md."""


def proxy_with(clients: int, stack: Stack) -> RegionalProxy:
    pool = cognito.UserPool(stack, "Pool")
    made = [AppClient(stack, f"Client{number}", user_pool=pool) for number in range(clients)]
    return RegionalProxy(stack, "Proxy", app_clients=made)


@pytest.mark.proves("outputs")
def test_tells_what_apps_and_the_command_line_need() -> None:
    stack = new_stack()
    proxy = proxy_with(1, stack)
    ProxyOutputs(stack, "WhateverId", proxy=proxy)
    outputs = {name: output["Value"] for name, output in Template.from_stack(stack).find_outputs("*").items()}
    (client,) = proxy.app_clients
    assert {name: joined(value) for name, value in outputs.items()} == {
        name: joined(stack.resolve(value))
        for name, value in {
            "ProxyEndpoint": proxy.endpoint,
            "ProxyDomain": proxy.domain_name,
            "AppClientId": client.client_id,
            "UserPoolId": client.user_pool.user_pool_id,
            "Region": "eu-west-1",
            "WebAclArn": proxy.web_acl_arn,
            "SecretArn": client.secret.secret_arn,
        }.items()
    }
    assert set(outputs) == NAMES


def test_several_app_clients_end_in_their_names_but_the_first() -> None:
    stack = new_stack()
    proxy = proxy_with(2, stack)
    ProxyOutputs(stack, "Outputs", proxy=proxy, app_client_names=["web", "ios"])
    outputs = Template.from_stack(stack).find_outputs("*")
    assert set(outputs) == NAMES | {"AppClients", "AppClientIdIos", "SecretArnIos"}
    assert outputs["AppClients"]["Value"] == "web,ios"
    for ending, client in zip(("", "Ios"), proxy.app_clients, strict=True):
        assert outputs[f"AppClientId{ending}"]["Value"] == stack.resolve(client.client_id)
        assert outputs[f"SecretArn{ending}"]["Value"] == stack.resolve(client.secret.secret_arn)


@pytest.mark.proves("outputs")
def test_an_edge_proxy_tells_of_its_pool_far_away() -> None:
    pool_stack, stack = new_stacks()
    pool = cognito.UserPool.from_user_pool_id(pool_stack, "Pool", "eu-west-1_AbCdEf123")
    client = AppClient(pool_stack, "Client", user_pool=pool, secret_replica_regions=[EDGE_REGION])
    ProxyOutputs(stack, "Outputs", proxy=EdgeProxy(stack, "Proxy", app_clients=[client]))
    outputs = Template.from_stack(stack).find_outputs("*")
    assert (outputs["Region"]["Value"], outputs["UserPoolId"]["Value"]) == ("eu-west-1", "eu-west-1_AbCdEf123")
    assert set(outputs) == NAMES


def test_without_a_web_acl_there_is_none_to_tell_of() -> None:
    stack = new_stack()
    client = AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"))
    proxy = RegionalProxy(stack, "Proxy", app_clients=[client], web_acl=NoWebAcl())
    ProxyOutputs(stack, "Outputs", proxy=proxy)
    assert set(Template.from_stack(stack).find_outputs("*")) == NAMES - {"WebAclArn"}
    assert Annotations.from_stack(stack).find_error("*", Match.any_value()) == []


@pytest.mark.parametrize(
    ("clients", "names", "message"),
    [
        (2, [], "app_client_names must name each of the proxy's 2 app clients, not 0"),
        (2, ["web"], "app_client_names must name each of the proxy's 2 app clients, not 1"),
        (1, ["web", "ios"], "app_client_names must name each of the proxy's 1 app clients, not 2"),
        (2, ["web", "iOS"], "app_client_names: 'iOS' is not a name; allowed are 1 to 32 lower-case letters and digits"),
        (2, ["web", "id"], "app_client_names: 'id' is not a name"),
        (2, ["web", "web"], "app_client_names must differ: web, web"),
    ],
)
def test_refuses_names_that_are_no_endings(clients: int, names: Sequence[str], message: str) -> None:
    stack = new_stack()
    with pytest.raises(PropertyError, match=f"^{message}"):
        ProxyOutputs(stack, "Outputs", proxy=proxy_with(clients, stack), app_client_names=names)
