"""Values that the app reads as plain text, and what takes their place in the template.

Most parameters go through the app as references. It looks at the items of some lists, though (is this address v4? is
there one origin?), and a reference has none. So such a list goes through as a value that stands for it, and is found
again in the template. A stand-in that is left anywhere is an error.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from stacks.plain.switches import ref

ORIGINS = ("https://first.stand-in.invalid", "https://second.stand-in.invalid")
ADDRESSES: Mapping[str, str] = {
    "AllowIpv4": "198.51.100.201/32",
    "AllowIpv6": "2001:db8:57a:d1::a/128",
    "DenyIpv4": "198.51.100.202/32",
    "DenyIpv6": "2001:db8:57a:d1::d/128",
}
ROTATION_DAYS = 997

_ORIGIN_LISTS = tuple(json.dumps(ORIGINS[:count], separators=(",", ":")) for count in (2, 1))
_LISTS: tuple[tuple[list[str], dict[str, Any]], ...] = (
    *(([address], ref(name)) for name, address in ADDRESSES.items()),
    *((list(ORIGINS[:count]), ref("AllowedOrigins")) for count in (2, 1)),
)


class StandInLeft(Exception):
    """A value that stands for a parameter is used in a way that nobody foresaw."""


def with_references(template: dict[str, Any], *, stack_name: str) -> dict[str, Any]:
    """The template with references in the place of the stand-ins, and of the stack's name in what is named after it.

    Raises:
        StandInLeft: one is used in another way.
    """
    done: dict[str, Any] = {
        name: _placed(section, stack_name) if name in ("Resources", "Outputs") else section
        for name, section in template.items()
    }
    text = json.dumps(done)
    left = [value for value in (*ORIGINS, *ADDRESSES.values()) if value in text]
    if left:
        place = text.index(left[0])
        raise StandInLeft(f"{left[0]} is left at …{text[max(0, place - 100) : place + 100]}…")
    return done


def _placed(value: Any, stack_name: str) -> Any:  # noqa: PLR0911 - a case each
    match value:
        case {"Ref": str()} | {"Fn::GetAtt": _}:
            return value
        case {"AutomaticallyAfterDays": days, **rest} if days == ROTATION_DAYS:
            return {**_placed(rest, stack_name), "AutomaticallyAfterDays": ref("RotationDays")}
        case {"Fn::Join": ["", [*parts]]}:
            return text_of([each for part in parts for each in parts_of(_placed(part, stack_name))])
        case dict():
            return {key: item if key == "DependsOn" else _placed(item, stack_name) for key, item in value.items()}
        case str():
            return text_of(_split(value, stack_name))
        case list():
            return next((reference for items, reference in _LISTS if value == items), None) or [
                _placed(item, stack_name) for item in value
            ]
    return value


def _split(text: str, stack_name: str) -> list[Any]:
    """The parts of a text, references among them."""
    # The database of the saved queries has to be in lower case, which no function of CloudFormation makes.
    places: dict[str, list[Any]] = {
        **{text: ['["', {"Fn::Join": ['","', ref("AllowedOrigins")]}, '"]'] for text in _ORIGIN_LISTS},
        ORIGINS[0]: [{"Fn::Select": [0, ref("AllowedOrigins")]}],
        stack_name: [ref("AWS::StackName")],
        stack_name.lower(): ["cognitoproxy_", _SHORT_ID],
    }
    pattern = "|".join(map(re.escape, places))
    parts: list[Any] = []
    last = 0
    for found in re.finditer(pattern, text):
        parts += [text[last : found.start()], *places[found[0]]]
        last = found.end()
    return [*parts, text[last:]]


# The first eight digits of the stack's id: arn:…:stack/NAME/12345678-….
_SHORT_ID = {"Fn::Select": [0, {"Fn::Split": ["-", {"Fn::Select": [2, {"Fn::Split": ["/", ref("AWS::StackId")]}]}]}]}


def parts_of(text: Any) -> list[Any]:
    """A text as the list of its parts."""
    match text:
        case {"Fn::Join": ["", [*parts]]}:
            return [each for part in parts for each in parts_of(part)]
    return [text]


def text_of(parts: list[Any]) -> Any:
    """Parts as one text: neighbours that are plain are one, and empty ones are none."""
    merged: list[Any] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    if not merged:
        return ""
    return merged[0] if len(merged) == 1 else {"Fn::Join": ["", merged]}
