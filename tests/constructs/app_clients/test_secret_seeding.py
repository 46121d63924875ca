"""The seeding function: once the secret has a value for the app client, nothing overwrites it; nothing leaks."""

import json
import logging
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, cast

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk.assertions import Template

from cognito_proxy import AppClient
from rotation.secret_value import SecretValue
from seeding import handler as seeding
from tests.rotation.clock import Clock, Context
from tests.rotation.in_process_transport import REGION, Fault, InProcessTransport, Lost

POOL = "eu-west-1_AbCdEf123"
CLIENT = "4h7example"
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:name-AbCdEf"
SECRET = "dummy-client-secret-of-the-test"
ROTATED = "dummy-client-secret-after-rotation"
LOG_KEY = "dummy-key-of-the-hashes-in-the-log-of-the-test"
TIMEOUT = 120
"""The function's, in seconds."""
PROPERTIES = {"ServiceToken": "arn:aws:lambda:…", "UserPoolId": POOL, "ClientId": CLIENT, "SecretArn": ARN}


def stored(client_id: str = CLIENT, client_secret: str = SECRET, user_pool_id: str = POOL) -> str:
    """A value of the secret, as the proxy reads it."""
    ids = {"user_pool_id": user_pool_id, "client_id": client_id, "client_secret": client_secret}
    return json.dumps({**ids, "log_key": LOG_KEY})


@dataclass
class Answers:
    """CloudFormation's side: an address that takes answers."""

    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    content_types: list[str | None] = field(default_factory=list)
    refusals: int = 0

    @property
    def only(self) -> dict[str, Any]:
        (body,) = self.bodies
        return body


