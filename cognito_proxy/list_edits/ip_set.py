"""An IP set in AWS WAF."""

import ipaddress
from dataclasses import dataclass
from typing import Any, Self

from botocore.exceptions import ClientError

from .stores import Busy, Snapshot

_BUSY = frozenset(
    {
        "WAFOptimisticLockException",
        "WAFUnavailableEntityException",
        "WAFInternalErrorException",
        "ThrottlingException",
        "Throttling",
        "TooManyRequestsException",
        "RequestLimitExceeded",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WafArn:
    """An ARN of AWS WAF: arn:aws:wafv2:<Region>:<account>:regional|global/<type>/<name>/<id>."""

    text: str
    region: str
    scope: str
    """REGIONAL or CLOUDFRONT."""

    resource_type: str
    name: str
    id: str

    @classmethod
    def parse(cls, arn: str) -> Self:
        """Take an ARN apart.

        Raises:
            ValueError: it is none of AWS WAF.
        """
        parts = arn.split(":", 5)
        resource = parts[-1].split("/")
        if len(parts) != 6 or parts[0] != "arn" or parts[2] != "wafv2" or len(resource) != 4 or not all(resource):
            raise ValueError(
                f"{arn!r} is not an ARN of AWS WAF; write arn:aws:wafv2:<Region>:<account>:regional/webacl/<name>/<id>"
            )
        scope = "CLOUDFRONT" if resource[0] == "global" else "REGIONAL"
        return cls(text=arn, region=parts[3], scope=scope, resource_type=resource[1], name=resource[2], id=resource[3])

    @property
    def key(self) -> dict[str, str]:
        """How AWS WAF's operations want it named."""
        return {"Name": self.name, "Scope": self.scope, "Id": self.id}


@dataclass(frozen=True, slots=True, kw_only=True)
class WafIpSet:
    """One IP set; `client` is boto3's for `wafv2` in its Region."""

    client: Any
    arn: WafArn

    def read(self) -> Snapshot:
        """What it holds now.

        Raises:
            Busy: AWS WAF does not take the call now.
            ClientError: it refuses it.
        """
        answer = _call(self.client.get_ip_set, **self.arn.key)
        return Snapshot(
            addresses=frozenset(map(shortest, answer["IPSet"]["Addresses"])),
            lock_token=answer["LockToken"],
            description=answer["IPSet"].get("Description"),
        )

    def write(self, addresses: frozenset[str], *, instead_of: Snapshot) -> None:
        """Replace what it holds.

        Raises:
            Busy: it has changed since `instead_of`, or AWS WAF does not take the call now.
            ClientError: AWS WAF refuses it.
        """
        # An update replaces the description, too: without one it would be gone.
        description = {"Description": instead_of.description} if instead_of.description else {}
        _call(
            self.client.update_ip_set,
            **self.arn.key,
            **description,
            Addresses=sorted(addresses),
            LockToken=instead_of.lock_token,
        )


def shortest(address: str) -> str:
    """The form in which addresses are compared: what people and AWS write differs, above all for v6."""
    return str(ipaddress.ip_network(address, strict=False))


def _call(operation: Any, **arguments: Any) -> Any:
    try:
        return operation(**arguments)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in _BUSY:
            raise Busy from error
        raise
