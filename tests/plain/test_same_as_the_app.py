"""For one combination of switches after the other: the plain template comes to what the CDK app synthesizes."""

import base64
import json
import os
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

import app as deployment_plan
from local.deployment.conditions import WrongParameters, resolved
from stacks.flags import Variant
from stacks.plain.merge import WAITS_FOR
from stacks.plain.plan import switches
from stacks.plain.synthesis import STACK_NAMES, code_files, feature_flags
from tests.plain.combinations import POOL, States, covering, flags_of, parameters_for

STRENGTH = int(os.environ.get("PLAIN_STRENGTH", "2"))
"""How many switches at a time are tried in all their states together. `PLAIN_STRENGTH=3` takes some minutes."""

REGION = "us-east-1"
COMBINATIONS = [(variant, each) for variant in Variant for each in covering(variant, STRENGTH)]


def _shown(variant: Variant, combination: States) -> str:
    return f"{variant}-{''.join(map(str, combination))}"


@pytest.mark.proves("plain-template-same")
@pytest.mark.parametrize(("variant", "combination"), COMBINATIONS, ids=[_shown(*each) for each in COMBINATIONS])
def test_it_comes_to_what_the_app_synthesizes(
    template: dict[str, Any], variant: Variant, combination: States, tmp_path: Path
) -> None:
    values = parameters_for(variant, combination)
    plain = resolved(template, values, pseudo=_pseudo(variant))
    assert _comparable(plain) == _comparable(
        resolved(_of_the_app(variant, values, tmp_path), {}, pseudo=_pseudo(variant))
    )
    assert _code(plain) == _code_of_the_app(variant, tmp_path)


def test_every_switch_is_tried_with_each_of_its_states() -> None:
    for variant in Variant:
        seen = [set(states) for states in zip(*covering(variant, 2), strict=True)]
        assert seen == [set(switch.states) for switch in switches(variant)]


def test_the_comparison_sees_a_difference(template: dict[str, Any], variant: Variant) -> None:
    off = tuple(0 for _ in switches(variant))
    one = resolved(template, parameters_for(variant, off), pseudo=_pseudo(variant))
    other = resolved(template, {"UserPoolId": POOL, "RateLimit": "999"}, pseudo=_pseudo(variant))
    assert _comparable(one) != _comparable(other)


def test_each_revision_of_the_api_is_another_deployment(template_of: Callable[[Variant], dict[str, Any]]) -> None:
    template = template_of(Variant.REGIONAL)
    names = {
        name
        for revision in "AB"
        for name, resource in resolved(template, {"UserPoolId": POOL, "ApiRevision": revision})["Resources"].items()
        if resource["Type"] == "AWS::ApiGateway::Deployment"
    }
    assert len(names) == 2


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"DomainName": "auth.example.com"}, "DomainName needs CertificateArn."),
        ({"CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/a"}, "CertificateArn needs DomainName."),
        ({"HostedZoneId": "Z0123456789ABCDEFGHIJ"}, "HostedZoneId needs DomainName."),
        ({"AllowedOrigins": "*,https://app.example.com"}, "AllowedOrigins: * stands alone, not beside other origins."),
    ],
)
@pytest.mark.proves("plain-template-rules")
def test_wrong_combinations_are_refused(
    template: dict[str, Any], variant: Variant, values: dict[str, str], message: str
) -> None:
    with pytest.raises(WrongParameters, match=re.escape(message)):
        resolved(template, {"UserPoolId": POOL, **values}, pseudo=_pseudo(variant))


def test_any_origin_may_stand_alone(template: dict[str, Any], variant: Variant) -> None:
    resolved(template, {"UserPoolId": POOL, "AllowedOrigins": "*"}, pseudo=_pseudo(variant))


@pytest.mark.proves("plain-template-edge-region")
def test_the_edge_is_deployed_in_its_region_only(template: dict[str, Any], variant: Variant) -> None:
    elsewhere = {**_pseudo(variant), "AWS::Region": "eu-west-1"}
    if variant is Variant.REGIONAL:
        resolved(template, {"UserPoolId": POOL}, pseudo=elsewhere)
        return
    with pytest.raises(WrongParameters, match=r"Deploy this in us-east-1\."):
        resolved(template, {"UserPoolId": POOL}, pseudo=elsewhere)


