"""A page before it is text or HTML."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows under headings; all rows have as many cells as there are headings."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""


@dataclass(frozen=True, kw_only=True)
class Points:
    """A list of sentences."""

    sentences: tuple[str, ...]


Block = str | Table | Points
"""A paragraph, a table or a list."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A title and what stands under it."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, kw_only=True)
class Page:
    """All of it."""

    title: str
    sections: tuple[Section, ...]
