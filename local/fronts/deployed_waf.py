"""The web ACL of a deployed stack as AWS WAF's API shows it, with its IP sets, which are left out of the deployment."""

import base64
from collections.abc import Mapping
from typing import Any

from local.deployment.deploy import DeployedStack
from local.fronts.enforcement import EnforcedWebAcl, web_acl_arn
from local.simulators.waf.api import KeptIpSet, Waf
from local.simulators.waf.template import IP_SET

_RULE = ("Name", "Priority", "Statement", "Action", "OverrideAction", "VisibilityConfig")
_LATER = "(known to CloudFormation only)"


def deployed_waf(enforced: EnforcedWebAcl) -> Waf:
    """AWS WAF as the stack leaves it. Edits of its IP sets are enforced from the next request on."""
    stack, logical_id = enforced.stack, enforced.web_acl.logical_id
    resources = stack.template["Resources"]
    properties = resources[logical_id]["Properties"]
    logical_ids: dict[str, str] = {}

    def changed(kept: KeptIpSet) -> None:
        enforced.web_acl.ip_sets[logical_ids[kept.id]].replace(kept.addresses)

    waf = Waf(region=stack.region, scope=properties["Scope"], changed=changed)
    arns: dict[str, str] = {}
    for name, ip_set in _of_type(resources, IP_SET):
        kept = waf.add_ip_set(name, ip_set["IPAddressVersion"], ip_set.get("Description", ""), ip_set["Addresses"])
        logical_ids[kept.id], arns[name] = name, kept.arn
    values = _Values(stack, arns)
    waf.add_web_acl(
        logical_id,
        [{key: values.of(rule[key]) for key in _RULE if key in rule} for rule in properties["Rules"]],
        {tag["Key"]: str(values.of(tag["Value"])) for tag in properties.get("Tags", ())},
        arn=web_acl_arn(stack, logical_id),
    )
    return waf


class _Values:
    """What CloudFormation makes of a template's values, in the API's spelling."""

    def __init__(self, stack: DeployedStack, arns: Mapping[str, str]) -> None:
        self._stack = stack
        self._arns = arns

    def of(self, value: Any) -> Any:
        match value:
            case {"Fn::GetAtt": [str(target), "Arn"]} if target in self._arns:
                return self._arns[target]
            case {"Ref": str(target)}:
                return self._stack.physical_ids.get(target, _LATER)
            case dict() if len(value) == 1 and next(iter(value)).startswith("Fn::"):
                return _LATER
            case dict():
                return dict(self._member(name, item) for name, item in value.items())
            case list():
                return [self.of(item) for item in value]
        return value

    def _member(self, name: str, item: Any) -> tuple[str, Any]:
        """CloudFormation's names are the API's but for these, and its search strings are plain text."""
        if name == "SearchString":
            return name, base64.b64encode(str(self.of(item)).encode()).decode()
        if name == "SearchStringBase64":
            return "SearchString", self.of(item)
        return {"Arn": "ARN"}.get(name, name), self.of(item)


def _of_type(resources: Mapping[str, Any], kind: str) -> list[tuple[str, Mapping[str, Any]]]:
    return [(name, resource["Properties"]) for name, resource in resources.items() if resource["Type"] == kind]
