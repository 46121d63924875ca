"""Templates with dashboards and alarms, and what the functions write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from aws_cdk import App

import app as deployment_plan
from tests.app.flag_sets import FLAG_SETS

# The functions are run as their own tests run them.
from tests.proxy.conftest import clean_environment, fake  # noqa: F401
from tests.proxy.test_request_lines import cognito, cold, store, world  # noqa: F401

Template = Mapping[str, Any]

WATCHED = [name for name, flags in FLAG_SETS.items() if flags.get("monitoring") != "false"]


@pytest.fixture(scope="session")
def templates() -> dict[str, Template]:
    """By `<set of flags>/<stack>`, of every set with monitoring."""
    found: dict[str, Template] = {}
    for name in WATCHED:
        app = App(context=dict(FLAG_SETS[name]))
        deployment_plan.plan(app)
        found |= {f"{name}/{stack.stack_name}": stack.template for stack in app.synth().stacks}
    return found
