"""A network from which a function reaches DynamoDB and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from cognito_proxy.common import network
from cognito_proxy.common.checks import require_between
from cognito_proxy.common.prefix_list import dynamodb_prefix_list_id
from cognito_proxy.common.python_function import Place


@dataclass(frozen=True, kw_only=True)
class IsolatedNetwork:
    """What `isolated_network` makes."""

    vpc: ec2.Vpc
    place: Place
    endpoint: ec2.GatewayVpcEndpoint

    def admit(self, role: iam.IRole, *, actions: Sequence[str], resources: Sequence[str]) -> None:
        """Let `role` go through the endpoint for just this; nobody else goes through it."""
        self.endpoint.add_to_policy(network.only_for(role, actions=actions, resources=resources))


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
    require_between("nat_gateways", nat_gateways, 0, network.ZONES)
    vpc = network.function_vpc(scope, nat_gateways=nat_gateways)
    subnets = network.function_subnets()
    prefix_list_id = (
        dynamodb_prefix_list_id(scope, log_retention=log_retention)
        if dynamodb_prefix_list is None
        else dynamodb_prefix_list.prefix_list_id
    )
    endpoint = vpc.add_gateway_endpoint(
        "DynamoDb", service=ec2.GatewayVpcEndpointAwsService.DYNAMODB, subnets=[subnets]
    )
    egress = [network.https_out("DynamoDB through the gateway endpoint", prefix_list_id=prefix_list_id)]
    if nat_gateways > 0:
        egress.append(network.https_out("HTTPS through the NAT gateways"))
    group = network.security_group(
        scope,
        "SecurityGroup",
        vpc=vpc,
        description="Function of the API: nothing in, DynamoDB out",
        egress=egress,
    )
    network.log_rejected(scope, vpc, log_retention=log_retention)
    return IsolatedNetwork(
        vpc=vpc,
        endpoint=endpoint,
        place=Place(
            vpc=vpc,
            subnets=subnets,
            security_group=network.as_it_stands(scope, "FunctionSecurityGroup", group),
        ),
    )
