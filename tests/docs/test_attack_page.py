"""What docs/attack.md says of the scenarios is what is played."""

import re

import pytest

from local.attack.cast import LEAKED_EVERY
from local.attack.command import LEAST_SECONDS, MOST_SECONDS
from local.attack.results import USUAL, Setting
from local.attack.run import USUAL_SECONDS
from local.attack.scenarios import SCENARIOS
from tests.docs.markdown import ROOT

PAGE = (ROOT / "docs" / "attack.md").read_text(encoding="utf-8")


def rows(columns: int) -> list[list[str]]:
    """The cells of every row with so many columns."""
    found = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| ")]
    return [cells for cells in found if len(cells) == columns]


def test_names_every_scenario() -> None:
    named = {(title, name.strip("`")) for title, name, _ in rows(3) if name.startswith("`") and name != "`--only`"}
    assert named >= {(scenario.title, scenario.name) for scenario in SCENARIOS}


@pytest.mark.proves("attack-call-bound")
def test_the_results_are_of_every_scenario_with_the_calls_that_it_makes() -> None:
    assert [(row[0], row[1]) for row in rows(8)[1:]] == [
        (scenario.title, str(scenario.calls)) for scenario in SCENARIOS if scenario.settings == USUAL
    ]


def test_the_results_of_message_fraud_are_of_every_setting_with_the_calls_that_it_makes() -> None:
    fraud = SCENARIOS[-1]
    assert [(row[0], row[1]) for row in rows(6)[1:]] == [
        (setting.caption.split(" (")[0], str(fraud.calls)) for setting in fraud.settings
    ]


def test_names_every_setting_as_the_tables_do() -> None:
    bold = re.findall(r"^- \*\*([^*]+)\*\*:", PAGE, re.MULTILINE)
    assert [name.split(" (")[0] for name in (setting.caption for setting in Setting)] == bold


def test_numbers_are_those_of_the_code() -> None:
    assert f"{LEAST_SECONDS} to {MOST_SECONDS}" in PAGE
    assert f"calls as {USUAL_SECONDS}" in PAGE
    assert f"one password in {LEAKED_EVERY} " in PAGE
