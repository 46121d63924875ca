"""Deploys a stack of a cloud assembly into the emulator, through its CloudFormation."""

import io
import json
import re
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from cognito_proxy.common.native_wheels import is_native_package
from local import stopping
from local.deployment.adapt import Change, Template, adapt
from local.deployment.assembly import Assembly, AssemblyStack, FileAsset
from local.deployment.conditions import resolved, with_texts_compared
from local.deployment.emulator import Emulator
from local.deployment.stack_outputs import with_stack_outputs
from local.errors import LocalRunError
from local.simulators.common.root_client import ACCOUNT_ID

BOOTSTRAP_PARAMETER = "/cdk-bootstrap/hnb659fds/version"
"""What the template's bootstrap rule reads."""

_BOOTSTRAP_VERSION = "30"
_INLINE_BYTES = 51_200
_CREATE_SECONDS = 90.0
_POLL_SECONDS = 0.1
_UNRECOGNIZED = re.compile(r"Unrecognized resource types: \[(.*?)\]")
_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


@dataclass(frozen=True, kw_only=True)
class DeployedStack:
    """A stack that is up in the emulator."""

    name: str
    region: str
    template: Template
    """As synthesized, but for the outputs of other stacks and for parameters, whose values stand in it; before it was
    adapted."""
    outputs: Mapping[str, str]
    physical_ids: Mapping[str, str]
    """Logical id of a resource → what it is called in the emulator."""

    def has(self, resource_type: str) -> bool:
        """Whether the template has a resource of this type."""
        return any(resource["Type"] == resource_type for resource in self.template["Resources"].values())

    def only(self, resource_type: str) -> str:
        """The physical id of the one resource of this type. Raises LocalRunError when there is not exactly one."""
        found = [name for name, resource in self.template["Resources"].items() if resource["Type"] == resource_type]
        if len(found) != 1:
            raise LocalRunError(f"stack {self.name} has {len(found)} {resource_type}, and exactly one was expected")
        return self.physical_ids[found[0]]


Say = Callable[[str], None]
"""Where progress goes, one line at a time."""


def deploy(
    emulator: Emulator,
    assembly: Assembly,
    stack_name: str,
    *,
    region: str,
    say: Say,
    others: Mapping[str, DeployedStack] | None = None,
) -> DeployedStack:
    """Create the stack in `region` and wait for it (at most 90 seconds).

    `others` are the stacks, by name, whose outputs it may read (Default: - none). Every difference between the
    synthesized template and what is deployed goes to `say`.
    Raises LocalRunError with the reason of the first resource that failed.
    """
    stack = assembly.stack(stack_name)
    try:
        return _Deployment(emulator, stack, region, others or {}).run(say)
    except ClientError as error:
        raise LocalRunError(f"stack {stack_name}: {error.response['Error']['Message']}") from None


