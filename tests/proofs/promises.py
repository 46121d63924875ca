"""The promises that the documents make."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MARK = re.compile(r"<!-- promise: ([a-z0-9]+(?:-[a-z0-9]+)*)(?:, row: ([^\n]+?))? -->")
"""Stands before the sentence, or before a table of which one row, the one with this text, is promised."""

_HEADING = re.compile(r"(#{1,6}) +(.+)")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_SENTENCE_END = re.compile(r"[.!?](?=\s|$|[*_)]+(?:\s|$))")
_BLOCK_END = re.compile(r"\n[ \t]*\n|\n[ \t]*(?:[-*|#]|\d+\.) |\n?\Z")
_BEGINS_A_LINE = re.compile(r"^[ \t]*(?:(?:[-*]|\d+\.)[ \t]+)?<!-- promise: .*$", re.M)
_LINK = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\[[^\]]*\])")


class PromiseError(ValueError):
    """A document whose marks cannot be read; names the file and the mark."""


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One sentence that somebody may rely on."""

    name: str
    says: str
    """The sentence, or the cells of the row, without links and emphasis."""
    file: str
    """The document, relative to the project."""
    section: str
    """The heading above it; empty where that is the document's title, or none."""


def promises(root: Path) -> list[Promise]:
    """Those of README.md and docs/, in the order of the files' names and of the text.

    Raises:
        PromiseError: a mark has no sentence or no such row behind it, would break its paragraph, or two marks have
            one name.
    """
    found: dict[str, Promise] = {}
    for file in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]:
        for promise in _in(file.relative_to(root).as_posix(), file.read_text(encoding="utf-8")):
            if promise.name in found:
                raise PromiseError(f"{promise.file}: {promise.name} is promised in {found[promise.name].file}, too")
            found[promise.name] = promise
    return list(found.values())


def _in(file: str, text: str) -> Iterator[Promise]:
    _refuse_what_breaks_a_paragraph(file, text)
    for mark in MARK.finditer(text):
        before, behind = text[: mark.start()], text[mark.end() :]
        says = _row(behind, mark[2]) if mark[2] else _sentence(behind)
        if not says:
            raise PromiseError(f"{file}: no {'row' if mark[2] else 'sentence'} behind the mark of {mark[1]}")
        yield Promise(name=mark[1], says=says, file=file, section=_section(before))


def _refuse_what_breaks_a_paragraph(file: str, text: str) -> None:
    """A comment that begins a line is a block of HTML: it ends a paragraph, and the line's rest is no Markdown.

    CommonMark 0.31, 4.6 HTML blocks, start condition 2: https://spec.commonmark.org/0.31.2/#html-blocks
    """
    for line in _BEGINS_A_LINE.finditer(text):
        before = text[: line.start()].rpartition("\n")[0].rpartition("\n")[2]
        alone = not MARK.sub("", line[0]).strip(" \t-*.0123456789")
        begins = not before.strip() or before.startswith("#") or MARK.search(before) or line[0].lstrip()[0] != "<"
        if not alone or not begins:
            raise PromiseError(f"{file}: a mark that begins a line must begin a block, alone: {line[0].strip()}")


def _sentence(text: str) -> str:
    """From the mark to the end of the sentence, and no further than its paragraph, its list item or its table cell."""
    block = MARK.sub("", text).lstrip()
    block = block[: _BLOCK_END.search(block).start()]  # type: ignore[union-attr]  # \Z is always found
    block = block.partition(" |")[0]
    end = _SENTENCE_END.search(block)
    return _plain(block[: end.end()] if end else block)


def _row(text: str, words: str) -> str:
    """The cells of the one row of the next table that has these words; empty if there is no such row, or several."""
    lines = [line.strip() for line in text.split("\n\n", 2)[:2] for line in line.splitlines()]
    found = [line for line in lines if line.startswith("|") and words in line]
    return _plain("; ".join(cell.strip() for cell in found[0].strip("|").split("|"))) if len(found) == 1 else ""


def _plain(text: str) -> str:
    return " ".join(_LINK.sub(r"\1", text).replace("**", "").split())


def _section(before: str) -> str:
    heading, fenced = "", False
    for line in before.splitlines():
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced and (match := _HEADING.fullmatch(line)):
            heading = "" if match[1] == "#" else match[2]
    return heading
