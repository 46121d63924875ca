"""The synthesized web ACL in front of both variants: who is stopped, with which words, and who is not."""

import http.client
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from local import LocalRun, local_run
from local.deployment.deploy import DeployedStack
from local.fronts.enforcement import enforced_firewall
from tests.local.conftest import Tiny
from tests.local.plain_http import AWS_JSON, Answer

ORIGIN = "https://app.example.com"
# Every address of 127.0.0.0/8 is this machine's.
DENIED, ALLOWED, SIGNING_UP, CALLING = "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"
GENERAL_LIMIT = 70
# What no flag changes: the default of OperationRates.
SIGN_UP_LIMIT = 50
FLAGS = {
    "allowed_origins": ORIGIN,
    "deny_ips": DENIED,
    "allow_ips": f"{ALLOWED}/32",
    "rate_limit": str(GENERAL_LIMIT),
}


@dataclass(frozen=True, kw_only=True)
class Guarded:
    """A run behind its own web ACL."""

    run: LocalRun
    said: list[str]

    def call(self, operation: str, *, source: str, times: int = 1) -> list[Answer]:
        """Calls over one connection from one address; the proxy refuses each, since it says nothing."""
        parts = urlsplit(self.run.endpoint)
        headers = {
            "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
            "Content-Type": AWS_JSON,
            "Origin": ORIGIN,
            # What a caller claims about its address does not count.
            "X-Forwarded-For": ALLOWED,
        }
        connection = http.client.HTTPConnection(
            parts.hostname or "", parts.port, timeout=20, source_address=(source, 0)
        )
        try:
            return [self._answer(connection, parts.path, headers) for _ in range(times)]
        finally:
            connection.close()

    @staticmethod
    def _answer(connection: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> Answer:
        connection.request("POST", path, b"{}", headers)
        return Answer(connection.getresponse())


@pytest.fixture(scope="module", params=["regional", "edge"])
def guarded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    said: list[str] = []
    work_dir = tmp_path_factory.mktemp(request.param)
    with local_run(variant=request.param, context=FLAGS, work_dir=work_dir, say=said.append, verbose=True) as run:
        yield Guarded(run=run, said=said)


def assert_blocked(answer: Answer, status: int, error: str) -> None:
    assert (answer.status, answer.document["__type"]) == (status, error)
    assert answer.headers["access-control-allow-origin"] == ORIGIN


def test_a_denied_address_is_forbidden_and_reaches_nothing(guarded: Guarded) -> None:
    guarded.run.journal.clear()
    (answer,) = guarded.call("GetUser", source=DENIED)
    assert_blocked(answer, 403, "ForbiddenException")
    assert guarded.run.journal.calls() == ()
    assert [call.status for call in guarded.run.viewer_journal.calls("GetUser")][-1:] == [403]


def test_an_allowed_address_is_never_limited(guarded: Guarded) -> None:
    answers = guarded.call("SignUp", source=ALLOWED, times=GENERAL_LIMIT + 5)
    assert {answer.status for answer in answers} == {400}


@pytest.mark.proves("enforced-locally")
def test_a_flood_of_sign_ups_is_limited_and_other_operations_are_not(guarded: Guarded) -> None:
    answers = guarded.call("SignUp", source=SIGNING_UP, times=SIGN_UP_LIMIT + 2)
    assert [answer.status for answer in answers] == [400] * SIGN_UP_LIMIT + [429] * 2
    assert_blocked(answers[-1], 429, "TooManyRequestsException")
    (sign_in,) = guarded.call("InitiateAuth", source=SIGNING_UP)
    assert (sign_in.status, sign_in.document["__type"]) == (400, "InvalidParameterException")


def test_the_rate_of_the_flags_limits_whatever_is_called(guarded: Guarded) -> None:
    answers = guarded.call("RevokeToken", source=CALLING, times=GENERAL_LIMIT + 1)
    assert [answer.status for answer in answers] == [400] * GENERAL_LIMIT + [429]
    assert_blocked(answers[-1], 429, "TooManyRequestsException")


def test_the_screen_says_what_decides_and_what_does_not(guarded: Guarded) -> None:
    (decides,) = (line for line in guarded.said if "decides by its rules" in line)
    assert {"AllowList", "DenyList", "RateLimit", "SignUpRateLimit"} <= set(decides.replace(",", "").split())
    (not_evaluated,) = (line for line in guarded.said if line.startswith("firewall: not evaluated"))
    assert not_evaluated.endswith(": IpReputation, AnonymousIp, KnownBadInputs")


def test_the_screen_says_that_nothing_stands_in_front(tiny: Tiny) -> None:
    assert [line for line in tiny.said if line.startswith("firewall")] == [
        "firewall: none, since the template puts no web ACL in front of the proxy"
    ]


def test_the_screen_says_that_the_web_acl_is_made_elsewhere() -> None:
    config = {"WebACLId": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/Shared/a1b2c3d4"}
    distribution = {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": config}}
    stack = DeployedStack(
        name="Proxy",
        region="us-east-1",
        template={"Resources": {"Distribution": distribution}},
        outputs={},
        physical_ids={},
    )
    said: list[str] = []
    assert enforced_firewall([stack], said.append) is None
    assert said == ["firewall: none here, since the web ACL is made elsewhere and its rules are not known"]
