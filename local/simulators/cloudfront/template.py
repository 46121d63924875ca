"""Small readers for a CloudFormation template that fail loudly at anything unexpected."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from local.simulators.cloudfront.errors import EdgeSimulatorError, NotSimulatedError

Properties = Mapping[str, Any]


def resources_of(template: Mapping[str, Any], kind: str) -> dict[str, Properties]:
    """The resources of a type, by logical id."""
    return {name: item for name, item in template.get("Resources", {}).items() if item.get("Type") == kind}


def understood(properties: Properties, known: Iterable[str], *, where: str) -> None:
    """Raises NotSimulatedError when there is a property that nobody here knows the meaning of."""
    unknown = sorted(set(properties) - set(known))
    if unknown:
        raise NotSimulatedError(f"{where}: {', '.join(unknown)} is not simulated")


def required(properties: Properties, name: str, *, where: str) -> Any:
    """The property, or EdgeSimulatorError when it is missing."""
    if name not in properties:
        raise EdgeSimulatorError(f"{where}: {name} is missing")
    return properties[name]


def one_of(value: Any, allowed: Collection[Any], *, where: str) -> Any:
    """The value, or NotSimulatedError when it is not one of those that are understood."""
    if value not in allowed:
        raise NotSimulatedError(f"{where}: {value!r} is not simulated; known: {', '.join(map(str, allowed))}")
    return value


def truth(value: Any) -> bool:
    """A Boolean of a template, which may be written as a string."""
    return value is True or str(value).lower() == "true"


def referenced(value: Any) -> str | None:
    """The logical id that a `Ref` or `Fn::GetAtt` names, or None for anything else."""
    match value:
        case {"Ref": str(name)}:
            return name
        case {"Fn::GetAtt": [str(name), *_]}:
            return name
        case {"Fn::GetAtt": str(path)}:
            return path.partition(".")[0]
    return None
