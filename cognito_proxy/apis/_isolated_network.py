"""A network from which a function reaches DynamoDB and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Fn, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from cognito_proxy.apis._prefix_list import dynamodb_prefix_list_id
from cognito_proxy.common.checks import require_between
from cognito_proxy.common.python_function import Place

ZONES = 2
"""Availability Zones, so that the function runs when one is down."""

_SUBNETS = "Function"
# Lambda shares one network interface among all runs of a security group and subnet, so few addresses are enough:
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html (Hyperplane ENIs)
_CIDR = "10.0.0.0/24"
_FUNCTION_MASK = 26
_PUBLIC_MASK = 28
_HTTPS = 443


@dataclass(frozen=True, kw_only=True)
class IsolatedNetwork:
    """What `isolated_network` makes."""

    vpc: ec2.Vpc
    place: Place
    endpoint: ec2.GatewayVpcEndpoint

    def admit(self, role: iam.IRole, *, actions: Sequence[str], resources: Sequence[str]) -> None:
        """Let `role` go through the endpoint for just this; nobody else goes through it.

        The principal of a gateway endpoint's policy is `*`, and the condition narrows it:
        https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html#vpc-endpoint-policies-gateway
        """
        self.endpoint.add_to_policy(
            iam.PolicyStatement(
                principals=[iam.AnyPrincipal()],
                actions=list(actions),
                resources=list(resources),
                conditions={"ArnEquals": {"aws:PrincipalArn": role.role_arn}},
            )
        )


def isolated_network(
    scope: Construct,
    *,
    nat_gateways: int,
    dynamodb_prefix_list: ec2.IPrefixList | None,
    log_retention: logs.RetentionDays,
) -> IsolatedNetwork:
    """Make `Vpc`, `SecurityGroup`, `PrefixList` (unless it is given) and `FlowLog` in `scope`.

    The subnets have no route but within the VPC and through the gateway endpoint, which costs nothing. There is no
    endpoint for CloudWatch Logs: Lambda itself captures what the function writes and sends it
    (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html), not through the VPC. Names are
    resolved by Route 53 Resolver, which no security group stops
    (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html).

    Raises:
        PropertyError: `nat_gateways` is out of its bounds.
    """
    require_between("nat_gateways", nat_gateways, 0, ZONES)
    vpc = _vpc(scope, nat_gateways)
    subnets = ec2.SubnetSelection(subnet_group_name=_SUBNETS)
    prefix_list_id = (
        dynamodb_prefix_list_id(scope, log_retention=log_retention)
        if dynamodb_prefix_list is None
        else dynamodb_prefix_list.prefix_list_id
    )
    endpoint = vpc.add_gateway_endpoint(
        "DynamoDb", service=ec2.GatewayVpcEndpointAwsService.DYNAMODB, subnets=[subnets]
    )
    security_group = _security_group(scope, vpc, prefix_list_id, internet=nat_gateways > 0)
    _log_rejected(scope, vpc, log_retention)
    return IsolatedNetwork(
        vpc=vpc, endpoint=endpoint, place=Place(vpc=vpc, subnets=subnets, security_group=security_group)
    )


def _vpc(scope: Construct, nat_gateways: int) -> ec2.Vpc:
    # The same name either way, so that NAT gateways add a route to the subnets and do not replace them.
    private = ec2.SubnetType.PRIVATE_WITH_EGRESS if nat_gateways else ec2.SubnetType.PRIVATE_ISOLATED
    layers = [ec2.SubnetConfiguration(name=_SUBNETS, subnet_type=private, cidr_mask=_FUNCTION_MASK)]
    if nat_gateways:
        public = ec2.SubnetType.PUBLIC
        layers.append(
            ec2.SubnetConfiguration(
                name="Nat", subnet_type=public, cidr_mask=_PUBLIC_MASK, map_public_ip_on_launch=False
            )
        )
    return ec2.Vpc(
        scope,
        "Vpc",
        ip_addresses=ec2.IpAddresses.cidr(_CIDR),
        # Not CDK's own choice: where account and Region are known, that would ask AWS at synth.
        availability_zones=[Fn.select(place, Fn.get_azs()) for place in range(ZONES)],
        nat_gateways=nat_gateways,
        subnet_configuration=layers,
        # Nothing is in the default security group, which lets in its own members only. Emptying it would take CDK's
        # function in Node.js.
        restrict_default_security_group=False,
    )


def _security_group(scope: Construct, vpc: ec2.Vpc, prefix_list_id: str, *, internet: bool) -> ec2.ISecurityGroup:
    egress = [
        ec2.CfnSecurityGroup.EgressProperty(
            ip_protocol="tcp",
            from_port=_HTTPS,
            to_port=_HTTPS,
            destination_prefix_list_id=prefix_list_id,
            description="DynamoDB through the gateway endpoint",
        )
    ]
    if internet:
        egress.append(
            ec2.CfnSecurityGroup.EgressProperty(
                ip_protocol="tcp",
                from_port=_HTTPS,
                to_port=_HTTPS,
                cidr_ip="0.0.0.0/0",
                description="HTTPS through the NAT gateways",
            )
        )
    # The rules stand in the resource itself. CDK's SecurityGroup would put a rule to a prefix list beside it, and EC2
    # gives a group that is made without egress rules one that allows everything:
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
    group = ec2.CfnSecurityGroup(
        scope,
        "SecurityGroup",
        group_description="Function of the API: nothing in, DynamoDB out",
        vpc_id=vpc.vpc_id,
        security_group_egress=egress,
    )
    return ec2.SecurityGroup.from_security_group_id(
        scope, "FunctionSecurityGroup", group.attr_group_id, mutable=False, allow_all_outbound=False
    )


def _log_rejected(scope: Construct, vpc: ec2.Vpc, log_retention: logs.RetentionDays) -> None:
    """What is refused only: in this network that is code that wants out, or somebody who wants in."""
    group = logs.LogGroup(scope, "FlowLogGroup", retention=log_retention, removal_policy=RemovalPolicy.DESTROY)
    ec2.FlowLog(
        scope,
        "FlowLog",
        resource_type=ec2.FlowLogResourceType.from_vpc(vpc),
        traffic_type=ec2.FlowLogTrafficType.REJECT,
        destination=ec2.FlowLogDestination.to_cloud_watch_logs(group),
    )
