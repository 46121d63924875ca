"""What has to change in a synthesized template before the emulator takes it. Pure: a template in, a template out."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from local.simulators.common.cloudformation import SUBSTITUTION, references

Template: TypeAlias = dict[str, Any]

LEFT_OUT: Mapping[str, str] = {
    "AWS::CDK::Metadata": "usage statistics for AWS, nothing that runs",
    "AWS::SQS::QueuePolicy": "it takes calls over TLS only, and the emulator speaks HTTP",
    "AWS::WAFv2::IPSet": "the emulator has no such type",
    "AWS::WAFv2::WebACLAssociation": "the emulator has no such type",
}
"""Types that are always left out, and why."""

DETACHABLE: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "AWS::WAFv2::WebACL": (("Rules", "*"),),
    "AWS::CloudFront::Distribution": (("DistributionConfig", "WebACLId"),),
}
"""Properties (`*`: each item of a list) that may go by themselves when they point at something left out."""

_MATH_ALARM = "AWS::CloudWatch::Alarm"
_STORED = "AWS::SecretsManager::Secret"
_ARN_FOR_REF = "Ref of a secret read as its ARN (the emulator gives its name)"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference between what was synthesized and what the emulator gets."""

    logical_id: str
    """The resource or output, by its logical id in the template."""
    what: str
    """The change and its reason, for the screen."""


def adapt(template: Template, *, unsupported: frozenset[str] = frozenset()) -> tuple[Template, list[Change]]:
    """The template as the emulator needs it, and every change that was made. The one passed in stays as it is.

    `unsupported` names further resource types that the emulator refuses. What refers to a resource that is left out
    goes with it, but for the DETACHABLE properties; a DependsOn on it is dropped. References to a secret become
    references to its ARN, which is what `Ref` of a secret gives in AWS.
    """
    adapted = copy.deepcopy(template)
    changes: list[Change] = []
    _leave_out(adapted, {**dict.fromkeys(unsupported, "the emulator has no such type"), **LEFT_OUT}, changes)
    _point_at_secret_arns(adapted, changes)
    return adapted, changes


def _leave_out(template: Template, reasons: Mapping[str, str], changes: list[Change]) -> None:
    resources = template["Resources"]
    gone = {
        name: f"left out ({resource['Type']}: {reasons[resource['Type']]})"
        for name, resource in resources.items()
        if resource["Type"] in reasons
    } | {
        name: f"left out ({_MATH_ALARM}: the emulator has no metric math)"
        for name, resource in resources.items()
        if resource["Type"] == _MATH_ALARM and "Metrics" in resource.get("Properties", {})
    }
    if not gone:
        return
    for name, resource in resources.items():
        if name not in gone:
            _detach(name, resource, gone, changes)
    while dependents := _dependents(resources, gone):
        gone |= dependents
    for name, what in gone.items():
        del resources[name]
        changes.append(Change(logical_id=name, what=what))
    for name, resource in resources.items():
        _drop_depends_on(name, resource, gone, changes)
    _drop_outputs(template, gone, changes)


def _dependents(resources: Template, gone: Mapping[str, str]) -> dict[str, str]:
    return {
        name: f"left out ({resource['Type']}: it refers to {missing[0]})"
        for name, resource in resources.items()
        if name not in gone and (missing := [r for r in references(resource.get("Properties", {})) if r in gone])
    }


def _detach(name: str, resource: Template, gone: Mapping[str, str], changes: list[Change]) -> None:
    for *parents, last in DETACHABLE.get(resource["Type"], ()):
        holder: Any = resource.get("Properties", {})
        for key in parents:
            holder = holder.get(key, {})
        for key in _keys(holder, last):
            missing = next((target for target in references(holder[key]) if target in gone), None)
            if missing is None:
                continue
            removed = holder.pop(key)
            label = f"{parents[-1]} {removed.get('Name', key)}" if last == "*" else last
            changes.append(Change(logical_id=name, what=f"without {label} (it refers to {missing})"))


def _keys(holder: Any, wanted: str) -> list[Any]:
    """What `wanted` stands for in `holder`; the last item of a list first, so that it can be removed."""
    if wanted == "*":
        return list(range(len(holder)))[::-1]
    return [wanted] if wanted in holder else []


def _drop_depends_on(name: str, resource: Template, gone: Mapping[str, str], changes: list[Change]) -> None:
    wanted = resource.get("DependsOn", [])
    wanted = [wanted] if isinstance(wanted, str) else wanted
    kept = [other for other in wanted if other not in gone]
    if len(kept) == len(wanted):
        return
    resource["DependsOn"] = kept
    changes.append(Change(logical_id=name, what="no longer waits for what was left out"))


def _drop_outputs(template: Template, gone: Mapping[str, str], changes: list[Change]) -> None:
    outputs = template.get("Outputs", {})
    for name in [name for name, output in outputs.items() if any(r in gone for r in references(output))]:
        del outputs[name]
        changes.append(Change(logical_id=name, what="output left out (it refers to what was left out)"))


def _point_at_secret_arns(template: Template, changes: list[Change]) -> None:
    secrets = {name for name, resource in template["Resources"].items() if resource["Type"] == _STORED}
    for section in ("Resources", "Outputs"):
        for name, item in template.get(section, {}).items():
            pointed = _with_secret_arns(item, secrets)
            if pointed != item:
                template[section][name] = pointed
                changes.append(Change(logical_id=name, what=_ARN_FOR_REF))


def _with_secret_arns(value: Any, secrets: set[str]) -> Any:
    match value:
        case {"Ref": str(target)} if target in secrets:
            return {"Fn::GetAtt": [target, "Id"]}
        case {"Fn::Sub": str(text)}:
            return {"Fn::Sub": _sub_with_secret_arns(text, secrets)}
        case {"Fn::Sub": [str(text), dict(variables)]}:
            text = _sub_with_secret_arns(text, secrets - variables.keys())
            return {"Fn::Sub": [text, _with_secret_arns(variables, secrets)]}
        case dict():
            return {key: _with_secret_arns(item, secrets) for key, item in value.items()}
        case list():
            return [_with_secret_arns(item, secrets) for item in value]
    return value


def _sub_with_secret_arns(text: str, secrets: set[str]) -> str:
    return SUBSTITUTION.sub(lambda m: f"${{{m[1]}.Id}}" if m[1] in secrets else m[0], text)
