"""AWS WAF's web ACLs and IP sets, with lock tokens: what `cognito-proxy ip` and the expiry of lists call.

The emulator's CloudFormation has no IP sets, and its UpdateIPSet takes any lock token. This keeps to the API reference:
an update replaces description and addresses as a whole, and is refused with WAFOptimisticLockException when its token
is not the current one. An update that changes nothing keeps the token, which is the harder case for those who rely on
it. Requests and answers are checked against botocore's model.

https://docs.aws.amazon.com/waf/latest/APIReference/API_UpdateIPSet.html
"""

import ipaddress
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from local.simulators.common.aws_json import Refused
from local.simulators.common.root_client import ACCOUNT_ID, NO_FILES

MAX_ADDRESSES = 10_000
"""Addresses and ranges in one IP set, a fixed quota."""

_VERSIONS = {"IPV4": 4, "IPV6": 6}


@dataclass(kw_only=True)
class KeptIpSet:
    """What UpdateIPSet changes, and what it does not."""

    arn: str
    name: str
    id: str
    version: str
    """IPV4 or IPV6."""
    description: str = ""
    addresses: tuple[str, ...] = ()
    token: str = field(default_factory=lambda: str(uuid.uuid4()))
    """The lock token; another one after every change."""


class Waf:
    """AWS WAF in one Region: IP sets and web ACLs by their ids. For one thread.

    `scope` is REGIONAL or CLOUDFRONT. `changed` is told of every IP set that was changed. Default: nobody is.
    """

    def __init__(
        self, *, region: str, scope: str = "REGIONAL", changed: Callable[[KeptIpSet], None] = lambda _: None
    ) -> None:
        self.region = region
        self.scope = scope
        self.ip_sets: dict[str, KeptIpSet] = {}
        self.web_acls: dict[str, dict[str, Any]] = {}
        self._tags: dict[str, Mapping[str, str]] = {}
        self._changed = changed

    def add_ip_set(self, name: str, version: str, description: str = "", addresses: Sequence[str] = ()) -> KeptIpSet:
        """An IP set as CloudFormation makes it."""
        new_id = str(uuid.uuid4())
        kept = KeptIpSet(
            arn=self._arn("ipset", name, new_id),
            name=name,
            id=new_id,
            version=version,
            description=description,
            addresses=tuple(addresses),
        )
        self.ip_sets[new_id] = kept
        return kept

    def add_web_acl(
        self, name: str, rules: Sequence[Mapping[str, Any]], tags: Mapping[str, str], *, arn: str | None = None
    ) -> str:
        """A web ACL with rules as the API spells them; gives its ARN. `arn` is one that it has already."""
        arn = arn or self._arn("webacl", name, str(uuid.uuid4()))
        *_, name, acl_id = arn.split("/")
        visible = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
        self.web_acls[acl_id] = {
            "Name": name,
            "Id": acl_id,
            "ARN": arn,
            "DefaultAction": {"Allow": {}},
            "VisibilityConfig": visible,
            "Rules": [{"Priority": number, "VisibilityConfig": visible, **rule} for number, rule in enumerate(rules)],
        }
        self._tags[arn] = dict(tags)
        return arn

    def answer(self, operation: str, document: Any) -> dict[str, Any]:
        """Perform one operation.

        Raises:
            Refused: AWS WAF would refuse it, or it is not one that is modelled here.
        """
        if operation not in _OPERATIONS:
            raise Refused("WAFInvalidOperationException", f"{operation} is not modelled here")
        _check(operation, document, answer=False)
        answered = _OPERATIONS[operation](self, document)
        _check(operation, answered, answer=True)
        return answered

    def _get_ip_set(self, request: Mapping[str, Any]) -> dict[str, Any]:
        kept = self._ip_set(request)
        shown = {
            "Name": kept.name,
            "Id": kept.id,
            "ARN": kept.arn,
            "IPAddressVersion": kept.version,
            "Addresses": list(kept.addresses),
        }
        if kept.description:
            shown["Description"] = kept.description
        return {"IPSet": shown, "LockToken": kept.token}

    def _update_ip_set(self, request: Mapping[str, Any]) -> dict[str, Any]:
        kept = self._ip_set(request)
        if request["LockToken"] != kept.token:
            raise Refused("WAFOptimisticLockException")
        addresses = tuple(request["Addresses"])
        _check_addresses(kept, addresses)
        after = (addresses, request.get("Description", ""))
        if after != (kept.addresses, kept.description):
            kept.addresses, kept.description = after
            kept.token = str(uuid.uuid4())
            self._changed(kept)
        return {"NextLockToken": kept.token}

    def _get_web_acl(self, request: Mapping[str, Any]) -> dict[str, Any]:
        found = self.web_acls.get(request.get("Id", ""))
        if found is None or (request.get("Name"), request.get("Scope")) != (found["Name"], self.scope):
            raise Refused("WAFNonexistentItemException", "AWS WAF couldn't perform the operation: no such web ACL")
        return {"WebACL": found, "LockToken": str(uuid.uuid4())}

    def _list_tags(self, request: Mapping[str, Any]) -> dict[str, Any]:
        arn = request["ResourceARN"]
        if arn not in self._tags:
            raise Refused("WAFNonexistentItemException", "AWS WAF couldn't perform the operation: no such resource")
        tags = [{"Key": key, "Value": value} for key, value in self._tags[arn].items()]
        # The model has no empty list here.
        return {"TagInfoForResource": {"ResourceARN": arn} | ({"TagList": tags} if tags else {})}

    def _ip_set(self, request: Mapping[str, Any]) -> KeptIpSet:
        kept = self.ip_sets.get(request["Id"])
        if kept is None or (request["Name"], request["Scope"]) != (kept.name, self.scope):
            raise Refused("WAFNonexistentItemException", "AWS WAF couldn't perform the operation: no such IP set")
        return kept

    def _arn(self, kind: str, name: str, new_id: str) -> str:
        where = "global" if self.scope == "CLOUDFRONT" else "regional"
        return f"arn:aws:wafv2:{self.region}:{ACCOUNT_ID}:{where}/{kind}/{name}/{new_id}"


_OPERATIONS: Mapping[str, Callable[[Waf, Mapping[str, Any]], dict[str, Any]]] = {
    "GetIPSet": Waf._get_ip_set,
    "GetWebACL": Waf._get_web_acl,
    "ListTagsForResource": Waf._list_tags,
    "UpdateIPSet": Waf._update_ip_set,
}


def _check_addresses(kept: KeptIpSet, addresses: Sequence[str]) -> None:
    if len(addresses) > MAX_ADDRESSES:
        raise Refused("WAFLimitsExceededException", f"an IP set takes {MAX_ADDRESSES} addresses")
    if len(set(addresses)) < len(addresses):
        raise Refused("WAFDuplicateItemException", "an address is there twice")
    for address in addresses:
        try:
            right = "/" in address and ipaddress.ip_network(address).version == _VERSIONS[kept.version]
        except ValueError:
            right = False
        if not right:
            raise Refused("WAFInvalidParameterException", f"an address is no CIDR of an {kept.version} IP set")


@cache
def _model() -> ServiceModel:
    return botocore.session.Session(session_vars=NO_FILES).get_service_model("wafv2")


def _check(operation: str, document: Any, *, answer: bool) -> None:
    model = _model().operation_model(operation)
    shape = model.output_shape if answer else model.input_shape
    if shape is not None and (report := ParamValidator().validate(document, shape)).has_errors():
        raise Refused("WAFInvalidParameterException", report.generate_report())
