"""Somebody who has just signed up."""

from tests.e2e.boto3_story import Boto3Story, cognito_client
from tests.e2e.deployment import Deployment
from tests.e2e.story import Person, steps_of


def sign_up(deployment: Deployment) -> Person:
    """A new user, through the proxy, with a confirmed address and the initial password."""
    person = Person()
    with cognito_client(deployment.endpoint, deployment.region) as cognito:
        story = Boto3Story(
            client=cognito, user_pool_id=deployment.user_pool_id, client_id=deployment.client_id, person=person
        )
        for report in story.tell(tuple(step for step in steps_of("boto3") if step.name in ("sign_up", "confirm"))):
            assert report["ok"], report["step"]
    return person
