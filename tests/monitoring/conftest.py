"""Templates with dashboards and alarms, and what the functions write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.app.flag_sets import FLAG_SETS

# The functions are run as their own tests run them.
from tests.proxy.conftest import clean_environment, fake  # noqa: F401
from tests.proxy.test_request_lines import cognito, cold, store, world  # noqa: F401
from tests.syntheses import Syntheses

Template = Mapping[str, Any]

WATCHED = [name for name, flags in FLAG_SETS.items() if flags.get("monitoring") != "false"]


@pytest.fixture(scope="session")
def templates(syntheses: Syntheses) -> dict[str, Template]:
    """By `<set of flags>/<stack>`, of every set with monitoring."""
    return {
        f"{name}/{stack}": template
        for name in WATCHED
        for stack, template in syntheses.templates(FLAG_SETS[name]).items()
    }
