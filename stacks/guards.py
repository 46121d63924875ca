"""A user's own code around the calls, as the flag `guards` names it."""

import json
from pathlib import Path
from typing import Any

from aws_cdk import Duration

from cognito_proxy import FailurePolicy, Guards
from stacks.flags import AppFlags, FlagError
from stacks.flags.errors import shown

PROPERTIES = "guards.json"
"""Beside the code: the properties of `Guards` that no flag has, by their names, and `timeout_milliseconds`."""

_LISTS = ("operations", "attributes", "metadata", "sees", "tells")
_TIMEOUT, _POLICY = "timeout_milliseconds", "on_failure"


def guards(flags: AppFlags) -> Guards | None:
    """What the flag asks for; a relative path begins in the working directory.

    Raises:
        FlagError: the file beside the code is no JSON object of such properties.
        PropertyError: a property is not as `Guards` wants it.
    """
    if flags.guards is None:
        return None
    folder, _, module = flags.guards.rpartition(":")
    return Guards(code=folder, module=module, **_properties(Path(folder) / PROPERTIES))


def _properties(file: Path) -> dict[str, Any]:
    try:
        given = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise FlagError(f"guards: {PROPERTIES} cannot be read: {type(error).__name__}") from None
    if not isinstance(given, dict):
        raise FlagError(f"guards: {PROPERTIES} is no JSON object")
    return dict(_property(name, value) for name, value in given.items())


def _property(name: str, value: Any) -> tuple[str, Any]:
    match name, value:
        case (_, [*names]) if name in _LISTS and all(isinstance(each, str) for each in names):
            return name, names
        case ("timeout_milliseconds", int()) if not isinstance(value, bool):
            return "timeout", Duration.millis(value)
        case ("on_failure", "open" | "closed"):
            return name, FailurePolicy(value)
    allowed = f"lists of names in {', '.join(_LISTS)}, a whole number in {_TIMEOUT}, open or closed in {_POLICY}"
    raise FlagError(f"guards: {name}: {shown(value)} in {PROPERTIES} is not allowed; allowed are {allowed}")
