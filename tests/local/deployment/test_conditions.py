"""What a template comes to for values of its parameters."""

import copy
from typing import Any

import pytest

from local.deployment.conditions import WrongParameters, resolved, with_texts_compared

TEMPLATE: dict[str, Any] = {
    "Description": "kept",
    "Parameters": {
        "Name": {"Type": "String"},
        "Count": {"Type": "Number", "Default": 3},
        "Origins": {"Type": "CommaDelimitedList", "Default": ""},
    },
    "Rules": {
        "Bounded": {
            "RuleCondition": {"Fn::Equals": [{"Ref": "Name"}, "few"]},
            "Assertions": [{"Assert": {"Fn::Equals": [{"Ref": "Count"}, "1"]}, "AssertDescription": "few is one"}],
        }
    },
    "Conditions": {
        "Named": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Name"}, ""]}]},
        "Listed": {"Fn::Not": [{"Fn::Equals": [{"Fn::Join": [",", {"Ref": "Origins"}]}, ""]}]},
        "Both": {"Fn::And": [{"Condition": "Named"}, {"Condition": "Listed"}]},
    },
    "Resources": {
        "One": {
            "Type": "T",
            "DependsOn": ["Two", "Three"],
            "Properties": {
                "Text": {"Fn::Join": ["", ["a-", {"Ref": "Name"}, "-", {"Ref": "Count"}, "-", {"Ref": "Three"}]]},
                "Number": {"Ref": "Count"},
                "List": {"Ref": "Origins"},
                "Maybe": {"Fn::If": ["Listed", {"Fn::Select": [0, {"Ref": "Origins"}]}, {"Ref": "AWS::NoValue"}]},
            },
        },
        "Two": {"Type": "T", "Condition": "Both", "Properties": {}},
        "Three": {"Type": "T"},
    },
    "Outputs": {"Out": {"Condition": "Listed", "Value": {"Ref": "AWS::Region"}}},
}


def test_what_a_condition_leaves_out_is_not_there() -> None:
    told = resolved(TEMPLATE, {"Name": "x"})
    assert told["Resources"]["One"]["DependsOn"] == ["Three"]
    assert told["Resources"]["One"]["Properties"] == {
        "Text": {"Fn::Join": ["", ["a-x-3-", {"Ref": "Three"}]]},
        "Number": 3,
        "List": [""],
    }
    assert (told["Resources"].keys(), told["Outputs"]) == ({"One", "Three"}, {})
    assert told.keys() == {"Description", "Resources", "Outputs"}


def test_what_a_condition_lets_in_is_there() -> None:
    told = resolved(TEMPLATE, {"Name": "x", "Origins": "a, b"}, pseudo={"AWS::Region": "eu-west-1"})
    assert told["Resources"]["One"]["Properties"]["Maybe"] == "a"
    assert told["Resources"]["One"]["DependsOn"] == ["Two", "Three"]
    assert told["Outputs"] == {"Out": {"Value": "eu-west-1"}}


def test_the_template_stays_as_it_is() -> None:
    before = copy.deepcopy(TEMPLATE)
    resolved(TEMPLATE, {"Name": "x", "Origins": "a"})
    assert before == TEMPLATE


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "missing: .'Name'"),
        ({"Name": "x", "Nome": "y"}, "unknown parameters: .'Nome'"),
        ({"Name": "few"}, "few is"),
    ],
)
def test_refuses_values_that_are_missing_unknown_or_against_a_rule(values: dict[str, str], message: str) -> None:
    with pytest.raises(WrongParameters, match=message):
        resolved(TEMPLATE, values)


def test_a_rule_lets_its_values_pass() -> None:
    resolved(TEMPLATE, {"Name": "few", "Count": "1"})


def test_decides_only_what_compares_made_texts() -> None:
    decided = with_texts_compared(TEMPLATE, {"Name": "x"})["Conditions"]
    assert decided["Named"] == TEMPLATE["Conditions"]["Named"]
    assert decided["Both"] == TEMPLATE["Conditions"]["Both"]
    assert decided["Listed"] == {"Fn::Not": [{"Fn::Equals": ["true", "true"]}]}
    decided = with_texts_compared(TEMPLATE, {"Name": "x", "Origins": "a"})["Conditions"]
    assert decided["Listed"] == {"Fn::Not": [{"Fn::Equals": ["true", "false"]}]}


def test_without_values_nothing_is_decided() -> None:
    assert with_texts_compared(TEMPLATE, {}) is TEMPLATE
