"""Each simulator says what it stands for, by which document, what it cannot do and who checks it."""

import re
from pathlib import Path

import pytest

from tests.simulators.test_importable_alone import ROOMS, ROOT, SHARED, SIMULATORS

PATH = re.compile(r"`((?:tests|local)/[\w./]*\w/?)`")


def readme(room: str) -> str:
    return (SIMULATORS / room / "README.md").read_text(encoding="utf-8")


def test_the_table_has_every_room() -> None:
    assert sorted(re.findall(r"^\| \[(\w+)\]\(\1/README\.md\) \|", readme("."), re.MULTILINE)) == ROOMS


@pytest.mark.parametrize("room", ROOMS)
def test_says_what_a_reader_asks(room: str) -> None:
    asked = ("**Stands for** ", "**Checked by** ") + (() if room == SHARED else ("**By** ", "**It cannot** "))
    assert [words for words in asked if words not in readme(room)] == []


@pytest.mark.parametrize("room", [*ROOMS, "."])
def test_names_files_that_there_are_and_keeps_its_lines_short(room: str) -> None:
    text = readme(room)
    assert [path for path in PATH.findall(text) if not (ROOT / path).exists()] == []
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    assert [link for link in links if not (SIMULATORS / room / link).exists()] == []
    too_long = [line for line in text.splitlines() if len(line) > 100 and not line.startswith(("|", "["))]
    assert too_long == []


def test_the_pattern_finds_paths() -> None:
    assert PATH.findall("see `tests/a/test_b.py` and `tests/c/`, not `rules/`") == ["tests/a/test_b.py", "tests/c/"]
    assert Path(ROOT / "tests").is_dir()
