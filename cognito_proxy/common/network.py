"""Parts of a private network: a VPC with subnets for functions, security groups, and what is logged of it."""

from collections.abc import Sequence

from aws_cdk import Fn, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from cognito_proxy.common.customer_key import allow_logs

ZONES = 2
"""Availability Zones, so that the function runs when one is down."""

HTTPS = 443

Egress = ec2.CfnSecurityGroup.EgressProperty

_SUBNETS = "Function"
# Lambda shares one network interface among all runs of a security group and subnet, so few addresses are enough:
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html (Hyperplane ENIs)
_CIDR = "10.0.0.0/24"
_FUNCTION_MASK = 26
_PUBLIC_MASK = 28


def function_subnets() -> ec2.SubnetSelection:
    """Where functions are, in a VPC of `function_vpc`."""
    return ec2.SubnetSelection(subnet_group_name=_SUBNETS)


def function_vpc(
    scope: Construct, *, nat_gateways: int, nat_gateway_provider: ec2.NatProvider | None = None
) -> ec2.Vpc:
    """Make `Vpc` in `scope`: subnets without a route out or, with NAT gateways, with one through them."""
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
        nat_gateway_provider=nat_gateway_provider,
        subnet_configuration=layers,
        # Nothing is in the default security group, which lets in its own members only. Emptying it would take CDK's
        # function in Node.js.
        restrict_default_security_group=False,
    )


def https_out(
    description: str, *, prefix_list_id: str | None = None, group_id: str | None = None, cidr: str | None = None
) -> Egress:
    """A rule that lets HTTPS out: to a prefix list, a security group's members or a CIDR, else to all of IPv4."""
    anywhere = None if prefix_list_id or group_id else "0.0.0.0/0"
    return Egress(
        ip_protocol="tcp",
        from_port=HTTPS,
        to_port=HTTPS,
        destination_prefix_list_id=prefix_list_id,
        destination_security_group_id=group_id,
        cidr_ip=cidr or anywhere,
        description=description,
    )


def security_group(
    scope: Construct, construct_id: str, *, vpc: ec2.IVpc, description: str, egress: Sequence[Egress]
) -> ec2.CfnSecurityGroup:
    """Make a group that lets nothing in, and out what `egress` says (at least one rule).

    The rules stand in the resource itself. CDK's SecurityGroup would put a rule to a prefix list beside it, and EC2
    gives a group that is made without egress rules one that allows everything:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
    """
    return ec2.CfnSecurityGroup(
        scope, construct_id, group_description=description, vpc_id=vpc.vpc_id, security_group_egress=list(egress)
    )


def as_it_stands(scope: Construct, construct_id: str, group: ec2.CfnSecurityGroup) -> ec2.ISecurityGroup:
    """The group for constructs that take one, and that shall not add rules to it."""
    return ec2.SecurityGroup.from_security_group_id(
        scope, construct_id, group.attr_group_id, mutable=False, allow_all_outbound=False
    )


def only_for(role: iam.IRole, *, actions: Sequence[str], resources: Sequence[str]) -> iam.PolicyStatement:
    """A statement of an endpoint's policy: `role` gets through for just this.

    The principal of a gateway endpoint's policy is `*`, and the condition narrows it; it does so for every endpoint:
    https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html#vpc-endpoint-policies-gateway
    """
    return iam.PolicyStatement(
        principals=[iam.AnyPrincipal()],
        actions=list(actions),
        resources=list(resources),
        conditions={"ArnEquals": {"aws:PrincipalArn": role.role_arn}},
    )


def log_rejected(
    scope: Construct, vpc: ec2.IVpc, *, log_retention: logs.RetentionDays, encryption_key: kms.IKey | None = None
) -> None:
    """Make `FlowLog` and `FlowLogGroup`: what is refused only, such as code that wants out."""
    allow_logs(scope, encryption_key)
    group = logs.LogGroup(
        scope,
        "FlowLogGroup",
        retention=log_retention,
        removal_policy=RemovalPolicy.DESTROY,
        encryption_key=encryption_key,
    )
    ec2.FlowLog(
        scope,
        "FlowLog",
        resource_type=ec2.FlowLogResourceType.from_vpc(vpc),
        traffic_type=ec2.FlowLogTrafficType.REJECT,
        destination=ec2.FlowLogDestination.to_cloud_watch_logs(group),
    )
