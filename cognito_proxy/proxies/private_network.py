"""The network of one's own that a regional proxy's function runs in."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from aws_cdk import aws_ec2 as ec2

from cognito_proxy.common.checks import require_between
from cognito_proxy.common.network import ZONES
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.common.reach import Destination
from cognito_proxy.firewall.ip_lists import parse_addresses


@dataclass(frozen=True, kw_only=True)
class PrivateNetwork:
    """A VPC for the function of a `RegionalProxy`: a new one, or yours.

    There is an endpoint for each service of AWS that the proxy calls, and for no other. The function's security group
    lets nothing in, and HTTPS out to these endpoints. The endpoints' policies let the function's role through, for what
    it does. Logs, metrics and traces need no endpoint: Lambda sends them, and not through the VPC.

    All of it is IPv4. Who calls the proxy comes in through API Gateway, not through this network.

    Raises:
        PropertyError: a property is out of its bounds, is for a VPC of yours and there is none, or is for a new one.
    """

    vpc: ec2.IVpc | None = None
    """Yours. Its DNS support and DNS host names must be on, which private names of endpoints need. Default: - a new
    one, with subnets in two Availability Zones."""

    subnets: ec2.SubnetSelection | None = None
    """Where in `vpc` the function and the endpoints are. Default: - its private subnets, with a way out or without."""

    cognito_endpoint: bool = True
    """Cognito is called through an interface endpoint. A pool with a domain (managed login) refuses such calls, and an
    endpoint is not in every Availability Zone. False: through NAT gateways, from fixed addresses. Default: True."""

    internet: bool = False
    """The function may call every host over HTTPS, as a guard of yours may want to. Human checks and
    `cognito_endpoint=False` have this on by themselves. Default: False."""

    nat_gateways: int = 0
    """In a new VPC, one for each zone or one for both: from 0 to 2, charged by the hour. Each has a fixed address.
    Needed where something goes to the internet. Default: 0."""

    existing_endpoints: Collection[Destination] = ()
    """Services for which `vpc` has endpoints with private names already; a second one cannot have them. Their security
    groups and policies must let the function through. Default: none."""

    egress_addresses: str | Sequence[str] = ()
    """Addresses of the NAT gateways of `vpc`, for a `PoolShield`. Default: not known."""

    dynamodb_prefix_list: ec2.IPrefixList | None = None
    """DynamoDB's in the stack's Region, for the security group. Default: - a small function looks it up once, if it is
    needed."""

    def __post_init__(self) -> None:
        require_between("nat_gateways", self.nat_gateways, 0, ZONES)
        if parse_addresses(self.egress_addresses, name="egress_addresses").v6:
            raise PropertyError("egress_addresses must be IPv4 addresses; the function has no other")
        if self.vpc is not None and self.nat_gateways:
            raise PropertyError(f"nat_gateways: {self.nat_gateways}; they are for a new VPC, and vpc is yours")
        for name in ("subnets", "existing_endpoints", "egress_addresses"):
            if getattr(self, name) and self.vpc is None:
                raise PropertyError(f"{name}: is for a VPC of yours; give vpc, too")
        unknown = [each for each in self.existing_endpoints if each not in tuple(Destination)]
        if unknown or Destination.INTERNET in self.existing_endpoints:
            allowed = ", ".join(each for each in Destination if each is not Destination.INTERNET)
            raise PropertyError(
                f"existing_endpoints must be some of {allowed}, not {', '.join(self.existing_endpoints)}"
            )
        if self.egress_addresses and self.cognito_endpoint:
            raise PropertyError("egress_addresses: Cognito sees none of them while cognito_endpoint is True")