@pytest.fixture
def cloudformation() -> Iterator[Answers]:
    """A server on loopback that takes the answers."""
    answers = Answers()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            refused = answers.refusals > 0
            answers.refusals -= refused
            if not refused:
                answers.bodies.append(json.loads(body))
                answers.content_types.append(self.headers["content-type"])
            self.send_response(503 if refused else 200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Silence."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        answers.url = f"http://127.0.0.1:{server.server_port}/answer?signature=abc"
        yield answers
        server.shutdown()
        thread.join(timeout=5)


Announced = tuple[str, dict[str, Any] | None, dict[str, Any] | Exception]
"""An operation, the document that it must come with (None: whichever), and what becomes of it."""


@dataclass
class Aws:
    """Cognito and Secrets Manager, held against botocore's models; a call that no test announced fails."""

    clock: Clock
    announced: deque[Announced] = field(default_factory=deque)
    unexpected: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    """How long it had been since the call before."""
    tokens: list[str] = field(default_factory=list)
    """Of each PutSecretValue."""
    _last: float | None = None

    def fails(self, operation: str, code: str, *, status: int = 400) -> None:
        self.announced.append((operation, None, Fault(code, f"{code}: {SECRET}", status=status)))

    def loses(self, operation: str) -> None:
        self.announced.append((operation, None, Lost()))

    def has_no_value(self) -> None:
        self.fails("GetSecretValue", "ResourceNotFoundException")

    def has_value(self, value: str) -> None:
        self.announced.append(("GetSecretValue", {"SecretId": ARN}, {"SecretString": value, "CreatedDate": 1.5e9}))

    def describes(self, client_secret: str | None = SECRET, client_id: str = CLIENT) -> None:
        described = {"ClientId": client_id} | ({"ClientSecret": client_secret} if client_secret else {})
        ids = {"UserPoolId": POOL, "ClientId": client_id}
        self.announced.append(("DescribeUserPoolClient", ids, {"UserPoolClient": described}))

    def takes(self, value: str) -> None:
        self.announced.append(("PutSecretValue", {"SecretId": ARN, "SecretString": value}, {}))

    def all_was_asked(self) -> None:
        assert (list(self.announced), self.unexpected) == ([], [])

    def answer(self, operation: str, document: dict[str, Any], signed: bool) -> dict[str, Any]:
        self.waits.append(self.clock.now - (self.clock.now if self._last is None else self._last))
        self._last = self.clock.now
        if operation == "PutSecretValue":
            self.tokens.append(document.pop("ClientRequestToken"))
        awaited, wanted, becomes = self.announced.popleft() if self.announced else ("nothing", None, {})
        if awaited != operation or wanted not in (None, document):
            self.unexpected.append(operation)
        if isinstance(becomes, Exception):
            raise becomes
        return becomes


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    """The two services; waiting takes no time."""
    made = Aws(Clock())
    monkeypatch.setattr("aws_calls.service.AwsJsonClient", lambda *names: InProcessTransport(*names, made.answer))
    monkeypatch.setattr("aws_calls.time_left.time", made.clock)
    monkeypatch.setattr("aws_calls.custom_resource.time", made.clock)
    monkeypatch.setattr("seeding.handler.secrets.token_hex", lambda size: LOG_KEY)
    monkeypatch.setenv("AWS_REGION", REGION)
    return made


def request(answers: Answers, request_type: str = "Create", **more: Any) -> dict[str, Any]:
    """What CloudFormation sends."""
    return {
        "RequestType": request_type,
        "RequestId": "request-1",
        "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/name/id",
        "LogicalResourceId": "WebClientSeeding",
        "ResponseURL": answers.url,
        "ResourceProperties": PROPERTIES,
    } | more


def test_a_new_secret_gets_the_app_clients(aws: Aws, cloudformation: Answers) -> None:
    aws.has_no_value()
    aws.describes()
    aws.takes(stored())
    seeding.handler(request(cloudformation), None)
    assert cloudformation.only["Status"] == "SUCCESS"
    aws.all_was_asked()


@pytest.mark.parametrize("value", [" ", "a generated value", "[]", "null", "{}", stored(client_secret="")])
def test_a_value_that_is_none_of_ours_is_replaced(aws: Aws, cloudformation: Answers, value: str) -> None:
    aws.has_value(value)
    aws.describes()
    aws.takes(stored())
    seeding.handler(request(cloudformation), None)
    assert cloudformation.only["Status"] == "SUCCESS"
    aws.all_was_asked()


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_a_repeated_call_changes_nothing(aws: Aws, cloudformation: Answers, request_type: str) -> None:
    aws.has_value(stored())
    seeding.handler(request(cloudformation, request_type), None)
    assert cloudformation.only["Status"] == "SUCCESS"
    aws.all_was_asked()


def test_an_app_client_that_changed_in_place_keeps_what_rotation_put(aws: Aws, cloudformation: Answers) -> None:
    aws.has_value(stored(client_secret=ROTATED))
    seeding.handler(request(cloudformation, "Update", OldResourceProperties=PROPERTIES), None)
    assert cloudformation.only["Status"] == "SUCCESS"
    aws.all_was_asked()


@pytest.mark.parametrize("changed", [False, True])
def test_a_deployment_after_a_rotation_keeps_the_very_value_that_rotation_stages(
    aws: Aws, cloudformation: Answers, changed: bool
) -> None:
    """Its document has a key more, and Cognito may describe either of the two secrets by then."""
    rotated = SecretValue(user_pool_id=POOL, client_id=CLIENT, client_secret=SECRET).successor(replaces="secret-1")
    aws.has_value(rotated.to_json())
    old = PROPERTIES if not changed else PROPERTIES | {"ServiceTimeout": "60"}
    seeding.handler(request(cloudformation, "Update", OldResourceProperties=old), None)
    assert cloudformation.only["Status"] == "SUCCESS"
    aws.all_was_asked()


@pytest.mark.proves("deployments-never-rotate", "rotated-value-stays")
def test_a_rotation_between_two_deployments_survives_both(aws: Aws, cloudformation: Answers) -> None:
    aws.has_no_value()
    aws.describes()
    aws.takes(stored())
    seeding.handler(request(cloudformation), None)
    first = SecretValue(user_pool_id=POOL, client_id=CLIENT, client_secret=SECRET)
    for value in (first, first.successor(replaces="secret-1"), first.successor(replaces="secret-2")):
        aws.has_value(value.to_json())
        seeding.handler(request(cloudformation, "Update", OldResourceProperties=PROPERTIES), None)
    assert [body["Status"] for body in cloudformation.bodies] == ["SUCCESS"] * 4
    aws.all_was_asked()


def test_an_app_client_that_was_replaced_after_a_rotation_starts_a_history_of_its_own(
    aws: Aws, cloudformation: Answers
) -> None:
    """What the old app client's secret replaced says nothing of the new one's."""
    first = SecretValue(user_pool_id=POOL, client_id="theOldOne", client_secret=SECRET)
    aws.has_value(first.successor(replaces="secret-1").to_json())
    aws.describes()
    aws.takes(stored())
    seeding.handler(request(cloudformation, "Update"), None)
    aws.all_was_asked()
    assert SecretValue.from_json(stored()) == SecretValue(
        user_pool_id=POOL, client_id=CLIENT, client_secret=SECRET, log_key=LOG_KEY
    )


def test_every_new_secret_gets_a_key_for_the_log_of_its_own() -> None:
    put: list[dict[str, Any]] = []

    class Both:
        def call(self, operation: str, document: dict[str, Any]) -> dict[str, Any]:
            if operation == "PutSecretValue":
                put.append(json.loads(document["SecretString"]))
            return {"UserPoolClient": {"ClientSecret": SECRET}}

    for _ in range(2):
        wanted = seeding.AppClientSecret(user_pool_id=POOL, client_id=CLIENT, secret_arn=ARN)
        seeding.seed(wanted, cast("Any", Both()), cast("Any", Both()))
    keys = [document["log_key"] for document in put]
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key in keys)
    assert len(set(keys)) == 2


