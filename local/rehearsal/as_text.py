"""A page for a terminal."""

from collections.abc import Iterator
from textwrap import wrap

from local.rehearsal.document import Block, Page, Points, Table

WIDTH = 115
_WIDEST_CELL = 40


def text_of(page: Page) -> str:
    """Lines no wider than `WIDTH`, but where a word is longer, or a table has more than three wide columns."""
    return "\n".join(_lines(page)) + "\n"


def _lines(page: Page) -> Iterator[str]:
    yield page.title
    yield "=" * len(page.title)
    for section in page.sections:
        yield ""
        yield section.title
        yield "-" * len(section.title)
        for block in section.blocks:
            yield from _block(block)


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Table):
        yield from _table(block)
    elif isinstance(block, Points):
        for sentence in block.sentences:
            yield from wrap(sentence, WIDTH, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False)
    else:
        yield from wrap(block, WIDTH, break_on_hyphens=False)


def _table(table: Table) -> Iterator[str]:
    if table.caption:
        yield ""
        yield table.caption
    cells = [table.headings, *table.rows]
    widths = [min(_WIDEST_CELL, max(len(row[place]) for row in cells)) for place in range(len(table.headings))]
    for row in cells:
        folded = [wrap(cell, width, break_on_hyphens=False) or [""] for cell, width in zip(row, widths, strict=True)]
        for line in range(max(map(len, folded))):
            parts = (
                (cell[line] if line < len(cell) else "").ljust(width)
                for cell, width in zip(folded, widths, strict=True)
            )
            yield ("  " + "  ".join(parts)).rstrip()
