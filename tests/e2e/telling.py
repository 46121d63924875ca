"""A story, told by whichever client."""

from tests.e2e.boto3_story import Boto3Story, cognito_client
from tests.e2e.deployment import Deployment
from tests.e2e.node_story import tell_node_story
from tests.e2e.story import Person, Report, steps_of


def tell(client: str, deployment: Deployment, person: Person) -> list[Report]:
    """Take all steps that the client can take, as this person. Gives what it reports of each."""
    steps = steps_of(client)
    if client != "boto3":
        return tell_node_story(client, deployment=deployment, person=person, steps=steps)
    with cognito_client(deployment.endpoint, deployment.region) as cognito:
        story = Boto3Story(
            client=cognito, user_pool_id=deployment.user_pool_id, client_id=deployment.client_id, person=person
        )
        return list(story.tell(steps))
