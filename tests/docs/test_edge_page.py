"""docs/edge.md: what the edge does not have is what the flags' rules refuse there."""

from __future__ import annotations

import re

import pytest

from stacks.flags import AppFlags, FlagError
from stacks.flags.table import FLAGS
from tests.docs.markdown import ROOT

PAGE = (ROOT / "docs" / "edge.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("\n## What the edge does not have")[2].partition("\n## ")[0]
AT_THE_EDGE = dict(re.findall(r"^\| \[`(\w+)`\]\S+ \| (yes|no)\b", SECTION, re.MULTILINE))
VALUES = ("true", "5", "+1", "turnstile", "examples/email_rules:email_rules")
"""Each flag takes one of these, or no rule about the variant is in question."""


def refusals(name: str) -> list[str]:
    """What a deployment at the edge is told of the flag, for each of the values."""
    told = []
    for value in VALUES:
        try:
            AppFlags.from_mapping({"variant": "edge", name: value})
        except FlagError as error:
            told.append(str(error))
    return told


@pytest.mark.proves("edge-lacks")
def test_what_it_does_not_have_is_refused() -> None:
    refused = {name for name in FLAGS if any("needs variant=regional" in told for told in refusals(name))}
    assert refused == {name for name, has in AT_THE_EDGE.items() if has == "no"}


@pytest.mark.parametrize("name", sorted(name for name, has in AT_THE_EDGE.items() if has == "yes"))
def test_what_it_has_is_taken(name: str) -> None:
    assert len(refusals(name)) < len(VALUES)
