"""Markdown as far as the tests of the documents read it: lines, headings and links, without what stands in code."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_NOT_OURS = frozenset({"node_modules", "cdk.out"})
_FENCE = re.compile(r"\s*(```|~~~)")
_LIST_ITEM = re.compile(r"\s*([-*+]|\d+\.)\s")
_CODE_SPAN = re.compile(r"(`+)(.+?)\1")
_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*$")
_INLINE_LINK = re.compile(r"\]\(<?([^()\s>]+)>?(?:\s+\"[^\"]*\")?\)")
_FULL_REFERENCE = re.compile(r"\]\[([^\]]+)\]")
_DEFINITION = re.compile(r"\s{0,3}\[([^\]]+)\]:\s*<?(\S+?)>?\s*$")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a document."""

    number: int
    """From 1."""
    text: str
    in_code: bool
    """Within a fenced or an indented block of code, its fences included."""


def documents() -> list[Path]:
    """Every Markdown file of the project, by name; no hidden folder, and nothing that was installed."""
    found: list[Path] = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _NOT_OURS]
        found += [Path(folder, name) for name in files if name.endswith(".md")]
    return sorted(found)


def lines(text: str) -> Iterator[Line]:
    """The lines, and which of them are code."""
    fence = ""
    after_blank, in_list, indented = True, False, False
    for number, line in enumerate(text.splitlines(), 1):
        mark = _FENCE.match(line)
        if fence or mark:
            yield Line(number=number, text=line, in_code=True)
            if mark:
                fence = "" if fence == mark[1] else fence or mark[1]
            continue
        if line.strip():
            # In a list, four spaces may continue an item; code there is eight deep, or fenced.
            in_list = bool(_LIST_ITEM.match(line)) or (in_list and (line[0] == " " or not after_blank))
            deep = line.startswith(" " * (8 if in_list else 4))
            indented = deep and (indented or after_blank)
        yield Line(number=number, text=line, in_code=indented and bool(line.strip()))
        after_blank = not line.strip()


def anchors(text: str) -> set[str]:
    """What GitHub makes of the headings: lower case, no punctuation, hyphens for spaces; a second one ends in -1."""
    seen: Counter[str] = Counter()
    found: set[str] = set()
    for line in lines(text):
        heading = None if line.in_code else _HEADING.fullmatch(line.text)
        if heading:
            shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1])
            slug = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
            found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
            seen[slug] += 1
    return found


def code_spans(text: str) -> Iterator[tuple[int, str]]:
    """What stands in backticks in running text, with its line's number."""
    for line in lines(text):
        if not line.in_code:
            yield from ((line.number, span[2].strip()) for span in _CODE_SPAN.finditer(line.text))


def targets(text: str) -> Iterator[tuple[int, str]]:
    """Where links lead, with the line's number, inline ones and definitions. `?name`: no definition has that name."""
    definitions: dict[str, tuple[int, str]] = {}
    used: list[tuple[int, str]] = []
    for line in lines(text):
        if line.in_code:
            continue
        shown = _CODE_SPAN.sub("``", line.text)
        definition = _DEFINITION.fullmatch(shown)
        if definition:
            definitions[definition[1].lower()] = (line.number, definition[2])
            continue
        yield from ((line.number, link[1]) for link in _INLINE_LINK.finditer(shown))
        used += [(line.number, reference[1].lower()) for reference in _FULL_REFERENCE.finditer(shown)]
    yield from definitions.values()
    yield from ((number, f"?{name}") for number, name in used if name not in definitions)


def is_definition_of_url(text: str) -> bool:
    """Whether a line defines a link to a URL, which cannot be broken."""
    definition = _DEFINITION.fullmatch(text)
    return definition is not None and "://" in definition[2]
