"""The synthesized web ACL of either variant, as AWS WAF's API shows it, and its lists as they are enforced."""

from __future__ import annotations

import base64
import json

import pytest

from local.deployment.deploy import DeployedStack
from local.fronts.deployed_waf import deployed_waf
from local.fronts.enforcement import enforced_firewall
from tests.syntheses import Syntheses

REGION = "eu-west-1"


@pytest.mark.proves("enforced-locally")
@pytest.mark.parametrize(("variant", "where"), [("regional", "regional"), ("edge", "global")])
def test_the_synthesized_web_acl_is_shown_as_aws_waf_would_and_edits_are_enforced(
    syntheses: Syntheses, variant: str, where: str
) -> None:
    flags = {"variant": variant, "allow_ips": "192.0.2.1", "allowed_origins": "https://app.example.com"}
    templates = syntheses.templates(flags).values()
    template = next(template for template in templates if "WebAclArn" in template.get("Outputs", {}))
    acl_id = next(name for name, found in template["Resources"].items() if found["Type"] == "AWS::WAFv2::WebACL")
    ids = {name: f"physical-{name}" for name in template["Resources"]} | {acl_id: f"acl|0123|{where}"}
    stack = DeployedStack(name="Proxy", region=REGION, template=template, outputs={}, physical_ids=ids)
    enforced = enforced_firewall([stack], lambda _: None)
    assert enforced is not None
    waf = deployed_waf(enforced)
    arn = f"arn:aws:wafv2:{REGION}:000000000000:{where}/webacl/acl/0123"
    scope = "CLOUDFRONT" if variant == "edge" else "REGIONAL"
    shown = waf.answer("GetWebACL", {"Name": "acl", "Scope": scope, "Id": "0123"})["WebACL"]
    synthesized = template["Resources"][acl_id]["Properties"]["Rules"]
    assert (shown["ARN"], [rule["Name"] for rule in shown["Rules"]]) == (arn, [rule["Name"] for rule in synthesized])
    # As it comes over the wire; CloudFormation has it as text.
    assert base64.b64encode(b"OPTIONS").decode() in json.dumps(shown)
    assert '"OPTIONS"' not in json.dumps(shown)
    (tag,) = waf.answer("ListTagsForResource", {"ResourceARN": arn})["TagInfoForResource"]["TagList"]
    assert tag["Value"].startswith("physical-")
    kept = next(each for each in waf.ip_sets.values() if "DenyListV4" in each.name)
    update = {"Name": kept.name, "Scope": scope, "Id": kept.id, "LockToken": kept.token}
    waf.answer("UpdateIPSet", update | {"Addresses": ["192.0.2.7/32"]})
    assert "192.0.2.7" in enforced.web_acl.ip_sets[kept.name]
