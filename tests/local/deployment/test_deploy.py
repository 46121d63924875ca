from pathlib import Path
from typing import Any

import pytest

from local import LocalRunError
from local.deployment.assembly import Assembly
from local.deployment.deploy import deploy
from tests.local.conftest import Tiny
from tests.local.tiny_assembly import write_assembly

TOPIC = {"Type": "AWS::SNS::Topic", "Properties": {}}


def _deploy(tiny: Tiny, folder: Path, stack: str, resources: dict[str, Any], said: list[str] | None = None) -> Any:
    write_assembly(folder / "assembly", {"Resources": resources}, stack=stack)
    say = (said if said is not None else []).append
    return deploy(tiny.run.emulator, Assembly(folder / "assembly"), stack, region="us-east-1", say=say)


def test_gives_the_outputs_and_the_physical_names(tiny: Tiny) -> None:
    stack = tiny.run.stacks["Tiny"]
    assert stack.outputs["Region"] == stack.region == "eu-west-1"
    assert stack.physical_ids["Pool"] == stack.outputs["UserPoolId"] == tiny.run.outputs.user_pool_id


def test_the_reference_to_a_secret_is_its_arn_as_in_aws(tiny: Tiny) -> None:
    arn = tiny.run.stacks["Tiny"].outputs["SecretArn"]
    assert arn.startswith("arn:aws:secretsmanager:eu-west-1:000000000000:secret:")
    assert tiny.run.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"] == "{}"


def test_says_every_change_that_it_made(tiny: Tiny) -> None:
    said = "\n".join(tiny.said)
    assert "IpSet" in said
    assert "AWS::WAFv2::IPSet" in said
    assert "Function, SecretArn" in said


def test_keeps_the_synthesized_template_as_it_was(tiny: Tiny) -> None:
    assert "IpSet" in tiny.run.stacks["Tiny"].template["Resources"]


def test_leaves_out_types_that_only_the_emulator_knows_it_lacks(tiny: Tiny, tmp_path: Path) -> None:
    said: list[str] = []
    stack = _deploy(tiny, tmp_path, "Lacking", {"Bot": {"Type": "AWS::Lex::Bot"}, "Topic": TOPIC}, said)
    assert list(stack.physical_ids) == ["Topic"]
    assert any("AWS::Lex::Bot" in line and "Bot" in line for line in said)


def test_takes_a_template_that_is_too_long_to_be_sent_inline(tiny: Tiny, tmp_path: Path) -> None:
    described = {"Type": "AWS::SNS::Topic", "Metadata": {"why": "x" * 52_000}}
    assert list(_deploy(tiny, tmp_path, "Long", {"Topic": described}).physical_ids) == ["Topic"]


def test_tells_which_resource_failed_and_why(tiny: Tiny, tmp_path: Path) -> None:
    client = {"Type": "AWS::Cognito::UserPoolClient", "Properties": {"UserPoolId": "us-east-1_nowhere"}}
    with pytest.raises(LocalRunError) as failure:
        _deploy(tiny, tmp_path, "Failing", {"Client": client, "Topic": TOPIC})
    message = str(failure.value)
    assert message.startswith("stack Failing failed: Client (AWS::Cognito::UserPoolClient): ")
    assert "us-east-1_nowhere" in message
    assert "\n" not in message


def test_tells_what_the_emulator_has_against_a_stack(tiny: Tiny, tmp_path: Path) -> None:
    _deploy(tiny, tmp_path / "first", "Twice", {"Topic": TOPIC})
    with pytest.raises(LocalRunError, match=r"^stack Twice: .*already exists"):
        _deploy(tiny, tmp_path / "second", "Twice", {"Topic": TOPIC})


def test_names_the_stacks_that_there_are(assembly_dir: Path) -> None:
    with pytest.raises(LocalRunError, match=r"no stack Huge in .*: it has Tiny$"):
        Assembly(assembly_dir).stack("Huge")


def test_says_that_a_folder_is_no_assembly(tmp_path: Path) -> None:
    with pytest.raises(LocalRunError, match="is not part of a cloud assembly"):
        Assembly(tmp_path)


def test_puts_in_outputs_of_a_stack_in_another_region(tiny: Tiny, tmp_path: Path) -> None:
    said: list[str] = []
    reading = {"Fn::GetStackOutput": {"StackName": "Tiny", "OutputName": "UserPoolId", "Region": "eu-west-1"}}
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": reading}}
    write_assembly(tmp_path / "assembly", {"Resources": {"Topic": topic}}, stack="Reading")
    stack = deploy(
        tiny.run.emulator,
        Assembly(tmp_path / "assembly"),
        "Reading",
        region="us-east-1",
        say=said.append,
        others=tiny.run.stacks,
    )
    topics = tiny.run.client("sns", region="us-east-1")
    attributes = topics.get_topic_attributes(TopicArn=stack.physical_ids["Topic"])["Attributes"]
    assert attributes["DisplayName"] == tiny.run.outputs.user_pool_id
    assert any("outputs of other stacks put in" in line and "Topic" in line for line in said)


@pytest.mark.parametrize(("name", "output"), [("Nowhere", "UserPoolId"), ("Tiny", "Nothing")])
def test_says_which_output_is_not_there(tiny: Tiny, tmp_path: Path, name: str, output: str) -> None:
    reading = {"Fn::GetStackOutput": {"StackName": name, "OutputName": output}}
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": reading}}
    write_assembly(tmp_path / "assembly", {"Resources": {"Topic": topic}}, stack="Reading")
    assembly = Assembly(tmp_path / "assembly")
    message = f"stack Reading reads the output {output} of {name}, which is not there"
    with pytest.raises(LocalRunError, match=message):
        deploy(tiny.run.emulator, assembly, "Reading", region="us-east-1", say=print, others=tiny.run.stacks)
