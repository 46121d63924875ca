"""What each path does, for whom its token names."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sample_api.caller import Caller, caller_of
from sample_api.cors import preflight
from sample_api.documents import Documents
from sample_api.messages import Answer, Refused, Request
from sample_api.settings import Settings
from sample_api.strict_json import MAX_BODY_BYTES, NotJson, checked


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a route works with."""

    caller: Caller
    documents: Documents
    name: str
    """The document's, as it stands in the path; nothing elsewhere."""
    body: bytes | None


Route = Callable[[Call], Answer]


def _greet(call: Call) -> Answer:
    greeting = f"Hello, {call.caller.name}" if call.caller.name else "Hello"
    return _json(200, {"message": greeting})


def _list(call: Call) -> Answer:
    return _json(200, {"documents": call.documents.names()})


def _get(call: Call) -> Answer:
    return Answer(status=200, body=call.documents.get(call.name))


def _put(call: Call) -> Answer:
    if call.body is not None and len(call.body) > MAX_BODY_BYTES:
        raise Refused(413, f"A document has at most {MAX_BODY_BYTES} bytes.")
    try:
        text = checked(call.body)
    except NotJson as error:
        raise Refused(400, str(error)) from None
    is_new = call.documents.put(call.name, text)
    return _json(201 if is_new else 200, {"name": call.name})


ROUTES: dict[str, dict[str, Route]] = {
    "/": {"GET": _greet},
    "/documents": {"GET": _list},
    "/documents/{name}": {"GET": _get, "POST": _put},
}
"""By path and method. A preflight is answered on every path."""


def answer(request: Request, settings: Settings, dynamodb: Callable[[], Any]) -> Answer:
    """Do what is asked. `dynamodb` gives boto3's client; it is called for those only who may.

    Raises:
        Refused: it cannot be done.
    """
    if request.method == "OPTIONS":
        return preflight(request, settings)
    caller = caller_of(request.claims, settings)
    path, name = route_of(request.path)
    methods = ROUTES.get(path)
    if methods is None:
        raise Refused(404, "There is nothing at this path.")
    route = methods.get(request.method)
    if route is None:
        raise Refused(405, "This path does not know the method.", allow=", ".join(methods))
    documents = Documents(dynamodb(), settings.table, caller)
    return route(Call(caller=caller, documents=documents, name=name, body=request.body))


def route_of(path: str) -> tuple[str, str]:
    """The key in `ROUTES`, or nothing for a path that is none, and the document's name as it stands there.

    The path is taken as it is and resolved in no way: what API Gateway left encoded is part of the name, and no name.
    """
    first, slash, name = path.partition("/")
    if path in ("", "documents"):
        return f"/{path}", ""
    return ("/documents/{name}", name) if first == "documents" and slash else ("", "")


def error_body(message: str) -> str:
    """The body of an answer that tells why a call was not done."""
    return json.dumps({"error": message})


def _json(status: int, document: object) -> Answer:
    return Answer(status=status, body=json.dumps(document))
