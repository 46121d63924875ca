"""A page for a browser: one file, no scripts, nothing loaded from elsewhere, every text escaped."""

from collections.abc import Iterator
from html import escape

from local.rehearsal.document import Block, Page, Points, Table

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;margin:1rem 0}th,td{border:1px solid #999;padding:.3rem .6rem;text-align:left;"
    "vertical-align:top}caption{text-align:left;font-weight:bold}"
)


def html_of(page: Page) -> str:
    """A whole document."""
    return "\n".join(_document(page)) + "\n"


def _document(page: Page) -> Iterator[str]:
    yield "<!DOCTYPE html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield f"<title>{escape(page.title)}</title><style>{_STYLE}</style></head><body>"
    yield f"<h1>{escape(page.title)}</h1>"
    for section in page.sections:
        yield f"<h2>{escape(section.title)}</h2>"
        for block in section.blocks:
            yield from _block(block)
    yield "</body></html>"


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Table):
        yield from _table(block)
    elif isinstance(block, Points):
        yield "<ul>"
        yield from (f"<li>{escape(sentence)}</li>" for sentence in block.sentences)
        yield "</ul>"
    else:
        yield f"<p>{escape(block)}</p>"


def _table(table: Table) -> Iterator[str]:
    yield "<table>"
    if table.caption:
        yield f"<caption>{escape(table.caption)}</caption>"
    yield _row("th", table.headings)
    yield from (_row("td", row) for row in table.rows)
    yield "</table>"


def _row(cell: str, texts: tuple[str, ...]) -> str:
    return f"<tr>{''.join(f'<{cell}>{escape(text)}</{cell}>' for text in texts)}</tr>"
