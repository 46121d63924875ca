"""A deployed stack: what it tells, what it holds, and the template that it was made from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from botocore.exceptions import ClientError

from cognito_proxy.smoke.template_values import read_template, references, text_of

ALARM = "AWS::CloudWatch::Alarm"
DASHBOARD = "AWS::CloudWatch::Dashboard"
SUBSCRIPTION = "AWS::SNS::Subscription"


class Clients(Protocol):
    """Where boto3's clients come from."""

    def __call__(self, service: str, *, region: str | None = None) -> Any:
        """A client, by default in the stack's Region."""
        ...


@dataclass(frozen=True, kw_only=True)
class DeployedStack:
    """One stack, read once."""

    name: str
    region: str
    outputs: Mapping[str, str]
    template: Mapping[str, Any]
    physical_ids: Mapping[str, str]

    def resources(self, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Logical ids and properties of the template's resources of one type."""
        for name, resource in self.template.get("Resources", {}).items():
            if resource["Type"] == kind:
                yield name, resource.get("Properties", {})


class NoSuchStack(Exception):
    """There is no stack of that name in that Region."""


def read_stack(clients: Clients, name: str, *, region: str, template_file: Path | None = None) -> DeployedStack:
    """Read a stack.

    Args:
        clients: for AWS.
        name: the stack's.
        region: where it is.
        template_file: the template, where what CloudFormation has is not the one that was synthesized (a local run's
            emulator gets a reduced one). Default: - GetTemplate's.

    Raises:
        NoSuchStack: it is not there.
        ClientError: AWS refused.
    """
    cloudformation = clients("cloudformation", region=region)
    try:
        (described,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ValidationError":
            raise
        raise NoSuchStack(f"stack {name}: not in {region}") from None
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    resources = [resource for page in pages for resource in page["StackResourceSummaries"]]
    template = (
        template_file.read_text(encoding="utf-8")
        if template_file is not None
        else cloudformation.get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
    )
    return DeployedStack(
        name=name,
        region=region,
        outputs={item["OutputKey"]: str(item["OutputValue"]) for item in described.get("Outputs", ())},
        template=read_template(template),
        physical_ids={
            item["LogicalResourceId"]: item["PhysicalResourceId"] for item in resources if "PhysicalResourceId" in item
        },
    )


def stacks_behind(stack: DeployedStack) -> set[tuple[str, str]]:
    """Names and Regions of the stacks whose outputs this one reads: an edge proxy's pool may be elsewhere."""
    return {
        (str(where["StackName"]), str(where.get("Region", stack.region)))
        for where in references(stack.template, "Fn::GetStackOutput")
    }


class Values:
    """What the values in a stack's template became."""

    def __init__(self, stack: DeployedStack, others: Mapping[str, DeployedStack]) -> None:
        self._stack = stack
        self._others = others

    def text(self, value: Any) -> str:
        """One value as text; `template_values.UNKNOWN` stands for what cannot be told."""
        return text_of(value, self._look_up)

    def _look_up(self, kind: str, what: dict[str, Any] | str) -> str | None:
        if isinstance(what, str):
            pseudo = {"AWS::Region": self._stack.region, "AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}
            return self._stack.physical_ids.get(what, pseudo.get(what))
        other = self._others.get(str(what.get("StackName")))
        return None if kind != "GetStackOutput" or other is None else other.outputs.get(str(what.get("OutputName")))
