"""What each step does, and what it refuses."""

import json
import re
from collections import Counter
from typing import Any

import pytest

from rotation.errors import RotationError
from rotation.handler import handler
from tests.rotation.cognito import CLIENT, POOL, PROBES
from tests.rotation.in_process_transport import Answer, Fault, Lost
from tests.rotation.secrets_manager import ARN
from tests.rotation.simulated_aws import FIRST, OVERLAP, STEPS, World


def stored(world: World, label: str = "AWSCURRENT") -> dict[str, Any]:
    version = world.secrets.versions[str(world.secrets.labelled(label))]
    document: dict[str, Any] = json.loads(str(version.text))
    return document


def test_a_rotation_makes_a_new_secret_current_and_keeps_the_one_before(world: World) -> None:
    token = world.rotate()
    assert world.secrets.labelled("AWSCURRENT") == token
    assert world.current != FIRST
    assert world.cognito.values == {FIRST, world.current}


def test_the_document_keeps_its_form_and_names_what_it_replaced(world: World) -> None:
    (first,) = world.cognito.client.active
    world.rotate()
    document = stored(world)
    assert document == {
        "user_pool_id": POOL,
        "client_id": CLIENT,
        "client_secret": document["client_secret"],
        "replaces_client_secret_id": first.id,
    }


def test_each_new_secret_is_another_one_that_cognito_takes_and_nobody_guesses(world: World) -> None:
    made = set()
    for _ in range(5):
        world.rotate()
        made.add(world.current)
        world.pass_time(OVERLAP)
    assert len(made) == 5
    assert all(re.fullmatch(r"[A-Za-z0-9]{52}", secret) for secret in made)


def test_a_new_secret_is_staged_before_cognito_hears_of_it(world: World) -> None:
    token = world.begin()
    world.invoke("createSecret", token)
    assert world.cognito.values == {FIRST}
    staged = stored(world, "AWSPENDING")["client_secret"]
    world.invoke("setSecret", token)
    assert world.cognito.values == {FIRST, staged}
    assert world.current == FIRST


@pytest.mark.parametrize("step", ["createSecret", "setSecret", "testSecret", "finishSecret"])
def test_a_step_that_runs_again_changes_nothing(world: World, step: str) -> None:
    token = world.begin()
    for each in ["createSecret", "setSecret", "testSecret", "finishSecret"]:
        world.invoke(each, token)
        if each == step:
            before = (world.cognito.values, stored(world), {key: v.text for key, v in world.secrets.versions.items()})
            world.invoke(each, token)
            after = (world.cognito.values, stored(world), {key: v.text for key, v in world.secrets.versions.items()})
            assert after == before


def test_steps_that_come_after_the_end_change_nothing(world: World) -> None:
    token = world.rotate()
    before = (world.cognito.values, world.current)
    for step in ["setSecret", "createSecret", "finishSecret", "testSecret"]:
        world.invoke(step, token)
    assert (world.cognito.values, world.current) == before


def test_the_next_rotation_makes_room_by_deleting_the_one_before_the_current_one(world: World) -> None:
    world.rotate()
    second = world.current
    world.pass_time(OVERLAP)
    world.rotate()
    assert world.cognito.values == {second, world.current}


def test_a_rotation_within_the_overlap_is_refused_with_the_moment(world: World) -> None:
    world.rotate()
    world.pass_time(OVERLAP - 1)
    token = world.begin()
    with pytest.raises(RotationError, match=r"too fresh.* until 2027-01-15 \d\d:\d\d:\d\d UTC"):
        world.invoke("createSecret", token)
    assert FIRST in world.cognito.values


def test_the_overlap_begins_with_the_promotion_not_with_the_staging(world: World) -> None:
    token = world.begin()
    for step in ["createSecret", "setSecret", "testSecret"]:
        world.invoke(step, token)
    world.pass_time(10 * OVERLAP)
    assert world.carry_on(token)
    world.pass_time(OVERLAP - 1)
    assert world.invoke("endPrevious")["outcome"] == "waiting"
    assert not world.carry_on(world.begin())
    assert FIRST in world.cognito.values


def test_a_promotion_that_secrets_manager_has_not_noted_yet_counts_too(world: World) -> None:
    token = world.begin()
    for step in ["createSecret", "setSecret", "testSecret"]:
        world.invoke(step, token)
    world.pass_time(10 * OVERLAP)
    world.invoke("finishSecret", token)
    assert world.invoke("endPrevious")["outcome"] == "waiting"


def test_the_previous_secret_is_deleted_after_the_overlap_and_not_before(world: World) -> None:
    world.rotate()
    ends = world.clock.now + OVERLAP
    assert world.invoke("endPrevious") == {"outcome": "waiting", "until": ends}
    world.pass_time(OVERLAP)
    assert world.invoke("endPrevious") == {"outcome": "ended", "until": None}
    assert world.cognito.values == {world.current}
    assert world.invoke("endPrevious") == {"outcome": "nothing", "until": None}


