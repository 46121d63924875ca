"""Parts of a request that statements look at, and the transformations that they apply first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from local.firewall.errors import FirewallError
from local.firewall.properties import Properties, looked_up, only_entry, understood
from local.messages import HttpRequest


@dataclass(frozen=True, kw_only=True)
class Inspected:
    """What AWS WAF sees of a component."""

    values: tuple[bytes, ...]
    """The values; several when a header has several lines, none when the component is missing."""

    oversize_verdict: bool | None = None
    """True or False when the component is too large to inspect and that decides (oversize handling)."""


Component = Callable[[HttpRequest], Inspected]
Transformation = Callable[[bytes], bytes]

TRANSFORMATIONS: Final[Mapping[str, Transformation]] = {"NONE": lambda value: value, "LOWERCASE": bytes.lower}

_OVERSIZE: Final[Mapping[str, bool | None]] = {"MATCH": True, "NO_MATCH": False, "CONTINUE": None}


def read_component(field: Properties, *, body_limit: int, where: str) -> Component:
    """A `FieldToMatch`. `body_limit` is how many bytes of a body AWS WAF gets to see."""
    kind, settings = only_entry(field, where=where)
    match kind:
        case "Method":
            return lambda request: Inspected(values=(request.method.encode(),))
        case "UriPath":
            return lambda request: Inspected(values=(request.path.encode(),))
        case "QueryString":
            return lambda request: Inspected(values=(request.query.encode(),))
        case "SingleHeader":
            return _single_header(settings, where=where)
        case "Body":
            return _body(settings, body_limit=body_limit, where=where)
    raise FirewallError(f"{where}: field {kind} is not modelled")


def read_transformation(entries: list[Properties], *, where: str) -> Transformation:
    """`TextTransformations`, in the order of their priorities."""
    ordered = sorted(entries, key=lambda entry: int(entry["Priority"]))
    steps = [looked_up(entry["Type"], TRANSFORMATIONS, where=where) for entry in ordered]

    def transform(value: bytes) -> bytes:
        for step in steps:
            value = step(value)
        return value

    return transform


def _single_header(settings: Properties, *, where: str) -> Component:
    name = str(understood(settings, {"Name"}, where=where)["Name"]).lower()

    def values(request: HttpRequest) -> Inspected:
        return Inspected(values=tuple(value.encode() for key, value in request.headers if key.lower() == name))

    return values


def _body(settings: Properties, *, body_limit: int, where: str) -> Component:
    handling = understood(settings, {"OversizeHandling"}, where=where).get("OversizeHandling", "CONTINUE")
    verdict: bool | None = looked_up(handling, _OVERSIZE, where=where)

    def seen(request: HttpRequest) -> Inspected:
        oversize = len(request.body) > body_limit
        return Inspected(values=(request.body[:body_limit],), oversize_verdict=verdict if oversize else None)

    return seen