def _pseudo(variant: Variant) -> dict[str, str]:
    name = STACK_NAMES[variant]
    return {
        "AWS::Region": REGION,
        "AWS::Partition": "aws",
        "AWS::URLSuffix": "amazonaws.com",
        "AWS::StackName": name,
        "AWS::StackId": f"arn:aws:cloudformation:{REGION}:123456789012:stack/{name}/1a2b3c4d-0000-4000-8000-01234567",
    }


def _of_the_app(variant: Variant, values: dict[str, str], folder: Path) -> dict[str, Any]:
    app = App(context={**feature_flags(), **flags_of(variant, values)}, outdir=str(folder))
    deployment_plan.plan(app)
    template: dict[str, Any] = app.synth().get_stack_by_name(STACK_NAMES[variant]).template
    # The bootstrap's version is looked at in a parameter and a rule.
    return {name: section for name, section in template.items() if name not in ("Parameters", "Rules")}


_NAMED_AFTER_CONTENT = re.compile(r"((?:ApiDeployment|FunctionCurrentVersion)[0-9A-F]{8})[0-9a-f]{32}(?:RevisionB)?")
_SUBSCRIPTION = re.compile(r"(AlarmsTopic|Topic)(?:TokenSubscription\d|opsexamplecom)[0-9A-F]{8}")
_DATABASE = re.compile(r"cognitoproxy_1a2b3c4d_queries_|cognitoproxyedge_queries_")


def _comparable(template: dict[str, Any]) -> dict[str, Any]:
    """Resources, outputs and mappings without the plumbing of assets.

    Logical ids that follow content are cut; the content is compared anyway: deployments, versions, and what the CDK
    names after the address that is told of alarms. The database of the saved queries is named
    after the stack's id here, after its name there.
    """
    resources = {}
    for name, resource in template["Resources"].items():
        waits = [each["Ref"] for each in resource.get("Metadata", {}).get(WAITS_FOR, [])]
        rest = {key: value for key, value in resource.items() if key not in ("Metadata", "DependsOn")}
        if resource["Type"] == "AWS::Lambda::Function":
            plumbing = ("Code", "Handler")
            rest["Properties"] = {key: value for key, value in rest["Properties"].items() if key not in plumbing}
        resources[name] = rest | {"DependsOn": sorted({*_listed(resource.get("DependsOn", [])), *waits})}
    used = {name: each for name, each in template.get("Mappings", {}).items() if f'"{name}"' in json.dumps(resources)}
    text = json.dumps([resources, template["Outputs"], used])
    text = _SUBSCRIPTION.sub(r"\1Subscription", text)
    text = _DATABASE.sub("<database>", _NAMED_AFTER_CONTENT.sub(r"\1", text))
    one, outputs, mappings = json.loads(text)
    return {"Resources": one, "Outputs": outputs, "Mappings": mappings}


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


Code = dict[str, tuple[str, dict[str, str]]]
"""By function: its own handler, and its files."""


def _code(template: dict[str, Any]) -> Code:
    found = {}
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Lambda::Function":
            index = resource["Properties"]["Code"]["ZipFile"]
            packed = index.split('_PACKED = """')[1].partition('"""')[0]
            module, handler = re.findall(r"^from (\S+) import (\S+) as handler", index, flags=re.MULTILINE)[0]
            found[name] = f"{module}.{handler}", json.loads(zlib.decompress(base64.b64decode(packed)))
    return found


def _code_of_the_app(variant: Variant, folder: Path) -> Code:
    """As it lies in the assembly."""
    resources = json.loads((folder / f"{STACK_NAMES[variant]}.template.json").read_text())["Resources"]
    found = {}
    for name, resource in resources.items():
        if resource["Type"] == "AWS::Lambda::Function":
            asset = folder / f"asset.{resource['Properties']['Code']['S3Key'].removesuffix('.zip')}"
            files = {path: content.decode() for path, content in code_files(asset).items()}
            found[name] = resource["Properties"]["Handler"], files
    return found
