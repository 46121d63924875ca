"""Every real client tells one user's whole story through the deployment."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from local import Call
from tests.e2e.deployment import ADMIN_OPERATIONS, Deployment
from tests.e2e.setups import EDGE, EDGE_WITH_BOTH, IN_PLACE, REGIONAL, REGIONAL_WITH_BOTH, SEALED, Setup
from tests.e2e.story import CLIENTS, Person, Report, Step, steps_of
from tests.e2e.telling import tell

TELLINGS = [
    *((setup, client) for setup in (REGIONAL, EDGE, EDGE_WITH_BOTH, IN_PLACE, SEALED) for client in CLIENTS),
    # What API Gateway's function makes of a signed call's answer it makes of every answer: the two that read it most
    # differently will do. What a flag tells Cognito is seen in test_client_context.py.
    *((REGIONAL_WITH_BOTH, client) for client in ("boto3", "amplify")),
]


@dataclass(frozen=True, kw_only=True)
class ToldStory:
    """What one client reported, and what reached Cognito meanwhile."""

    reports: Mapping[str, Report]
    calls: tuple[Call, ...]

    @property
    def operations(self) -> tuple[str, ...]:
        """Names of the operations that reached Cognito."""
        return tuple(call.operation for call in self.calls)


@dataclass(frozen=True, kw_only=True)
class Stories:
    """What was told so far: each client's story on a setup once, however many tests look at it."""

    told: dict[tuple[Setup, str], ToldStory] = field(default_factory=dict)

    def of(self, client: str, deployment: Deployment) -> ToldStory:
        key = (deployment.setup, client)
        if key not in self.told:
            with deployment.forwarded_calls() as forwarded:
                reports = tell(client, deployment, Person())
                by_step = {report["step"]: report for report in reports}
                self.told[key] = ToldStory(reports=by_step, calls=forwarded())
        return self.told[key]


@pytest.fixture(scope="session")
def stories() -> Stories:
    return Stories()


@pytest.fixture(scope="session")
def client(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def told(stories: Stories, client: str, deployment: Deployment) -> ToldStory:
    return stories.of(client, deployment)


every_telling = pytest.mark.parametrize(
    ("deployment", "client"),
    TELLINGS,
    indirect=True,
    ids=[f"{setup}-{client}" for setup, client in TELLINGS],
    scope="session",
)


@pytest.mark.proves("sdks-unchanged", "sealed-clients-unchanged", oracle="SDKs")
@every_telling
def test_client_takes_every_step(told: ToldStory, client: str, deployment: Deployment) -> None:
    assert list(told.reports) == [step.name for step in steps_of(client)]
    assert {step.name: wrong for step in steps_of(client) if (wrong := _wrong(step, told, deployment))} == {}


def _wrong(step: Step, told: ToldStory, deployment: Deployment) -> str:
    """What is not as the step must be; empty when all is."""
    report = told.reports[step.name]
    if step.error:
        as_it_must = (report["ok"], report.get("error_name")) == (False, step.error)
        return "" if as_it_must else f"{report}, and not {step.error}"
    facts = {**step.facts, "access_token_client_id": deployment.client_id}
    of_interest = facts.keys() & report.keys() | step.facts.keys()
    as_it_must = report["ok"] and all(report.get(name) == facts[name] for name in of_interest)
    return "" if as_it_must else f"{report}, and not {facts}"


@every_telling
def test_srp_sign_in_is_a_challenge_and_its_answer(told: ToldStory, deployment: Deployment) -> None:
    challenge, answer = (deployment.as_forwarded(name) for name in ADMIN_OPERATIONS)
    first = told.operations.index(challenge)
    assert told.operations[first : first + 2] == (challenge, answer)


@pytest.mark.proves("sign-in-signed")
@every_telling
def test_sign_in_is_signed_with_threat_protection_and_nothing_else_is(told: ToldStory, deployment: Deployment) -> None:
    signed = {call.operation for call in told.calls if call.signed}
    assert signed == (set(ADMIN_OPERATIONS.values()) if deployment.setup.threat_protection else set())
    assert not [call for call in told.calls if call.operation in ADMIN_OPERATIONS.values() and not call.signed]


@pytest.mark.proves("refresh-rewritten", "old-clients-refresh", oracle="SDKs")
@every_telling
def test_every_refresh_reaches_cognito_as_get_tokens_from_refresh_token(
    told: ToldStory, deployment: Deployment
) -> None:
    endings = 2  # revoke_token and global_sign_out: each signs in once more, and once tries to refresh afterwards
    sign_ins = sum(name.startswith("sign_in") for name in told.reports) + endings
    refreshes = sum(name.startswith("refresh") for name in told.reports) + endings
    assert told.operations.count(deployment.as_forwarded("InitiateAuth")) == sign_ins
    assert told.operations.count("GetTokensFromRefreshToken") == refreshes
