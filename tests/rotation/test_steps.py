"""What each step does, and what it refuses."""

import json
import re
from collections import Counter
from typing import Any

import pytest

from rotation.errors import RotationError
from rotation.handler import handler
from rotation.secret_value import SecretValue
from tests.rotation.cognito import CLIENT, POOL, PROBES
from tests.rotation.in_process_transport import Answer, Fault, Lost
from tests.rotation.secrets_manager import ARN
from tests.rotation.simulated_aws import FIRST, OVERLAP, STEPS, SimulatedAws


def stored(aws: SimulatedAws, label: str = "AWSCURRENT") -> dict[str, Any]:
    version = aws.secrets.versions[str(aws.secrets.labelled(label))]
    document: dict[str, Any] = json.loads(str(version.text))
    return document


def test_a_rotation_makes_a_new_secret_current_and_keeps_the_one_before(aws: SimulatedAws) -> None:
    token = aws.rotate()
    assert aws.secrets.labelled("AWSCURRENT") == token
    assert aws.current != FIRST
    assert aws.cognito.values == {FIRST, aws.current}


def test_the_document_keeps_its_form_and_names_what_it_replaced(aws: SimulatedAws) -> None:
    (first,) = aws.cognito.client.active
    aws.rotate()
    document = stored(aws)
    assert document == {
        "user_pool_id": POOL,
        "client_id": CLIENT,
        "client_secret": document["client_secret"],
        "log_key": document["log_key"],
        "replaces_client_secret_id": first.id,
    }


@pytest.mark.proves("rotation-keeps-log-key")
def test_a_document_of_an_earlier_version_gets_a_key_for_the_log_which_then_stays(aws: SimulatedAws) -> None:
    assert "log_key" not in stored(aws)
    keys = []
    for _ in range(3):
        aws.rotate()
        aws.pass_time(OVERLAP)
        keys.append(stored(aws)["log_key"])
    assert len(set(keys)) == 1
    assert re.fullmatch("[0-9a-f]{64}", keys[0])


def test_what_is_no_key_for_the_log_is_replaced() -> None:
    for broken in (None, "", 7, ["x"]):
        text = json.dumps({"user_pool_id": POOL, "client_id": CLIENT, "client_secret": FIRST, "log_key": broken})
        value = SecretValue.from_json(text)
        assert value is not None
        assert re.fullmatch("[0-9a-f]{64}", value.successor(replaces="secret-1").log_key or "")


def test_each_new_secret_is_another_one_that_cognito_takes_and_nobody_guesses(aws: SimulatedAws) -> None:
    made = set()
    for _ in range(5):
        aws.rotate()
        made.add(aws.current)
        aws.pass_time(OVERLAP)
    assert len(made) == 5
    assert all(re.fullmatch(r"[A-Za-z0-9]{52}", secret) for secret in made)


@pytest.mark.proves("staged-first")
def test_a_new_secret_is_staged_before_cognito_hears_of_it(aws: SimulatedAws) -> None:
    token = aws.begin()
    aws.invoke("createSecret", token)
    assert aws.cognito.values == {FIRST}
    staged = stored(aws, "AWSPENDING")["client_secret"]
    aws.invoke("setSecret", token)
    assert aws.cognito.values == {FIRST, staged}
    assert aws.current == FIRST


@pytest.mark.proves("twice-no-harm")
@pytest.mark.parametrize("step", ["createSecret", "setSecret", "testSecret", "finishSecret"])
def test_a_step_that_runs_again_changes_nothing(aws: SimulatedAws, step: str) -> None:
    token = aws.begin()
    for each in ["createSecret", "setSecret", "testSecret", "finishSecret"]:
        aws.invoke(each, token)
        if each == step:
            before = (aws.cognito.values, stored(aws), {key: v.text for key, v in aws.secrets.versions.items()})
            aws.invoke(each, token)
            after = (aws.cognito.values, stored(aws), {key: v.text for key, v in aws.secrets.versions.items()})
            assert after == before


def test_steps_that_come_after_the_end_change_nothing(aws: SimulatedAws) -> None:
    token = aws.rotate()
    before = (aws.cognito.values, aws.current)
    for step in ["setSecret", "createSecret", "finishSecret", "testSecret"]:
        aws.invoke(step, token)
    assert (aws.cognito.values, aws.current) == before


