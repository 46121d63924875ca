"""The human check of a proxy: what its function is told and may do, what rings, and what is refused."""

import json
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.assertions import Match, Template

from cognito_proxy import (
    AppClient,
    EdgeProxy,
    FailurePolicy,
    HumanCheck,
    HumanCheckProvider,
    PropertyError,
    ProxyAlarms,
    RegionalProxy,
)
from cognito_proxy.interceptors import human_check as library
from proxy.interceptors import human_check as function
from proxy.interceptors.siteverify import PROVIDERS
from proxy.metrics import COUNTED
from tests.constructs.synthesized import EDGE_REGION, joined, new_stack, only

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:turnstile-AbCdEf"


def existing(stack: Stack) -> secretsmanager.ISecret:
    return secretsmanager.Secret.from_secret_complete_arn(stack, "Key", ARN)


def regional(stack: Stack, check: HumanCheck | None) -> RegionalProxy:
    client = AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"))
    return RegionalProxy(stack, "Proxy", app_clients=[client], human_check=check)


def check(stack: Stack, **more: Any) -> HumanCheck:
    given: dict[str, Any] = {"provider": HumanCheckProvider.TURNSTILE, **more}
    given.setdefault("secret", more.get("secret") or existing(stack))
    return HumanCheck(**given)


def told(stack: Stack) -> dict[str, Any]:
    """The part of the settings in the regional function's environment."""
    functions = Template.from_stack(stack).find_resources(
        "AWS::Lambda::Function", {"Properties": {"Handler": "proxy.regional.handler"}}
    )
    ((_, resource),) = functions.items()
    document = json.loads(joined(resource["Properties"]["Environment"]["Variables"]["PROXY_SETTINGS"]))
    part: dict[str, Any] = document["human_check"]
    return part


def test_the_least_is_a_provider_and_a_secret() -> None:
    stack = new_stack()
    regional(stack, check(stack))
    assert told(stack) == {"provider": "turnstile", "secret_arn": ARN, "when_unavailable": "open"}


def test_everything_set() -> None:
    stack = new_stack()
    regional(
        stack,
        HumanCheck(
            provider=HumanCheckProvider.RECAPTCHA,
            secret=existing(stack),
            secret_field="key",
            operations=["SignUp", "RespondToAuthChallenge"],
            when_unavailable=FailurePolicy.CLOSED,
            hostnames=["app.example.com"],
            action="sign_up",
            min_score=0,
            send_address=True,
        ),
    )
    assert told(stack) == {
        "provider": "recaptcha",
        "secret_arn": ARN,
        "secret_field": "key",
        "operations": ["RespondToAuthChallenge", "SignUp"],
        "when_unavailable": "closed",
        "hostnames": ["app.example.com"],
        "action": "sign_up",
        "min_score": 0,
        "send_address": True,
    }


@pytest.mark.parametrize("provider", HumanCheckProvider)
def test_the_function_takes_what_the_library_writes(provider: HumanCheckProvider) -> None:
    own = {
        "hcaptcha": {"site_key": "key"},
        "recaptcha": {"min_score": 0.5, "action": "a"},
        "turnstile": {"action": "a"},
    }
    stack = new_stack()
    regional(stack, check(stack, provider=provider, hostnames=["a.example"], secret_field="f", **own[provider]))
    part = told(stack)

    class Settings:
        secret_ttl_seconds = 300.0

    made = function.HumanCheck(part, function.Tools(settings=Settings, pseudonyms=lambda *_: None, after_answer=None))  # type: ignore[arg-type]
    made.close()


def test_names_are_the_functions_own() -> None:
    assert set(library.GUARDABLE_OPERATIONS) == function.GUARDABLE
    assert set(library.DEFAULT_OPERATIONS) == set(function.DEFAULT_OPERATIONS)
    assert set(HumanCheckProvider) == PROVIDERS.keys()
    assert library.METRIC in COUNTED


def test_the_function_may_read_the_secret_and_use_its_key() -> None:
    stack = new_stack()
    secret = secretsmanager.Secret(stack, "Key", encryption_key=kms.Key(stack, "KmsKey"))
    regional(stack, check(stack, secret=secret))
    template = Template.from_stack(stack)
    ((logical_id, _),) = template.find_resources(
        "AWS::SecretsManager::Secret", {"Properties": {"KmsKeyId": Match.any_value()}}
    ).items()
    policies = template.find_resources("AWS::IAM::Policy")
    (policy,) = [found for name, found in policies.items() if name.startswith("ProxyRoleDefaultPolicy")]
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    (read,) = [each for each in statements if each["Resource"] == {"Ref": logical_id}]
    assert read["Action"] == "secretsmanager:GetSecretValue"
    ((key_id, key),) = template.find_resources("AWS::KMS::Key").items()
    (decrypt,) = [each for each in statements if each["Resource"] == {"Fn::GetAtt": [key_id, "Arn"]}]
    assert decrypt["Action"] == "kms:Decrypt"
    assert "secretsmanager." in joined(decrypt["Condition"]["StringEquals"]["kms:ViaService"])
    # The key's own policy names no role: the key may be of a stack that comes first.
    assert "ProxyRole" not in json.dumps(key["Properties"]["KeyPolicy"])


