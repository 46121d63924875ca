"""The function's network: out to DynamoDB's table and nowhere else, and nothing in."""

from typing import Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk.assertions import Match, Template

from cognito_proxy import JwtAuthorizedApi
from tests.constructs.synthesized import REGION, joined, new_stack, only, statements

SECURITY_GROUP = "AWS::EC2::SecurityGroup"
ENDPOINT = "AWS::EC2::VPCEndpoint"


@pytest.fixture(scope="module")
def one_gateway() -> Template:
    """With one NAT gateway, whose zone both subnets then depend on."""
    stack = new_stack()
    _api(stack, nat_gateways=1)
    return Template.from_stack(stack)


@pytest.mark.proves("http-isolated")
def test_the_subnets_have_no_route_out(least_jwt_api: Template) -> None:
    assert least_jwt_api.find_resources("AWS::EC2::Route") == {}
    for type_name in ("InternetGateway", "NatGateway", "EgressOnlyInternetGateway", "VPCPeeringConnection", "EIP"):
        least_jwt_api.resource_count_is(f"AWS::EC2::{type_name}", 0)
    subnets = least_jwt_api.find_resources("AWS::EC2::Subnet")
    assert [subnet["Properties"]["MapPublicIpOnLaunch"] for subnet in subnets.values()] == [False, False]
    assert _function(least_jwt_api)["VpcConfig"]["SubnetIds"] == [{"Ref": name} for name in subnets]


def test_the_function_is_in_two_zones(least_jwt_api: Template) -> None:
    zones = [subnet["Properties"]["AvailabilityZone"] for subnet in _resources(least_jwt_api, "AWS::EC2::Subnet")]
    assert zones == [{"Fn::Select": [place, {"Fn::GetAZs": ""}]} for place in (0, 1)]


def test_synth_asks_nobody_for_the_zones() -> None:
    """With account and Region known, CDK's own choice of zones would differ from that without credentials."""
    stack = Stack(App(), "Stack", env=Environment(account="123456789012", region=REGION))
    _api(stack)
    zones = [
        subnet["Properties"]["AvailabilityZone"]
        for subnet in _resources(Template.from_stack(stack), "AWS::EC2::Subnet")
    ]
    assert zones == [{"Fn::Select": [place, {"Fn::GetAZs": ""}]} for place in (0, 1)]


@pytest.mark.proves("http-isolated")
def test_the_only_endpoint_is_dynamodbs_gateway_which_costs_nothing(least_jwt_api: Template) -> None:
    endpoint = only(least_jwt_api, ENDPOINT)["Properties"]
    assert endpoint["VpcEndpointType"] == "Gateway"
    assert joined(endpoint["ServiceName"]) == "com.amazonaws.<AWS::Region>.dynamodb"
    tables = least_jwt_api.find_resources("AWS::EC2::RouteTable")
    assert endpoint["RouteTableIds"] == [{"Ref": name} for name in tables]


@pytest.mark.proves("http-endpoint-policy")
def test_through_the_endpoint_the_function_reaches_its_table_alone(least_jwt_api: Template) -> None:
    (table,) = least_jwt_api.find_resources("AWS::DynamoDB::Table")
    role = _function(least_jwt_api)["Role"]["Fn::GetAtt"][0]
    (statement,) = only(least_jwt_api, ENDPOINT)["Properties"]["PolicyDocument"]["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
        "Resource": {"Fn::GetAtt": [table, "Arn"]},
        "Condition": {"ArnEquals": {"aws:PrincipalArn": {"Fn::GetAtt": [role, "Arn"]}}},
    }


@pytest.mark.proves("http-security-group")
def test_the_security_group_lets_nothing_in_and_https_to_dynamodb_out(least_jwt_api: Template) -> None:
    group = only(least_jwt_api, SECURITY_GROUP)["Properties"]
    assert "SecurityGroupIngress" not in group
    (rule,) = group["SecurityGroupEgress"]
    (prefix_list,) = least_jwt_api.find_resources("Custom::CognitoProxyPrefixList")
    assert rule.pop("Description")
    assert rule == {
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
        "DestinationPrefixListId": {"Fn::GetAtt": [prefix_list, "Id"]},
    }
    assert only(least_jwt_api, "Custom::CognitoProxyPrefixList")["Properties"]["Name"] == (
        "com.amazonaws.eu-west-1.dynamodb"
    )
    ((group_id, _),) = least_jwt_api.find_resources(SECURITY_GROUP).items()
    assert _function(least_jwt_api)["VpcConfig"]["SecurityGroupIds"] == [{"Fn::GetAtt": [group_id, "GroupId"]}]


def test_no_rule_stands_beside_the_group(least_jwt_api: Template, full_jwt_api: Template) -> None:
    """EC2 gives a group that is made without egress rules one that allows everything, whatever is added later."""
    for template in (least_jwt_api, full_jwt_api):
        for kind in ("Egress", "Ingress"):
            template.resource_count_is(f"AWS::EC2::SecurityGroup{kind}", 0)


def test_a_prefix_list_that_is_known_is_not_looked_up(full_jwt_api: Template) -> None:
    full_jwt_api.resource_count_is("Custom::CognitoProxyPrefixList", 0)
    first = only(full_jwt_api, SECURITY_GROUP)["Properties"]["SecurityGroupEgress"][0]
    assert first["DestinationPrefixListId"] == "pl-6fa54006"