def test_the_next_rotation_makes_room_by_deleting_the_one_before_the_current_one(aws: SimulatedAws) -> None:
    aws.rotate()
    second = aws.current
    aws.pass_time(OVERLAP)
    aws.rotate()
    assert aws.cognito.values == {second, aws.current}


def test_a_rotation_within_the_overlap_is_refused_with_the_moment(aws: SimulatedAws) -> None:
    aws.rotate()
    aws.pass_time(OVERLAP - 1)
    token = aws.begin()
    with pytest.raises(RotationError, match=r"too fresh.* until 2027-01-15 \d\d:\d\d:\d\d UTC"):
        aws.invoke("createSecret", token)
    assert FIRST in aws.cognito.values


def test_the_overlap_begins_with_the_promotion_not_with_the_staging(aws: SimulatedAws) -> None:
    token = aws.begin()
    for step in ["createSecret", "setSecret", "testSecret"]:
        aws.invoke(step, token)
    aws.pass_time(10 * OVERLAP)
    assert aws.carry_on(token)
    aws.pass_time(OVERLAP - 1)
    assert aws.invoke("endPrevious")["outcome"] == "waiting"
    assert not aws.carry_on(aws.begin())
    assert FIRST in aws.cognito.values


def test_a_promotion_that_secrets_manager_has_not_noted_yet_counts_too(aws: SimulatedAws) -> None:
    token = aws.begin()
    for step in ["createSecret", "setSecret", "testSecret"]:
        aws.invoke(step, token)
    aws.pass_time(10 * OVERLAP)
    aws.invoke("finishSecret", token)
    assert aws.invoke("endPrevious")["outcome"] == "waiting"


@pytest.mark.proves("both-secrets-taken", "previous-secret-deleted")
def test_the_previous_secret_is_deleted_after_the_overlap_and_not_before(aws: SimulatedAws) -> None:
    aws.rotate()
    ends = aws.clock.now + OVERLAP
    assert aws.invoke("endPrevious") == {"outcome": "waiting", "until": ends}
    aws.pass_time(OVERLAP)
    assert aws.invoke("endPrevious") == {"outcome": "ended", "until": None}
    assert aws.cognito.values == {aws.current}
    assert aws.invoke("endPrevious") == {"outcome": "nothing", "until": None}


def test_nothing_is_deleted_before_the_first_rotation(aws: SimulatedAws) -> None:
    aws.pass_time(100 * OVERLAP)
    assert aws.invoke("endPreviousNow") == {"outcome": "nothing", "until": None}
    assert aws.cognito.values == {FIRST}


@pytest.mark.proves("never-the-current-one")
def test_a_leaked_secret_is_ended_at_once(aws: SimulatedAws) -> None:
    aws.rotate()
    aws.needed_until.clear()
    assert aws.invoke("endPreviousNow")["outcome"] == "ended"
    assert aws.cognito.values == {aws.current}


def test_the_clean_up_leaves_a_rotation_under_way_alone(aws: SimulatedAws) -> None:
    token = aws.begin()
    aws.invoke("createSecret", token)
    aws.invoke("setSecret", token)
    aws.pass_time(10 * OVERLAP)
    assert aws.invoke("endPrevious")["outcome"] == "nothing"
    assert aws.carry_on(token)


@pytest.mark.proves("previous-secret-deleted")
@pytest.mark.parametrize("step", ["endPrevious", "createSecret"])
def test_a_replica_that_is_behind_keeps_the_previous_secret(aws: SimulatedAws, step: str) -> None:
    aws.rotate()
    aws.secrets.replicas = {"us-east-1": "InProgress"}
    aws.pass_time(10 * OVERLAP)
    if step == "endPrevious":
        assert aws.invoke(step) == {"outcome": "waiting", "until": None}
    else:
        token = aws.begin()
        with pytest.raises(RotationError, match="A replica does not have the current secret yet"):
            aws.invoke(step, token)
    assert FIRST in aws.cognito.values


@pytest.mark.proves("failed-replica-keeps")
def test_a_replica_that_failed_is_an_error(aws: SimulatedAws) -> None:
    aws.rotate()
    aws.secrets.replicas = {"us-east-1": "InSync", "eu-north-1": "Failed"}
    aws.pass_time(OVERLAP)
    with pytest.raises(RotationError, match="replica failed in eu-north-1"):
        aws.invoke("endPrevious")
    aws.secrets.replicas["eu-north-1"] = "InSync"
    assert aws.invoke("endPrevious")["outcome"] == "ended"


