"""Small helpers of the tests of constructs."""

import json
import re
from typing import Any

from aws_cdk import App, Environment, Stack
from aws_cdk.assertions import Template

REGION = "eu-west-1"
EDGE_REGION = "us-east-1"

EVERY_IPV6_ADDRESS = ["::/1", "8000::/1"]
"""What the web ACL's own IP set holds, beside those of the lists."""

_ASSET_HASH = re.compile(r"\b[0-9a-f]{64}\b")
# API Gateway's deployments are named after a hash of the API, which may differ from one CDK to the next.
_VERSION_HASH = re.compile(r"(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}")
_DEPLOYMENT_HASH = re.compile(r"(Deployment[0-9A-F]{8})[0-9a-f]{32}")


def new_stack(stack_id: str = "Stack", *, region: str | None = REGION) -> Stack:
    """A stack in an app of its own."""
    return Stack(App(), stack_id, env=None if region is None else Environment(region=region))


def new_stacks() -> tuple[Stack, Stack]:
    """Two stacks of one app: of a pool far from the edge, and of the edge."""
    app = App()
    return (
        Stack(app, "Identity", env=Environment(region=REGION)),
        Stack(app, "Stack", env=Environment(region=EDGE_REGION)),
    )


def masked(template: Template) -> dict[str, Any]:
    """The template without what changes with every change of the function's code."""
    text = _ASSET_HASH.sub("<asset>", json.dumps(template.to_json()))
    for named_after_content in (_DEPLOYMENT_HASH, _VERSION_HASH):
        text = named_after_content.sub(r"\1<hash>", text)
    document: dict[str, Any] = json.loads(text)
    return document


def only(template: Template, resource_type: str) -> dict[str, Any]:
    """The one resource of that type, with its `Properties`, `DependsOn` and so on."""
    found = list(template.find_resources(resource_type).values())
    assert len(found) == 1, f"{len(found)} of {resource_type}"
    return dict(found[0])


def joined(value: Any) -> str:
    """A text that is known at deploy time, with `<logical id>` for each reference; base64 is not applied."""
    if isinstance(value, str):
        return value
    ((function, argument),) = value.items()
    if function == "Ref":
        return f"<{argument}>"
    if function == "Fn::GetAtt":
        return f"<{'.'.join(argument)}>"
    if function == "Fn::GetStackOutput":
        return f"<{argument['StackName']}/{argument['OutputName']}>"
    if function == "Fn::Base64":
        return joined(argument)
    assert function == "Fn::Join", function
    return str(argument[0]).join(joined(part) for part in argument[1])


def attributes_read(document: Any) -> set[tuple[str, str]]:
    """Logical id and attribute of every `Fn::GetAtt` in a template."""
    if isinstance(document, list):
        return {found for item in document for found in attributes_read(item)}
    if not isinstance(document, dict):
        return set()
    own = {tuple(document["Fn::GetAtt"])} if "Fn::GetAtt" in document else set()
    return own | {found for item in document.values() for found in attributes_read(item)}


def statements(template: Template, logical_id_pattern: str) -> list[dict[str, Any]]:
    """The statements of the one policy whose logical id matches."""
    policies = {
        logical_id: policy
        for logical_id, policy in template.find_resources("AWS::IAM::Policy").items()
        if re.match(logical_id_pattern, logical_id)
    }
    assert len(policies) == 1, list(policies)
    found: list[dict[str, Any]] = next(iter(policies.values()))["Properties"]["PolicyDocument"]["Statement"]
    return found
