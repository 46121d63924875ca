"""RegionalStack: what the flags make of it."""

import json
from functools import cache

import pytest
from aws_cdk import App, Environment
from aws_cdk.assertions import Match, Template

from cognito_proxy import FirewallRule
from stacks.flags import AppFlags
from stacks.regional import RegionalStack
from tests.constructs.synthesized import EVERY_IPV6_ADDRESS

SECRET = "AWS::SecretsManager::Secret"
DOMAIN = {
    "domain_name": "auth.example.com",
    "certificate_arn": "arn:aws:acm:eu-west-1:123456789012:certificate/abc",
}


def template(flags: dict[str, str]) -> Template:
    """For each set of flags it is made once."""
    return _template(frozenset(flags.items()))


@cache
def _template(flags: frozenset[tuple[str, str]]) -> Template:
    read = AppFlags.from_mapping(dict(flags))
    env = Environment(region=read.region) if read.region else None
    return Template.from_stack(RegionalStack(App(), "Regional", flags=read, env=env))


def test_the_demo_pool_lets_people_sign_themselves_up_and_goes_with_the_stack() -> None:
    template({}).has_resource(
        "AWS::Cognito::UserPool",
        {
            "Properties": {
                "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False},
                "AutoVerifiedAttributes": ["email"],
                "UserPoolTier": "ESSENTIALS",
                "MfaConfiguration": "OPTIONAL",
                "EnabledMfas": ["SOFTWARE_TOKEN_MFA"],
                "UserPoolAddOns": Match.absent(),
                "Policies": {
                    "PasswordPolicy": {
                        "MinimumLength": 12,
                        "RequireLowercase": True,
                        "RequireUppercase": True,
                        "RequireNumbers": True,
                        "RequireSymbols": True,
                        "TemporaryPasswordValidityDays": 3,
                    }
                },
            },
            "DeletionPolicy": "Delete",
        },
    )


@pytest.mark.proves("record-target")
def test_without_a_hosted_zone_an_output_says_where_the_record_points() -> None:
    found = template(DOMAIN)
    found.resource_count_is("AWS::Route53::RecordSet", 0)
    assert found.find_outputs("ProxyDomainTarget")


def test_with_a_hosted_zone_the_record_is_made() -> None:
    found = template(DOMAIN | {"hosted_zone_id": "Z012345"})
    found.resource_count_is("AWS::Route53::RecordSet", 1)
    assert not found.find_outputs("ProxyDomainTarget")


@pytest.mark.proves("few-alarms-stay")
def test_without_monitoring_alarms_are_made_for_whoever_is_told() -> None:
    off = {"monitoring": "false"}
    template(off).resource_count_is("AWS::CloudWatch::Alarm", 0)
    told = template(off | {"alarm_email": "ops@example.com"})
    told.resource_count_is("AWS::CloudWatch::Alarm", 3)
    told.resource_count_is("AWS::CloudWatch::Dashboard", 0)


@pytest.mark.proves("dashboard-made")
def test_dashboard_and_alarms_come_by_default_and_nobody_is_subscribed() -> None:
    found = template({})
    found.resource_count_is("AWS::CloudWatch::Dashboard", 1)
    found.resource_count_is("AWS::CloudWatch::Alarm", 23)
    found.resource_count_is("AWS::SNS::Topic", 1)
    found.resource_count_is("AWS::SNS::Subscription", 0)
    template({"alarm_email": "ops@example.com"}).resource_count_is("AWS::SNS::Subscription", 1)


def test_queries_are_saved_and_a_trail_gets_a_table() -> None:
    found = template({})
    found.resource_count_is("AWS::Logs::QueryDefinition", 16)
    found.resource_count_is("AWS::Glue::Table", 0)
    trail = template({"trail_bucket": "trail-of-the-account"})
    assert "s3://trail-of-the-account/" in json.dumps(trail.find_resources("AWS::Glue::Table"))


def test_origins_reach_the_gateway_responses() -> None:
    template({"allowed_origins": "https://app.example.com"}).all_resources_properties(
        "AWS::ApiGateway::GatewayResponse",
        {
            "ResponseParameters": Match.object_like(
                {"gatewayresponse.header.Access-Control-Allow-Origin": "'https://app.example.com'"}
            )
        },
    )


def test_flags_and_origins_reach_the_web_acl() -> None:
    found = template(
        {
            "rate_limit": "500",
            "rate_window_seconds": "60",
            "allow_ips": "192.0.2.1",
            "deny_ips": "2001:db8::/32",
            "allowed_origins": "https://app.example.com",
        }
    )
    found.resource_count_is("AWS::WAFv2::WebACL", 1)
    (web_acl,) = found.find_resources("AWS::WAFv2::WebACL").values()
    rules = {rule["Name"]: rule for rule in web_acl["Properties"]["Rules"]}
    rate = rules["RateLimit"]["Statement"]["RateBasedStatement"]
    assert (rate["Limit"], rate["EvaluationWindowSec"]) == (500, 60)
    said = rules["RateLimit"]["Action"]["Block"]["CustomResponse"]["ResponseHeaders"]
    assert {"Name": "access-control-allow-origin", "Value": "https://app.example.com"} in said
    addresses = [found["Properties"]["Addresses"] for found in found.find_resources("AWS::WAFv2::IPSet").values()]
    assert sorted(filter(None, addresses)) == [["192.0.2.1/32"], ["2001:db8::/32"], EVERY_IPV6_ADDRESS]


