"""Every Markdown file: no long lines, and no link, path or anchor that leads nowhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, anchors, code_spans, documents, is_definition_of_url, lines, targets

LONGEST = 100
_FOLDERS = ("benchmarks", "cognito_proxy", "docs", "examples", "lambda", "local", "stacks", "tests")
_PATH = re.compile(rf"(?:{'|'.join(_FOLDERS)})/[\w./-]*")

DOCUMENTS = documents()
every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


@every_document
def test_no_line_is_too_long(document: Path) -> None:
    assert list(long_lines(document.read_text(encoding="utf-8"))) == []


@every_document
def test_no_link_leads_nowhere(document: Path) -> None:
    assert list(dead_links(document, document.read_text(encoding="utf-8"))) == []


@every_document
def test_no_path_is_named_that_is_not_there(document: Path) -> None:
    assert list(missing_paths(document.read_text(encoding="utf-8"))) == []


def test_the_documents_are_found() -> None:
    found = {path.relative_to(ROOT).as_posix() for path in DOCUMENTS}
    assert found >= {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/operations.md"}
    assert not [path for path in found if "node_modules" in path or path.startswith(".")]


LONG = "x" * (LONGEST + 1)


@pytest.mark.parametrize(
    "text",
    [
        LONG,
        f"| a |\n|---|\n| {LONG} |",
        f"- item\n\n    {LONG}",  # continues the item: no code
        f"```\ncode\n```\n{LONG}",
        f"    code\n\n{LONG}",
        f"[name]: docs/{LONG}.md",
        f"see https://example.com/{LONG}",
    ],
)
def test_a_long_line_is_found(text: str) -> None:
    assert [number for number, _ in long_lines(text)] == [len(text.splitlines())]


@pytest.mark.parametrize(
    "text",
    [
        "x" * LONGEST,
        f"```sh\n{LONG}\n```",
        f"text\n\n    code\n\n    {LONG}",
        f"1. step\n\n        {LONG}",
        f"[name]: https://example.com/{LONG}",
    ],
)
def test_code_and_definitions_of_urls_may_be_long(text: str) -> None:
    assert list(long_lines(text)) == []


@pytest.mark.parametrize(
    "link",
    [
        "[a](missing.md)",
        "[a](other.md#missing)",
        "[a](#missing)",
        "[a][b]\n\n[b]: missing.md",
        "[b]: other.md#missing",
        "[a][undefined]",
        "[a](other.md#twice-2)",
        "[a](#not-a-heading)\n\n```\n# not a heading\n```",
    ],
)
def test_a_dead_link_is_found(tmp_path: Path, link: str) -> None:
    assert len(list(dead_links(beside_other(tmp_path), link))) == 1


@pytest.mark.parametrize(
    "link",
    [
        "[a](other.md)",
        "[a](other.md#a-heading-with-code-and-more)",
        "[a](other.md#twice-1)",
        "[a](folder)",
        "## Here, too\n[a](#here-too)",
        "[a][b]\n\n[b]: other.md#twice",
        "[a](https://example.com/missing#missing)",
        "`[a](missing.md)`",
        "    [a](missing.md)",
    ],
)
def test_a_live_link_is_taken_for_one(tmp_path: Path, link: str) -> None:
    assert list(dead_links(beside_other(tmp_path), link)) == []


@pytest.mark.parametrize("span", ["`docs/missing.md`", "text `lambda/proxy/missing.py`.", "`tests/missing/`"])
def test_a_missing_path_is_found(span: str) -> None:
    assert len(list(missing_paths(span))) == 1


@pytest.mark.parametrize(
    "span", ["`lambda/proxy/`", "`tests/docs/test_lines.py`", "`prod.json`", "`a/b`", "    `docs/missing.md`"]
)
def test_other_paths_are_left_alone(span: str) -> None:
    assert list(missing_paths(span)) == []


def long_lines(text: str) -> Iterator[tuple[int, int]]:
    """Number and length of each line that is too long."""
    for line in lines(text):
        if len(line.text) > LONGEST and not line.in_code and not is_definition_of_url(line.text):
            yield line.number, len(line.text)


def dead_links(document: Path, text: str) -> Iterator[str]:
    """Each link within the project that leads nowhere; `document` is where the text stands, or would stand."""
    for number, target in targets(text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = document.parent / name if name else document
        there = not target.startswith("?") and (path.exists() or not name)
        if there and anchor:
            there = anchor in anchors(path.read_text(encoding="utf-8") if name else text)
        if not there:
            yield f"line {number}: {target}"


def missing_paths(text: str) -> Iterator[str]:
    """Each path from the project's root, in backticks, that is not there."""
    for number, span in code_spans(text):
        if _PATH.fullmatch(span) and not (ROOT / span).exists():
            yield f"line {number}: {span}"


def beside_other(folder: Path) -> Path:
    """A document's path, in a folder with another document that has headings."""
    (folder / "folder").mkdir()
    (folder / "other.md").write_text("# Title\n\n## A *heading* with `code`, and more\n\n## Twice\n\n## Twice\n")
    return folder / "document.md"