def test_nothing_is_deleted_before_the_first_rotation(world: World) -> None:
    world.pass_time(100 * OVERLAP)
    assert world.invoke("endPreviousNow") == {"outcome": "nothing", "until": None}
    assert world.cognito.values == {FIRST}


def test_a_leaked_secret_is_ended_at_once(world: World) -> None:
    world.rotate()
    world.needed_until.clear()
    assert world.invoke("endPreviousNow")["outcome"] == "ended"
    assert world.cognito.values == {world.current}


def test_the_clean_up_leaves_a_rotation_under_way_alone(world: World) -> None:
    token = world.begin()
    world.invoke("createSecret", token)
    world.invoke("setSecret", token)
    world.pass_time(10 * OVERLAP)
    assert world.invoke("endPrevious")["outcome"] == "nothing"
    assert world.carry_on(token)


@pytest.mark.parametrize("step", ["endPrevious", "createSecret"])
def test_a_replica_that_is_behind_keeps_the_previous_secret(world: World, step: str) -> None:
    world.rotate()
    world.secrets.replicas = {"us-east-1": "InProgress"}
    world.pass_time(10 * OVERLAP)
    if step == "endPrevious":
        assert world.invoke(step) == {"outcome": "waiting", "until": None}
    else:
        token = world.begin()
        with pytest.raises(RotationError, match="A replica does not have the current secret yet"):
            world.invoke(step, token)
    assert FIRST in world.cognito.values


def test_a_replica_that_failed_is_an_error(world: World) -> None:
    world.rotate()
    world.secrets.replicas = {"us-east-1": "InSync", "eu-north-1": "Failed"}
    world.pass_time(OVERLAP)
    with pytest.raises(RotationError, match="replica failed in eu-north-1"):
        world.invoke("endPrevious")
    world.secrets.replicas["eu-north-1"] = "InSync"
    assert world.invoke("endPrevious")["outcome"] == "ended"


def test_what_a_given_up_rotation_left_is_deleted_and_not_the_current_secret(world: World) -> None:
    token = world.begin()
    world.invoke("createSecret", token)
    world.clock.now += 5
    world.invoke("setSecret", token)
    left = stored(world, "AWSPENDING")["client_secret"]
    world.give_up()
    world.rotate()
    assert left not in world.cognito.values
    assert FIRST in world.cognito.values


def test_the_same_after_an_earlier_rotation_whose_previous_secret_is_gone(world: World) -> None:
    world.rotate()
    second = world.current
    world.pass_time(OVERLAP)
    world.invoke("endPrevious")
    token = world.begin()
    world.invoke("createSecret", token)
    world.invoke("setSecret", token)
    world.give_up()
    world.rotate()
    assert world.cognito.values == {second, world.current}


def test_a_second_secret_that_was_there_when_the_first_was_stored_is_not_guessed_about(world: World) -> None:
    world.cognito.client.add("dummySecretSetByHand00000001", world.clock.now - 20)
    token = world.begin()
    with pytest.raises(RotationError, match="which one is current cannot be told"):
        world.invoke("createSecret", token)
    assert len(world.cognito.values) == 2


def test_a_current_secret_that_cognito_lost_is_mended_by_a_rotation(world: World) -> None:
    world.cognito.client.add("dummySecretSetByHand00000001", world.clock.now)
    world.cognito.client.delete(world.cognito.client.active[0].id)
    token = world.begin()
    for step in ["createSecret", "setSecret", "testSecret", "finishSecret"]:
        world.broken.clear()
        try:
            world.invoke(step, token)
        except AssertionError:
            assert world.broken[0] == "the current secret does not verify"
    assert world.current in world.cognito.values


@pytest.mark.parametrize(
    ("step", "operation"), [("setSecret", "AddUserPoolClientSecret"), ("finishSecret", "UpdateSecretVersionStage")]
)
def test_what_may_have_been_done_is_not_done_twice(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str, operation: str
) -> None:
    token, asked = world.begin(), Counter[str]()
    for each in STEPS[: STEPS.index(step)]:
        world.invoke(each, token)

    def losing(answer: Answer) -> Answer:
        def lose(named: str, document: dict[str, Any], signed: bool) -> dict[str, Any]:
            asked[named] += 1
            answered = answer(named, document, signed)
            if named == operation:
                raise Lost
            return answered

        return lose

    for service in ("cognito_answer", "secrets_answer"):
        monkeypatch.setattr(world, service, losing(getattr(world, service)))
    world.invoke(step, token)
    assert asked[operation] == 1


