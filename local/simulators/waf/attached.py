"""Which web ACL a synthesized template puts in front of its REST API's stage or its distribution."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local.simulators.common.cloudformation import references
from local.simulators.waf.properties import Properties

_ASSOCIATION = "AWS::WAFv2::WebACLAssociation"
_DISTRIBUTION = "AWS::CloudFront::Distribution"
_STAGE = "AWS::ApiGateway::Stage"


@dataclass(frozen=True, kw_only=True)
class Attached:
    """A web ACL in front of the proxy."""

    logical_id: str | None
    """In the template; None when it is made elsewhere, so that nothing is known of its rules."""


def attached_web_acl(template: Mapping[str, Any]) -> Attached | None:
    """The web ACL in front of the proxy; None when there is none. One on a user pool is no such thing."""
    resources: Properties = template["Resources"]
    for arn in (*_of_distributions(resources), *_of_stages(resources)):
        match arn:
            case {"Fn::GetAtt": [str(logical_id), "Arn"]}:
                return Attached(logical_id=logical_id)
        return Attached(logical_id=None)
    return None


def _of_distributions(resources: Properties) -> Iterator[Any]:
    for resource in resources.values():
        if resource["Type"] == _DISTRIBUTION and "WebACLId" in resource["Properties"]["DistributionConfig"]:
            yield resource["Properties"]["DistributionConfig"]["WebACLId"]


def _of_stages(resources: Properties) -> Iterator[Any]:
    stages = {name for name, resource in resources.items() if resource["Type"] == _STAGE}
    for resource in resources.values():
        if resource["Type"] == _ASSOCIATION and stages & set(references(resource["Properties"]["ResourceArn"])):
            yield resource["Properties"]["WebACLArn"]
