"""How many examples a property tries, and which."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hypothesis_profiles import FIXED, FUZZ, FUZZ_TIMES, QUICK, adapt, times


def _property(*, examples: int | None) -> tuple[Callable[[], Any], list[int]]:
    """A property, and the numbers that it was tried with."""
    tried: list[int] = []

    def holds(number: int) -> None:
        tried.append(number)

    made = given(st.integers())(holds)
    return (settings(max_examples=examples)(made) if examples else made), tried


def _item(function: Callable[[], Any]) -> Any:
    return SimpleNamespace(obj=function)


@pytest.mark.parametrize(("profile", "expected"), [(FIXED, 400), (QUICK, 80), (FUZZ, 4000)])
def test_a_property_tries_a_multiple_of_what_it_says(
    profile: str, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(FUZZ_TIMES, raising=False)
    function, tried = _property(examples=400)
    adapt([_item(function)] * 3, profile)
    function()
    assert len(tried) == expected


def test_a_property_that_says_nothing_is_scaled_as_well() -> None:
    function, tried = _property(examples=None)
    adapt([_item(function)], QUICK)
    function()
    assert len(tried) == 20


def test_what_is_no_property_is_left_alone() -> None:
    adapt([SimpleNamespace(), _item(lambda: None)], QUICK)  # type: ignore[list-item]  # as little as an item can have


def test_the_environment_says_how_much_is_fuzzed() -> None:
    assert times(FUZZ, {FUZZ_TIMES: "2.5"}) == 2.5


def test_only_fuzzing_tries_other_examples_each_time() -> None:
    assert {name: settings.get_profile(name).derandomize for name in (FIXED, QUICK, FUZZ)} == {
        FIXED: True,
        QUICK: True,
        FUZZ: False,
    }
    first, second = (_tried_with_fixed_examples() for _ in range(2))
    assert first == second


def _tried_with_fixed_examples() -> list[int]:
    function, tried = _property(examples=None)
    settings(settings.get_profile(FIXED))(function)()
    return tried


def test_no_property_fails_for_being_slow() -> None:
    strict = settings(deadline=1, suppress_health_check=[HealthCheck.function_scoped_fixture])(
        _property(examples=None)[0]
    )
    adapt([_item(strict)], None)
    assert strict._hypothesis_internal_use_settings.deadline is None
    assert set(strict._hypothesis_internal_use_settings.suppress_health_check) == {
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
    }
