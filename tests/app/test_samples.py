"""The samples beside the proxy: where their stacks go, and what they read of the proxy's."""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Annotations, Match, Template

import app as deployment_plan
from stacks.flags.sample import Sample
from stacks.samples import SAMPLES

POOL = {"user_pool_id": "eu-west-1_AbCdEf123"}
EDGE = {"variant": "edge"}


def planned(flags: dict[str, str], monkeypatch: pytest.MonkeyPatch, *, region: str | None = None) -> dict[str, Stack]:
    """The stacks, by name; `region` is the deployer's."""
    monkeypatch.setattr(deployment_plan, "_REGION", region)
    cdk_app = App(context={"sample": "rest"} | flags)
    deployment_plan.plan(cdk_app)
    return {stack.stack_name: stack for stack in cdk_app.node.children if isinstance(stack, Stack)}


def rest(stacks: dict[str, Stack]) -> tuple[Stack, Template]:
    (stack,) = (stack for name, stack in stacks.items() if name.endswith("-Rest"))
    return stack, Template.from_stack(stack)


def settings(template: Template) -> Any:
    """The function's settings with what deployment puts in, each reference as it stands in the template."""
    (function,) = template.find_resources("AWS::Lambda::Function").values()
    text = function["Properties"]["Environment"]["Variables"]["API_SETTINGS"]
    parts = [text] if isinstance(text, str) else text["Fn::Join"][1]
    return "".join(part if isinstance(part, str) else f"<{json.dumps(part)}>" for part in parts)


def test_every_sample_is_made() -> None:
    assert set(SAMPLES) == set(Sample)


def test_without_the_flag_there_is_no_sample() -> None:
    cdk_app = App()
    deployment_plan.plan(cdk_app)
    stacks = [child.node.id for child in cdk_app.node.children if isinstance(child, Stack)]
    assert stacks == ["CognitoProxyRegionalDemo"]


@pytest.mark.proves("sample-in-pool-region")
@pytest.mark.parametrize(
    ("flags", "deployer", "expected"),
    [
        ({}, None, ["CognitoProxyRegionalDemo", "CognitoProxyRegionalDemo-Rest"]),
        (POOL, "us-west-2", ["CognitoProxyRegional", "CognitoProxyRegional-Rest"]),
        (EDGE, "us-east-1", ["CognitoProxyEdgeDemo", "CognitoProxyEdgeDemo-Rest"]),
        (EDGE, "eu-west-1", ["CognitoProxyEdgeDemoPool", "CognitoProxyEdgeDemo", "CognitoProxyEdgeDemo-Rest"]),
        (EDGE | POOL, "us-west-2", ["CognitoProxyEdgePool", "CognitoProxyEdge", "CognitoProxyEdge-Rest"]),
    ],
)
def test_a_sample_stands_in_the_region_of_the_pool_and_after_the_proxy(
    flags: dict[str, str], deployer: str | None, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stacks = planned(flags, monkeypatch, region=deployer)
    assert list(stacks) == expected
    sample, proxy = stacks[expected[-1]], stacks[expected[-2]]
    home = stacks[expected[0]]
    if deployer is None:
        assert sample.environment == proxy.environment == "aws://unknown-account/unknown-region"
    else:
        assert sample.region == home.region == ("us-east-1" if deployer == "us-east-1" else "eu-west-1")
    assert proxy in sample.dependencies
    assert sample.termination_protection is bool(flags.get("user_pool_id"))


@pytest.mark.parametrize("flags", [{}, EDGE, EDGE | POOL])
def test_pool_and_app_client_are_read_loosely(flags: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A strong reference would keep the proxy's stack from replacing an app client, and from going."""
    stacks = planned(flags, monkeypatch, region="eu-west-1")
    _, template = rest(stacks)
    text = json.dumps(template.to_json())
    assert "Fn::ImportValue" not in text
    home = next(iter(stacks.values()))
    read = template.find_resources("AWS::ApiGateway::Authorizer").popitem()[1]["Properties"]["ProviderARNs"]
    told = Template.from_stack(home).find_outputs("*")
    reads = [found["Fn::GetStackOutput"] for found in _functions({"pool": read, "settings": template.to_json()})]
    assert {each["StackName"] for each in reads} == {home.stack_name}
    assert {each["OutputName"] for each in reads} <= set(told)
    (client,) = Template.from_stack(home).find_resources("AWS::Cognito::UserPoolClient")
    assert {"Ref": client} in [told[each["OutputName"]]["Value"] for each in reads]
    for stack in stacks.values():
        assert not [output for output in Template.from_stack(stack).find_outputs("*").values() if output.get("Export")]


def _functions(value: Any) -> list[dict[str, Any]]:
    """Every Fn::GetStackOutput in it."""
    if isinstance(value, list):
        return [found for item in value for found in _functions(item)]
    if not isinstance(value, dict):
        return []
    own = [value] if "Fn::GetStackOutput" in value else []
    return own + [found for item in value.values() for found in _functions(item)]


def test_tokens_of_every_app_client_of_the_proxy_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    existing = POOL | {"app_clients": "web,ios", "app_client_ids": "web:1a2b3c,ios:4d5e6f"}
    _, template = rest(planned(existing, monkeypatch))
    assert '"client_ids":["1a2b3c","4d5e6f"]' in settings(template)
    (authorizer,) = template.find_resources("AWS::ApiGateway::Authorizer").values()
    (arn,) = authorizer["Properties"]["ProviderARNs"]
    assert arn["Fn::Join"][1][-1].endswith(":userpool/eu-west-1_AbCdEf123")
    _, template = rest(planned({"app_clients": "web,ios,android"}, monkeypatch))
    assert settings(template).count("Fn::GetStackOutput") == 3


def test_the_url_is_an_output_and_origins_reach_the_api(monkeypatch: pytest.MonkeyPatch) -> None:
    origins = {"allowed_origins": "https://app.example.com,capacitor://localhost"}
    _, template = rest(planned(origins, monkeypatch))
    assert set(template.find_outputs("*")) == {"RestApiUrl"}
    assert '"allowed_origins":["https://app.example.com","capacitor://localhost"]' in settings(template)
    template.resource_count_is("AWS::ApiGateway::Method", 4)
    _, template = rest(planned({}, monkeypatch))
    template.resource_count_is("AWS::ApiGateway::Method", 2)


@pytest.mark.parametrize(("flags", "policy"), [({}, "Delete"), (POOL, "RetainExceptOnCreate")])
def test_documents_of_production_outlive_the_sample(
    flags: dict[str, str], policy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, template = rest(planned(flags, monkeypatch))
    template.has_resource("AWS::DynamoDB::Table", {"DeletionPolicy": policy})


@pytest.mark.parametrize(("flags", "proxys", "samples"), [({}, 1, 0), (EDGE, 0, 1)])
def test_the_account_s_role_is_set_once(
    flags: dict[str, str], proxys: int, samples: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the proxy's stack, or at the edge, which has no API Gateway, by the sample's."""
    stacks = planned(flags | {"api_gateway_account_role": "true"}, monkeypatch, region="us-east-1")
    proxy, sample = stacks.values()
    Template.from_stack(proxy).resource_count_is("AWS::ApiGateway::Account", proxys)
    Template.from_stack(sample).resource_count_is("AWS::ApiGateway::Account", samples)


def test_a_sample_warns_of_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    context = json.loads((Path(deployment_plan.__file__).parent / "cdk.json").read_text(encoding="utf-8"))["context"]
    sample, _ = rest(planned(context, monkeypatch))
    assert Annotations.from_stack(sample).find_warning("*", Match.any_value()) == []
