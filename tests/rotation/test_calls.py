"""Calls of AWS by the functions off the request path: what is tried again, for how long, and what is not."""

import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest

from aws_calls.errors import CallFailed
from aws_calls.service import PERMISSION_DELAYS_SECONDS, Service
from aws_calls.time_left import TimeLeft, pauses
from tests.proxy.fake_service import FakeService, answer, close, error, raw
from tests.rotation.clock import Clock, Context
from tests.rotation.in_process_transport import REGION, Fault, InProcessTransport, Lost

LIST = ("ListUserPoolClientSecrets", {"UserPoolId": "eu-west-1_AbCdEf123", "ClientId": "4h7example"})
SECONDS = 120.0


class Scripted:
    """Cognito, by a list of what happens to each call; then it answers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.next: list[Exception] = []
        self.always: Exception | None = None
        self.times: list[float] = []
        """When each call came, from the first one on."""

    def answer(self, operation: str, document: dict[str, Any], signed: bool) -> dict[str, Any]:
        self.times.append(self._clock.now)
        if self.always:
            raise self.always
        if self.next:
            raise self.next.pop(0)
        return {}

    @property
    def waits(self) -> list[float]:
        return [later - earlier for earlier, later in zip(self.times, self.times[1:], strict=False)]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("aws_calls.time_left.time", made)
    return made


@pytest.fixture
def cognito(clock: Clock) -> Scripted:
    return Scripted(clock)


@pytest.fixture
def service(clock: Clock, cognito: Scripted, monkeypatch: pytest.MonkeyPatch) -> Service:
    monkeypatch.setattr(
        "aws_calls.service.AwsJsonClient",
        lambda *names: InProcessTransport(*names, cognito.answer),
    )
    left = TimeLeft.of(Context(clock, SECONDS + 5), reserve=5)
    return Service("cognito-idp", region=REGION, time_left=left)


def test_a_permission_that_was_given_a_moment_ago_is_waited_for(service: Service, cognito: Scripted) -> None:
    cognito.next = [Fault("AccessDeniedException")] * 5
    service.call(*LIST)
    assert cognito.waits == [1, 2, 4, 8, 16]


def test_a_permission_that_is_missing_is_told_after_half_a_minute(service: Service, cognito: Scripted) -> None:
    cognito.always = Fault("AccessDeniedException", "User: arn:… is not authorized")
    with pytest.raises(CallFailed, match=r"^ListUserPoolClientSecrets: AccessDeniedException$"):
        service.call(*LIST)
    assert cognito.waits == [1, 2, 4, 8, 16]
    assert sum(PERMISSION_DELAYS_SECONDS) == 31


THROTTLES = [Fault("TooManyRequestsException"), Fault("ThrottlingException"), Fault("Anything", status=429)]
BREAKS = [Lost(), Fault("InternalErrorException", status=500), Fault("Anything", status=503)]


@pytest.mark.parametrize("failure", [*THROTTLES, *BREAKS])
def test_what_passes_is_tried_again_as_long_as_there_is_time(
    service: Service, cognito: Scripted, clock: Clock, failure: Exception
) -> None:
    cognito.always, began = failure, clock.now
    with pytest.raises(CallFailed, match=r"^ListUserPoolClientSecrets: "):
        service.call(*LIST)
    assert SECONDS - 4 <= clock.now - began < SECONDS
    assert 0.5 <= min(cognito.waits) <= 1
    assert 2 <= max(cognito.waits) <= 4


@pytest.mark.parametrize("failure", THROTTLES)
def test_a_throttled_call_was_not_processed_and_is_repeated_whatever_it_does(
    service: Service, cognito: Scripted, failure: Exception
) -> None:
    cognito.next = [failure] * 3
    service.call(*LIST, repeatable=False)
    assert len(cognito.times) == 4


@pytest.mark.parametrize("failure", BREAKS)
def test_a_call_that_may_have_been_processed_is_not_repeated_unless_that_is_safe(
    service: Service, cognito: Scripted, failure: Exception
) -> None:
    cognito.next = [failure]
    with pytest.raises(CallFailed) as raised:
        service.call(*LIST, repeatable=False)
    assert raised.value.unsettled
    assert len(cognito.times) == 1


@pytest.mark.parametrize("code", ["InvalidParameterException", "LimitExceededException", "ResourceNotFoundException"])
def test_another_refusal_is_final(service: Service, cognito: Scripted, code: str) -> None:
    cognito.always = Fault(code, "sentinel")
    with pytest.raises(CallFailed) as raised:
        service.call(*LIST)
    assert (raised.value.code, str(raised.value)) == (code, f"ListUserPoolClientSecrets: {code}")
    assert not raised.value.unsettled
    assert len(cognito.times) == 1


def test_pauses_are_short_and_differ() -> None:
    tried = [list(islice(pauses(), 5)) for _ in range(20)]
    for longest, found in zip([1, 2, 4, 4, 4], zip(*tried, strict=True), strict=True):
        assert all(longest / 2 <= pause <= longest for pause in found)
        assert len(set(found)) > 1


def test_the_time_that_there_is_ends_before_lambda_s_does(clock: Clock) -> None:
    context = Context(clock, 60)
    assert TimeLeft.of(context, reserve=20).deadline == clock.now + 40
    assert TimeLeft.of(context, reserve=20, at_most=10).deadline == clock.now + 10
    left = TimeLeft.of(context, reserve=20)
    assert left.soon(5) == clock.now + 5
    assert left.soon(50) == clock.now + 40
    assert not left.wait(40)
    assert left.wait(39)
    assert left.soon(5) == clock.now + 1


# On a real connection.


@pytest.fixture
def fake_aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeService]:
    with FakeService() as fake:
        monkeypatch.setenv("AWS_ENDPOINT_URL", fake.url)
        monkeypatch.delenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", raising=False)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "dummy-secret-access-key")
        monkeypatch.setenv("AWS_SESSION_TOKEN", "dummy-session-token")
        yield fake


@pytest.fixture
def real(fake_aws: FakeService) -> Iterator[Service]:
    left = TimeLeft(deadline=time.monotonic() + 60)
    with Service("cognito-idp", region=REGION, time_left=left) as made:
        yield made


def test_a_signed_call_carries_the_functions_role_and_an_unsigned_one_nothing(
    real: Service, fake_aws: FakeService
) -> None:
    real.call(*LIST)
    real.call_once("ConfirmSignUp", {"ClientId": "x"}, signed=False)
    signed, unsigned = fake_aws.received
    assert signed.header("x-amz-target") == "AWSCognitoIdentityProviderService.ListUserPoolClientSecrets"
    assert "AKIDEXAMPLE/" in signed.header("authorization")
    assert signed.header("x-amz-security-token") == "dummy-session-token"
    assert signed.document == LIST[1]
    assert not {name for name in unsigned.headers if name.startswith(("authorization", "x-amz-"))} - {"x-amz-target"}
    assert fake_aws.connections == 1


def test_a_connection_that_breaks_is_made_anew(real: Service, fake_aws: FakeService) -> None:
    fake_aws.script(close, raw(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{", then_close=True))
    fake_aws.default = answer({"ClientSecrets": []})
    assert real.call(*LIST) == {"ClientSecrets": []}
    assert len(fake_aws.received) == 3


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (error("com.amazonaws#NotAuthorizedException:http://x", "sentinel"), "NotAuthorizedException"),
        (answer({"__type": "sentinel with spaces"}, status=400), "HTTP400"),
        (answer(["sentinel"], status=400), "HTTP400"),
        (answer(["sentinel"], status=200), "HTTP200"),
        (raw(b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nsentinel"), "HTTP200"),
        (answer({"__type": "Refused", "message": {"sentinel": 1}}, status=400), "Refused"),
    ],
)
def test_an_error_is_told_by_its_code_and_never_by_its_text(
    real: Service, fake_aws: FakeService, behaviour: Callable[..., bool], code: str
) -> None:
    fake_aws.script(behaviour)
    with pytest.raises(CallFailed) as raised:
        real.call(*LIST)
    assert str(raised.value) == f"ListUserPoolClientSecrets: {code}"
    assert "sentinel" not in repr(raised.value)


def test_an_empty_answer_is_an_empty_document(real: Service, fake_aws: FakeService) -> None:
    fake_aws.script(raw(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"))
    assert real.call("DeleteUserPoolClientSecret", {"ClientSecretId": "x"}) == {}


def test_without_credentials_nothing_is_sent_and_nothing_is_waited_for(
    real: Service, fake_aws: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(CallFailed, match=r"^ListUserPoolClientSecrets: NoCredentials$") as raised:
        real.call(*LIST)
    assert not raised.value.unsettled
    assert fake_aws.received == []


def test_what_is_not_there_is_told_by_the_step_that_failed(
    fake_aws: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    left = TimeLeft(deadline=time.monotonic() + 60)
    service = Service("cognito-idp", region=REGION, time_left=left)
    # Once: what is not there now may be in a moment, so `call` would ask for a minute.
    with service, pytest.raises(CallFailed, match=r"^ListUserPoolClientSecrets: connecting failed") as raised:
        service.call_once(*LIST)
    assert raised.value.unsettled
