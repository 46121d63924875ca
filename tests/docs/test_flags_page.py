"""docs/flags.md: bounds of numbers are those that the flags have."""

import re

import pytest

from stacks.flags.table import FLAGS
from tests.docs.markdown import ROOT

PAGE = " ".join((ROOT / "docs" / "flags.md").read_text(encoding="utf-8").replace(",", "").split())
NUMBERS = {
    name: found
    for name, flag in FLAGS.items()
    if (found := re.search(r"whole number of [\w ]+ from (\d+) to (\d+)$", flag.allowed))
    or (found := re.search(r"whole number from (\d+) to (\d+)$", flag.allowed))
}


def test_the_flags_are_found() -> None:
    assert {"message_limit", "reserved_concurrency", "nat_gateways", "throttle_rate", "throttle_burst"} <= set(NUMBERS)


@pytest.mark.parametrize("name", sorted(NUMBERS.keys() - {"rotation_days", "rate_limit"}))
def test_has_the_bounds_of_each_number(name: str) -> None:
    _, *places = re.split(rf"`{name}`", PAGE)
    bounds = re.compile(rf"(?:from )?{NUMBERS[name][1]} to {NUMBERS[name][2]}\b")
    assert any(bounds.search(place[:400]) for place in places)
