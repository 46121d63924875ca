"""How many examples Hypothesis tries, and which: the profiles, registered when tests/conftest.py is imported.

A test says with `@settings(max_examples=…)` how many examples `make test` tries. Elsewhere it is a multiple of that.
"""

import os
from collections.abc import Iterable, Mapping

import pytest
from hypothesis import HealthCheck, settings

FIXED, QUICK, FUZZ = "fixed", "quick", "fuzz"

FUZZ_TIMES = "FUZZ_TIMES"
"""Variable: how many times as many examples `make fuzz` tries. Default: 10."""

_FEWEST = 10


def register() -> None:
    """Register the profiles and load the one that holds when none is named.

    `fixed`: the same examples each time, so that a change is to blame when a property fails, and never chance. `quick`:
    fewer of the same kind. `fuzz`: others each time.
    """
    settings.register_profile(FIXED, derandomize=True, deadline=None, print_blob=True)
    settings.register_profile(QUICK, parent=settings.get_profile(FIXED))
    settings.register_profile(FUZZ, derandomize=False, deadline=None, print_blob=True)
    settings.load_profile(FIXED)


def times(profile: str | None, environment: Mapping[str, str] = os.environ) -> float:
    """How many times as many examples as the test says."""
    if profile == FUZZ:
        return float(environment.get(FUZZ_TIMES, "10"))
    return 0.2 if profile == QUICK else 1


def adapt(items: Iterable[pytest.Item], profile: str | None) -> None:
    """Have the properties among these tests try as many examples as the profile wants, however long it takes.

    A property that fails for being slow would fail for what else the machine does.
    """
    for function in {getattr(item, "obj", None) for item in items}:
        said: settings | None = getattr(function, _SETTINGS, None)
        if said is not None:
            wanted = settings(
                said,
                max_examples=max(_FEWEST, round(said.max_examples * times(profile))),
                suppress_health_check={*said.suppress_health_check, HealthCheck.too_slow},
                deadline=None,
            )
            setattr(function, _SETTINGS, wanted)


# Where Hypothesis keeps a test's settings. It has no public name: tests/test_hypothesis_profiles.py notices a new one.
_SETTINGS = "_hypothesis_internal_use_settings"
