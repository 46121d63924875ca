"""RegionalStack: what the flags make of it."""

from aws_cdk import App, Environment
from aws_cdk.assertions import Match, Template

from stacks.flags import AppFlags
from stacks.regional import RegionalStack

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
