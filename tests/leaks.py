"""Finds sentinels in what was written: as they are, and in every form in which a program writes a text down.

A piece of one is enough: the first or the last 20 characters of a form, or all of a shorter one. So a token that was
cut off is found, too.
"""

import base64
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

PIECE = 20
_PROBE = 12
"""Shorter pieces are looked for one by one, and as whole words: six digits stand in many a number."""


@dataclass(frozen=True, kw_only=True, order=True)
class Leak:
    """Something that stands where it must not."""

    where: str
    what: str
    form: str


def forms_of(value: str) -> Iterator[tuple[str, str]]:
    """Name and text of each form; several names may have the same text.

    In base64 a text looks different by where it begins: at the first, the second or the third byte of a group.
    """
    data = value.encode()
    yield "plain", value
    yield "URL-encoded", quote(value, safe="")
    yield "URL-encoded, lower case", re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), quote(value, safe=""))
    yield "URL-encoded path", quote(value)
    yield "URL-encoded form", quote_plus(value)
    yield "URL-encoded JSON", quote(json.dumps(value)[1:-1], safe="")
    yield "URL-encoded JSON path", quote(json.dumps(value)[1:-1])
    yield "JSON", json.dumps(value)[1:-1]
    yield "JSON with escaped slashes", json.dumps(value)[1:-1].replace("/", r"\/")
    yield "JSON in JSON", json.dumps(json.dumps(value)[1:-1])[1:-1]
    yield "hex", data.hex()
    yield "HEX", data.hex().upper()
    for shift in range(3):
        # Characters that hold bits of what stands before or behind are left out.
        before, behind = (shift * 8 + 5) // 6, 1 if (shift + len(data)) % 3 else 0
        for name, encode in (("base64", base64.b64encode), ("base64url", base64.urlsafe_b64encode)):
            text = encode(bytes(shift) + data).decode().rstrip("=")
            yield f"{name}, byte {shift}", text[before : len(text) - behind]


class Search:
    """Looks for values, by what they are. What is shorter than six characters is found by chance: ValueError."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._pieces: dict[bytes, set[tuple[bytes, str, str]]] = defaultdict(set)
        self._words: list[tuple[re.Pattern[bytes], str, str]] = []
        for what, value in values.items():
            if len(value) < 6:
                raise ValueError(f"{what} is too short to be looked for")
            for form, text in forms_of(value):
                for piece in {text[:PIECE].encode(), text[-PIECE:].encode()}:
                    self._add(piece, what, form)

    def _add(self, piece: bytes, what: str, form: str) -> None:
        if len(piece) < _PROBE:
            word = re.compile(rb"(?<![\w.])" + re.escape(piece) + rb"(?![\w.])")
            self._words.append((word, what, form))
        else:
            self._pieces[piece[:_PROBE]].add((piece, what, form))

    def leaks(self, where: str, written: bytes) -> set[Leak]:
        """Which of the values stand in something that was written."""
        found = {(what, form) for word, what, form in self._words if word.search(written)}
        pieces = self._pieces
        for at in range(len(written) - _PROBE + 1):
            probe = written[at : at + _PROBE]
            if probe in pieces:
                found |= {(what, form) for piece, what, form in pieces[probe] if written.startswith(piece, at)}
        return {Leak(where=where, what=what, form=form) for what, form in found}
