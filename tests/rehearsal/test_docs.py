"""docs/rehearse.md."""

from local.rehearsal.catalogue import DATA
from local.rehearsal.page import CHARGED_BESIDES, page_of
from tests.needs import ROOT
from tests.rehearsal.plans import plan

PAGE = (ROOT / "docs" / "rehearse.md").read_text(encoding="utf-8")


def test_it_names_the_parts_of_the_page() -> None:
    for section in page_of(plan()).sections[:-1]:
        beginning = section.title.removesuffix(" who deploy")
        assert f"| {beginning}" in PAGE


def test_it_names_what_has_no_price_and_where_the_data_are() -> None:
    words = " ".join(PAGE.split())
    assert all(name in words for name in CHARGED_BESIDES.values())
    assert all((DATA / name).is_file() for name in ("prices.toml", "assumptions.toml", "kinds.toml"))


def test_lines_are_not_too_long() -> None:
    assert [line for line in PAGE.splitlines() if len(line) > 100 and not line.startswith("|")] == []
