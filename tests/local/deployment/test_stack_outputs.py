import copy
from typing import Any

import pytest

from local.deployment.stack_outputs import with_stack_outputs

VALUES = {("Pool", "ClientId"): "4h7example", ("Pool", "Arn"): "arn:aws:x"}


def output(name: str, **more: str) -> dict[str, Any]:
    return {"Fn::GetStackOutput": {"StackName": "Pool", "OutputName": name, **more}}


def look_up(stack: str, name: str) -> str:
    return VALUES[stack, name]


def test_puts_the_values_in_wherever_they_are_read() -> None:
    template = {
        "Resources": {
            "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": output("ClientId", Region="eu-west-1")}},
            "Other": {"Type": "AWS::SNS::Topic", "Properties": {"Tags": [{"Fn::Join": ["", ["a", output("Arn")]]}]}},
            "Alone": {"Type": "AWS::SNS::Topic"},
        },
        "Outputs": {"Id": {"Value": output("ClientId")}, "Own": {"Value": {"Ref": "Topic"}}},
        "Parameters": {"P": {"Type": "String"}},
    }
    before = copy.deepcopy(template)
    resolved, changes = with_stack_outputs(template, look_up)
    assert resolved["Resources"]["Topic"]["Properties"] == {"DisplayName": "4h7example"}
    assert resolved["Resources"]["Other"]["Properties"] == {"Tags": [{"Fn::Join": ["", ["a", "arn:aws:x"]]}]}
    assert resolved["Outputs"] == {"Id": {"Value": "4h7example"}, "Own": {"Value": {"Ref": "Topic"}}}
    assert resolved["Parameters"] == template["Parameters"]
    assert [change.logical_id for change in changes] == ["Topic", "Other", "Id"]
    assert template == before


def test_leaves_a_template_alone_that_reads_no_other_stack() -> None:
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    assert with_stack_outputs(template, look_up) == (template, [])


def test_passes_on_that_an_output_is_not_there() -> None:
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"Name": output("Nothing")}}}}
    with pytest.raises(KeyError):
        with_stack_outputs(template, look_up)
