"""How long `make fuzz` goes on, and what it says when it finds something."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests import fuzz


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that would be run; each takes a minute by the clock, and the fourth fails."""
    commands: list[list[str]] = []

    def run(command: list[str], **_: Any) -> SimpleNamespace:
        commands.append(command)
        return SimpleNamespace(returncode=int(len(commands) == 4))

    monkeypatch.setattr("subprocess.run", run)
    monkeypatch.setattr(fuzz.time, "monotonic", lambda: 60.0 * len(commands))
    return commands


@pytest.mark.parametrize(("seconds", "expected"), [("0", 1), ("60", 1), ("61", 2), ("180", 3)])
def test_no_round_starts_when_the_time_is_over(rounds: list[list[str]], seconds: str, expected: int) -> None:
    assert fuzz.main({"FUZZ_SECONDS": seconds}) == 0
    assert len(rounds) == expected


def test_each_round_has_a_seed_of_its_own(rounds: list[list[str]]) -> None:
    fuzz.main({"FUZZ_SECONDS": "180"})
    assert len({word for command in rounds for word in command if word.startswith("--hypothesis-seed=")}) == 3
    assert all("--hypothesis-profile=fuzz" in command for command in rounds)


def test_the_first_failure_ends_it_and_is_told_with_the_way_to_keep_it(
    rounds: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert fuzz.main({"FUZZ_SECONDS": "6000"}) == 1
    assert len(rounds) == 4
    said = capsys.readouterr().out
    assert f"    python {' '.join(rounds[-1][1:])}\n" in said
    assert "@example" in said
    assert "tests/vectors/" in said
