"""A cloud assembly: the folder that synth writes, read without the CDK."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.errors import LocalRunError


@dataclass(frozen=True, kw_only=True)
class FileAsset:
    """A file or folder that must lie in a bucket before its stack is created."""

    path: Path
    zipped: bool
    """True for a folder that is uploaded as one zip file."""
    bucket: str
    """May hold the placeholders `${AWS::AccountId}`, `${AWS::Region}` and `${AWS::Partition}`."""
    key: str


@dataclass(frozen=True, kw_only=True)
class AssemblyStack:
    """One stack of the assembly."""

    name: str
    """Name of the stack in CloudFormation."""
    region: str | None
    """The Region that the app pinned it to; None when it leaves that open."""
    template_file: Path
    assets: tuple[FileAsset, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Values of the template's parameters; Fn::GetStackOutput stands for an output of another stack."""

    def template(self) -> dict[str, Any]:
        """The synthesized template, exactly as it stands in the assembly."""
        template: dict[str, Any] = json.loads(self.template_file.read_text(encoding="utf-8"))
        return template


class Assembly:
    """The stacks of a cloud assembly folder, in an order in which they can be deployed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        manifest = _read(folder / "manifest.json")
        self.stacks: tuple[AssemblyStack, ...] = tuple(_stacks(folder, manifest["artifacts"]))

    def stack(self, name: str) -> AssemblyStack:
        """The stack of this name. Raises LocalRunError when there is none."""
        for stack in self.stacks:
            if stack.name == name:
                return stack
        names = ", ".join(stack.name for stack in self.stacks) or "none"
        raise LocalRunError(f"no stack {name} in {self.folder}: it has {names}")


def _read(file: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LocalRunError(f"{file} is not part of a cloud assembly: {type(error).__name__}") from None
    return document


def _stacks(folder: Path, artifacts: dict[str, Any]) -> Iterator[AssemblyStack]:
    for artifact_id in _in_deployment_order(artifacts):
        artifact = artifacts[artifact_id]
        if artifact["type"] != "aws:cloudformation:stack":
            continue
        properties = artifact["properties"]
        region = artifact["environment"].rsplit("/", 1)[-1]
        manifests = [
            folder / artifacts[name]["properties"]["file"]
            for name in artifact.get("dependencies", [])
            if artifacts[name]["type"] == "cdk:asset-manifest"
        ]
        yield AssemblyStack(
            name=properties.get("stackName", artifact_id),
            region=None if region == "unknown-region" else region,
            template_file=folder / properties["templateFile"],
            parameters=properties.get("parameters", {}),
            assets=tuple(asset for file in manifests for asset in _assets(folder, file, properties["templateFile"])),
        )


def _in_deployment_order(artifacts: dict[str, Any]) -> list[str]:
    order: list[str] = []

    def visit(artifact_id: str) -> None:
        if artifact_id in order or artifact_id not in artifacts:
            return
        for dependency in artifacts[artifact_id].get("dependencies", []):
            visit(dependency)
        order.append(artifact_id)

    for artifact_id in artifacts:
        visit(artifact_id)
    return order


def _assets(folder: Path, manifest: Path, template_file: str) -> Iterator[FileAsset]:
    for file in _read(manifest).get("files", {}).values():
        source = file["source"]
        # The template itself is uploaded after it was adapted, by the deployer.
        if source.get("path") in (None, template_file):
            continue
        for destination in file["destinations"].values():
            yield FileAsset(
                path=folder / source["path"],
                zipped=source.get("packaging") == "zip",
                bucket=destination["bucketName"],
                key=destination["objectKey"],
            )
