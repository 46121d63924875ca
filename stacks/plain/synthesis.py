"""The app's stack for one combination of switches, as a template without anything of the CDK's plumbing."""

import copy
import hashlib
import json
import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from aws_cdk import App, DefaultStackSynthesizer, Environment, Stack

from cognito_proxy.common.regions import EDGE_REGION
from stacks.edge import EdgeStack
from stacks.flags import AppFlags, Variant
from stacks.plain.inline_code import HANDLER, index_py
from stacks.plain.merge import ENDING
from stacks.plain.plan import flags_for
from stacks.plain.stand_ins import with_references
from stacks.plain.switches import Combination
from stacks.regional import RegionalStack

STACK_NAMES: Mapping[Variant, str] = {Variant.REGIONAL: "CognitoProxyRegional", Variant.EDGE: "CognitoProxyEdge"}
"""What the app calls the stacks: logical ids are made of it, and names, in which the stack's own takes its place."""

_CDK_JSON = Path(__file__).resolve().parents[2] / "cdk.json"
_FUNCTION = "AWS::Lambda::Function"
_VERSION = "AWS::Lambda::Version"
_DEPLOYMENT = "AWS::ApiGateway::Deployment"
_HASH = re.compile(r"[0-9a-f]{32}$")

Template = dict[str, Any]

_SECTIONS = ("Description", "Mappings", "Resources", "Outputs")


def feature_flags() -> dict[str, Any]:
    """What cdk.json says to the CDK itself, so that a template is as `cdk synth` makes it; not the app's own flags."""
    context: dict[str, Any] = json.loads(_CDK_JSON.read_text(encoding="utf-8"))["context"]
    return {name: value for name, value in context.items() if "@" in name or ":" in name}


def synthesized(variant: Variant, states: Combination) -> Template:
    """The template of a combination; values of parameters are references in it."""
    with tempfile.TemporaryDirectory(prefix="cognito-proxy-") as folder:
        # The CDK's own validation is for what is deployed; this is not, and cfn-lint reads what comes of it.
        context = {**feature_flags(), "@aws-cdk/core:validateAgainstDefaultRules": False}
        app = App(
            context=context,
            outdir=folder,
            analytics_reporting=False,
            default_stack_synthesizer=DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
        )
        stack = _STACKS[variant](app, flags_for(variant, states))
        artifact = app.synth().get_stack_by_name(stack.stack_name)
        template: Template = artifact.template
        _put_code_inline(template, _assets(Path(folder), stack.stack_name))
    template = _without_metadata(template)
    _name_versions_after_code(template)
    return with_references(template, stack_name=STACK_NAMES[variant])


def _regional(app: App, flags: AppFlags) -> Stack:
    return RegionalStack(app, STACK_NAMES[Variant.REGIONAL], flags=flags)


def _edge(app: App, flags: AppFlags) -> Stack:
    return EdgeStack(app, STACK_NAMES[Variant.EDGE], flags=flags, env=Environment(region=EDGE_REGION))


_STACKS: Mapping[Variant, Callable[[App, AppFlags], Stack]] = {Variant.REGIONAL: _regional, Variant.EDGE: _edge}


def _assets(folder: Path, stack_name: str) -> dict[str, Path]:
    """Key of each asset in the CDK's bucket to the folder that it is made of."""
    files = json.loads((folder / f"{stack_name}.assets.json").read_text(encoding="utf-8"))["files"]
    return {
        destination["objectKey"]: folder / file["source"]["path"]
        for file in files.values()
        for destination in file["destinations"].values()
    }


def _put_code_inline(template: Template, assets: Mapping[str, Path]) -> None:
    for resource in template["Resources"].values():
        if resource["Type"] == _FUNCTION:
            properties = resource["Properties"]
            files = code_files(assets[properties["Code"]["S3Key"]])
            properties["Code"] = {"ZipFile": index_py(files, properties["Handler"])}
            properties["Handler"] = HANDLER
    if "S3Key" in (text := json.dumps(template)) or "cdk-hnb659fds" in text:
        raise ValueError("an asset is left: a plain template has no bucket")


def code_files(folder: Path) -> dict[str, bytes]:
    """The files of a function's package, by their paths within it."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _without_metadata(template: Template) -> Template:
    """Without the CDK's paths and asset names, and cdk-nag's acknowledgements; nothing that is deployed reads them."""
    for resource in template["Resources"].values():
        resource.pop("Metadata", None)
    return {name: section for name, section in template.items() if name in _SECTIONS}


def _name_versions_after_code(template: Template) -> None:
    """A version is what its function was when the version was made, so other code needs another version.

    The CDK names it after its asset; here the inline text counts, too.
    """
    names = {}
    for name, version in template["Resources"].items():
        if version["Type"] == _VERSION:
            (function,) = version["Properties"]["FunctionName"].values()
            code = json.dumps([name, template["Resources"][function]["Properties"]["Code"]])
            names[name] = _HASH.sub("", name) + hashlib.sha256(code.encode()).hexdigest()[:32]
    _rename(template, names)


def call_deployments_alike(template: Template, revision: str) -> Template:
    """The same template with the end of each deployment's logical id in its `Metadata`, and `revision` behind it.

    A deployment is what its API was when the deployment was made, and the CDK names it after the API's properties.
    `Merge` makes as many deployments of the one as there are ends.
    """
    template = copy.deepcopy(template)
    for name in [name for name, resource in template["Resources"].items() if resource["Type"] == _DEPLOYMENT]:
        common = _HASH.sub("", name)
        template["Resources"][name]["Metadata"] = {ENDING: name.removeprefix(common) + revision}
        _rename(template, {name: common})
    return template


def _rename(template: Template, names: Mapping[str, str]) -> None:
    if names:
        pattern = re.compile("|".join(map(re.escape, names)))
        text = pattern.sub(lambda found: names[found[0]], json.dumps(template["Resources"]))
        template["Resources"] = json.loads(text)