def test_the_key_is_used_where_the_secret_is() -> None:
    stack = new_stack(region=EDGE_REGION)
    arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:provider-AbCdEf"
    key = kms.Key.from_key_arn(stack, "KmsKey", "arn:aws:kms:eu-west-1:123456789012:key/1")
    secret = secretsmanager.Secret.from_secret_attributes(stack, "Key", secret_complete_arn=arn, encryption_key=key)
    client = AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"))
    EdgeProxy(stack, "Proxy", app_clients=[client], human_check=check(stack, secret=secret))
    policies = json.dumps(Template.from_stack(stack).find_resources("AWS::IAM::Policy"))
    assert "secretsmanager.eu-west-1.amazonaws.com" in policies


def test_the_edge_has_it_in_its_headers_and_may_read_the_secret() -> None:
    stack = new_stack(region=EDGE_REGION)
    client = AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"))
    secret = secretsmanager.Secret(stack, "Key")
    EdgeProxy(stack, "Proxy", app_clients=[client], human_check=check(stack, secret=secret))
    template = Template.from_stack(stack)
    distribution = only(template, "AWS::CloudFront::Distribution")
    (origin,) = distribution["Properties"]["DistributionConfig"]["Origins"]
    headers = {each["HeaderName"]: each["HeaderValue"] for each in origin["OriginCustomHeaders"]}
    document = joined(headers["x-proxy-settings"])
    assert '"human_check":{"provider":"turnstile","secret_arn":"<Key' in document
    template.has_resource_properties(
        "AWS::IAM::Policy",
        {
            "PolicyDocument": {
                "Statement": Match.array_with(
                    [Match.object_like({"Resource": {"Ref": Match.string_like_regexp("^Key")}, "Effect": "Allow"})]
                )
            }
        },
    )


@pytest.mark.proves("human-check-policy-when-down")
def test_an_alarm_rings_when_the_provider_fails() -> None:
    stack = new_stack()
    ProxyAlarms(stack, "Alarms", proxy=regional(stack, check(stack)))
    Template.from_stack(stack).has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {
            "Namespace": "CognitoProxy",
            "MetricName": "HumanCheckFailures",
            "Statistic": "Sum",
            "Threshold": 5,
            "AlarmDescription": "The sign-in proxy had no verdict on the tokens of its human check",
            "Dimensions": Match.array_with([{"Name": "variant", "Value": "regional"}]),
        },
    )


def test_without_it_nothing_is_there() -> None:
    stack = new_stack()
    ProxyAlarms(stack, "Alarms", proxy=regional(stack, None))
    document = json.dumps(Template.from_stack(stack).to_json())
    assert "human_check" not in document
    assert "HumanCheck" not in document


@pytest.mark.proves("human-check-operations")
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"provider": "other"}, "^provider must be one of turnstile, recaptcha, hcaptcha, not 'other'"),
        ({"when_unavailable": "x"}, "^when_unavailable must be one of open, closed, not 'x'"),
        ({"operations": []}, "^operations must name at least one"),
        ({"operations": "SignUp"}, "^operations must name at least one"),
        ({"operations": ["GetUser"]}, "^operations: 'GetUser' has no ClientMetadata"),
        ({"operations": ["AdminInitiateAuth"]}, "^operations: 'AdminInitiateAuth' has no"),
        ({"operations": ["GetTokensFromRefreshToken"]}, "^operations: GetTokensFromRefreshToken is a refresh"),
        ({"hostnames": ["https://app.example.com"]}, "^hostnames: 'https://app.example.com' is not"),
        ({"hostnames": ["App.example.com"]}, "^hostnames"),
        ({"hostnames": [""]}, "^hostnames"),
        ({"provider": HumanCheckProvider.HCAPTCHA, "action": "a"}, "^action: only turnstile and recaptcha has it"),
        ({"min_score": 0.5}, "^min_score: only recaptcha has it, not turnstile"),
        ({"site_key": "k"}, "^site_key: only hcaptcha has it, not turnstile"),
        ({"provider": HumanCheckProvider.RECAPTCHA, "min_score": 1.1}, "^min_score must be from 0 to 1, not 1.1"),
        ({"provider": HumanCheckProvider.RECAPTCHA, "min_score": float("nan")}, "^min_score must be from 0 to 1"),
    ],
)
def test_refuses_what_cannot_work(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(PropertyError, match=message):
        check(new_stack(), **wrong)


def test_its_part_counts_in_the_size_of_the_settings() -> None:
    stack = new_stack(region=EDGE_REGION)
    client = AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"))
    many = [f"app-{number}.of-a-company.example.com" for number in range(40)]
    with pytest.raises(PropertyError, match=r"^human_check: with them the settings of one app client have"):
        EdgeProxy(stack, "Proxy", app_clients=[client], human_check=check(stack, hostnames=many))
