"""The edge variant's stacks: what the flags make of them, for pools in us-east-1 and elsewhere."""

import json
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Template

from stacks.edge import EdgeStack, edge_stacks
from stacks.flags import AppFlags
from tests.constructs.synthesized import EDGE_REGION, EVERY_IPV6_ADDRESS, joined

ALARM = "AWS::CloudWatch::Alarm"
DOMAIN = {
    "domain_name": "auth.example.com",
    "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/abc",
}
OUTPUTS = {"ProxyEndpoint", "ProxyDomain", "AppClientId", "UserPoolId", "Region", "WebAclArn", "SecretArn"}


def synthesized(flags: dict[str, str], **properties: Any) -> tuple[dict[str, Stack], EdgeStack]:
    app = App()
    read = AppFlags.from_mapping({"variant": "edge", **flags})
    stack = edge_stacks(app, "Edge", flags=read, pool_region=read.region or EDGE_REGION, **properties)
    return {child.node.id: child for child in app.node.children if isinstance(child, Stack)}, stack


def test_a_pool_in_us_east_1_needs_one_stack_and_no_replica() -> None:
    stacks, stack = synthesized({"user_pool_id": "us-east-1_AbCdEf123"})
    assert list(stacks) == ["Edge"]
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::Cognito::UserPoolClient", 1)
    template.resource_count_is("AWS::Cognito::UserPool", 0)
    (secret,) = template.find_resources("AWS::SecretsManager::Secret").values()
    assert "ReplicaRegions" not in secret["Properties"]
    assert set(template.find_outputs("*")) == OUTPUTS


def test_a_pool_elsewhere_gets_a_stack_beside_it_and_a_replica_at_the_edge() -> None:
    stacks, stack = synthesized({"user_pool_id": "eu-west-1_AbCdEf123"})
    assert {name: found.region for name, found in stacks.items()} == {"EdgePool": "eu-west-1", "Edge": "us-east-1"}
    pool = Template.from_stack(stacks["EdgePool"])
    (secret,) = pool.find_resources("AWS::SecretsManager::Secret").values()
    assert secret["Properties"]["ReplicaRegions"] == [{"Region": "us-east-1"}]
    assert Template.from_stack(stack).find_resources("AWS::Cognito::UserPoolClient") == {}
    assert [dependency.node.id for dependency in stack.dependencies] == ["EdgePool"]


@pytest.mark.parametrize("account", [None, "123456789012"])
def test_the_outputs_stand_with_the_endpoint_whether_the_account_is_known_or_not(account: str | None) -> None:
    stacks, stack = synthesized({"user_pool_id": "eu-west-1_AbCdEf123"}, account=account)
    outputs = Template.from_stack(stack).find_outputs("*")
    assert set(outputs) == OUTPUTS
    assert outputs["UserPoolId"]["Value"] == "eu-west-1_AbCdEf123"
    assert outputs["Region"]["Value"] == "eu-west-1"
    told = Template.from_stack(stacks["EdgePool"]).find_outputs("*")
    for name in ("AppClientId", "SecretArn"):
        read_from = outputs[name]["Value"]["Fn::GetStackOutput"]
        assert (read_from["StackName"], read_from["Region"]) == ("EdgePool", "eu-west-1")
        assert read_from["OutputName"] in told


def test_without_a_pool_a_demo_pool_is_made_where_it_is_asked_for() -> None:
    app = App()
    edge_stacks(app, "Edge", flags=AppFlags.from_mapping({"variant": "edge"}), pool_region="ap-south-1")
    pool = app.node.find_child("EdgePool")
    assert isinstance(pool, Stack)
    Template.from_stack(pool).resource_count_is("AWS::Cognito::UserPool", 1)


@pytest.mark.parametrize("ipv6", [False, True])
def test_the_distribution_and_the_firewall_agree_on_ipv6(*, ipv6: bool) -> None:
    template = Template.from_stack(synthesized({"ipv6": "true"} if ipv6 else {})[1])
    (distribution,) = template.find_resources("AWS::CloudFront::Distribution").values()
    assert distribution["Properties"]["DistributionConfig"]["IPV6Enabled"] is ipv6
    (acl,) = template.find_resources("AWS::WAFv2::WebACL").values()
    assert ("NoIpv6" in {rule["Name"] for rule in acl["Properties"]["Rules"]}) is not ipv6


