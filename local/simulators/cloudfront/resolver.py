"""Intrinsic functions of a synthesized template, resolved with values that the caller knows."""

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any

from local.simulators.cloudfront.errors import EdgeSimulatorError, NotSimulatedError

Resolver = Callable[[str, str | None], Any]
"""Gives the value of a `Ref` (`(logical id, None)`) or of a `Fn::GetAtt` (`(logical id, attribute)`).

Pseudo parameters such as `AWS::Region` come as a `Ref`, too. Raises KeyError for what it does not know.
"""

_SUBSTITUTION = re.compile(r"\$\{(!?)([^}]*)\}")


def mapping_resolver(values: Mapping[str, Any]) -> Resolver:
    """A resolver over a table: `{"AWS::Region": …, "Version": …, "Role.Arn": …}`."""

    def look_up(logical_id: str, attribute: str | None) -> Any:
        return values[logical_id if attribute is None else f"{logical_id}.{attribute}"]

    return look_up


def resolve(value: Any, resolver: Resolver) -> Any:
    """`value` without intrinsic functions.

    Raises EdgeSimulatorError for a reference that the resolver does not know, and for a function that is not simulated.
    """
    if isinstance(value, list):
        return [resolve(item, resolver) for item in value]
    if not isinstance(value, Mapping):
        return value
    if len(value) == 1:
        name, argument = next(iter(value.items()))
        if name in _FUNCTIONS:
            return _FUNCTIONS[name](argument, resolver)
        if name.startswith("Fn::"):
            raise NotSimulatedError(f"the intrinsic function {name} is not simulated; known: {', '.join(_FUNCTIONS)}")
    return {name: resolve(item, resolver) for name, item in value.items()}


def _look_up(resolver: Resolver, logical_id: str, attribute: str | None) -> Any:
    try:
        return resolver(logical_id, attribute)
    except KeyError:
        name = logical_id if attribute is None else f"{logical_id}.{attribute}"
        raise EdgeSimulatorError(f"the template refers to {name}, for which no value was given") from None


def _ref(argument: Any, resolver: Resolver) -> Any:
    return _look_up(resolver, argument, None)


def _get_att(argument: Any, resolver: Resolver) -> Any:
    logical_id, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
    return _look_up(resolver, logical_id, attribute)


def _join(argument: Any, resolver: Resolver) -> str:
    separator, items = argument
    return str(separator).join(str(item) for item in resolve(items, resolver))


def _split(argument: Any, resolver: Resolver) -> list[str]:
    separator, text = argument
    return str(resolve(text, resolver)).split(separator)


def _select(argument: Any, resolver: Resolver) -> Any:
    index, items = argument
    return resolve(items, resolver)[int(index)]


def _base64(argument: Any, resolver: Resolver) -> str:
    return base64.b64encode(str(resolve(argument, resolver)).encode()).decode()


def _sub(argument: Any, resolver: Resolver) -> str:
    text, variables = argument if isinstance(argument, list) else (argument, {})
    values = resolve(variables, resolver)

    def replace(match: re.Match[str]) -> str:
        literal, name = match.groups()
        if literal:
            return f"${{{name}}}"
        if name in values:
            return str(values[name])
        logical_id, _, attribute = name.partition(".")
        return str(_look_up(resolver, logical_id, attribute or None))

    return _SUBSTITUTION.sub(replace, text)


_FUNCTIONS: Mapping[str, Callable[[Any, Resolver], Any]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Join": _join,
    "Fn::Split": _split,
    "Fn::Select": _select,
    "Fn::Base64": _base64,
    "Fn::Sub": _sub,
}
