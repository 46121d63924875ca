"""The proxy's private network: what it calls, by endpoints that let just that through, and nothing else."""

from typing import Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Annotations, Match, Template

from cognito_proxy import (
    AppClient,
    Destination,
    EgressAddresses,
    PoolShield,
    PrivateNetwork,
    PropertyError,
    RegionalProxy,
)
from cognito_proxy.common.reach import Reach
from cognito_proxy.interceptors.made import Made
from proxy.operations import OPERATIONS
from tests.constructs.synthesized import REGION, joined, new_stack, statements

ENDPOINT = "AWS::EC2::VPCEndpoint"
GROUP = "AWS::EC2::SecurityGroup"
FUNCTION = {"Properties": {"Handler": "proxy.regional.handler"}}


def proxy_in(stack: Stack, wanted: PrivateNetwork | None, **properties: Any) -> RegionalProxy:
    pool = cognito.UserPool(stack, "Pool")
    client = AppClient(stack, "Client", user_pool=pool)
    return RegionalProxy(stack, "Proxy", app_clients=[client], vpc=wanted, **properties)


def template_of(wanted: PrivateNetwork | None, **properties: Any) -> Template:
    stack = new_stack()
    proxy_in(stack, wanted, **properties)
    return Template.from_stack(stack)


@pytest.fixture(scope="module")
def least() -> Template:
    return template_of(PrivateNetwork(), threat_protection=True)


@pytest.fixture(scope="module")
def through_nat() -> Template:
    return template_of(PrivateNetwork(cognito_endpoint=False, nat_gateways=2))


@pytest.fixture(scope="module")
def with_every_reach() -> Template:
    """As with interceptors that use all of these."""
    with pytest.MonkeyPatch.context() as patch:
        reaches = (
            Reach(destination=Destination.EVENTS, actions=["events:PutEvents"], resources=["arn:bus"]),
            Reach(destination=Destination.SQS, actions=["sqs:SendMessage"], resources=["arn:queue"]),
            Reach(destination=Destination.DYNAMODB, actions=["dynamodb:UpdateItem"], resources=["arn:table"]),
        )
        made = (Made(settings={}, reaches=reaches),)
        patch.setattr("cognito_proxy.proxies.regional_proxy.make_all", lambda *_, **__: made)
        return template_of(PrivateNetwork())


def services(template: Template) -> dict[str, dict[str, Any]]:
    return {
        joined(found["Properties"]["ServiceName"]).rpartition(".")[2]: found["Properties"]
        for found in template.find_resources(ENDPOINT).values()
    }


def egress(template: Template) -> list[dict[str, Any]]:
    ((function),) = template.find_resources("AWS::Lambda::Function", FUNCTION).values()
    ((group),) = function["Properties"]["VpcConfig"]["SecurityGroupIds"]
    rules: list[dict[str, Any]] = template.find_resources(GROUP)[group["Fn::GetAtt"][0]]["Properties"][
        "SecurityGroupEgress"
    ]
    return rules


def test_without_it_there_is_no_network() -> None:
    template = template_of(None)
    for kind in ("VPC", "VPCEndpoint", "SecurityGroup", "EIP"):
        template.resource_count_is(f"AWS::EC2::{kind}", 0)
    template.has_resource_properties("AWS::Lambda::Function", {"VpcConfig": Match.absent()})


def test_the_function_is_in_private_subnets_without_a_route_out(least: Template) -> None:
    ((function),) = least.find_resources("AWS::Lambda::Function", FUNCTION).values()
    assert function["Properties"]["VpcConfig"]["SubnetIds"] == [
        {"Ref": name} for name in least.find_resources("AWS::EC2::Subnet")
    ]
    assert len(least.find_resources("AWS::EC2::Subnet")) == 2
    for kind in ("Route", "InternetGateway", "NatGateway", "EIP", "EgressOnlyInternetGateway"):
        least.resource_count_is(f"AWS::EC2::{kind}", 0)