def test_what_a_given_up_rotation_left_is_deleted_and_not_the_current_secret(aws: SimulatedAws) -> None:
    token = aws.begin()
    aws.invoke("createSecret", token)
    aws.clock.now += 5
    aws.invoke("setSecret", token)
    left = stored(aws, "AWSPENDING")["client_secret"]
    aws.give_up()
    aws.rotate()
    assert left not in aws.cognito.values
    assert FIRST in aws.cognito.values


def test_the_same_after_an_earlier_rotation_whose_previous_secret_is_gone(aws: SimulatedAws) -> None:
    aws.rotate()
    second = aws.current
    aws.pass_time(OVERLAP)
    aws.invoke("endPrevious")
    token = aws.begin()
    aws.invoke("createSecret", token)
    aws.invoke("setSecret", token)
    aws.give_up()
    aws.rotate()
    assert aws.cognito.values == {second, aws.current}


def test_a_second_secret_that_was_there_when_the_first_was_stored_is_not_guessed_about(aws: SimulatedAws) -> None:
    aws.cognito.client.add("dummySecretSetByHand00000001", aws.clock.now - 20)
    token = aws.begin()
    with pytest.raises(RotationError, match="which one is current cannot be told"):
        aws.invoke("createSecret", token)
    assert len(aws.cognito.values) == 2


def test_a_current_secret_that_cognito_lost_is_mended_by_a_rotation(aws: SimulatedAws) -> None:
    aws.cognito.client.add("dummySecretSetByHand00000001", aws.clock.now)
    aws.cognito.client.delete(aws.cognito.client.active[0].id)
    token = aws.begin()
    for step in ["createSecret", "setSecret", "testSecret", "finishSecret"]:
        aws.broken.clear()
        try:
            aws.invoke(step, token)
        except AssertionError:
            assert aws.broken[0] == "the current secret does not verify"
    assert aws.current in aws.cognito.values


@pytest.mark.parametrize(
    ("step", "operation"), [("setSecret", "AddUserPoolClientSecret"), ("finishSecret", "UpdateSecretVersionStage")]
)
def test_what_may_have_been_done_is_not_done_twice(
    aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch, step: str, operation: str
) -> None:
    token, asked = aws.begin(), Counter[str]()
    for each in STEPS[: STEPS.index(step)]:
        aws.invoke(each, token)

    def losing(answer: Answer) -> Answer:
        def lose(named: str, document: dict[str, Any], signed: bool) -> dict[str, Any]:
            asked[named] += 1
            answered = answer(named, document, signed)
            if named == operation:
                raise Lost
            return answered

        return lose

    for service in ("cognito_answer", "secrets_answer"):
        monkeypatch.setattr(aws, service, losing(getattr(aws, service)))
    aws.invoke(step, token)
    assert asked[operation] == 1


def test_a_secret_that_is_the_only_one_by_then_is_not_added_again(
    aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws, "_check", lambda: None)
    token = aws.begin()
    aws.invoke("createSecret", token)
    aws.invoke("setSecret", token)
    first, _ = aws.cognito.client.active
    aws.cognito.client.delete(first.id)
    aws.invoke("setSecret", token)
    assert aws.cognito.values == {stored(aws, "AWSPENDING")["client_secret"]}


@pytest.mark.proves("unproved-not-promoted")
def test_a_secret_that_cognito_does_not_accept_is_not_promoted(aws: SimulatedAws) -> None:
    token = aws.begin()
    aws.invoke("createSecret", token)
    for step in ["testSecret", "finishSecret"]:
        with pytest.raises(RotationError, match="does not accept"):
            aws.invoke(step, token)
    assert aws.current == FIRST


