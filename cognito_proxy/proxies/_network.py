"""Makes a proxy's private network: what of it is needed, and nothing else."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Annotations, Token
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from cognito_proxy.app_clients.app_client import AppClient
from cognito_proxy.app_clients.cross_region import in_region_of, seen_from
from cognito_proxy.common import network
from cognito_proxy.common.prefix_list import dynamodb_prefix_list_id
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.common.python_function import Place
from cognito_proxy.common.reach import Destination, EgressAddresses, Reach
from cognito_proxy.firewall.ip_lists import parse_addresses
from cognito_proxy.proxies._client_context import ADMIN_ACTIONS, pool_arns
from cognito_proxy.proxies._secret_grants import secret_arns
from cognito_proxy.proxies.private_network import PrivateNetwork
from cognito_proxy.proxies.settings_document import SettingsDocument

UNSIGNED_OPERATIONS = (
    "AssociateSoftwareToken",
    "ChangePassword",
    "CompleteWebAuthnRegistration",
    "ConfirmDevice",
    "ConfirmForgotPassword",
    "ConfirmSignUp",
    "DeleteUser",
    "DeleteUserAttributes",
    "DeleteWebAuthnCredential",
    "ForgetDevice",
    "ForgotPassword",
    "GetDevice",
    "GetTokensFromRefreshToken",
    "GetUser",
    "GetUserAttributeVerificationCode",
    "GetUserAuthFactors",
    "GlobalSignOut",
    "InitiateAuth",
    "ListDevices",
    "ListUserSessions",
    "ListWebAuthnCredentials",
    "ResendConfirmationCode",
    "RespondToAuthChallenge",
    "RevokeToken",
    "RevokeUserSession",
    "SetUserMFAPreference",
    "SetUserSettings",
    "SignUp",
    "StartWebAuthnRegistration",
    "UpdateAuthEventFeedback",
    "UpdateDeviceStatus",
    "UpdateUserAttributes",
    "VerifySoftwareToken",
    "VerifyUserAttribute",
)
"""What the function sends without a signature: the operations of `lambda/proxy/operations.py`; a test compares them."""

_CONSTRUCT_IDS = {
    Destination.SECRETS_MANAGER: "SecretsManagerEndpoint",
    Destination.COGNITO: "CognitoEndpoint",
    Destination.EVENTS: "EventsEndpoint",
    Destination.SQS: "SqsEndpoint",
    Destination.DYNAMODB: "DynamoDbEndpoint",
}
_GATEWAYS = (Destination.DYNAMODB,)


Endpoint = ec2.InterfaceVpcEndpoint | ec2.GatewayVpcEndpoint


@dataclass(frozen=True, kw_only=True)
class Network:
    """What `private_network` makes."""

    place: Place
    egress_addresses: EgressAddresses | None
    endpoints: Mapping[Destination, Endpoint]

    def admit(self, role: iam.IRole, reaches: Iterable[Reach]) -> None:
        """Let `role` through the endpoints, for what it reaches there; and to Cognito whoever has no role."""
        for reach in reaches:
            endpoint = self.endpoints.get(reach.destination)
            if endpoint is not None and reach.actions:
                endpoint.add_to_policy(network.only_for(role, actions=reach.actions, resources=reach.resources))
        cognito_endpoint = self.endpoints.get(Destination.COGNITO)
        if cognito_endpoint is not None:
            cognito_endpoint.add_to_policy(_UNSIGNED)


# Unauthenticated requests are held against endpoint policies, too ("Authentication flows for AWS PrivateLink
# integration"), and have no principal. Nor do these operations take a resource, by the service authorization reference:
# https://docs.aws.amazon.com/cognito/latest/developerguide/vpc-interface-endpoints.html
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncognitouserpools.html
_UNSIGNED = iam.PolicyStatement(
    principals=[iam.AnyPrincipal()],
    actions=[f"cognito-idp:{operation}" for operation in UNSIGNED_OPERATIONS],
    resources=["*"],
)


def reached(scope: Construct, settings: SettingsDocument) -> tuple[Reach, ...]:
    """What the function calls: the app clients' secrets, Cognito with signed calls, and what interceptors call.

    Calls of Cognito that nobody signs stand in the policy of its endpoint for everybody.
    """
    secrets = Reach(
        destination=Destination.SECRETS_MANAGER,
        actions=["secretsmanager:GetSecretValue"],
        resources=[arn for client in settings.app_clients for arn in _read_arns(scope, client)],
    )
    others = [reach for made in settings.interceptors for reach in made.reaches]
    if not settings.threat_protection:
        return (secrets, *others)
    signed = Reach(
        destination=Destination.COGNITO,
        actions=ADMIN_ACTIONS,
        resources=pool_arns(scope, settings.app_clients[0], settings.failover_regions),
    )
    return (secrets, signed, *others)


def _read_arns(scope: Construct, client: AppClient) -> list[str]:
    """Its own Region's secret; elsewhere whatever the function may read, the primary among it."""
    return [seen_from(scope, client).secret_arn] if in_region_of(scope, client) else secret_arns(scope, client)


