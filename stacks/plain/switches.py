"""What decides about resources: each switch turns something on in steps, and each step has a Condition.

A step implies those before it (`SeveralOrigins` implies `HasOrigins`), so a switch's state is a number: how many of its
conditions are true. A combination says the state of every switch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Combination = Mapping[str, int]
"""State by switch; one that is not named is off."""


@dataclass(frozen=True, kw_only=True)
class Switch:
    """One switch, with the condition of each step."""

    name: str
    conditions: Mapping[str, Any]
    """Name of each step's Condition to what it says, the first step first."""
    alone: bool = False
    """Nothing of what it brings depends on other switches, so `merge` tries it with no other. Default: False."""

    @property
    def steps(self) -> tuple[str, ...]:
        """Names of the conditions."""
        return tuple(self.conditions)

    @property
    def states(self) -> range:
        """All states that it can have."""
        return range(len(self.conditions) + 1)


def ref(name: str) -> dict[str, str]:
    """A parameter's value."""
    return {"Ref": name}


def equals(one: Any, other: Any) -> dict[str, Any]:
    """Whether both are the same text."""
    return {"Fn::Equals": [one, other]}


def differs(one: Any, other: Any) -> dict[str, Any]:
    """Whether they are not."""
    return {"Fn::Not": [equals(one, other)]}


def every(*conditions: Any) -> dict[str, Any]:
    """Whether all of them are true."""
    return {"Fn::And": list(conditions)}


def joined(name: str) -> dict[str, Any]:
    """A list parameter as one text; an empty list, which CloudFormation gives as one empty text, is empty here, too."""
    return {"Fn::Join": [",", ref(name)]}


def first_of(name: str) -> dict[str, Any]:
    """The first item of a list parameter; an empty list has one, too, which is empty."""
    return {"Fn::Select": [0, ref(name)]}


def second_of(name: str) -> dict[str, Any]:
    """The second item of a list parameter; empty where there is none. Fn::Select alone fails there."""
    padded = {"Fn::Join": ["", [joined(name), ","]]}
    return {"Fn::Select": [1, {"Fn::Split": [",", padded]}]}
