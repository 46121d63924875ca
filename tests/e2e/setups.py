"""What is deployed for the end-to-end tests: each variant, without and with the flags for the true client.

A module names the setups that its tests run on: `pytestmark = on(FULL_SUITE)`. Default: the two plain ones.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

THREAT_PROTECTION = "threat_protection"
PROPAGATE_CLIENT_IP = "propagate_client_ip"


@dataclass(frozen=True, kw_only=True)
class Setup:
    """One way to deploy the proxy."""

    variant: str
    flags: tuple[str, ...] = ()
    """The app's flags that are on. Default: none."""
    in_place: bool = False
    """At the edge, CloudFront sends the signed calls. Default: the function makes them."""

    def __str__(self) -> str:
        """As it stands in the ids of tests."""
        return "+".join([self.variant, *self.flags, *(["in_place"] if self.in_place else [])])

    @property
    def context(self) -> dict[str, str]:
        """The app's flags."""
        return dict.fromkeys(self.flags, "true") | ({"edge_admin_calls": "in_place"} if self.in_place else {})

    @property
    def threat_protection(self) -> bool:
        """Whether sign-in becomes an administrator call."""
        return THREAT_PROTECTION in self.flags

    @property
    def propagate_client_ip(self) -> bool:
        """Whether Cognito is told the address on the public operations."""
        return PROPAGATE_CLIENT_IP in self.flags


_BOTH = (THREAT_PROTECTION, PROPAGATE_CLIENT_IP)

EVERY = (
    Setup(variant="regional"),
    Setup(variant="edge"),
    Setup(variant="regional", flags=_BOTH),
    Setup(variant="edge", flags=_BOTH),
    Setup(variant="regional", flags=(THREAT_PROTECTION,)),
    Setup(variant="edge", flags=(THREAT_PROTECTION,)),
    Setup(variant="regional", flags=(PROPAGATE_CLIENT_IP,)),
    Setup(variant="edge", flags=(PROPAGATE_CLIENT_IP,)),
    Setup(variant="edge", flags=(THREAT_PROTECTION,), in_place=True),
)
"""Every client tells its story on each of these."""

PLAIN = EVERY[:2]
FULL_SUITE = EVERY[:4]
"""Bad input, CORS and what is logged are tried on these, too. Beginnings of one list: pytest orders tests by where a
parameter stands in its list, so that tests of one deployment follow each other."""


def on(setups: Sequence[Setup]) -> pytest.MarkDecorator:
    """The mark that runs tests on these setups."""
    return pytest.mark.parametrize("deployment", setups, ids=str, indirect=True, scope="session")


_IN_TEST_ID = re.compile(r"^tests/e2e/.*[\[-]((?:regional|edge)(?:\+\w+)*)[-\]]")


def setup_in(test_id: str) -> str | None:
    """The setup that an end-to-end test needs, from the test's id; None for one that needs none."""
    found = _IN_TEST_ID.match(test_id)
    return None if found is None else found[1]
