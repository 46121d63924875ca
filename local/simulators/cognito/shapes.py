"""Checks a JSON document against a botocore input shape, and never repeats a value."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from local.simulators.common.root_client import NO_FILES


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One way in which a document is not what the operation takes."""

    kind: str
    """`missing`, `type` or `unknown`."""
    path: str
    """Where, as member names joined by dots; no values."""
    expected: str = ""
    """For `type`: the JSON type that the shape asks for."""


def cognito_operations() -> Mapping[str, OperationModel]:
    """Every operation that botocore's cognito-idp model knows, by name."""
    session = botocore.session.Session(session_vars=NO_FILES)
    model = session.get_service_model("cognito-idp")
    return {name: model.operation_model(name) for name in model.operation_names}


def problems(shape: Shape, value: Any, path: str = "") -> Iterator[Problem]:
    """What is wrong with `value`, outermost first. JSON null counts as absent."""
    expected, is_right = _TYPES[shape.type_name]
    if not is_right(value):
        yield Problem(kind="type", path=path, expected=expected)
    elif isinstance(shape, StructureShape):
        yield from _structure(shape, value, path)
    elif isinstance(shape, ListShape):
        for index, item in enumerate(value):
            yield from problems(shape.member, item, f"{path}.{index}")
    elif isinstance(shape, MapShape):
        for item in value.values():
            yield from problems(shape.value, item, f"{path}.*")


def _structure(shape: StructureShape, value: Mapping[str, Any], path: str) -> Iterator[Problem]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield Problem(kind="missing", path=_join(path, name))
    for name, item in value.items():
        if name not in shape.members:
            yield Problem(kind="unknown", path=_join(path, name))
        elif item is not None:
            yield from problems(shape.members[name], item, _join(path, name))


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TEXT = ("string", lambda value: isinstance(value, str))
_NUMBER = ("number", _is_number)
_TYPES: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "structure": ("object", lambda value: isinstance(value, dict)),
    "map": ("object", lambda value: isinstance(value, dict)),
    "list": ("array", lambda value: isinstance(value, list)),
    "string": _TEXT,
    "blob": _TEXT,
    "boolean": ("boolean", lambda value: isinstance(value, bool)),
    **dict.fromkeys(("integer", "long", "float", "double", "timestamp"), _NUMBER),
}
