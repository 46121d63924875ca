"""Reading CloudFormation properties strictly: skipping what is unknown could change the verdict, so it is an error."""

from collections.abc import Collection, Mapping
from typing import Any

from local.simulators.waf.errors import FirewallError

Properties = Mapping[str, Any]


def understood(properties: Properties, known: Collection[str], *, where: str) -> Properties:
    """The properties, once none of them is unknown."""
    for name in properties:
        if name not in known:
            raise FirewallError(f"{where}: {name} is not modelled; known are {', '.join(sorted(known))}")
    return properties


def only_entry(properties: Properties, *, where: str) -> tuple[str, Any]:
    """Name and value of the one property of a union, such as a statement or an action."""
    if len(properties) != 1:
        raise FirewallError(f"{where}: exactly one entry expected, got {', '.join(properties) or 'none'}")
    return next(iter(properties.items()))


def looked_up(kind: str, table: Mapping[str, Any], *, where: str) -> Any:
    """What the table has under `kind`."""
    if kind not in table:
        raise FirewallError(f"{where}: {kind} is not modelled; known are {', '.join(sorted(table))}")
    return table[kind]
