"""The flags of a second Region."""

import pytest

from stacks.flags import AppFlags
from stacks.flags.errors import FlagError
from tests.app.flag_sets import FLAG_SETS
from tests.syntheses import Syntheses

WHOLE = FLAG_SETS["second region"]
EDGE = {"variant": "edge", "user_pool_id": "eu-west-1_AbCdEf123", "second_region": "eu-central-1"}


def without(*names: str) -> dict[str, str]:
    return {name: value for name, value in WHOLE.items() if name not in names}


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (without("second_region"), "second_certificate_arn: .* needs second_region"),
        ({"pool_replica": "active"}, "pool_replica: active needs second_region"),
        (without("user_pool_id"), "second_region: eu-central-1 needs user_pool_id"),
        (WHOLE | {"second_region": "eu-west-1"}, "second_region: eu-west-1 is the pool's own Region"),
        (without("domain_name", "certificate_arn", "hosted_zone_id"), "second_region: eu-central-1 needs domain_name"),
        (without("hosted_zone_id"), "second_region: eu-central-1 needs hosted_zone_id"),
        (without("second_certificate_arn"), "second_region: eu-central-1 needs second_certificate_arn"),
        (WHOLE | {"second_region": "us-west-2"}, "second_certificate_arn: .*allowed is one in us-west-2"),
        (WHOLE | {"private_network": "true"}, "private_network: true with second_region needs nat_gateways"),
        (
            WHOLE
            | {
                "human_check": "turnstile",
                "human_check_secret_arn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:check-AbCdEf",
            },
            "human_check_secret_arn: one secret is in one Region",
        ),
        (
            EDGE | {"second_certificate_arn": WHOLE["second_certificate_arn"]},
            "second_certificate_arn: needs variant=regional",
        ),
        (
            WHOLE | {"sample": "http", "sign_in_domain": "none"},
            "sample: http not with second_region; its authorizer knows the pool's first issuer",
        ),
        (EDGE | {"sample": "http", "sign_in_domain": "none"}, "sample: http not with second_region"),
        (
            WHOLE | {"oauth_domain": "my-app", "oauth_callback_urls": "https://app.example.com/"},
            "oauth_domain: 'my-app' not with second_region; a user pool domain is in one Region",
        ),
        (
            EDGE | {"oauth_domain": "my-app", "oauth_callback_urls": "https://app.example.com/"},
            "oauth_domain: 'my-app' not with second_region",
        ),
        (WHOLE | {"pool_replica": "maybe"}, "pool_replica: 'maybe' is not allowed"),
        (WHOLE | {"second_region": "Frankfurt"}, "second_region: 'Frankfurt' is not allowed"),
    ],
)
def test_what_does_not_go_together(flags: dict[str, str], message: str) -> None:
    with pytest.raises(FlagError, match=message):
        AppFlags.from_mapping(flags)


def test_there_is_a_stack_in_each_region_and_the_first_has_the_app_clients(syntheses: Syntheses) -> None:
    templates = syntheses.templates(WHOLE)
    assert list(templates) == ["CognitoProxyRegional", "CognitoProxyRegionalSecond"]
    kinds = {
        name: {resource["Type"] for resource in template["Resources"].values()} for name, template in templates.items()
    }
    assert kinds["CognitoProxyRegional"] - kinds["CognitoProxyRegionalSecond"] == {
        "AWS::Cognito::UserPoolClient",
        "AWS::SecretsManager::Secret",
        "Custom::CognitoProxyClientSecret",
    }
    assert {"AWS::WAFv2::WebACL", "AWS::Route53::HealthCheck"} <= kinds["CognitoProxyRegionalSecond"]


def test_a_key_of_the_second_region_is_there_before_the_replica_of_a_secret(syntheses: Syntheses) -> None:
    templates = syntheses.templates(FLAG_SETS["second region everything"])
    assert list(templates) == ["CognitoProxyRegionalSecondKey", "CognitoProxyRegional", "CognitoProxyRegionalSecond"]


@pytest.mark.parametrize(
    ("name", "replicas", "statuses"),
    [("second region", 0, []), ("second region everything", 1, ["ACTIVE"]), ("edge second region", 1, ["INACTIVE"])],
)
def test_the_replica_is_made_as_the_flag_says(
    syntheses: Syntheses, name: str, replicas: int, statuses: list[str]
) -> None:
    made = [
        resource
        for template in syntheses.templates(FLAG_SETS[name]).values()
        for resource in template["Resources"].values()
    ]
    assert [resource["Type"] for resource in made].count("AWS::Cognito::UserPoolReplica") == replicas
    found = [each["Properties"]["Status"] for each in made if each["Type"] == "Custom::CognitoProxyReplicaStatus"]
    assert found == statuses
