"""What a value in a CloudFormation template refers to."""

import re
from collections.abc import Iterator

SUBSTITUTION = re.compile(r"\$\{([^!][^}]*)\}")
"""A reference in the text of an Fn::Sub."""


def references(value: object) -> Iterator[str]:
    """The logical ids that Ref, Fn::GetAtt and Fn::Sub in `value` name."""
    match value:
        case {"Ref": str(target)}:
            yield target
        case {"Fn::GetAtt": [str(target), *_]}:
            yield target
        case {"Fn::GetAtt": str(path)}:
            yield path.partition(".")[0]
        case {"Fn::Sub": sub}:
            yield from _substituted(sub)
        case dict():
            for item in value.values():
                yield from references(item)
        case list():
            for item in value:
                yield from references(item)


def _substituted(sub: object) -> Iterator[str]:
    text, variables = sub if isinstance(sub, list) else (sub, {})
    for name in SUBSTITUTION.findall(text):
        if name not in variables:
            yield name.partition(".")[0]
    yield from references(variables)