@pytest.mark.proves("network-endpoints")
def test_there_are_endpoints_for_what_is_called_and_no_others(least: Template, with_every_reach: Template) -> None:
    assert set(services(least)) == {"secretsmanager", "cognito-idp"}
    assert set(services(with_every_reach)) == {"secretsmanager", "cognito-idp", "events", "sqs", "dynamodb"}
    for name, endpoint in services(with_every_reach).items():
        kind = "Gateway" if name == "dynamodb" else "Interface"
        assert endpoint["VpcEndpointType"] == kind
        assert kind == "Gateway" or endpoint["PrivateDnsEnabled"] is True


@pytest.mark.proves("network-policies")
def test_the_secrets_endpoint_lets_the_role_read_the_app_clients_secrets(least: Template) -> None:
    (secret,) = least.find_resources("AWS::SecretsManager::Secret")
    ((function),) = least.find_resources("AWS::Lambda::Function", FUNCTION).values()
    assert services(least)["secretsmanager"]["PolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": "secretsmanager:GetSecretValue",
            "Resource": {"Ref": secret},
            "Condition": {"ArnEquals": {"aws:PrincipalArn": function["Properties"]["Role"]}},
        }
    ]


def test_cognitos_endpoint_lets_the_role_sign_and_anybody_call_what_the_proxy_passes_on(least: Template) -> None:
    signed, unsigned = services(least)["cognito-idp"]["PolicyDocument"]["Statement"]
    assert signed["Action"] == ["cognito-idp:AdminInitiateAuth", "cognito-idp:AdminRespondToAuthChallenge"]
    assert signed["Resource"] != "*"
    assert "aws:PrincipalArn" in signed["Condition"]["ArnEquals"]
    assert set(unsigned["Action"]) == {f"cognito-idp:{operation}" for operation in OPERATIONS}
    assert unsigned["Resource"] == "*"
    assert "Condition" not in unsigned


@pytest.mark.proves("network-policies")
def test_every_reach_stands_in_the_policy_of_its_endpoint(with_every_reach: Template) -> None:
    for service, action, resource in (
        ("events", "events:PutEvents", "arn:bus"),
        ("sqs", "sqs:SendMessage", "arn:queue"),
        ("dynamodb", "dynamodb:UpdateItem", "arn:table"),
    ):
        (statement,) = services(with_every_reach)[service]["PolicyDocument"]["Statement"]
        assert (statement["Action"], statement["Resource"]) == (action, resource)
        assert "aws:PrincipalArn" in statement["Condition"]["ArnEquals"]


@pytest.mark.proves("network-closed")
def test_the_function_gets_out_to_the_endpoints_alone(least: Template) -> None:
    (rule,) = egress(least)
    assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", 443, 443)
    endpoints = rule["DestinationSecurityGroupId"]["Fn::GetAtt"][0]
    for endpoint in services(least).values():
        assert endpoint["SecurityGroupIds"] == [{"Fn::GetAtt": [endpoints, "GroupId"]}]
    # Nothing leaves the endpoints; without a rule of its own, a group lets out everything.
    ((nowhere),) = least.find_resources(GROUP)[endpoints]["Properties"]["SecurityGroupEgress"]
    assert nowhere["CidrIp"] == "127.0.0.1/32"


@pytest.mark.proves("network-closed")
def test_the_endpoints_take_https_from_the_function_alone(least: Template) -> None:
    ((rule),) = least.find_resources("AWS::EC2::SecurityGroupIngress").values()
    ((function),) = least.find_resources("AWS::Lambda::Function", FUNCTION).values()
    assert rule["Properties"]["SourceSecurityGroupId"] == function["Properties"]["VpcConfig"]["SecurityGroupIds"][0]
    assert (rule["Properties"]["FromPort"], rule["Properties"]["ToPort"]) == (443, 443)
    assert all("SecurityGroupIngress" not in group["Properties"] for group in least.find_resources(GROUP).values())


def test_dynamodb_is_let_out_by_its_prefix_list(with_every_reach: Template) -> None:
    rules = egress(with_every_reach)
    assert [set(rule) & {"DestinationSecurityGroupId", "DestinationPrefixListId", "CidrIp"} for rule in rules] == [
        {"DestinationSecurityGroupId"},
        {"DestinationPrefixListId"},
    ]


