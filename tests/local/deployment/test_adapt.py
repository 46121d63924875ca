import copy
from typing import Any

import pytest

from local.deployment.adapt import adapt


def _template(resources: dict[str, Any], outputs: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"Resources": resources, "Outputs": outputs or {}}


def _resource(resource_type: str, **properties: Any) -> dict[str, Any]:
    return {"Type": resource_type, "Properties": properties}


IP_SET = _resource("AWS::WAFv2::IPSet", Name="blocked")
SECRET = _resource("AWS::SecretsManager::Secret")
TOPIC = _resource("AWS::SNS::Topic")


def test_leaves_a_template_alone_that_needs_nothing() -> None:
    template = _template({"Topic": TOPIC}, {"Arn": {"Value": {"Ref": "Topic"}}})
    assert adapt(template) == (template, [])


def test_does_not_touch_the_template_that_it_was_given() -> None:
    template = _template({"Ips": IP_SET, "Secret": SECRET}, {"Arn": {"Value": {"Ref": "Secret"}}})
    before = copy.deepcopy(template)
    adapt(template)
    assert template == before


@pytest.mark.parametrize("left_out", ["AWS::CDK::Metadata", "AWS::WAFv2::IPSet", "AWS::WAFv2::WebACLAssociation"])
def test_leaves_out_what_the_emulator_cannot_do_and_says_so(left_out: str) -> None:
    adapted, changes = adapt(_template({"Gone": _resource(left_out), "Topic": TOPIC}))
    assert list(adapted["Resources"]) == ["Topic"]
    assert [(change.logical_id, left_out in change.what) for change in changes] == [("Gone", True)]


def test_leaves_out_further_types_that_the_emulator_refused() -> None:
    template = _template({"Bot": _resource("AWS::Lex::Bot"), "Topic": TOPIC})
    adapted, changes = adapt(template, unsupported=frozenset({"AWS::Lex::Bot"}))
    assert list(adapted["Resources"]) == ["Topic"]
    assert [change.logical_id for change in changes] == ["Bot"]


@pytest.mark.parametrize(
    "reference",
    [
        {"Ref": "Ips"},
        {"Fn::GetAtt": ["Ips", "Arn"]},
        {"Fn::GetAtt": "Ips.Arn"},
        {"Fn::Sub": "x-${Ips.Arn}"},
        {"Fn::Sub": ["${x}", {"x": {"Ref": "Ips"}}]},
        {"Fn::Join": ["", ["a", {"Ref": "Ips"}]]},
    ],
)
def test_leaves_out_what_depends_on_it_and_what_depends_on_that(reference: dict[str, Any]) -> None:
    template = _template(
        {
            "Ips": IP_SET,
            "Direct": _resource("AWS::SNS::Topic", TopicName=reference),
            "Indirect": _resource("AWS::SNS::Subscription", TopicArn={"Ref": "Direct"}),
            "Topic": TOPIC,
        },
        {"Gone": {"Value": {"Ref": "Indirect"}}, "Kept": {"Value": {"Ref": "Topic"}}},
    )
    adapted, changes = adapt(template)
    assert list(adapted["Resources"]) == ["Topic"]
    assert list(adapted["Outputs"]) == ["Kept"]
    assert {change.logical_id for change in changes} == {"Ips", "Direct", "Indirect", "Gone"}


@pytest.mark.parametrize("depends_on", ["Ips", ["Ips", "Other"]])
def test_no_longer_waits_for_what_was_left_out(depends_on: str | list[str]) -> None:
    waiting = {**TOPIC, "DependsOn": depends_on}
    adapted, changes = adapt(_template({"Ips": IP_SET, "Other": TOPIC, "Waiting": waiting}))
    assert adapted["Resources"]["Waiting"]["DependsOn"] == (["Other"] if "Other" in depends_on else [])
    assert {change.logical_id for change in changes} == {"Ips", "Waiting"}


def test_keeps_a_web_acl_without_the_rules_that_need_an_ip_set() -> None:
    rules = [
        {"Name": "Allow", "Statement": {"IPSetReferenceStatement": {"Arn": {"Fn::GetAtt": ["Ips", "Arn"]}}}},
        {"Name": "Rate", "Statement": {"RateBasedStatement": {"Limit": 100}}},
        {"Name": "Block", "Statement": {"IPSetReferenceStatement": {"Arn": {"Fn::GetAtt": ["Ips", "Arn"]}}}},
    ]
    acl = _resource("AWS::WAFv2::WebACL", Rules=rules)
    adapted, changes = adapt(_template({"Ips": IP_SET, "Acl": acl}, {"Acl": {"Value": {"Ref": "Acl"}}}))
    assert [rule["Name"] for rule in adapted["Resources"]["Acl"]["Properties"]["Rules"]] == ["Rate"]
    assert "Acl" in adapted["Outputs"]
    assert sorted(change.what.split(" (")[0] for change in changes if change.logical_id == "Acl") == [
        "without Rules Allow",
        "without Rules Block",
    ]


def test_keeps_a_distribution_whose_web_acl_is_left_out() -> None:
    distribution = _resource(
        "AWS::CloudFront::Distribution", DistributionConfig={"Enabled": True, "WebACLId": {"Ref": "Ips"}}
    )
    adapted, _ = adapt(_template({"Ips": IP_SET, "Distribution": distribution}))
    assert adapted["Resources"]["Distribution"]["Properties"] == {"DistributionConfig": {"Enabled": True}}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({"Ref": "Secret"}, {"Fn::GetAtt": ["Secret", "Id"]}),
        ({"Fn::Sub": "a ${Secret} ${Topic}"}, {"Fn::Sub": "a ${Secret.Id} ${Topic}"}),
        ({"Fn::Sub": ["${Secret}", {"Secret": "own"}]}, {"Fn::Sub": ["${Secret}", {"Secret": "own"}]}),
        (
            {"Fn::Sub": ["${x}", {"x": {"Ref": "Secret"}}]},
            {"Fn::Sub": ["${x}", {"x": {"Fn::GetAtt": ["Secret", "Id"]}}]},
        ),
        ({"Fn::Join": ["", [{"Ref": "Secret"}]]}, {"Fn::Join": ["", [{"Fn::GetAtt": ["Secret", "Id"]}]]}),
        ({"Fn::Sub": "${!Secret}"}, {"Fn::Sub": "${!Secret}"}),
        ({"Ref": "Topic"}, {"Ref": "Topic"}),
    ],
)
def test_reads_a_reference_to_a_secret_as_its_arn(written: dict[str, Any], read: dict[str, Any]) -> None:
    template = _template(
        {"Secret": SECRET, "Topic": TOPIC, "User": _resource("AWS::SNS::Topic", TopicName=written)},
        {"Out": {"Value": written}},
    )
    adapted, changes = adapt(template)
    assert adapted["Resources"]["User"]["Properties"]["TopicName"] == read
    assert adapted["Outputs"]["Out"]["Value"] == read
    assert {change.logical_id for change in changes} == ({"User", "Out"} if written != read else set())
