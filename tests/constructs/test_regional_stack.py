"""RegionalStack: what the flags make of it."""

import json

from aws_cdk import App, Environment
from aws_cdk.assertions import Match, Template

from stacks.flags import AppFlags
from stacks.regional import RegionalStack

SECRET = "AWS::SecretsManager::Secret"
DOMAIN = {
    "domain_name": "auth.example.com",
    "certificate_arn": "arn:aws:acm:eu-west-1:123456789012:certificate/abc",
}


def template(flags: dict[str, str]) -> Template:
    read = AppFlags.from_mapping(flags)
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
                "MfaConfiguration": "OFF",
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


def test_without_a_hosted_zone_an_output_says_where_the_record_points() -> None:
    found = template(DOMAIN)
    found.resource_count_is("AWS::Route53::RecordSet", 0)
    assert found.find_outputs("ProxyDomainTarget")


def test_with_a_hosted_zone_the_record_is_made() -> None:
    found = template(DOMAIN | {"hosted_zone_id": "Z012345"})
    found.resource_count_is("AWS::Route53::RecordSet", 1)
    assert not found.find_outputs("ProxyDomainTarget")


def test_alarms_are_made_for_whoever_is_told() -> None:
    template({}).resource_count_is("AWS::CloudWatch::Alarm", 0)
    template({"alarm_email": "ops@example.com"}).resource_count_is("AWS::CloudWatch::Alarm", 3)


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
    (said,) = rules["RateLimit"]["Action"]["Block"]["CustomResponse"]["ResponseHeaders"]
    assert said["Value"] == "https://app.example.com"
    addresses = [found["Properties"]["Addresses"] for found in found.find_resources("AWS::WAFv2::IPSet").values()]
    assert sorted(filter(None, addresses)) == [["192.0.2.1/32"], ["2001:db8::/32"]]


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


def test_the_first_app_client_is_the_one_that_was_there_without_names() -> None:
    """Whoever adds the flag later keeps it, and the outputs that apps were built with."""
    before, after = template({}), template({"app_clients": "web,ios"})
    for resource_type in ("AWS::Cognito::UserPoolClient", SECRET, "Custom::CognitoProxyClientSecret"):
        for name, resource in before.find_resources(resource_type).items():
            assert after.find_resources(resource_type)[name] == resource
    assert before.find_outputs("AppClientId") == after.find_outputs("AppClientId")
    assert template({"app_clients": "web"}).to_json() == before.to_json()


def test_the_function_serves_every_app_client_and_reads_every_secret() -> None:
    found = template({"app_clients": "web,ios"})
    (function,) = found.find_resources(
        "AWS::Lambda::Function", {"Properties": {"Handler": "proxy.regional.handler"}}
    ).values()
    settings = json.dumps(function["Properties"]["Environment"]["Variables"]["PROXY_SETTINGS"])
    for resource_type in ("AWS::Cognito::UserPoolClient", SECRET):
        assert all(name in settings for name in found.find_resources(resource_type))


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