def test_lambda_connects_the_function_and_its_own_code_may_not(least: Template) -> None:
    (statement,) = statements(least, "ProxyNoInterfaces")
    assert statement["Effect"] == "Deny"


def test_nobody_can_call_before_the_endpoints_are_there(least: Template) -> None:
    ((stage),) = least.find_resources("AWS::ApiGateway::Stage").values()
    assert set(least.find_resources(ENDPOINT)) <= set(stage["DependsOn"])


@pytest.mark.proves("network-fixed-addresses")
def test_through_nat_gateways_calls_have_fixed_addresses(through_nat: Template) -> None:
    assert set(services(through_nat)) == {"secretsmanager"}
    addresses = through_nat.find_resources("AWS::EC2::EIP")
    assert [
        found["Properties"]["AllocationId"] for found in through_nat.find_resources("AWS::EC2::NatGateway").values()
    ] == [{"Fn::GetAtt": [name, "AllocationId"]} for name in addresses]
    assert [rule.get("CidrIp") for rule in egress(through_nat)] == [None, "0.0.0.0/0"]


def test_threat_protection_through_nat_gateways_makes_no_endpoint_of_cognito() -> None:
    template = template_of(PrivateNetwork(cognito_endpoint=False, nat_gateways=1), threat_protection=True)
    assert set(services(template)) == {"secretsmanager"}


@pytest.mark.proves("shield-takes-addresses")
def test_a_shield_takes_the_addresses_and_has_nothing_to_warn_of() -> None:
    stack = new_stack()
    pool = cognito.UserPool(stack, "Pool")
    client = AppClient(stack, "Client", user_pool=pool)
    wanted = PrivateNetwork(cognito_endpoint=False, nat_gateways=2)
    proxy = RegionalProxy(stack, "Proxy", app_clients=[client], vpc=wanted)
    assert proxy.egress_addresses is not None
    PoolShield(
        stack, "Shield", user_pool=pool, app_client_ids=[client.client_id], proxy_addresses=proxy.egress_addresses
    )
    template = Template.from_stack(stack)
    (addresses,) = [
        found["Properties"]["Addresses"]
        for name, found in template.find_resources("AWS::WAFv2::IPSet").items()
        if name.startswith("Shield")
    ]
    assert [joined(each) for each in addresses] == [
        f"<{name}.PublicIp>/32" for name in template.find_resources("AWS::EC2::EIP")
    ]
    assert Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("proxy_addresses")) == []


def test_without_fixed_addresses_there_are_none_for_a_shield() -> None:
    for wanted in (None, PrivateNetwork(), PrivateNetwork(internet=True, nat_gateways=1)):
        assert proxy_in(new_stack(), wanted).egress_addresses is None


def test_a_shield_takes_ranges_that_are_known() -> None:
    stack = new_stack()
    pool = cognito.UserPool(stack, "Pool")
    given = EgressAddresses(addresses=("198.51.100.0/28", "203.0.113.7"))
    PoolShield(stack, "Shield", user_pool=pool, app_client_ids=["1a2b3c"], proxy_addresses=given)
    Template.from_stack(stack).has_resource_properties(
        "AWS::WAFv2::IPSet", {"Addresses": ["198.51.100.0/28", "203.0.113.7/32"]}
    )


def own_vpc(stack: Stack) -> ec2.IVpc:
    return ec2.Vpc.from_vpc_attributes(
        stack,
        "Own",
        vpc_id="vpc-1",
        vpc_cidr_block="10.1.0.0/16",
        availability_zones=["eu-west-1a", "eu-west-1b"],
        private_subnet_ids=["subnet-1", "subnet-2"],
        private_subnet_route_table_ids=["rtb-1", "rtb-2"],
    )


