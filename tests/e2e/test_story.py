"""Every client tells one user's whole story through the deployment; each of its steps is a test of its own."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from local import Call
from tests.e2e.boto3_story import Boto3Story, cognito_client
from tests.e2e.deployment import ADMIN_OPERATIONS, Deployment
from tests.e2e.node_story import tell_node_story
from tests.e2e.setups import EVERY, on
from tests.e2e.story import CLIENTS, Person, Report, Step, steps_of

pytestmark = on(EVERY)


@dataclass(frozen=True, kw_only=True)
class ToldStory:
    """What one client reported, and what reached Cognito meanwhile."""

    reports: Mapping[str, Report]
    calls: tuple[Call, ...]

    @property
    def operations(self) -> tuple[str, ...]:
        """Names of the operations that reached Cognito."""
        return tuple(call.operation for call in self.calls)


@pytest.fixture(scope="module")
def told(request: pytest.FixtureRequest, deployment: Deployment) -> ToldStory:
    client: str = request.param
    with deployment.forwarded_calls() as forwarded:
        reports = _tell(client, deployment)
        return ToldStory(reports={report["step"]: report for report in reports}, calls=forwarded())


def _tell(client: str, deployment: Deployment) -> list[Report]:
    person, steps = Person(), steps_of(client)
    if client != "boto3":
        return tell_node_story(client, deployment=deployment, person=person, steps=steps)
    with cognito_client(deployment.endpoint, deployment.region) as cognito:
        story = Boto3Story(
            client=cognito, user_pool_id=deployment.user_pool_id, client_id=deployment.client_id, person=person
        )
        return list(story.tell(steps))


CLIENT_STEPS = [
    pytest.param(client, step, id=f"{client}-{step.name}") for client in CLIENTS for step in steps_of(client)
]


@pytest.mark.parametrize(("told", "step"), CLIENT_STEPS, indirect=["told"], scope="module")
def test_client_takes_the_step(told: ToldStory, step: Step, deployment: Deployment) -> None:
    report = told.reports[step.name]
    if step.error:
        assert (report["ok"], report.get("error_name")) == (False, step.error)
        return
    assert report["ok"], f"{report.get('error_name')}: {report.get('error_message')}"
    assert {name: report.get(name) for name in step.facts} == dict(step.facts)
    assert report.get("access_token_client_id", deployment.client_id) == deployment.client_id


@pytest.mark.parametrize("told", CLIENTS, indirect=True, scope="module")
def test_srp_sign_in_is_a_challenge_and_its_answer(told: ToldStory, deployment: Deployment) -> None:
    challenge, answer = (deployment.as_forwarded(name) for name in ADMIN_OPERATIONS)
    first = told.operations.index(challenge)
    assert told.operations[first : first + 2] == (challenge, answer)


@pytest.mark.parametrize("told", CLIENTS, indirect=True, scope="module")
def test_sign_in_is_signed_with_threat_protection_and_nothing_else_is(told: ToldStory, deployment: Deployment) -> None:
    signed = {call.operation for call in told.calls if call.signed}
    assert signed == (set(ADMIN_OPERATIONS.values()) if deployment.setup.threat_protection else set())
    assert not [call for call in told.calls if call.operation in ADMIN_OPERATIONS.values() and not call.signed]


@pytest.mark.parametrize("told", CLIENTS, indirect=True, scope="module")
def test_every_refresh_reaches_cognito_as_get_tokens_from_refresh_token(
    told: ToldStory, deployment: Deployment
) -> None:
    endings = 2  # revoke_token and global_sign_out: each signs in once more, and once tries to refresh afterwards
    sign_ins = sum(name.startswith("sign_in") for name in told.reports) + endings
    refreshes = sum(name.startswith("refresh") for name in told.reports) + endings
    assert told.operations.count(deployment.as_forwarded("InitiateAuth")) == sign_ins
    assert told.operations.count("GetTokensFromRefreshToken") == refreshes
