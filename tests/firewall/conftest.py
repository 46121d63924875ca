"""Web ACLs that several tests look at: a synth is slow, so each is made once."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.waf import WebAcl, load_web_acl
from tests.firewall.web_acls_and_callers import ALLOWED, DENIED, ORIGIN, Clock, synthesize


@pytest.fixture(scope="session")
def default_template() -> dict[str, Any]:
    """The least one can write."""
    from cognito_proxy import ProxyWebAcl  # here, so that tests without a synth need no Node.js

    return synthesize(lambda stack: ProxyWebAcl(stack, "WebAcl"))


@pytest.fixture(scope="session")
def small_rates_template() -> dict[str, Any]:
    """One origin, an address on either list, and rates that a test reaches."""
    from cognito_proxy import OperationRates, ProxyWebAcl, RateLimit

    return synthesize(
        lambda stack: ProxyWebAcl(
            stack,
            "WebAcl",
            allow_ips=f"{ALLOWED}, 2001:db8:a::/48",
            deny_ips=[DENIED, "2001:db8:d::/48"],
            rate_limit=RateLimit(limit=100, window_seconds=300),
            operation_rates=OperationRates(
                sign_up=RateLimit(limit=10, window_seconds=60),
                recovery=RateLimit(limit=20, window_seconds=120),
                sign_in=RateLimit(limit=30, window_seconds=600),
            ),
            allowed_origins=[ORIGIN],
        )
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def firewall(small_rates_template: dict[str, Any], clock: Clock) -> WebAcl:
    """The evaluator with `small_rates_template`, nothing counted yet."""
    return load_web_acl(small_rates_template, clock=clock)