def test_the_output_names_the_web_acl_in_front_and_expired_addresses_come_off_its_lists() -> None:
    found = template({})
    (association,) = found.find_resources("AWS::WAFv2::WebACLAssociation").values()
    assert found.find_outputs("WebAclArn")["WebAclArn"]["Value"] == association["Properties"]["WebACLArn"]
    found.resource_count_is("AWS::Events::Rule", 1)


def test_each_name_of_an_app_gets_an_app_client_with_a_secret_and_outputs_of_its_own() -> None:
    found = template({"app_clients": "web,ios,android"})
    clients, secrets = found.find_resources("AWS::Cognito::UserPoolClient"), found.find_resources(SECRET)
    outputs = found.find_outputs("*")
    endings = ("", "Ios", "Android")
    assert len(clients) == len(secrets) == len(endings)
    assert {outputs[f"AppClientId{ending}"]["Value"]["Ref"] for ending in endings} == set(clients)
    assert {outputs[f"SecretArn{ending}"]["Value"]["Ref"] for ending in endings} == set(secrets)


@pytest.mark.proves("first-name-keeps")
def test_the_first_app_client_is_the_one_that_was_there_without_names() -> None:
    """Whoever adds the flag later keeps it, and the outputs that apps were built with."""
    before, after = template({}), template({"app_clients": "web,ios"})
    for resource_type in ("AWS::Cognito::UserPoolClient", SECRET, "Custom::CognitoProxyClientSecret"):
        for name, resource in before.find_resources(resource_type).items():
            assert after.find_resources(resource_type)[name] == resource
    assert before.find_outputs("AppClientId") == after.find_outputs("AppClientId")
    assert template({"app_clients": "web"}).find_resources("*") == before.find_resources("*")


def test_the_function_serves_every_app_client_and_reads_every_secret() -> None:
    found = template({"app_clients": "web,ios"})
    (function,) = found.find_resources(
        "AWS::Lambda::Function", {"Properties": {"Handler": "proxy.regional.handler"}}
    ).values()
    settings = json.dumps(function["Properties"]["Environment"]["Variables"]["PROXY_SETTINGS"])
    for resource_type in ("AWS::Cognito::UserPoolClient", SECRET):
        assert all(name in settings for name in found.find_resources(resource_type))


@pytest.mark.proves("rotation-days")
def test_rotation_days_rotate_each_secret_and_the_mail_tells_of_failures() -> None:
    found = template({"app_clients": "web,ios", "rotation_days": "7", "alarm_email": "ops@example.com"})
    schedules = found.find_resources("AWS::SecretsManager::RotationSchedule").values()
    assert [schedule["Properties"]["RotationRules"] for schedule in schedules] == [{"AutomaticallyAfterDays": 7}] * 2
    (topic,) = found.find_resources("AWS::SNS::Topic")
    alarms = [
        alarm["Properties"]
        for name, alarm in found.find_resources("AWS::CloudWatch::Alarm").items()
        if "Rotation" in name
    ]
    assert [alarm["AlarmActions"] for alarm in alarms] == [[{"Ref": topic}]] * 2


POOL = {"user_pool_id": "eu-west-1_AbCdEf123"}
CLIENT = "AWS::Cognito::UserPoolClient"


def rules(found: Template) -> dict[str, dict[str, object]]:
    (web_acl,) = found.find_resources("AWS::WAFv2::WebACL").values()
    return {rule["Name"]: rule for rule in web_acl["Properties"]["Rules"]}


@pytest.mark.proves("app-clients-kept")
def test_app_clients_and_secrets_of_production_stay_in_the_account() -> None:
    """But those of a first deployment that fails: nobody relies on them."""
    found = template(POOL | {"app_clients": "web,ios"})
    for resource_type in (CLIENT, SECRET):
        policies = [
            (resource["DeletionPolicy"], resource["UpdateReplacePolicy"])
            for resource in found.find_resources(resource_type).values()
        ]
        assert policies == [("RetainExceptOnCreate", "Retain")] * 2


def test_a_demonstration_goes_as_a_whole() -> None:
    found = template({})
    for resource_type in ("AWS::Cognito::UserPool", CLIENT, SECRET):
        (resource,) = found.find_resources(resource_type).values()
        assert resource["DeletionPolicy"] == "Delete"


@pytest.mark.proves("termination-protection")
@pytest.mark.parametrize(("flags", "protected"), [(POOL, True), ({}, False)])
def test_the_stack_of_production_is_not_deleted_by_one_command(flags: dict[str, str], protected: bool) -> None:
    stack = RegionalStack(App(), "Regional", flags=AppFlags.from_mapping(flags))
    assert stack.termination_protection is protected