def private_network(
    scope: Construct,
    wanted: PrivateNetwork,
    *,
    reaches: Sequence[Reach],
    user_pool: cognito.IUserPool,
    log_retention: logs.RetentionDays,
    encryption_key: kms.IKey | None = None,
) -> Network:
    """Make in `scope` what `wanted` asks for and `reaches` needs: `Vpc`, security groups and endpoints.

    Raises:
        PropertyError: something goes to the internet and there is no NAT gateway, or there is one for nothing.
    """
    way_to_cognito = Destination.COGNITO if wanted.cognito_endpoint else Destination.INTERNET
    destinations = [*(reach.destination for reach in reaches), Destination.COGNITO]
    needed = dict.fromkeys(way_to_cognito if each is Destination.COGNITO else each for each in destinations)
    if wanted.internet:
        needed[Destination.INTERNET] = None
    if wanted.vpc is None:
        _check_nat_gateways(wanted, internet=Destination.INTERNET in needed)
    if wanted.cognito_endpoint:
        _warn_of_domains(scope, user_pool)

    vpc, subnets, made = _vpc(scope, wanted)
    missing = [each for each in needed if each is not Destination.INTERNET and each not in wanted.existing_endpoints]
    interfaces = [each for each in missing if each not in _GATEWAYS]
    endpoint_group = _endpoint_group(scope, vpc) if interfaces else None
    prefix_list = wanted.dynamodb_prefix_list
    group = network.security_group(
        scope,
        "SecurityGroup",
        vpc=vpc,
        description="Function of the sign-in proxy: nothing in, HTTPS out to what it calls",
        egress=list(
            _egress(
                needed,
                endpoints=endpoint_group,
                had=vpc if set(wanted.existing_endpoints) - set(_GATEWAYS) else None,
                dynamodb=lambda: (
                    dynamodb_prefix_list_id(scope, log_retention=log_retention, encryption_key=encryption_key)
                    if prefix_list is None
                    else prefix_list.prefix_list_id
                ),
            )
        ),
    )
    endpoints: dict[Destination, Endpoint] = {
        each: ec2.GatewayVpcEndpoint(
            scope,
            _CONSTRUCT_IDS[each],
            vpc=vpc,
            service=ec2.GatewayVpcEndpointAwsService(each.value),
            subnets=[subnets],
        )
        for each in missing
        if each in _GATEWAYS
    }
    if endpoint_group is not None:
        _let_in(scope, endpoint_group, group)
        endpoints |= _interfaces(scope, interfaces, vpc=vpc, subnets=subnets, group=endpoint_group)
    if wanted.vpc is None:
        network.log_rejected(scope, vpc, log_retention=log_retention, encryption_key=encryption_key)
    place = Place(vpc=vpc, subnets=subnets, security_group=network.as_it_stands(scope, "FunctionSecurityGroup", group))
    return Network(place=place, endpoints=endpoints, egress_addresses=made or _given(wanted))


def _interfaces(
    scope: Construct,
    destinations: Iterable[Destination],
    *,
    vpc: ec2.IVpc,
    subnets: ec2.SubnetSelection,
    group: ec2.CfnSecurityGroup,
) -> dict[Destination, Endpoint]:
    shared = network.as_it_stands(scope, "EndpointGroup", group)
    return {
        each: ec2.InterfaceVpcEndpoint(
            scope,
            _CONSTRUCT_IDS[each],
            vpc=vpc,
            subnets=subnets,
            service=ec2.InterfaceVpcEndpointAwsService(each.value),
            security_groups=[shared],
            # CDK would let the whole VPC in.
            open=False,
            private_dns_enabled=True,
        )
        for each in destinations
    }