class _Deployment:
    """One stack on its way into the emulator."""

    def __init__(
        self, emulator: Emulator, stack: AssemblyStack, region: str, others: Mapping[str, DeployedStack]
    ) -> None:
        self._emulator = emulator
        self._stack = stack
        self._region = region
        self._others = others
        self._bucket = f"cdk-hnb659fds-assets-{ACCOUNT_ID}-{region}"
        self._s3 = emulator.client("s3", region=region)
        self._cloudformation = emulator.client("cloudformation", region=region)

    def run(self, say: Say) -> DeployedStack:
        self._bootstrap()
        self._upload_assets()
        template, changes = with_stack_outputs(self._stack.template(), self._output_of_other)
        _say_changes(changes, say)
        values = self._parameters()
        adapted = self._adapted(with_texts_compared(template, values), say)
        stopping.checkpoint()
        self._cloudformation.create_stack(
            StackName=self._stack.name,
            Capabilities=_CAPABILITIES,
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()],
            **self._source(adapted),
        )
        outputs = _wait(self._cloudformation, self._stack.name)
        resources = self._cloudformation.describe_stack_resources(StackName=self._stack.name)["StackResources"]
        return DeployedStack(
            name=self._stack.name,
            region=self._region,
            # The emulator decides by itself what conditions come to. This is for those who read templates here.
            template=resolved(template, values, pseudo={"AWS::Region": self._region}) if values else template,
            outputs=outputs,
            physical_ids={item["LogicalResourceId"]: item["PhysicalResourceId"] for item in resources},
        )

    def _parameters(self) -> dict[str, str]:
        """Their values, as text."""
        given, _ = with_stack_outputs({"Resources": dict(self._stack.parameters)}, self._output_of_other)
        return {name: str(value) for name, value in given["Resources"].items()}

    def _bootstrap(self) -> None:
        """What `cdk bootstrap` leaves behind, as far as a stack looks at it."""
        self._emulator.client("ssm", region=self._region).put_parameter(
            Name=BOOTSTRAP_PARAMETER, Value=_BOOTSTRAP_VERSION, Type="String", Overwrite=True
        )
        existing = {item["Name"] for item in self._s3.list_buckets()["Buckets"]}
        location = {"CreateBucketConfiguration": {"LocationConstraint": self._region}}
        for bucket in {self._bucket, *(self._resolve(asset.bucket) for asset in self._stack.assets)} - existing:
            self._s3.create_bucket(Bucket=bucket, **({} if self._region == "us-east-1" else location))

    def _upload_assets(self) -> None:
        for asset in self._stack.assets:
            stopping.checkpoint()
            self._s3.put_object(Bucket=self._resolve(asset.bucket), Key=self._resolve(asset.key), Body=_content(asset))

    def _adapted(self, template: Template, say: Say) -> Template:
        """Adapt to what this emulator knows: validating a template, it names the types that it does not."""
        adapted, changes = adapt(template)
        try:
            self._cloudformation.validate_template(**self._source(adapted))
        except ClientError as error:
            refused = _UNRECOGNIZED.search(error.response["Error"]["Message"])
            if refused is None:
                raise
            adapted, changes = adapt(template, unsupported=frozenset(refused[1].split(", ")))
        _say_changes(changes, say)
        return adapted

    def _output_of_other(self, stack: str, output: str) -> str:
        if stack not in self._others or output not in self._others[stack].outputs:
            raise LocalRunError(f"stack {self._stack.name} reads the output {output} of {stack}, which is not there")
        return self._others[stack].outputs[output]

    def _source(self, template: Template) -> dict[str, str]:
        """The template as CloudFormation takes it: inline up to 51,200 bytes, beyond that from the bucket."""
        body = json.dumps(template)
        if len(body.encode()) <= _INLINE_BYTES:
            return {"TemplateBody": body}
        key = f"{self._stack.name}.template.json"
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body.encode())
        return {"TemplateURL": f"{self._emulator.endpoint}/{self._bucket}/{key}"}

    def _resolve(self, text: str) -> str:
        values = {"${AWS::AccountId}": ACCOUNT_ID, "${AWS::Region}": self._region, "${AWS::Partition}": "aws"}
        for placeholder, value in values.items():
            text = text.replace(placeholder, value)
        return text


def _say_changes(changes: Sequence[Change], say: Say) -> None:
    """One line for each kind of change."""
    kinds: dict[str, list[str]] = {}
    for change in changes:
        kinds.setdefault(change.what, []).append(change.logical_id)
    for what, names in kinds.items():
        say(f"changed for the emulator: {what}: {', '.join(names)}")


def _content(asset: FileAsset) -> bytes:
    if not asset.zipped:
        return asset.path.read_bytes()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        for file in sorted(asset.path.rglob("*")):
            name = file.relative_to(asset.path)
            # They are for Lambda's processor and Python; on this machine functions find those of its own Python.
            if file.is_file() and not is_native_package(name.as_posix()):
                zipped.write(file, name)
    return archive.getvalue()


def _wait(cloudformation: Any, stack_name: str) -> dict[str, str]:
    deadline = time.monotonic() + _CREATE_SECONDS
    while time.monotonic() < deadline:
        stack = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
        status = stack["StackStatus"]
        if status == "CREATE_COMPLETE":
            return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
        if status.endswith("_FAILED") or "ROLLBACK" in status:
            raise LocalRunError(f"stack {stack_name} failed: {_reason(cloudformation, stack_name, stack)}")
        stopping.pause(_POLL_SECONDS)
    raise LocalRunError(f"stack {stack_name} was not up after {_CREATE_SECONDS:.0f} seconds")


def _reason(cloudformation: Any, stack_name: str, stack: Mapping[str, Any]) -> str:
    """The first resource that failed (events come newest first), on one line."""
    events = cloudformation.describe_stack_events(StackName=stack_name)["StackEvents"]
    failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
    if not failed:
        return str(stack.get("StackStatusReason", stack["StackStatus"]))
    first = failed[-1]
    reason = " ".join(str(first.get("ResourceStatusReason", "no reason given")).split())
    return f"{first['LogicalResourceId']} ({first['ResourceType']}): {reason}"
