"""Which web ACL stands in front of the proxy, read from a template."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.waf import Attached, attached_web_acl

DEFINED = {"Fn::GetAtt": ["WebAcl", "Arn"]}
IMPORTED = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/Shared/a1b2c3d4"
STAGE = {"Fn::Join": ["", ["arn:aws:apigateway:eu-west-1::/restapis/", {"Ref": "Api"}, "/stages/", {"Ref": "Stage"}]]}
POOL = {"Fn::GetAtt": ["Pool", "Arn"]}


def regional(resource: Any = None, arn: Any = None) -> dict[str, Any]:
    resources: dict[str, Any] = {
        "Stage": {"Type": "AWS::ApiGateway::Stage", "Properties": {}},
        "Pool": {"Type": "AWS::Cognito::UserPool", "Properties": {}},
    }
    if resource is not None:
        properties = {"ResourceArn": resource, "WebACLArn": arn}
        resources["Association"] = {"Type": "AWS::WAFv2::WebACLAssociation", "Properties": properties}
    return {"Resources": resources}


def edge(**config: Any) -> dict[str, Any]:
    distribution = {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": config}}
    return {"Resources": {"Distribution": distribution}}


@pytest.mark.parametrize(
    ("template", "attached"),
    [
        (regional(STAGE, DEFINED), Attached(logical_id="WebAcl")),
        (regional(STAGE, IMPORTED), Attached(logical_id=None)),
        (regional(STAGE, {"Ref": "Parameter"}), Attached(logical_id=None)),
        (regional(), None),
        # A shield of the user pool is not in front of the proxy.
        (regional(POOL, DEFINED), None),
        (edge(WebACLId=DEFINED), Attached(logical_id="WebAcl")),
        (edge(WebACLId=IMPORTED), Attached(logical_id=None)),
        (edge(), None),
    ],
)
def test_finds_what_stands_in_front(template: dict[str, Any], attached: Attached | None) -> None:
    assert attached_web_acl(template) == attached
