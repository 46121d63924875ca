"""Provisioned concurrency: the API calls an alias, and everything that named the function still holds."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk.assertions import Template

from cognito_proxy import AppClient, Monitoring, ProxyAlarms, RegionalProxy
from tests.constructs.synthesized import joined, new_stack, only, statements
from tests.monitoring.references import references

ALIAS = "AWS::Lambda::Alias"
VERSION = "AWS::Lambda::Version"
PROXY_FUNCTION = {"Properties": {"Handler": "proxy.regional.handler"}}


def proxy_in(stack: Stack, **properties: Any) -> RegionalProxy:
    client = AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"))
    return RegionalProxy(stack, "Proxy", app_clients=[client], **properties)


def synthesized(**properties: Any) -> Template:
    stack = new_stack()
    proxy_in(stack, **properties)
    return Template.from_stack(stack)


@pytest.fixture(scope="module")
def warm() -> Template:
    return synthesized(provisioned_concurrency=3)


def logical_id(template: Template, kind: str) -> str:
    (found,) = template.find_resources(kind)
    return found


def test_the_alias_keeps_that_many_of_the_current_version(warm: Template) -> None:
    (function,) = warm.find_resources("AWS::Lambda::Function", PROXY_FUNCTION)
    properties = only(warm, ALIAS)["Properties"]
    assert properties == {
        "FunctionName": {"Ref": function},
        "FunctionVersion": {"Fn::GetAtt": [logical_id(warm, VERSION), "Version"]},
        "Name": "live",
        "ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 3},
    }


@pytest.mark.proves("alias-called")
def test_both_methods_and_their_permissions_name_the_alias_and_nothing_names_the_function(warm: Template) -> None:
    alias = logical_id(warm, ALIAS)
    (function,) = warm.find_resources("AWS::Lambda::Function", PROXY_FUNCTION)
    methods = [found["Properties"] for found in warm.find_resources("AWS::ApiGateway::Method").values()]
    assert len(methods) == 2
    for method in methods:
        assert f"<{alias}>/invocations" in joined(method["Integration"]["Uri"])
        assert function not in joined(method["Integration"]["Uri"])
    permissions = [found["Properties"] for found in warm.find_resources("AWS::Lambda::Permission").values()]
    assert [permission["FunctionName"] for permission in permissions] == [{"Ref": alias}] * 2


def test_environments_are_made_when_the_secrets_and_the_roles_rights_are_there(warm: Template) -> None:
    """INIT asks for the secret as soon as the alias is made, long before a call."""
    (function,) = warm.find_resources("AWS::Lambda::Function", PROXY_FUNCTION).values()
    after = set(only(warm, ALIAS)["DependsOn"])
    assert set(warm.find_resources("Custom::CognitoProxyClientSecret")) <= after
    assert set(warm.find_resources("AWS::SecretsManager::Secret")) <= after
    policies = warm.find_resources("AWS::IAM::Policy")
    reading = {
        name
        for name, policy in policies.items()
        if policy["Properties"]["Roles"] == [{"Ref": function["Properties"]["Role"]["Fn::GetAtt"][0]}]
    }
    assert reading
    assert reading <= set(function["DependsOn"])


@pytest.mark.proves("new-version-by-change")
def test_a_change_of_the_function_makes_a_new_version_and_none_else_does(warm: Template) -> None:
    version = logical_id(warm, VERSION)
    assert logical_id(synthesized(provisioned_concurrency=5), VERSION) == version
    assert logical_id(synthesized(provisioned_concurrency=3, memory_size=1024), VERSION) != version
    assert logical_id(synthesized(provisioned_concurrency=3, threat_protection=True), VERSION) != version


@pytest.mark.proves("old-version-goes")
def test_the_version_before_goes_with_the_deployment_that_replaces_it(warm: Template) -> None:
    """Kept, it would be in the way of a flag that comes back: see `warm_alias`."""
    version = only(warm, VERSION)
    assert (version.get("DeletionPolicy"), version.get("UpdateReplacePolicy")) in ((None, None), ("Delete", "Delete"))


def test_without_it_there_is_neither() -> None:
    template = synthesized()
    assert not template.find_resources(ALIAS)
    assert not template.find_resources(VERSION)


def test_it_is_exposed() -> None:
    alias = proxy_in(new_stack(), provisioned_concurrency=1).function_alias
    assert alias is not None
    assert alias.alias_name == "live"
    assert proxy_in(new_stack()).function_alias is None


def test_the_role_gains_nothing(warm: Template) -> None:
    assert statements(warm, "ProxyRole") == statements(synthesized(), "ProxyRole")


def test_alarms_see_calls_of_the_alias_under_the_functions_name() -> None:
    """Lambda adds up all versions and aliases of a function there (Developer Guide, dimension FunctionName)."""
    stack = new_stack()
    proxy = proxy_in(stack, provisioned_concurrency=1)
    ProxyAlarms(stack, "Alarms", proxy=proxy)
    alarms = Template.from_stack(stack).find_resources("AWS::CloudWatch::Alarm").values()
    of_function = [a["Properties"] for a in alarms if a["Properties"].get("Namespace") == "AWS/Lambda"]
    assert {alarm["MetricName"] for alarm in of_function} == {"Errors", "Throttles"}
    assert all([each["Name"] for each in alarm["Dimensions"]] == ["FunctionName"] for alarm in of_function)


@pytest.mark.proves("spillover-shown")
@pytest.mark.parametrize("provisioned", [None, 2])
def test_the_dashboard_says_whether_there_are_enough(provisioned: int | None) -> None:
    stack = new_stack()
    Monitoring(stack, "Monitoring", proxy=proxy_in(stack, provisioned_concurrency=provisioned))
    template = Template.from_stack(stack)
    (function,) = template.find_resources("AWS::Lambda::Function", PROXY_FUNCTION)
    found = {
        reference.name: reference.dimensions
        for reference in references(template.to_json())
        if reference.name.startswith("Provisioned")
    }
    dimensions = {"FunctionName": f"<{function}>", "Resource": f"<{function}>:live"}
    names = ("ProvisionedConcurrentExecutions", "ProvisionedConcurrencySpilloverInvocations")
    assert found == ({} if provisioned is None else dict.fromkeys(names, dimensions))
