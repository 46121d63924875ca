"""What a function must reach from a private network, and from which addresses it then calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Destination(StrEnum):
    """Where a function's calls go. But for the last, the value ends an endpoint's service name."""

    SECRETS_MANAGER = "secretsmanager"
    """An interface endpoint, charged by the hour and zone."""

    COGNITO = "cognito-idp"
    """An interface endpoint, likewise, for the API of user pools."""

    EVENTS = "events"
    """An interface endpoint of EventBridge, likewise."""

    SQS = "sqs"
    """An interface endpoint, likewise."""

    DYNAMODB = "dynamodb"
    """A gateway endpoint, which costs nothing."""

    INTERNET = "internet"
    """No endpoint: NAT gateways."""


@dataclass(frozen=True, kw_only=True)
class Reach:
    """One thing that a function calls. The endpoint that is made for it lets just this through."""

    destination: Destination
    """Where it is."""

    actions: Sequence[str] = ()
    """What the function's role does there, such as `dynamodb:UpdateItem`. Default: none, as for the internet."""

    resources: Sequence[str] = ()
    """ARNs of what it does that to. Default: none, as for the internet."""


@dataclass(frozen=True, kw_only=True)
class EgressAddresses:
    """Where a proxy's calls to Cognito come from, as a web ACL on the user pool sees them."""

    addresses: tuple[str, ...]
    """IPv4 addresses, perhaps known at deploy time only."""
