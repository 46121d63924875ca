"""The rotation of the keys, against the Secrets Manager that the app clients' rotation is tested with."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from rotation.errors import RotationError
from seal_rotation import handler as module
from sealing.key_document import KEY_LENGTH, KeyDocument
from tests.rotation.clock import Clock, Context
from tests.rotation.in_process_transport import REGION, InProcessTransport, Lost
from tests.rotation.secrets_manager import ARN, SecretsManager
from tests.sealing.tokens import KEYS

LEAD = 3600
STEPS_SECONDS = 15 * 60
"""What the steps have before the lead begins."""
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
DAY = 24 * 3600


class Store:
    """The secret, and whoever calls the function."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.secrets = SecretsManager(json.dumps({"key": "a" * KEY_LENGTH}), clock.time)
        self.calls: list[str] = []
        self.loses: str | None = None
        self.before: dict[str, Callable[[], None]] = {}
        """Operation → what somebody else does just before it, once."""

    def answer(self, operation: str, document: dict[str, Any], signed: bool) -> dict[str, Any]:
        self.calls.append(operation)
        self.before.pop(operation, lambda: None)()
        answered = self.secrets.answer(operation, {"VersionStages": ["AWSCURRENT"], **document}, signed)
        if operation == self.loses:
            self.loses = None
            raise Lost
        return answered

    @property
    def keys(self) -> KeyDocument:
        return self.document("AWSCURRENT")

    def document(self, label: str) -> KeyDocument:
        text = self.secrets.versions[str(self.secrets.labelled(label))].text
        assert text is not None
        return KeyDocument.from_json(text)

    def begin(self, token: str) -> None:
        """As Secrets Manager does: an empty version that is AWSPENDING."""
        self.secrets.answer("RotateSecret", {"SecretId": ARN, "ClientRequestToken": token}, signed=True)

    def step(self, step: str, token: str = "") -> None:
        event = {"Step": step, "SecretId": ARN, "ClientRequestToken": token}
        module.handler(event, Context(self.clock, 60.0))

    def rotate(self, token: str) -> None:
        self.begin(token)
        for step in STEPS:
            self.step(step, token)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    store = Store(Clock())
    for place in ("aws_calls.time_left.time", "seal_rotation.handler.time"):
        monkeypatch.setattr(place, store.clock)

    def client(service: str, region: str) -> InProcessTransport:
        return InProcessTransport(service, region, store.answer)

    monkeypatch.setattr("aws_calls.service.AwsJsonClient", client)
    for name, value in {"AWS_REGION": REGION, "SECRET_ARN": ARN, "LEAD_SECONDS": str(LEAD)}.items():
        monkeypatch.setenv(name, value)
    return store


def test_a_new_key_is_there_before_it_seals(store: Store) -> None:
    store.rotate("1" * 36)
    now = store.clock.time()
    assert store.keys.previous == KEYS.key
    assert store.keys.sealing(now) == KEYS.key
    assert store.keys.sealing(now + LEAD) == KEYS.key
    assert store.keys.sealing(now + STEPS_SECONDS + LEAD) == store.keys.key != KEYS.key


@pytest.mark.parametrize("late", [0, STEPS_SECONDS - 120])
def test_a_rotation_that_dawdles_keeps_the_lead(store: Store, late: float) -> None:
    """From the promotion on nobody seals with the new key for the whole lead."""
    store.begin("1" * 36)
    for step in STEPS[:3]:
        store.step(step, "1" * 36)
    store.clock.sleep(late)
    store.step("finishSecret", "1" * 36)
    assert store.keys.previous == KEYS.key
    assert store.keys.sealing(store.clock.time() + LEAD) == KEYS.key


@pytest.mark.parametrize("late", [STEPS_SECONDS - 30, LEAD, LEAD + DAY + 600])
@pytest.mark.parametrize("lost", [None, "UpdateSecretVersionStage"])
def test_a_rotation_that_comes_too_late_is_given_up(store: Store, late: float, lost: str | None) -> None:
    """Else all would seal with a key at once that some have not read, or refuse tokens of the other one."""
    store.begin("1" * 36)
    for step in STEPS[:3]:
        store.step(step, "1" * 36)
    store.clock.sleep(late)
    store.loses = lost
    with pytest.raises(RotationError, match="too late"):
        store.step("finishSecret", "1" * 36)
    assert store.keys == KEYS
    store.rotate("2" * 36)
    assert store.keys.previous == KEYS.key
    assert store.keys.sealing(store.clock.time() + LEAD) == KEYS.key


def test_one_that_is_done_is_not_too_late(store: Store) -> None:
    store.rotate("1" * 36)
    before = store.keys
    store.clock.sleep(LEAD + DAY)
    store.step("finishSecret", "1" * 36)
    assert store.keys == before