@pytest.mark.proves("record-target")
def test_without_a_hosted_zone_an_output_says_where_the_record_points() -> None:
    template = Template.from_stack(synthesized(DOMAIN)[1])
    template.resource_count_is("AWS::Route53::RecordSet", 0)
    target = template.find_outputs("ProxyDomainTarget")["ProxyDomainTarget"]
    assert joined(target["Value"]) == "<ProxyDistributionEFAD9F4B.DomainName>"


def test_with_a_hosted_zone_the_record_is_made() -> None:
    template = Template.from_stack(synthesized(DOMAIN | {"hosted_zone_id": "Z012345"})[1])
    (record,) = template.find_resources("AWS::Route53::RecordSet").values()
    assert record["Properties"]["Type"] == "A"
    assert not template.find_outputs("ProxyDomainTarget")


@pytest.mark.proves("few-alarms-stay")
def test_without_monitoring_alarms_are_made_for_whoever_is_told() -> None:
    off = {"monitoring": "false"}
    Template.from_stack(synthesized(off)[1]).resource_count_is("AWS::CloudWatch::Alarm", 0)
    told = Template.from_stack(synthesized(off | {"alarm_email": "ops@example.com"})[1])
    told.resource_count_is("AWS::CloudWatch::Alarm", 1)
    told.has_resource_properties("AWS::SNS::Subscription", {"Endpoint": "ops@example.com"})


@pytest.mark.proves("two-topics")
def test_each_alarm_stands_in_the_region_of_its_metric() -> None:
    """An alarm looks at its own Region: CloudFront's and the web ACL's at us-east-1, Cognito's at the pool's."""
    stacks, stack = synthesized({"user_pool_id": "eu-west-1_AbCdEf123"})
    edge = Template.from_stack(stack)
    edge.resource_count_is(ALARM, 2)
    edge.resource_count_is("AWS::CloudWatch::Dashboard", 1)
    pool = Template.from_stack(stacks["EdgePool"])
    pool.resource_count_is(ALARM, 16)
    pool.resource_count_is("AWS::CloudWatch::Dashboard", 0)
    assert all("AWS/Usage" in json.dumps(alarm) for alarm in pool.find_resources(ALARM).values())


def test_flags_reach_the_web_acl_in_front_of_the_distribution() -> None:
    stacks, stack = synthesized({"user_pool_id": "eu-west-1_AbCdEf123", "rate_limit": "500", "deny_ips": "192.0.2.1"})
    Template.from_stack(stacks["EdgePool"]).resource_count_is("AWS::WAFv2::WebACL", 0)
    template = Template.from_stack(stack)
    ((logical_id, web_acl),) = template.find_resources("AWS::WAFv2::WebACL").items()
    assert web_acl["Properties"]["Scope"] == "CLOUDFRONT"
    (rate,) = (rule for rule in web_acl["Properties"]["Rules"] if rule["Name"] == "RateLimit")
    assert rate["Statement"]["RateBasedStatement"]["Limit"] == 500
    (distribution,) = template.find_resources("AWS::CloudFront::Distribution").values()
    arn = {"Fn::GetAtt": [logical_id, "Arn"]}
    assert distribution["Properties"]["DistributionConfig"]["WebACLId"] == arn
    assert template.find_outputs("WebAclArn")["WebAclArn"]["Value"] == arn
    addresses = [found["Properties"]["Addresses"] for found in template.find_resources("AWS::WAFv2::IPSet").values()]
    assert [found for found in addresses if found] == [["192.0.2.1/32"], EVERY_IPV6_ADDRESS]
    template.resource_count_is("AWS::Events::Rule", 1)


def test_several_app_clients_of_a_pool_elsewhere_have_a_replica_and_an_output_each() -> None:
    stacks, stack = synthesized({"user_pool_id": "eu-west-1_AbCdEf123", "app_clients": "web,ios"})
    secrets = Template.from_stack(stacks["EdgePool"]).find_resources("AWS::SecretsManager::Secret").values()
    assert [secret["Properties"]["ReplicaRegions"] for secret in secrets] == [[{"Region": "us-east-1"}]] * 2
    assert set(Template.from_stack(stack).find_outputs("*")) == OUTPUTS | {
        "AppClients",
        "AppClientIdIos",
        "SecretArnIos",
    }


