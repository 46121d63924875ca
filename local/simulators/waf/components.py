"""Parts of a request that statements look at, and the transformations that they apply first."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from local.simulators.common.http import HttpRequest
from local.simulators.waf.errors import FirewallError
from local.simulators.waf.properties import Properties, looked_up, only_entry, understood


@dataclass(frozen=True, kw_only=True)
class Inspected:
    """What AWS WAF sees of a component."""

    values: tuple[bytes, ...]
    """The values; several when a header has several lines, none when the component is missing."""

    decided: bool | None = None
    """True or False when the component cannot be inspected, being too large or no JSON, and that decides."""


Component = Callable[[HttpRequest], Inspected]
Transformation = Callable[[bytes], bytes]

TRANSFORMATIONS: Mapping[str, Transformation] = {
    "NONE": lambda value: value,
    "LOWERCASE": bytes.lower,
    # "Decode a value that's been URL encoded" (Developer Guide, "Text transformations").
    "URL_DECODE": unquote_to_bytes,
}

_OVERSIZE: Mapping[str, bool | None] = {"MATCH": True, "NO_MATCH": False, "CONTINUE": None}


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
        case "JsonBody":
            return _json_body(settings, body_limit=body_limit, where=where)
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
        return Inspected(values=(request.body[:body_limit],), decided=verdict if oversize else None)

    return seen


def _json_body(settings: Properties, *, body_limit: int, where: str) -> Component:
    """Values under JSON pointers (API, JsonBody). Modelled only as it can be relied on: both fallbacks decide."""
    known = {"InvalidFallbackBehavior", "MatchPattern", "MatchScope", "OversizeHandling"}
    understood(settings, known, where=where)
    if settings["MatchScope"] != "VALUE":
        raise FirewallError(f"{where}: MatchScope {settings['MatchScope']} is not modelled; known is VALUE")
    kind, pointers = only_entry(settings["MatchPattern"], where=where)
    if kind != "IncludedPaths":
        raise FirewallError(f"{where}: MatchPattern {kind} is not modelled; known is IncludedPaths")
    decisive = {name: verdict for name, verdict in _OVERSIZE.items() if verdict is not None}
    oversize = looked_up(settings.get("OversizeHandling", ""), decisive, where=where)
    invalid = looked_up(settings.get("InvalidFallbackBehavior", ""), decisive, where=where)

    def seen(request: HttpRequest) -> Inspected:
        if len(request.body) > body_limit:
            return Inspected(values=(), decided=oversize)
        try:
            document = json.loads(request.body)
        except (ValueError, RecursionError):
            return Inspected(values=(), decided=invalid)
        found = (value for pointer in pointers for value in _under(document, pointer.split("/")[1:]))
        return Inspected(values=tuple(found))

    return seen


def _under(document: Any, path: list[str]) -> Iterator[bytes]:
    """Every plain value at or below a path."""
    if path:
        match document:
            case dict() if path[0] in document:
                yield from _under(document[path[0]], path[1:])
            case list() if path[0].isdecimal() and int(path[0]) < len(document):
                yield from _under(document[int(path[0])], path[1:])
        return
    match document:
        case dict():
            for value in document.values():
                yield from _under(value, [])
        case list():
            for value in document:
                yield from _under(value, [])
        case str():
            yield document.encode(errors="surrogatepass")
        case _:
            yield json.dumps(document).encode()