def test_an_app_client_that_was_replaced_is_copied_anew(aws: Aws, cloudformation: Answers) -> None:
    aws.has_value(stored(client_id="theOldOne", client_secret=ROTATED))
    aws.describes()
    aws.takes(stored())
    old = PROPERTIES | {"ClientId": "theOldOne"}
    seeding.handler(request(cloudformation, "Update", OldResourceProperties=old), None)
    assert cloudformation.only["Status"] == "SUCCESS"
    aws.all_was_asked()


def test_an_app_client_of_another_pool_is_copied_anew(aws: Aws, cloudformation: Answers) -> None:
    aws.has_value(stored(user_pool_id="eu-west-1_Another"))
    aws.describes()
    aws.takes(stored())
    seeding.handler(request(cloudformation, "Update"), None)
    aws.all_was_asked()


def test_a_rollback_to_the_old_app_client_copies_that_one_again(aws: Aws, cloudformation: Answers) -> None:
    aws.has_value(stored())
    aws.describes(ROTATED, "theOldOne")
    aws.takes(stored("theOldOne", ROTATED))
    old = PROPERTIES | {"ClientId": "theOldOne"}
    seeding.handler(request(cloudformation, "Update", ResourceProperties=old), None)
    assert cloudformation.only["Status"] == "SUCCESS"
    aws.all_was_asked()


@pytest.mark.proves("deletion-keeps-value")
def test_deleting_touches_nothing(aws: Aws, cloudformation: Answers) -> None:
    seeding.handler(request(cloudformation, "Delete", PhysicalResourceId="id-1"), None)
    assert (cloudformation.only["Status"], cloudformation.only["PhysicalResourceId"]) == ("SUCCESS", "id-1")


def test_deleting_works_without_properties(aws: Aws, cloudformation: Answers) -> None:
    seeding.handler(request(cloudformation, "Delete", ResourceProperties={}), None)
    assert cloudformation.only["Status"] == "SUCCESS"


def test_the_physical_id_never_changes(aws: Aws, cloudformation: Answers) -> None:
    aws.has_value(stored())
    seeding.handler(request(cloudformation), None)
    physical_id = cloudformation.only["PhysicalResourceId"]
    aws.has_value(stored())
    update = request(cloudformation, "Update", PhysicalResourceId=physical_id, RequestId="request-2")
    seeding.handler(update, None)
    assert [body["PhysicalResourceId"] for body in cloudformation.bodies] == [physical_id, physical_id]
    assert [body["RequestId"] for body in cloudformation.bodies] == ["request-1", "request-2"]


def test_the_answer_follows_the_protocol(aws: Aws, cloudformation: Answers) -> None:
    aws.has_value(stored())
    seeding.handler(request(cloudformation), None)
    assert cloudformation.only == {
        "Status": "SUCCESS",
        "Reason": "Done",
        "PhysicalResourceId": "WebClientSeeding-client-secret",
        "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/name/id",
        "RequestId": "request-1",
        "LogicalResourceId": "WebClientSeeding",
        "NoEcho": True,
    }
    assert cloudformation.content_types == [""]


def test_an_error_of_cognito_is_told_without_its_message(aws: Aws, cloudformation: Answers) -> None:
    aws.has_no_value()
    aws.fails("DescribeUserPoolClient", "ResourceNotFoundException")
    seeding.handler(request(cloudformation), None)
    assert failure(cloudformation) == "DescribeUserPoolClient: ResourceNotFoundException"


def test_an_error_of_the_store_is_told_without_its_message(aws: Aws, cloudformation: Answers) -> None:
    aws.has_no_value()
    aws.describes()
    aws.fails("PutSecretValue", "LimitExceededException")
    seeding.handler(request(cloudformation), None)
    assert failure(cloudformation) == "PutSecretValue: LimitExceededException"


def test_a_secret_that_cannot_be_read_is_not_overwritten(aws: Aws, cloudformation: Answers) -> None:
    aws.fails("GetSecretValue", "DecryptionFailure")
    seeding.handler(request(cloudformation), None)
    assert failure(cloudformation) == "GetSecretValue: DecryptionFailure"
    aws.all_was_asked()


def test_an_app_client_without_a_secret_is_named(aws: Aws, cloudformation: Answers) -> None:
    aws.has_no_value()
    aws.describes(None)
    seeding.handler(request(cloudformation), None)
    assert failure(cloudformation) == f"The app client {CLIENT} has no secret"