def test_a_secret_that_is_the_only_one_by_then_is_not_added_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world, "_check", lambda: None)
    token = world.begin()
    world.invoke("createSecret", token)
    world.invoke("setSecret", token)
    first, _ = world.cognito.client.active
    world.cognito.client.delete(first.id)
    world.invoke("setSecret", token)
    assert world.cognito.values == {stored(world, "AWSPENDING")["client_secret"]}


def test_a_secret_that_cognito_does_not_accept_is_not_promoted(world: World) -> None:
    token = world.begin()
    world.invoke("createSecret", token)
    for step in ["testSecret", "finishSecret"]:
        with pytest.raises(RotationError, match="does not accept"):
            world.invoke(step, token)
    assert world.current == FIRST


def test_the_test_waits_for_a_secret_that_takes_its_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    token = world.begin()
    world.invoke("createSecret", token)
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            world.cognito.client.add(stored(world, "AWSPENDING")["client_secret"], world.clock.now)

    monkeypatch.setattr(world.clock, "sleep", sleep)
    world.invoke("testSecret", token)
    assert slept == [1, 2, 4]


def test_the_test_that_secrets_manager_makes_of_a_new_schedule_passes(world: World) -> None:
    token = world.begin()
    world.invoke("testSecret", token)
    assert world.cognito.values == {FIRST}


@pytest.mark.parametrize("unknown_user", ["CodeMismatchException", "ExpiredCodeException", "UserNotFoundException"])
def test_knows_what_cognito_answers_once_the_hash_is_verified(world: World, unknown_user: str) -> None:
    world.cognito.unknown_user = unknown_user
    world.rotate()


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
def test_an_answer_that_says_nothing_about_the_hash_is_no_yes(world: World, code: str) -> None:
    token = world.begin()
    world.invoke("createSecret", token)
    world.invoke("setSecret", token)
    world.cognito.blocked = dict.fromkeys(PROBES, Fault(code, "whatever"))
    for step in ("testSecret", "finishSecret"):
        began = world.clock.now
        with pytest.raises(
            RotationError,
            match=f"^Cognito does not tell whether it accepts the secret: ConfirmSignUp: {code}; "
            f"ConfirmForgotPassword: {code}$",
        ):
            world.invoke(step, token)
        assert world.clock.now == began
    assert world.current == FIRST


@pytest.mark.parametrize("blocked", PROBES)
def test_where_one_call_says_nothing_the_other_does(world: World, blocked: str) -> None:
    world.cognito.blocked = {blocked: Fault("ForbiddenException", "Request blocked by AWS WAF")}
    token = world.begin()
    world.invoke("createSecret", token)
    with pytest.raises(RotationError, match=r"^Cognito does not accept the secret of version"):
        world.invoke("testSecret", token)
    assert world.carry_on(token)


def test_a_step_of_a_rotation_that_is_not_under_way_is_refused(world: World) -> None:
    given_up = world.begin()
    world.invoke("createSecret", given_up)
    world.give_up()
    world.begin()
    for step in ["createSecret", "setSecret", "finishSecret"]:
        with pytest.raises(RotationError, match="not AWSPENDING"):
            world.invoke(step, given_up)
    assert world.cognito.values == {FIRST}


def test_a_value_of_another_app_client_is_refused(world: World) -> None:
    world.secrets.versions["0" * 36].text = json.dumps(stored(world) | {"client_id": "another"})
    with pytest.raises(RotationError, match=f"another app client than {CLIENT}"):
        world.invoke("createSecret", world.begin())


@pytest.mark.parametrize("text", ["not JSON", "[]", "{}", '{"user_pool_id": "p", "client_id": "c"}'])
def test_a_value_of_another_form_is_refused(world: World, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(World, "current", "")
    monkeypatch.setattr(World, "_check", lambda self: None)
    world.secrets.versions["0" * 36].text = text
    with pytest.raises(RotationError, match="does not hold an app client's secret"):
        handler({"Step": "endPrevious", "SecretId": ARN}, None)


def test_a_secret_without_a_value_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(World, "current", "")
    monkeypatch.setattr(World, "_check", lambda self: None)
    world.secrets.versions.clear()
    with pytest.raises(RotationError, match="no current value yet"):
        handler({"Step": "endPrevious", "SecretId": ARN}, None)


def test_another_secret_and_an_unknown_step_are_refused_before_any_call(world: World) -> None:
    with pytest.raises(RotationError, match="another secret"):
        handler({"Step": "createSecret", "SecretId": ARN + "x", "ClientRequestToken": "t"}, None)
    with pytest.raises(RotationError, match=r"Step must be one of createSecret, setSecret, .* endPreviousNow"):
        handler({"Step": "dropSecret", "SecretId": ARN}, None)
    assert world.calls == 0


def test_what_nobody_expected_is_told_by_its_type_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OVERLAP_SECONDS")
    with pytest.raises(RotationError, match=r"^Unexpected KeyError$"):
        world.invoke("endPrevious")
