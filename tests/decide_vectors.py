"""The cases in tests/vectors/decide: calls, and what the core makes of each. The core's tests and the end-to-end ones
read them here, so that a case is written once.

A file is one object:

    about           what its cases have in common, for the reader
    client_id       the app client that is configured, with its client_secret
    every_case      members that each case has which does not say otherwise (may be missing)
    cases           the cases

and a case is one, too:

    name            what is special about it
    operation       the operation that the header x-amz-target names; or
    operations      several: a case for each of them; or neither, where the headers or the method are what it is about
    method          default: POST
    headers         values by lower-case name, in place of the ordinary content-type and x-amz-target
    body            the JSON document that is sent; or
    body_parts      what is sent one after the other: a text, `{"text": …, "encoding": …, "times": …}` or `{"hex": …}`
    refused         status and `__type` of the refusal; or
    forwarded       the operation and the document that Cognito gets
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parent / "vectors" / "decide"

NAMES = tuple(sorted(path.stem for path in VECTORS.glob("*.json")))
"""The files' names, without their ending."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One call."""

    name: str
    operation: str | None
    """None: the headers name none, or another one."""
    method: str
    headers: Mapping[str, Sequence[str]]
    """Those that are not the ordinary ones."""
    document: Any
    """What the body is the JSON of; None where it is made of parts."""
    body: bytes
    refused: tuple[int, str] | None
    """Status and `__type`; None: it passes."""
    forwarded: Mapping[str, Any] | None
    """`operation` and `body`; None: it does not pass."""


def read(name: str, replacements: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A file as it is. `replacements` are texts to put in the place of others, such as a deployment's ids."""
    text = (VECTORS / f"{name}.json").read_text("utf-8")
    for old, new in (replacements or {}).items():
        text = text.replace(old, new)
    document: dict[str, Any] = json.loads(text)
    return document


def cases(document: Mapping[str, Any], *, of_every_operation: bool = True) -> Iterator[Case]:
    """The cases of a file. `of_every_operation=False`: one of those that differ in the operation only."""
    for written in document["cases"]:
        operations = _operations(written) or _operations(document.get("every_case", {})) or [None]
        for operation in operations if of_every_operation else operations[:1]:
            yield _case(document.get("every_case", {}) | written, operation, is_one_of_many=len(operations) > 1)


def _operations(case: Mapping[str, Any]) -> list[str | None]:
    return [case["operation"]] if "operation" in case else case.get("operations", [])


def _case(case: Mapping[str, Any], operation: str | None, *, is_one_of_many: bool) -> Case:
    document, parts = case.get("body"), case.get("body_parts")
    assert ("refused" in case) != ("forwarded" in case), case["name"]
    return Case(
        name=f"{case['name']}, {operation}" if is_one_of_many else case["name"],
        operation=operation,
        method=case.get("method", "POST"),
        headers=case.get("headers", {}),
        document=document,
        body=json.dumps(document).encode() if parts is None else b"".join(map(_part, parts)),
        refused=(case["refused"]["status"], case["refused"]["type"]) if "refused" in case else None,
        forwarded=case.get("forwarded"),
    )


def _part(part: str | Mapping[str, Any]) -> bytes:
    if isinstance(part, str):
        return part.encode()
    if "hex" in part:
        return bytes.fromhex(part["hex"])
    text: str = part["text"]
    return text.encode(part.get("encoding", "utf-8")) * int(part.get("times", 1))
