"""Fn::GetStackOutput, resolved. Pure: the emulator knows it, but looks for the other stack in its own Region only."""

from collections.abc import Callable
from typing import Any

from local.deployment.adapt import Change, Template

LookUp = Callable[[str, str], str]
"""Gives an output's value by the names of stack and output."""

_WHAT = "outputs of other stacks put in (the emulator does not find those of another Region)"


def with_stack_outputs(template: Template, look_up: LookUp) -> tuple[Template, list[Change]]:
    """The template with the values of other stacks' outputs, and what was changed. The one passed in stays as it is."""
    resolved: Template = dict(template)
    changes: list[Change] = []
    for section in ("Resources", "Outputs"):
        if section not in template:
            continue
        resolved[section] = {}
        for name, item in template[section].items():
            resolved[section][name] = _resolved(item, look_up)
            if resolved[section][name] != item:
                changes.append(Change(logical_id=name, what=_WHAT))
    return resolved, changes


def _resolved(value: Any, look_up: LookUp) -> Any:
    match value:
        case {"Fn::GetStackOutput": {"StackName": str(stack), "OutputName": str(output)}}:
            return look_up(stack, output)
        case dict():
            return {key: _resolved(item, look_up) for key, item in value.items()}
        case list():
            return [_resolved(item, look_up) for item in value]
    return value