def test_a_missing_property_is_named(aws: Aws, cloudformation: Answers) -> None:
    seeding.handler(request(cloudformation, ResourceProperties={"UserPoolId": POOL}), None)
    assert failure(cloudformation) == "The property 'ClientId' is missing"


def test_what_nobody_expected_is_answered_by_its_type_alone(
    aws: Aws, cloudformation: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError(SECRET)

    monkeypatch.setattr("aws_calls.service.AwsJsonClient", broken)
    seeding.handler(request(cloudformation), None)
    assert failure(cloudformation) == "Unexpected ZeroDivisionError"


def test_a_permission_that_is_some_seconds_late_is_waited_for(aws: Aws, cloudformation: Answers) -> None:
    for _ in range(5):
        aws.fails("GetSecretValue", "AccessDeniedException")
    aws.has_value(stored())
    seeding.handler(request(cloudformation), Context(aws.clock, TIMEOUT))
    assert cloudformation.only["Status"] == "SUCCESS"
    assert aws.waits == [0, 1, 2, 4, 8, 16]
    aws.all_was_asked()


def test_a_permission_that_never_comes_is_told(aws: Aws, cloudformation: Answers) -> None:
    for _ in range(6):
        aws.fails("GetSecretValue", "AccessDeniedException")
    seeding.handler(request(cloudformation), Context(aws.clock, TIMEOUT))
    assert failure(cloudformation) == "GetSecretValue: AccessDeniedException"
    aws.all_was_asked()


@pytest.mark.parametrize("fails", ["throttled", "broken", "lost"])
@pytest.mark.parametrize("operation", ["GetSecretValue", "DescribeUserPoolClient", "PutSecretValue"])
def test_a_call_that_fails_in_passing_is_made_again(
    aws: Aws, cloudformation: Answers, operation: str, fails: str
) -> None:
    ways: dict[str, Callable[[], None]] = {
        "throttled": lambda: aws.fails(operation, "ThrottlingException"),
        "broken": lambda: aws.fails(operation, "InternalServiceError", status=500),
        "lost": lambda: aws.loses(operation),
    }
    steps = {
        "GetSecretValue": aws.has_no_value,
        "DescribeUserPoolClient": aws.describes,
        "PutSecretValue": lambda: aws.takes(stored()),
    }
    for name, announce in steps.items():
        if name == operation:
            ways[fails]()
            ways[fails]()
        announce()
    seeding.handler(request(cloudformation), Context(aws.clock, TIMEOUT))
    assert cloudformation.only["Status"] == "SUCCESS"
    # A value that is put again is the same version's.
    assert len(set(aws.tokens)) == 1
    aws.all_was_asked()


def test_cloudformation_is_told_before_the_function_is_stopped(aws: Aws, cloudformation: Answers) -> None:
    began = aws.clock.now
    for _ in range(200):
        aws.fails("GetSecretValue", "ThrottlingException")
    seeding.handler(request(cloudformation), Context(aws.clock, TIMEOUT))
    assert failure(cloudformation) == "GetSecretValue: ThrottlingException"
    # Three tries of five seconds, and three seconds between them, are left.
    assert 60 < aws.clock.now - began <= TIMEOUT - 18


def test_function_and_custom_resource_have_the_time() -> None:
    stack = Stack(App(), "Stack")
    AppClient(stack, "WebClient", user_pool=cognito.UserPool(stack, "Pool"))
    template = Template.from_stack(stack)
    template.has_resource_properties(
        "AWS::Lambda::Function", {"Handler": "seeding.handler.handler", "Timeout": TIMEOUT}
    )
    (resource,) = template.find_resources("Custom::CognitoProxyClientSecret").values()
    # In seconds, 3600 at the most.
    assert TIMEOUT + 30 <= int(resource["Properties"]["ServiceTimeout"]) <= 3600


def test_an_answer_that_is_refused_is_sent_again(aws: Aws, cloudformation: Answers) -> None:
    cloudformation.refusals = 2
    aws.has_value(stored())
    seeding.handler(request(cloudformation), None)
    assert cloudformation.only["Status"] == "SUCCESS"


@pytest.mark.proves("secret-nowhere")
def test_nothing_is_logged(aws: Aws, cloudformation: Answers, caplog: pytest.LogCaptureFixture, capfd: Any) -> None:
    with caplog.at_level(logging.INFO):
        aws.has_no_value()
        aws.describes()
        aws.takes(stored())
        seeding.handler(request(cloudformation), None)
    assert (caplog.text, *capfd.readouterr()) == ("", "", "")
    assert SECRET not in json.dumps(cloudformation.bodies)


def failure(answers: Answers) -> str:
    """The reason of the one answer, which is a failure."""
    assert answers.only["Status"] == "FAILED"
    assert SECRET not in json.dumps(answers.bodies)
    return str(answers.only["Reason"])
