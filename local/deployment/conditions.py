"""What a template with parameters and conditions comes to for given values. Pure: a template in, a template out.

CloudFormation's own rules, as far as this project's templates use them:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html
"""

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

Template: TypeAlias = dict[str, Any]

_NO_VALUE = object()
_SECTIONS = ("Resources", "Outputs")


class WrongParameters(Exception):
    """A value is missing, or a rule of the template refuses the values."""


def resolved(template: Template, values: Mapping[str, str], *, pseudo: Mapping[str, str] | None = None) -> Template:
    """Resources and outputs as they are for these values, without any parameter, condition or rule.

    `values` are parameters that do not have their defaults, as text, lists comma-separated. `pseudo` are pseudo
    parameters by name, such as `AWS::Region` (Default: - none of them is known, and they stay as they are).

    Raises:
        WrongParameters: a value is missing, or a rule's message.
    """
    reader = _Reader(template, _parameters(template, values), pseudo or {})
    reader.check_rules()
    done = {name: value for name, value in template.items() if name not in ("Parameters", "Conditions", "Rules")}
    for section in _SECTIONS:
        items = template.get(section, {})
        there = {name: item for name, item in items.items() if reader.holds(item.get("Condition"))}
        done[section] = {
            name: reader.value({key: part for key, part in item.items() if key != "Condition"})
            for name, item in there.items()
        }
    for resource in done["Resources"].values():
        _drop_absent_dependencies(resource, done["Resources"])
    return done


def with_texts_compared(template: Template, values: Mapping[str, str]) -> Template:
    """The template with those comparisons decided whose texts are made by Fn::Join or Fn::Split.

    CloudFormation makes them in conditions, too; the emulator (MiniStack 1.5.33) compares the function itself.
    """
    if not values:
        return template
    reader = _Reader(template, _parameters(template, values), {})
    return {**template, "Conditions": {name: reader.compared(each) for name, each in template["Conditions"].items()}}


def _parameters(template: Template, values: Mapping[str, str]) -> dict[str, Any]:
    declared = template.get("Parameters", {})
    unknown = values.keys() - declared.keys()
    missing = [name for name, each in declared.items() if name not in values and "Default" not in each]
    if unknown or missing:
        raise WrongParameters(f"unknown parameters: {sorted(unknown)}; missing: {missing}")
    return {name: _typed(each["Type"], values.get(name, each.get("Default"))) for name, each in declared.items()}


def _typed(kind: str, value: Any) -> Any:
    if kind == "CommaDelimitedList":
        return [item.strip() for item in str(value).split(",")]
    return int(value) if kind == "Number" else str(value)


def _drop_absent_dependencies(resource: Template, there: Template) -> None:
    """CloudFormation passes over a dependency on what a condition leaves out."""
    if "DependsOn" in resource:
        wanted = resource["DependsOn"]
        resource["DependsOn"] = [name for name in ([wanted] if isinstance(wanted, str) else wanted) if name in there]


class _Reader:
    """Reads values of one template for given parameters."""

    def __init__(self, template: Template, parameters: Mapping[str, Any], pseudo: Mapping[str, str]) -> None:
        self._conditions = template.get("Conditions", {})
        self._rules = template.get("Rules", {})
        self._known = {**pseudo, **parameters}

    def check_rules(self) -> None:
        for rule in self._rules.values():
            if "RuleCondition" in rule and not self._truth(rule["RuleCondition"]):
                continue
            for assertion in rule["Assertions"]:
                if not self._truth(assertion["Assert"]):
                    raise WrongParameters(assertion["AssertDescription"])

    def holds(self, condition: str | None) -> bool:
        return condition is None or self._truth(self._conditions[condition])

    def value(self, value: Any) -> Any:  # noqa: PLR0911 - a function of CloudFormation each
        match value:
            case {"Ref": "AWS::NoValue"}:
                return _NO_VALUE
            case {"Ref": name} if name in self._known:
                return self._known[name]
            case {"Fn::If": [condition, one, other]}:
                return self.value(one if self.holds(condition) else other)
            case {"Fn::Join": [separator, items]}:
                return _joined(separator, self.value(items))
            case {"Fn::Split": [separator, text]}:
                whole = self.value(text)
                return whole.split(separator) if isinstance(whole, str) else {"Fn::Split": [separator, whole]}
            case {"Fn::Select": [index, items]}:
                every = self.value(items)
                return every[int(index)] if isinstance(every, list) else {"Fn::Select": [index, every]}
            case dict():
                read = {key: self.value(item) for key, item in value.items()}
                return {key: item for key, item in read.items() if item is not _NO_VALUE}
            case list():
                return [item for item in map(self.value, value) if item is not _NO_VALUE]
        return value

    def compared(self, says: Any) -> Any:
        match says:
            case {"Fn::Equals": operands} if any(f'"Fn::{name}"' in json.dumps(operands) for name in ("Join", "Split")):
                return {"Fn::Equals": ["true", "true" if self._truth(says) else "false"]}
        if isinstance(says, dict) and len(says) == 1:
            ((function, given),) = says.items()
            if isinstance(given, list):
                return {function: [self.compared(each) for each in given]}
        return says

    def _truth(self, says: Any) -> bool:  # noqa: PLR0911 - likewise
        ((function, given),) = says.items()
        match function:
            case "Condition":
                return self.holds(given)
            case "Fn::And":
                return all(map(self._truth, given))
            case "Fn::Or":
                return any(map(self._truth, given))
            case "Fn::Not":
                return not self._truth(given[0])
            case "Fn::Equals":
                one, other = map(self.value, given)
                return str(one) == str(other)
            case "Fn::Contains":
                items, item = map(self.value, given)
                return item in items
            case "Fn::EachMemberIn":
                items, allowed = map(self.value, given)
                return set(items) <= set(allowed)
        raise WrongParameters(f"{function} is no condition")


def _joined(separator: str, items: Any) -> Any:
    """One text where all is known; else as few parts as there can be."""
    if not isinstance(items, list):
        return {"Fn::Join": [separator, items]}
    if separator or any(isinstance(item, list) for item in items):
        known = all(isinstance(item, (str, int)) for item in items)
        return separator.join(map(str, items)) if known else {"Fn::Join": [separator, items]}
    parts: list[Any] = []
    for item in (part for each in items for part in _parts(each)):
        if isinstance(item, (str, int)) and parts and isinstance(parts[-1], str):
            parts[-1] += str(item)
        elif item != "":
            parts.append(str(item) if isinstance(item, int) else item)
    if not parts:
        return ""
    return parts[0] if len(parts) == 1 else {"Fn::Join": ["", parts]}


def _parts(item: Any) -> list[Any]:
    match item:
        case {"Fn::Join": ["", [*parts]]}:
            return parts
    return [item]