def test_steps_can_be_repeated(store: Store) -> None:
    store.begin("1" * 36)
    store.step("createSecret", "1" * 36)
    chosen = store.document("AWSPENDING")
    for step in (*STEPS, *STEPS):
        store.step(step, "1" * 36)
    assert store.keys == chosen


@pytest.mark.parametrize("lost", ["PutSecretValue", "UpdateSecretVersionStage"])
def test_an_answer_that_is_lost_costs_nothing(store: Store, lost: str) -> None:
    store.loses = lost
    store.rotate("1" * 36)
    assert store.keys.previous == KEYS.key


@pytest.mark.proves("sealed-two-keys")
def test_a_key_is_kept_until_nothing_needs_it(store: Store) -> None:
    store.rotate("1" * 36)
    before = store.keys
    store.clock.sleep(STEPS_SECONDS + LEAD + DAY)
    store.begin("2" * 36)
    with pytest.raises(RotationError, match="too fresh: tokens of the previous key are valid until"):
        store.step("createSecret", "2" * 36)
    assert store.keys == before
    store.clock.sleep(600)
    for step in STEPS:
        store.step(step, "2" * 36)
    assert store.keys.previous == before.key


def test_a_new_beginning_leaves_no_old_key(store: Store) -> None:
    store.rotate("1" * 36)
    before = store.keys
    store.step("startAfresh")
    assert store.keys.previous is None
    assert store.keys.key not in (before.key, before.previous)
    assert store.keys.sealing(store.clock.time()) == store.keys.key


@pytest.mark.parametrize("done", [STEPS, STEPS[:3], STEPS[:1], ()], ids=["all", "three", "one", "none"])
@pytest.mark.parametrize("lost", [None, "PutSecretValue"])
def test_a_rotation_from_before_a_new_beginning_is_over(store: Store, done: tuple[str, ...], lost: str | None) -> None:
    """What leaked does not come back, and the next rotation can begin at once."""
    store.begin("1" * 36)
    for step in done:
        store.step(step, "1" * 36)
    store.loses = lost
    store.step("startAfresh")
    afresh = store.keys
    for step in ("createSecret", "finishSecret"):
        with pytest.raises(RotationError, match="not under way"):
            store.step(step, "1" * 36)
    assert store.keys == afresh
    store.rotate("2" * 36)
    assert store.keys.previous == afresh.key


@pytest.mark.parametrize("lost", [None, "UpdateSecretVersionStage"])
def test_a_key_that_was_staged_for_another_one_is_given_up(store: Store, lost: str | None) -> None:
    """The key was replaced while its successor was chosen: that one names what leaked as the previous key."""
    store.begin("1" * 36)
    store.before["PutSecretValue"] = lambda: store.step("startAfresh")
    store.step("createSecret", "1" * 36)
    afresh = store.keys
    assert store.document("AWSPENDING").previous == KEYS.key
    store.loses = lost
    with pytest.raises(RotationError, match="not the one that the new key takes the place of"):
        store.step("finishSecret", "1" * 36)
    assert store.keys == afresh
    store.rotate("2" * 36)
    assert store.keys.previous == afresh.key


def test_a_new_beginning_just_before_the_promotion_stays(store: Store) -> None:
    store.begin("1" * 36)
    store.before["UpdateSecretVersionStage"] = lambda: store.step("startAfresh")
    for step in STEPS[:3]:
        store.step(step, "1" * 36)
    with pytest.raises(RotationError):
        store.step("finishSecret", "1" * 36)
    assert store.keys.previous is None
    assert store.keys != KEYS


def test_nothing_is_promoted_that_holds_no_key(store: Store) -> None:
    store.begin("1" * 36)
    with pytest.raises(RotationError):
        store.step("finishSecret", "1" * 36)
    assert store.keys == KEYS


def test_a_version_that_is_not_under_way_is_refused(store: Store) -> None:
    for step in ("createSecret", "finishSecret"):
        with pytest.raises(RotationError, match="not under way"):
            store.step(step, "9" * 36)


def test_the_current_key_is_tested_where_none_is_staged(store: Store) -> None:
    store.step("testSecret", "9" * 36)
    store.secrets.versions["0" * 36].text = '{"key": "sentinel"}'
    with pytest.raises(RotationError) as refused:
        store.step("testSecret", "9" * 36)
    assert "sentinel" not in str(refused.value)


def test_another_secret_and_another_step_are_refused(store: Store) -> None:
    with pytest.raises(RotationError, match="another secret"):
        module.handler({"Step": "createSecret", "SecretId": "other"}, None)
    with pytest.raises(RotationError, match="Step must be one of"):
        store.step("endPrevious")
    assert store.calls == []