@pytest.mark.proves("http-nat-on-request")
def test_nat_gateways_are_had_on_request(one_gateway: Template, full_jwt_api: Template) -> None:
    for template, count in ((one_gateway, 1), (full_jwt_api, 2)):
        template.resource_count_is("AWS::EC2::NatGateway", count)
        rules = only(template, SECURITY_GROUP)["Properties"]["SecurityGroupEgress"]
        assert {(rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) for rule in rules} == {("tcp", 443, 443)}
        assert [rule.get("CidrIp") for rule in rules] == [None, "0.0.0.0/0"]
        private = [name for name in template.find_resources("AWS::EC2::Subnet") if "Function" in name]
        assert _function(template)["VpcConfig"]["SubnetIds"] == [{"Ref": name} for name in private]
        routed = {
            route["RouteTableId"]["Ref"]: next(key for key in route if key.endswith("GatewayId") or key == "GatewayId")
            for route in (found["Properties"] for found in _resources(template, "AWS::EC2::Route"))
        }
        assert {gateway for table, gateway in routed.items() if "Function" in table} == {"NatGatewayId"}


def test_nat_gateways_replace_no_subnet_of_the_function(least_jwt_api: Template, one_gateway: Template) -> None:
    before, after = (
        {
            name: (subnet["Properties"]["CidrBlock"], subnet["Properties"]["AvailabilityZone"]["Fn::Select"][0])
            for name, subnet in template.find_resources("AWS::EC2::Subnet").items()
            if "Function" in name
        }
        for template in (least_jwt_api, one_gateway)
    )
    assert before == after
    assert len(before) == 2


def test_no_function_in_another_language_comes_with_it(full_jwt_api: Template, least_jwt_api: Template) -> None:
    for template in (full_jwt_api, least_jwt_api):
        assert {found["Properties"]["Runtime"] for found in _resources(template, "AWS::Lambda::Function")} == {
            "python3.13"
        }


@pytest.mark.parametrize("flag", [True, False])
def test_a_feature_flag_of_the_users_app_brings_no_function_of_cdks(flag: bool) -> None:
    app = App(context={"@aws-cdk/aws-ec2:restrictDefaultSecurityGroup": flag})
    stack = Stack(app, "Stack", env=Environment(region=REGION))
    _api(stack)
    Template.from_stack(stack).resource_count_is("Custom::VpcRestrictDefaultSG", 0)


def test_what_is_refused_is_logged_for_a_while(least_jwt_api: Template, full_jwt_api: Template) -> None:
    for template, days in ((least_jwt_api, 30), (full_jwt_api, 7)):
        log = only(template, "AWS::EC2::FlowLog")["Properties"]
        assert log["TrafficType"] == "REJECT"
        assert log["ResourceType"] == "VPC"
        group = template.find_resources("AWS::Logs::LogGroup")[log["LogGroupName"]["Ref"]]
        assert group["Properties"]["RetentionInDays"] == days


def test_lambda_connects_the_function_and_its_own_code_may_not(least_jwt_api: Template) -> None:
    allowed = [
        statement
        for statement in statements(least_jwt_api, "DocumentsRoleDefaultPolicy")
        if statement["Resource"] == "*"
    ]
    # As in AWS's managed policy AWSLambdaVPCAccessExecutionRole, but for the logs.
    actions = [
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
    ]
    assert allowed == [{"Effect": "Allow", "Action": actions, "Resource": "*"}]
    ((function, _),) = least_jwt_api.find_resources(
        "AWS::Lambda::Function", {"Properties": {"Handler": "sample_api.handler.handler"}}
    ).items()
    assert statements(least_jwt_api, "DocumentsNoInterfaces") == [
        {
            "Effect": "Deny",
            "Action": [*actions, "ec2:DetachNetworkInterface"],
            "Resource": "*",
            "Condition": {"ArnEquals": {"lambda:SourceFunctionArn": {"Fn::GetAtt": [function, "Arn"]}}},
        }
    ]


def test_the_function_may_use_items_of_its_table_and_write_its_log(least_jwt_api: Template) -> None:
    (table,) = least_jwt_api.find_resources("AWS::DynamoDB::Table")
    actions = {
        action
        for statement in statements(least_jwt_api, "DocumentsRoleDefaultPolicy")
        if statement["Resource"] == {"Fn::GetAtt": [table, "Arn"]}
        for action in statement["Action"]
    }
    assert actions == {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}
    least_jwt_api.has_resource_properties("AWS::IAM::Role", {"ManagedPolicyArns": Match.absent()})


def _api(stack: Stack, **properties: Any) -> JwtAuthorizedApi:
    return JwtAuthorizedApi(
        stack,
        "Documents",
        user_pool=cognito.UserPool.from_user_pool_id(stack, "Pool", f"{REGION}_AbCdEf123"),
        user_pool_clients=[cognito.UserPoolClient.from_user_pool_client_id(stack, "Client", "4h7example")],
        **properties,
    )


def _resources(template: Template, resource_type: str) -> list[dict[str, Any]]:
    return list(template.find_resources(resource_type).values())


def _function(template: Template) -> dict[str, Any]:
    found = template.find_resources("AWS::Lambda::Function", {"Properties": {"Handler": "sample_api.handler.handler"}})
    ((_, function),) = found.items()
    return dict(function["Properties"])