def _check_nat_gateways(wanted: PrivateNetwork, *, internet: bool) -> None:
    if internet and not wanted.nat_gateways:
        raise PropertyError(
            "nat_gateways must be 1 or 2, not 0, where calls go to the internet or past Cognito's endpoint"
        )
    if wanted.nat_gateways and not internet:
        raise PropertyError(
            f"nat_gateways: {wanted.nat_gateways}, and nothing goes through them; "
            "set internet=True or cognito_endpoint=False, or leave them out"
        )


def _warn_of_domains(scope: Construct, user_pool: cognito.IUserPool) -> None:
    if not Token.is_unresolved(user_pool.user_pool_id):
        Annotations.of(scope).add_warning_v2(
            "@cognito-proxy:cognitoEndpointDomain",
            "vpc: calls go through Cognito's endpoint, and a user pool with a domain (managed login) refuses those. "
            f"If {user_pool.user_pool_id} has one, give PrivateNetwork(cognito_endpoint=False, nat_gateways=1).",
        )


def _vpc(scope: Construct, wanted: PrivateNetwork) -> tuple[ec2.IVpc, ec2.SubnetSelection, EgressAddresses | None]:
    if wanted.vpc is not None:
        return wanted.vpc, wanted.subnets or ec2.SubnetSelection(), None
    addresses = [
        ec2.CfnEIP(scope, f"EgressAddress{number}", domain="vpc") for number in range(1, wanted.nat_gateways + 1)
    ]
    provider = (
        ec2.NatProvider.gateway(eip_allocation_ids=[each.attr_allocation_id for each in addresses])
        if addresses
        else None
    )
    vpc = network.function_vpc(scope, nat_gateways=wanted.nat_gateways, nat_gateway_provider=provider)
    # Through an endpoint, Cognito sees other addresses.
    seen = (
        None if wanted.cognito_endpoint else EgressAddresses(addresses=tuple(each.attr_public_ip for each in addresses))
    )
    return vpc, network.function_subnets(), seen


def _given(wanted: PrivateNetwork) -> EgressAddresses | None:
    parsed = parse_addresses(wanted.egress_addresses, name="egress_addresses")
    return EgressAddresses(addresses=parsed.v4) if parsed.v4 else None


def _endpoint_group(scope: Construct, vpc: ec2.IVpc) -> ec2.CfnSecurityGroup:
    """Of the endpoints: the function's group alone gets in. Endpoints call nobody."""
    nowhere = network.Egress(
        ip_protocol="tcp", from_port=network.HTTPS, to_port=network.HTTPS, cidr_ip="127.0.0.1/32", description="Nowhere"
    )
    return network.security_group(
        scope,
        "EndpointSecurityGroup",
        vpc=vpc,
        description="Endpoints of the sign-in proxy: HTTPS in from its function, nothing out",
        egress=[nowhere],
    )


def _let_in(scope: Construct, endpoint_group: ec2.CfnSecurityGroup, group: ec2.CfnSecurityGroup) -> None:
    # Beside the group, since each of both names the other.
    ec2.CfnSecurityGroupIngress(
        scope,
        "EndpointIngress",
        group_id=endpoint_group.attr_group_id,
        source_security_group_id=group.attr_group_id,
        ip_protocol="tcp",
        from_port=network.HTTPS,
        to_port=network.HTTPS,
        description="HTTPS from the function",
    )


def _egress(
    needed: Iterable[Destination],
    *,
    endpoints: ec2.CfnSecurityGroup | None,
    had: ec2.IVpc | None,
    dynamodb: Callable[[], str],
) -> Iterator[network.Egress]:
    """The function's rules: to the `endpoints` made here, to those that a VPC `had`, to DynamoDB, to the internet."""
    if endpoints is not None:
        yield network.https_out("Endpoints of the proxy", group_id=endpoints.attr_group_id)
    if had is not None:
        yield network.https_out("Endpoints that the VPC had", cidr=had.vpc_cidr_block)
    if Destination.DYNAMODB in needed:
        yield network.https_out("DynamoDB through the gateway endpoint", prefix_list_id=dynamodb())
    if Destination.INTERNET in needed:
        yield network.https_out("HTTPS through the NAT gateways")
