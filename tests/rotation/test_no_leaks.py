"""No secret and no hash is in anything that the function says, whatever fails."""

import io
import logging
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import pytest

from aws_calls.errors import CallFailed
from rotation.secret_value import SecretValue
from tests.rotation.conftest import Transports
from tests.rotation.in_process_transport import Fault
from tests.rotation.simulated_aws import OVERLAP, STEPS, Death, SimulatedAws


class Telltale(Fault):
    """An error of AWS that quotes everything that was sent."""

    def __init__(self, document: dict[str, Any]) -> None:
        super().__init__("InvalidParameterException", f"failed to satisfy constraint: {document}")


def quoting_from(call: int, aws: SimulatedAws, answer: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """The service, but from that call on it refuses and quotes."""

    def quote(operation: str, document: dict[str, Any], signed: bool) -> dict[str, Any]:
        answered, refusal = dict[str, Any](), None
        try:
            answered = answer(operation, document, signed)
        except Fault as fault:
            refusal = fault
        if aws.calls > call:
            raise Telltale(document)
        if refusal:
            raise refusal
        return answered

    return quote


def assert_untold(aws: SimulatedAws, *texts: str) -> None:
    hidden = aws.secrets_ever | aws.cognito.hashes
    assert hidden
    for told in [*aws.told, *texts]:
        assert not [secret for secret in hidden if secret in told]


MOST_CALLS_OF_A_STEP = 5


@pytest.mark.proves("threat-logs", "reason-without-secret")
@pytest.mark.parametrize("how", ["before", "after", "lost", "quoted"])
def test_nothing_that_the_function_says_holds_a_secret_or_a_hash(
    transports: Transports, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    caplog.set_level(logging.INFO)
    printed = io.StringIO()
    told, died = 0, 0
    with redirect_stdout(printed), redirect_stderr(printed):
        for call in range(MOST_CALLS_OF_A_STEP):
            aws = transports.new_aws(monkeypatch)
            if how == "quoted":
                for service in ["cognito_answer", "secrets_answer"]:
                    monkeypatch.setattr(aws, service, quoting_from(call, aws, getattr(aws, service)))
            token = aws.begin()
            for step in STEPS:
                aws.succeeds(step, token, death=None if how == "quoted" else Death(call, how))
            aws.pass_time(OVERLAP)
            aws.succeeds("endPrevious", "")
            told += len(aws.told)
            died += len(aws.died)
            assert how != "quoted" or "InvalidParameterException" in "".join(aws.told)
            assert_untold(aws, printed.getvalue(), caplog.text)
    assert told >= 5
    assert how == "quoted" or died >= 10


def test_the_scan_finds_what_it_looks_for(aws: SimulatedAws) -> None:
    aws.rotate()
    aws.told.append(f"the secret is {aws.current}")
    with pytest.raises(AssertionError):
        assert_untold(aws)


def test_no_object_that_holds_a_secret_shows_it() -> None:
    value = SecretValue(user_pool_id="p", client_id="c", client_secret="sentinel", log_key="sentinel")
    assert "sentinel" not in f"{value!r}{value}"


def test_an_error_does_not_show_what_the_service_said() -> None:
    failure = CallFailed(
        "AddUserPoolClientSecret", "InvalidParameterException", status=400, text="sentinel is too short"
    )
    assert failure.says("sentinel")
    assert "sentinel" not in f"{failure!r}{failure}{failure.args}{''.join(traceback.format_exception(failure))}"
