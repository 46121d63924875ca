"""What is deployed for the end-to-end tests: each variant, without and with the flags for the true client.

A module names the setups that its tests run on: `pytestmark = on(EVERY)`. Default: the two plain ones.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

THREAT_PROTECTION = "threat_protection"
PROPAGATE_CLIENT_IP = "propagate_client_ip"
GENERATED = "generated"
SEALED_TOKENS = "sealed_tokens"


@dataclass(frozen=True, kw_only=True)
class Setup:
    """One way to deploy the proxy."""

    variant: str
    flags: tuple[str, ...] = ()
    """The app's flags that are on. Default: none."""
    edge_admin_calls: str | None = None
    """Who makes the signed calls at the edge: the function (`generated`), or CloudFront (`in_place`). Default: - nobody
    says."""
    samples: tuple[str, ...] = ()
    """The samples beside the proxy. Default: none."""
    oauth: bool = False
    """Whether the endpoints of the user pool's domain are served, too. Default: no."""
    human_check: str | None = None
    """Whose tokens guarded calls need. Default: nobody's."""

    def __str__(self) -> str:
        """As it stands in the ids of tests."""
        admin_calls = [self.edge_admin_calls] if self.edge_admin_calls else []
        human_check = [self.human_check] if self.human_check else []
        return "+".join(
            [self.variant, *self.flags, *admin_calls, *self.samples, *human_check, *(["oauth"] if self.oauth else [])]
        )

    @property
    def context(self) -> dict[str, str]:
        """The flags as the app takes them."""
        admin_calls = {} if self.edge_admin_calls is None else {"edge_admin_calls": self.edge_admin_calls}
        samples = {"sample": ",".join(self.samples)} if self.samples else {}
        human_check = {"human_check": self.human_check} if self.human_check else {}
        # Cognito's own pages give tokens that are not sealed.
        sign_in = {"sign_in_domain": "none"} if SEALED_TOKENS in self.flags and "http" in self.samples else {}
        return dict.fromkeys(self.flags, "true") | admin_calls | samples | human_check | sign_in

    @property
    def threat_protection(self) -> bool:
        """Whether sign-in becomes an administrator call."""
        return THREAT_PROTECTION in self.flags

    @property
    def propagate_client_ip(self) -> bool:
        """Whether Cognito is told the address on the public operations."""
        return PROPAGATE_CLIENT_IP in self.flags


_BOTH = (THREAT_PROTECTION, PROPAGATE_CLIENT_IP)

REGIONAL = Setup(variant="regional")
EDGE = Setup(variant="edge")
REGIONAL_WITH_BOTH = Setup(variant="regional", flags=_BOTH)
EDGE_WITH_BOTH = Setup(variant="edge", flags=_BOTH, edge_admin_calls=GENERATED)
IN_PLACE = Setup(variant="edge", flags=(THREAT_PROTECTION,), edge_admin_calls="in_place")

EVERY = (
    REGIONAL,
    EDGE,
    REGIONAL_WITH_BOTH,
    EDGE_WITH_BOTH,
    IN_PLACE,
    Setup(variant="regional", flags=(PROPAGATE_CLIENT_IP,)),
    Setup(variant="edge", flags=(PROPAGATE_CLIENT_IP,)),
)
"""Each is there for something that no other shows: the variants, who makes the signed calls (API Gateway's function,
the edge's, CloudFront) and, for calls that nobody signs, the address. A client that forges its own calls each of them.

The lists below are beginnings of this one, or choices from it in its order: pytest orders tests by where a parameter
stands in its list, so that tests of one deployment follow each other."""

PLAIN = EVERY[:2]
"""For what no flag changes: bad input, what Cognito itself refuses."""

ANSWERS = (REGIONAL, EDGE, EDGE_WITH_BOTH)
"""Each way in which an answer comes back: through API Gateway, from Cognito through CloudFront, from the function at
the edge."""

SIGNED = (REGIONAL_WITH_BOTH, EDGE_WITH_BOTH, IN_PLACE)
"""Each way in which a call is signed."""


WITH_SAMPLES = tuple(Setup(variant=setup.variant, samples=("rest", "http")) for setup in PLAIN)
"""Both variants, with the samples that use the tokens."""

HUMAN_CHECK = Setup(variant="regional", human_check="turnstile")
"""With the stand-in of the provider."""


SEALED = Setup(variant="regional", flags=(SEALED_TOKENS,), samples=("rest", "http"))
"""With sealed access tokens, and with the samples, whose authorizers open them."""

OAUTH = tuple(Setup(variant=setup.variant, oauth=True) for setup in PLAIN)
"""Both variants, with the stand-in of the user pool's domain."""


def on(setups: Sequence[Setup]) -> pytest.MarkDecorator:
    """The mark that runs tests on these setups."""
    return pytest.mark.parametrize("deployment", setups, ids=str, indirect=True, scope="session")


_IN_TEST_ID = re.compile(r"^tests/e2e/.*[\[-]((?:regional|edge)(?:\+\w+)*)[-\]]")


def setup_in(test_id: str) -> str | None:
    """The setup that an end-to-end test needs, from the test's id; None for one that needs none."""
    found = _IN_TEST_ID.match(test_id)
    return None if found is None else found[1]