def test_a_vpc_of_ones_own_gets_the_endpoints_that_it_lacks() -> None:
    stack = new_stack()
    wanted = PrivateNetwork(
        vpc=own_vpc(stack),
        cognito_endpoint=False,
        existing_endpoints=[Destination.SECRETS_MANAGER],
        egress_addresses="198.51.100.20",
    )
    proxy = proxy_in(stack, wanted)
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::EC2::VPC", 0)
    template.resource_count_is("AWS::EC2::FlowLog", 0)
    assert services(template) == {}
    assert [rule["CidrIp"] for rule in egress(template)] == ["10.1.0.0/16", "0.0.0.0/0"]
    template.has_resource_properties(
        "AWS::Lambda::Function", FUNCTION["Properties"] | {"VpcConfig": {"SubnetIds": ["subnet-1", "subnet-2"]}}
    )
    assert proxy.egress_addresses == EgressAddresses(addresses=("198.51.100.20/32",))


def test_two_proxies_of_one_vpc() -> None:
    """The second one's endpoints are the first one's."""
    stack = new_stack()
    vpc = own_vpc(stack)
    pool = cognito.UserPool(stack, "Pool")
    client = AppClient(stack, "Client", user_pool=pool)
    RegionalProxy(stack, "First", app_clients=[client], vpc=PrivateNetwork(vpc=vpc))
    there = [Destination.SECRETS_MANAGER, Destination.COGNITO]
    RegionalProxy(stack, "Second", app_clients=[client], vpc=PrivateNetwork(vpc=vpc, existing_endpoints=there))
    assert len(services(Template.from_stack(stack))) == 2


def test_an_imported_pool_warns_of_domains() -> None:
    stack = new_stack()
    pool = cognito.UserPool.from_user_pool_id(stack, "Pool", f"{REGION}_AbCdEf123")
    client = AppClient(stack, "Client", user_pool=pool)
    RegionalProxy(stack, "Proxy", app_clients=[client], vpc=PrivateNetwork())
    Annotations.from_stack(stack).has_warning("/Stack/Proxy", Match.string_like_regexp("managed login"))


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"nat_gateways": 3}, "nat_gateways must be from 0 to 2, not 3"),
        ({"subnets": ec2.SubnetSelection()}, "subnets: is for a VPC of yours"),
        ({"existing_endpoints": [Destination.SQS]}, "existing_endpoints: is for a VPC of yours"),
        ({"egress_addresses": "198.51.100.20"}, "egress_addresses: is for a VPC of yours"),
        ({"egress_addresses": "2001:db8::1"}, "egress_addresses must be IPv4"),
    ],
)
def test_what_makes_no_sense_is_refused(properties: dict[str, Any], message: str) -> None:
    with pytest.raises(PropertyError, match=message):
        PrivateNetwork(**properties)


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"nat_gateways": 1}, "nat_gateways: 1; they are for a new VPC"),
        ({"existing_endpoints": ["s3"]}, "existing_endpoints must be some of .*, not s3"),
        ({"existing_endpoints": [Destination.INTERNET]}, "existing_endpoints must be some of .*, not internet"),
        ({"egress_addresses": "198.51.100.20"}, "egress_addresses: Cognito sees none"),
    ],
)
def test_what_makes_no_sense_in_a_vpc_of_ones_own_is_refused(properties: dict[str, Any], message: str) -> None:
    vpc = own_vpc(new_stack())
    with pytest.raises(PropertyError, match=message):
        PrivateNetwork(vpc=vpc, **properties)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (PrivateNetwork(cognito_endpoint=False), "nat_gateways must be 1 or 2, not 0"),
        (PrivateNetwork(internet=True), "nat_gateways must be 1 or 2, not 0"),
        (PrivateNetwork(nat_gateways=1), "nat_gateways: 1, and nothing goes through them"),
    ],
)
def test_nat_gateways_are_there_if_something_goes_through_them(wanted: PrivateNetwork, message: str) -> None:
    with pytest.raises(PropertyError, match=message):
        proxy_in(new_stack(), wanted)


def test_synth_asks_nobody_for_the_zones() -> None:
    stack = Stack(App(), "Stack", env=Environment(account="123456789012", region=REGION))
    proxy_in(stack, PrivateNetwork())
    subnets = Template.from_stack(stack).find_resources("AWS::EC2::Subnet").values()
    assert [found["Properties"]["AvailabilityZone"] for found in subnets] == [
        {"Fn::Select": [place, {"Fn::GetAZs": ""}]} for place in (0, 1)
    ]
