"""Events of a deployed proxy: a real client's calls arrive at the target of a rule on the proxy's own bus."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local import local_run
from proxy.user_events import VERSION
from tests.e2e.boto3_story import cognito_client
from tests.e2e.deployment import ALLOWED_ORIGIN, Deployment
from tests.e2e.setups import Setup
from tests.e2e.signed_in import User, signed_in
from tests.e2e.story import Person
from tests.proxy.json_schema import faults
from tests.proxy.test_user_events import SCHEMA

_WAIT_SECONDS = 15.0


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Deployed with the flag."""
    setup = Setup(variant="regional", flags=("events",))
    context = {"allowed_origins": ALLOWED_ORIGIN, **setup.context}
    with local_run(variant="regional", context=context, work_dir=tmp_path_factory.mktemp("events")) as run:
        yield Deployment(run=run, setup=setup)


Receive = Callable[[int], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def arrived(deployment: Deployment) -> Receive:
    """Gives so many events that a rule has brought to a queue."""
    run, region = deployment.run, deployment.region
    sqs, events = run.client("sqs", region=region), run.client("events", region=region)
    queue = sqs.create_queue(QueueName="consumer")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    bus = _output(deployment, "EventBusName")
    events.put_rule(Name="all", EventBusName=bus, EventPattern=json.dumps({"source": ["cognito-proxy"]}))
    events.put_targets(Rule="all", EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
    return lambda count: _messages(sqs, queue, count)


def _output(deployment: Deployment, name: str) -> str:
    return next(stack.outputs[name] for stack in deployment.run.stacks.values() if name in stack.outputs)


def _messages(sqs: Any, queue: str, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    ends = time.monotonic() + _WAIT_SECONDS
    while len(found) < count and time.monotonic() < ends:
        answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for message in answer.get("Messages", []):
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return found


@pytest.fixture(scope="module")
def ada(deployment: Deployment, arrived: Receive) -> User:
    """She signs up, confirms and signs in, and changes her name."""
    user = signed_in(deployment, "Ada", "Lovelace")
    with cognito_client(deployment.endpoint, deployment.region) as cognito:
        cognito.update_user_attributes(
            AccessToken=user.tokens["AccessToken"], UserAttributes=[{"Name": "family_name", "Value": "King"}]
        )
    return user


@pytest.mark.proves("event-for-each-change", "event-detail", "event-no-values", oracle="SDKs")
def test_what_a_user_does_arrives_at_the_target_of_a_rule(deployment: Deployment, arrived: Receive, ada: User) -> None:
    signed_up, confirmed, changed = arrived(3)
    assert [event["detail-type"] for event in (signed_up, confirmed, changed)] == [
        "User Signed Up",
        "User Confirmed",
        "User Attributes Changed",
    ]
    for event in (signed_up, confirmed, changed):
        assert event["source"] == "cognito-proxy"
        assert list(faults(SCHEMA, event["detail"])) == []
        assert event["detail"]["version"] == VERSION
        assert event["detail"]["client_id"] == deployment.client_id
        assert event["detail"]["user_pool_id"] == deployment.user_pool_id
        text = json.dumps(event)
        assert not [
            value
            for value in (ada.tokens["AccessToken"], ada.tokens["IdToken"], "Ada", "Lovelace", "King", "@")
            if value in text
        ]
    assert signed_up["detail"]["sub"] == changed["detail"]["sub"] == ada.sub
    assert signed_up["detail"]["attributes"] == ["email", "family_name", "given_name"]
    assert changed["detail"]["attributes"] == ["family_name"]
    # What names only a username is joined to the sub by the hash.
    assert "sub" not in confirmed["detail"]
    assert confirmed["detail"]["username_hash"] == signed_up["detail"]["username_hash"]


@pytest.mark.proves("event-queue", "event-costs-no-call", oracle="IAM of the emulator")
def test_what_the_bus_does_not_take_waits_in_the_queue(deployment: Deployment, arrived: Receive, ada: User) -> None:
    iam, role, sqs = (
        deployment.run.client("iam"),
        deployment.proxy_role(),
        deployment.run.client("sqs", region=deployment.region),
    )
    policies = {
        name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    }
    for name, document in policies.items():
        rest = [each for each in document["Statement"] if "events:PutEvents" not in each["Action"]]
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps({**document, "Statement": rest}))
    person = Person()
    try:
        with cognito_client(deployment.endpoint, deployment.region) as cognito:
            answer = cognito.sign_up(
                ClientId=deployment.client_id,
                Username=person.username,
                Password=person.passwords.initial,
                UserAttributes=[{"Name": "email", "Value": person.username.lower()}],
            )
    finally:
        for name, document in policies.items():
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
    (entry,) = _messages(sqs, _output(deployment, "UndeliveredEventsUrl"), 1)
    assert (entry["DetailType"], entry["Source"]) == ("User Signed Up", "cognito-proxy")
    assert json.loads(entry["Detail"])["sub"] == answer["UserSub"]
    # It is as PutEvents takes it.
    events = deployment.run.client("events", region=deployment.region)
    assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0
    assert [event["detail"]["sub"] for event in arrived(1)] == [answer["UserSub"]]