def test_rotation_stands_beside_the_pool_with_a_topic_of_that_region() -> None:
    """CloudWatch publishes within its Region only."""
    flags = {"user_pool_id": "eu-west-1_AbCdEf123", "rotation_days": "30", "alarm_email": "ops@example.com"}
    stacks, stack = synthesized(flags)
    pool = Template.from_stack(stacks["EdgePool"])
    pool.resource_count_is("AWS::SecretsManager::RotationSchedule", 1)
    alarms = pool.find_resources("AWS::CloudWatch::Alarm")
    assert [name for name in alarms if name.startswith("AppClientRotationAlarm")]
    (topic,) = pool.find_resources("AWS::SNS::Topic")
    assert topic == "RotationAlarmsTopicA7099EAD"
    assert [alarm["Properties"]["AlarmActions"] for alarm in alarms.values()] == [[{"Ref": topic}]] * 17
    assert Template.from_stack(stack).find_resources("AWS::SecretsManager::RotationSchedule") == {}


def test_rotation_of_a_pool_nearby_tells_the_proxys_own_topic() -> None:
    _, stack = synthesized(
        {"user_pool_id": "us-east-1_AbCdEf123", "rotation_days": "30", "alarm_email": "ops@example.com"}
    )
    template = Template.from_stack(stack)
    (topic,) = template.find_resources("AWS::SNS::Topic")
    actions = [alarm["Properties"]["AlarmActions"] for alarm in template.find_resources(ALARM).values()]
    assert actions == [[{"Ref": topic}]] * 19


FAR_POOL = {"user_pool_id": "eu-west-1_AbCdEf123"}


@pytest.mark.proves("app-clients-kept")
def test_app_clients_and_secrets_of_production_stay_in_the_account() -> None:
    stacks, _ = synthesized(FAR_POOL)
    pool = Template.from_stack(stacks["EdgePool"])
    for resource_type in ("AWS::Cognito::UserPoolClient", "AWS::SecretsManager::Secret"):
        (resource,) = pool.find_resources(resource_type).values()
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


@pytest.mark.proves("termination-protection")
@pytest.mark.parametrize(("flags", "protected"), [(FAR_POOL, True), ({}, False)])
def test_no_stack_of_production_is_deleted_by_one_command(flags: dict[str, str], protected: bool) -> None:
    stacks, _ = synthesized(flags)
    assert {stack.termination_protection for stack in stacks.values()} == {protected}


def test_an_app_client_that_exists_is_served_from_far_away() -> None:
    stacks, stack = synthesized(FAR_POOL | {"app_client_ids": "1a2b3c", "rotation_days": "30"})
    pool, edge = Template.from_stack(stacks["EdgePool"]), Template.from_stack(stack)
    pool.resource_count_is("AWS::Cognito::UserPoolClient", 0)
    pool.resource_count_is("AWS::SecretsManager::RotationSchedule", 1)
    assert edge.find_outputs("*")["AppClientId"]["Value"] == "1a2b3c"
    assert "1a2b3c" in settings(edge)["clients"]


@pytest.mark.parametrize(
    ("flags", "calls"),
    [
        ({}, "generated"),
        ({"edge_admin_calls": "in_place"}, "in_place"),
        ({"edge_admin_calls": "generated"}, "generated"),
    ],
)
def test_who_sends_the_signed_calls_is_a_flag(flags: dict[str, str], calls: str) -> None:
    _, stack = synthesized({"threat_protection": "true"} | flags)
    assert settings(Template.from_stack(stack))["edge_admin_calls"] == calls


def test_rules_that_count_and_groups_and_rates_reach_the_web_acl() -> None:
    _, stack = synthesized({"count_only": "RateLimit", "managed_groups": "none", "sign_in_rate_limit": "12"})
    (web_acl,) = Template.from_stack(stack).find_resources("AWS::WAFv2::WebACL").values()
    rules = {rule["Name"]: rule for rule in web_acl["Properties"]["Rules"]}
    assert rules["RateLimit"]["Action"] == {"Count": {}}
    assert rules["SignInRateLimit"]["Statement"]["RateBasedStatement"]["Limit"] == 12
    assert not {"IpReputation", "AnonymousIp", "KnownBadInputs"} & set(rules)


def settings(template: Template) -> dict[str, Any]:
    (distribution,) = template.find_resources("AWS::CloudFront::Distribution").values()
    (origin,) = distribution["Properties"]["DistributionConfig"]["Origins"]
    document: dict[str, Any] = json.loads(joined(origin["OriginCustomHeaders"][0]["HeaderValue"]))
    return document
