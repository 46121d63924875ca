"""Each table of properties has those of its class, in their order, and numbers that the class holds to."""

import re
from collections.abc import Mapping
from dataclasses import fields
from itertools import takewhile
from typing import Any

import pytest

from cognito_proxy import HumanCheck, MessageLimit, PhoneRules, PropertyError, UserLimits
from proxy.interceptors import _CLASSES
from tests.docs.markdown import ROOT

PAGES: tuple[tuple[str, type[Any], dict[str, Any]], ...] = (
    ("user-limits.md", UserLimits, {}),
    ("phone-rules.md", PhoneRules, {"countries": ["+1"]}),
    ("phone-rules.md", MessageLimit, {"messages": 1}),
    ("human-check.md", HumanCheck, {}),
)


def table(page: str, of: type[Any]) -> dict[str, tuple[str, str]]:
    """Meaning and default of each property."""
    lines = (ROOT / "docs" / page).read_text(encoding="utf-8").partition(f"| property of `{of.__name__}` |")[2]
    rows = [line.strip("| ").split(" | ") for line in takewhile(lambda line: "|" in line, lines.splitlines()[2:])]
    return {name.strip("`"): (meaning, default) for name, meaning, default in rows}


@pytest.mark.parametrize(("page", "of", "_"), PAGES, ids=lambda value: getattr(value, "__name__", None))
def test_has_every_property(page: str, of: type[Any], _: object) -> None:
    assert list(table(page, of)) == [field.name for field in fields(of)]


@pytest.mark.parametrize(("page", "of", "given"), PAGES, ids=lambda value: getattr(value, "__name__", None))
def test_whole_numbers_have_their_bounds_and_defaults(page: str, of: type[Any], given: Mapping[str, Any]) -> None:
    for name, (meaning, default) in table(page, of).items():
        bounds = re.search(r"; (\d+) to ([\d,]+)$", meaning)
        if bounds is None:
            continue
        least, most = int(bounds[1]), int(bounds[2].replace(",", ""))
        assert default in ("must be given", str(getattr(of(**given), name)))
        for good, bad in ((least, least - 1), (most, most + 1)):
            of(**{**given, **({"network_attempts": 100_000} if of is UserLimits else {}), name: good})
            with pytest.raises(PropertyError, match=name):
                of(**{**given, name: bad})


def test_the_order_of_what_stands_around_calls_is_that_in_which_it_runs() -> None:
    page = " ".join((ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split())
    assert f"They run in this order: {', '.join(f'`{name}`' for name in _CLASSES)}." in page