def test_the_test_waits_for_a_secret_that_takes_its_time(aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    token = aws.begin()
    aws.invoke("createSecret", token)
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            aws.cognito.client.add(stored(aws, "AWSPENDING")["client_secret"], aws.clock.now)

    monkeypatch.setattr(aws.clock, "sleep", sleep)
    aws.invoke("testSecret", token)
    assert slept == [1, 2, 4]


def test_the_test_that_secrets_manager_makes_of_a_new_schedule_passes(aws: SimulatedAws) -> None:
    token = aws.begin()
    aws.invoke("testSecret", token)
    assert aws.cognito.values == {FIRST}


@pytest.mark.parametrize("unknown_user", ["CodeMismatchException", "ExpiredCodeException", "UserNotFoundException"])
def test_knows_what_cognito_answers_once_the_hash_is_verified(aws: SimulatedAws, unknown_user: str) -> None:
    aws.cognito.unknown_user = unknown_user
    aws.rotate()


@pytest.mark.proves("silence-promotes-nothing")
@pytest.mark.parametrize(
    "code",
    [
        "ForbiddenException",
        "InvalidParameterException",
        "InvalidPasswordException",
        "LimitExceededException",
        "NotAuthorizedException",
        "ResourceNotFoundException",
    ],
)
def test_an_answer_that_says_nothing_about_the_hash_is_no_yes(aws: SimulatedAws, code: str) -> None:
    token = aws.begin()
    aws.invoke("createSecret", token)
    aws.invoke("setSecret", token)
    aws.cognito.blocked = dict.fromkeys(PROBES, Fault(code, "whatever"))
    for step in ("testSecret", "finishSecret"):
        began = aws.clock.now
        with pytest.raises(
            RotationError,
            match=f"^Cognito does not tell whether it accepts the secret: ConfirmSignUp: {code}; "
            f"ConfirmForgotPassword: {code}$",
        ):
            aws.invoke(step, token)
        assert aws.clock.now == began
    assert aws.current == FIRST


@pytest.mark.parametrize("blocked", PROBES)
def test_where_one_call_says_nothing_the_other_does(aws: SimulatedAws, blocked: str) -> None:
    aws.cognito.blocked = {blocked: Fault("ForbiddenException", "Request blocked by AWS WAF")}
    token = aws.begin()
    aws.invoke("createSecret", token)
    with pytest.raises(RotationError, match=r"^Cognito does not accept the secret of version"):
        aws.invoke("testSecret", token)
    assert aws.carry_on(token)


def test_a_step_of_a_rotation_that_is_not_under_way_is_refused(aws: SimulatedAws) -> None:
    given_up = aws.begin()
    aws.invoke("createSecret", given_up)
    aws.give_up()
    aws.begin()
    for step in ["createSecret", "setSecret", "finishSecret"]:
        with pytest.raises(RotationError, match="not AWSPENDING"):
            aws.invoke(step, given_up)
    assert aws.cognito.values == {FIRST}


def test_a_value_of_another_app_client_is_refused(aws: SimulatedAws) -> None:
    aws.secrets.versions["0" * 36].text = json.dumps(stored(aws) | {"client_id": "another"})
    with pytest.raises(RotationError, match=f"another app client than {CLIENT}"):
        aws.invoke("createSecret", aws.begin())


@pytest.mark.parametrize("text", ["not JSON", "[]", "{}", '{"user_pool_id": "p", "client_id": "c"}'])
def test_a_value_of_another_form_is_refused(aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(SimulatedAws, "current", "")
    monkeypatch.setattr(SimulatedAws, "_check", lambda self: None)
    aws.secrets.versions["0" * 36].text = text
    with pytest.raises(RotationError, match="does not hold an app client's secret"):
        handler({"Step": "endPrevious", "SecretId": ARN}, None)


def test_a_secret_without_a_value_is_refused(aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SimulatedAws, "current", "")
    monkeypatch.setattr(SimulatedAws, "_check", lambda self: None)
    aws.secrets.versions.clear()
    with pytest.raises(RotationError, match="no current value yet"):
        handler({"Step": "endPrevious", "SecretId": ARN}, None)


def test_another_secret_and_an_unknown_step_are_refused_before_any_call(aws: SimulatedAws) -> None:
    with pytest.raises(RotationError, match="another secret"):
        handler({"Step": "createSecret", "SecretId": ARN + "x", "ClientRequestToken": "t"}, None)
    with pytest.raises(RotationError, match=r"Step must be one of createSecret, setSecret, .* endPreviousNow"):
        handler({"Step": "dropSecret", "SecretId": ARN}, None)
    assert aws.calls == 0


def test_what_nobody_expected_is_told_by_its_type_alone(aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OVERLAP_SECONDS")
    with pytest.raises(RotationError, match=r"^Unexpected KeyError$"):
        aws.invoke("endPrevious")
