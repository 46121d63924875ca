"""Values of a template, as CloudFormation made them at deployment, as far as that can be told."""

import json
import re
from collections.abc import Callable
from typing import Any

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
"""Stands for what only CloudFormation knows."""

LookUp = Callable[[str, dict[str, Any] | str], str | None]
"""From `Ref` and a logical id, or `GetStackOutput` and its parameters, to a value; None: not known."""

_SUBSTITUTION = re.compile(r"\$\{([^!][^}]*)\}")


def text_of(value: Any, look_up: LookUp) -> str:
    """A text, with `UNKNOWN` for what is not known. Of `Fn::Base64` it is the text before the encoding."""
    match value:
        case str():
            return value
        case {"Ref": what} | {"Fn::GetStackOutput": what}:
            return look_up(next(iter(value)).removeprefix("Fn::"), what) or UNKNOWN
        case {"Fn::Join": [str(between), list(parts)]}:
            return between.join(text_of(part, look_up) for part in parts)
        case {"Fn::Base64": inner}:
            return text_of(inner, look_up)
        case {"Fn::Sub": str(text)}:
            return _SUBSTITUTION.sub(lambda found: look_up("Ref", found[1]) or UNKNOWN, text)
    return UNKNOWN


def references(value: Any, kind: str) -> list[Any]:
    """Everything that intrinsic functions of one kind, such as `Fn::GetStackOutput`, name in a value."""
    if isinstance(value, dict):
        own = [value[kind]] if list(value) == [kind] else []
        return own + [found for item in value.values() for found in references(item, kind)]
    if isinstance(value, list):
        return [found for item in value for found in references(item, kind)]
    return []


def read_template(body: Any) -> dict[str, Any]:
    """GetTemplate's body: boto3 gives JSON as a mapping, and leaves YAML a text, which CDK does not write.

    Raises:
        ValueError: it is no JSON object.
    """
    document = json.loads(body) if isinstance(body, str) else json.loads(json.dumps(body))
    if not isinstance(document, dict):
        raise ValueError("the stack's template is not a JSON object")
    return document