@pytest.mark.proves("old-client-untouched")
def test_of_an_existing_pool_nothing_is_a_resource_but_the_new_app_client() -> None:
    """And no function may change an app client that was there."""
    found = template(POOL | {"rotation_days": "7"})
    resources = found.to_json()["Resources"].values()
    assert [each["Type"] for each in resources if each["Type"].startswith("AWS::Cognito::")] == [CLIENT]
    allowed = json.dumps([each["Properties"] for each in resources if each["Type"].startswith("AWS::IAM::")])
    assert "cognito-idp:AddUserPoolClientSecret" in allowed
    assert not [name for name in ("cognito-idp:Update", 'DeleteUserPoolClient"', "cognito-idp:*") if name in allowed]


@pytest.mark.proves("client-id-kept")
def test_an_app_client_that_exists_is_served_and_none_is_made_for_it() -> None:
    found = template(POOL | {"app_clients": "web,ios", "app_client_ids": "ios:1a2b3c", "rotation_days": "7"})
    outputs = found.find_outputs("*")
    (made,) = found.find_resources(CLIENT)
    assert outputs["AppClientId"]["Value"] == {"Ref": made}
    assert outputs["AppClientIdIos"]["Value"] == "1a2b3c"
    found.resource_count_is("AWS::SecretsManager::RotationSchedule", 2)
    found.resource_count_is("Custom::CognitoProxyClientSecret", 2)


def test_one_app_client_that_exists_needs_no_name() -> None:
    found = template(POOL | {"app_client_ids": "1a2b3c"})
    found.resource_count_is(CLIENT, 0)
    assert found.find_outputs("*")["AppClientId"]["Value"] == "1a2b3c"


def test_an_app_client_that_is_taken_over_keeps_its_secret() -> None:
    """Whoever hands a client that the stack made over to `app_client_ids` changes no other resource of it."""
    made, taken = template(POOL), template(POOL | {"app_client_ids": "1a2b3c"})
    assert list(made.find_resources(SECRET)) == list(taken.find_resources(SECRET))


@pytest.mark.proves("srp-by-default")
@pytest.mark.parametrize(
    ("flags", "flows"),
    [
        (POOL, ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]),
        (
            POOL | {"auth_flows": "password,user,custom"},
            ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        ),
        ({}, ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"]),
        ({"auth_flows": "srp"}, ["ALLOW_USER_SRP_AUTH"]),
    ],
)
def test_how_users_sign_in_is_a_flag(flags: dict[str, str], flows: list[str]) -> None:
    (client,) = template(flags).find_resources(CLIENT).values()
    assert client["Properties"]["ExplicitAuthFlows"] == flows


@pytest.mark.proves("count-only")
def test_a_first_deployment_only_counts() -> None:
    found = rules(template({"count_only": "true"}))
    assert [name for name, rule in found.items() if "Block" in json.dumps(rule.get("Action", {}))] == []
    assert {json.dumps(rule.get("OverrideAction", {"Count": {}})) for rule in found.values()} == {'{"Count": {}}'}


@pytest.mark.proves("rule-names")
def test_one_rule_may_only_count() -> None:
    counted = rules(template({"count_only": "SignInRateLimit"}))
    assert counted[FirewallRule.SIGN_IN_RATE_LIMIT]["Action"] == {"Count": {}}
    assert "Block" in counted[FirewallRule.SIGN_UP_RATE_LIMIT]["Action"]  # type: ignore[operator]


def test_rates_of_operations_and_managed_groups_are_flags() -> None:
    found = rules(
        template({"sign_up_rate_limit": "11", "recovery_rate_limit": "none", "managed_groups": "known_bad_inputs"})
    )
    assert found["SignUpRateLimit"]["Statement"]["RateBasedStatement"]["Limit"] == 11  # type: ignore[index]
    assert "RecoveryRateLimit" not in found
    assert "SignInRateLimit" in found
    assert {"IpReputation", "AnonymousIp", "KnownBadInputs"} & set(found) == {"KnownBadInputs"}


@pytest.mark.parametrize(
    ("flags", "limits"),
    [({}, (100, 200)), ({"throttle_rate": "7", "throttle_burst": "9"}, (7, 9)), ({"throttle_rate": "7"}, (7, 200))],
)
def test_the_stage_throttles_as_the_flags_say(flags: dict[str, str], limits: tuple[int, int]) -> None:
    (stage,) = template(flags).find_resources("AWS::ApiGateway::Stage").values()
    (settings,) = stage["Properties"]["MethodSettings"]
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == limits


@pytest.mark.proves("account-role-on-request")
@pytest.mark.parametrize(("flags", "count"), [({}, 0), (POOL, 0), ({"api_gateway_account_role": "true"}, 1)])
def test_the_account_s_role_for_logs_is_set_on_request_only(flags: dict[str, str], count: int) -> None:
    template(flags).resource_count_is("AWS::ApiGateway::Account", count)
