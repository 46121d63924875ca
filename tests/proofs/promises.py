"""The promises that the documents make."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MARK = re.compile(r"<!-- promise: ([a-z0-9]+(?:-[a-z0-9]+)*) -->")
"""Stands before the sentence."""

_HEADING = re.compile(r"(#{1,6}) +(.+)")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_SENTENCE_END = re.compile(r"[.!?:](?=\s|$|[*_)]+(?:\s|$))")
_BLOCK_END = re.compile(r"\n[ \t]*\n|\n[ \t]*(?:[-*|#]|\d+\.) |\n?\Z")
_LINK = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\[[^\]]*\])")


class PromiseError(ValueError):
    """A document whose marks cannot be read; names the file and the mark."""


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One sentence that somebody may rely on."""

    name: str
    says: str
    """The sentence, without links and emphasis."""
    file: str
    """The document, relative to the project."""
    section: str
    """The heading above it; empty above the first one."""


def promises(root: Path) -> list[Promise]:
    """Those of README.md and docs/, in the order of the files' names and of the text.

    Raises:
        PromiseError: a mark has no sentence behind it, or two marks have one name.
    """
    found: dict[str, Promise] = {}
    for file in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]:
        for promise in _in(file.relative_to(root).as_posix(), file.read_text(encoding="utf-8")):
            if promise.name in found:
                raise PromiseError(f"{promise.file}: {promise.name} is promised in {found[promise.name].file}, too")
            found[promise.name] = promise
    return list(found.values())


def _in(file: str, text: str) -> Iterator[Promise]:
    for mark in MARK.finditer(text):
        before = text[: mark.start()]
        says = _sentence(text[mark.end() :])
        if not says:
            raise PromiseError(f"{file}: no sentence behind the mark of {mark[1]}")
        yield Promise(name=mark[1], says=says, file=file, section=_section(before))


def _sentence(text: str) -> str:
    """From the mark to the end of the sentence, and no further than its paragraph, its list item or its table cell."""
    block = text.lstrip()
    block = block[: _BLOCK_END.search(block).start()]  # type: ignore[union-attr]  # \Z is always found
    block = block.partition(" |")[0]
    end = _SENTENCE_END.search(block)
    sentence = block[: end.end()] if end else block
    return " ".join(MARK.sub("", _LINK.sub(r"\1", sentence)).replace("**", "").split())


def _section(before: str) -> str:
    heading, fenced = "", False
    for line in before.splitlines():
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced and (match := _HEADING.fullmatch(line)):
            heading = match[2]
    return heading
