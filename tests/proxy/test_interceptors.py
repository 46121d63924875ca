"""What stands around calls by choice: when it runs, what it may do, and that what is off is not there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import botocore.session
import pytest

from proxy import awsjson, interceptors, regional
from proxy.call import Call
from proxy.connection import Response
from proxy.errors import InvalidParameter
from proxy.interceptors import Tools
from proxy.reading import Reading
from proxy.settings import INTERCEPTORS, SettingsError, parse_settings
from tests.proxy.fake_service import HASH_REFUSED, FakeService, answer, stall
from tests.proxy.regional_calls import assert_error, call, lines, rotated
from tests.proxy.sample_requests import CLIENT_ID, SETTINGS_DOCUMENT, SIGN_UP

FIRST, SECOND = "guards", "events"
"""Two of the keys, in the order in which they run."""

SEEN: list[tuple[Any, ...]] = []


class Recorder:
    """Notes what it sees, and does what its part says."""

    def __init__(self, part: Mapping[str, Any], tools: Tools) -> None:
        if "broken" in part:
            raise SettingsError("settings: 'broken'")
        self._part = part
        self._name = part["name"]
        self._tools = tools

    def before(self, reading: Reading, call: Call, *, deadline: float) -> None:
        SEEN.append((self._name, "before", reading.operation, reading.client_id, reading.username))
        for name in self._part.get("takes", ()):
            SEEN.append((self._name, "took", reading.take_client_metadata(name)))
        for name, value in self._part.get("sets", {}).items():
            reading.set_client_metadata(name, value)
        if "hashes" in self._part:
            hashes = self._tools.pseudonyms(call, deadline)
            SEEN.append((self._name, "hashes", hashes and hashes.key_id))
        for name in self._part.get("counts", ()):
            call.count(name)
        if "refuses" in self._part:
            raise InvalidParameter("No.")

    def after(self, reading: Reading, call: Call, response: Response, *, deadline: float) -> None:
        SEEN.append((self._name, "after", response.status))
        if "fails" in self._part:
            raise RuntimeError("sentinel-of-a-fault")

    def close(self) -> None:
        SEEN.append((self._name, "close"))


@pytest.fixture(autouse=True)
def recorders(deployed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every interceptor is a recorder."""
    SEEN.clear()
    for key in INTERCEPTORS:
        module = SimpleNamespace(**{interceptors._CLASSES[key]: Recorder})
        monkeypatch.setitem(sys.modules, f"proxy.interceptors.{key}", module)


def switch_on(monkeypatch: pytest.MonkeyPatch, **parts: Mapping[str, Any]) -> None:
    """The settings have these parts; each recorder is named after its key."""
    if regional._cached is not None:
        regional._cached[1].close()
    document = {key: {"name": key, **part} for key, part in parts.items()}
    monkeypatch.setenv("PROXY_SETTINGS", json.dumps(SETTINGS_DOCUMENT | document))


def test_each_settings_key_has_a_class_and_a_place_in_the_order() -> None:
    assert tuple(interceptors._CLASSES) == INTERCEPTORS


def test_what_is_off_is_not_imported_and_has_no_part() -> None:
    code = "import sys, proxy.regional, proxy.edge; print([name for name in sys.modules if 'interceptors' in name])"
    folder = Path(regional.__file__).parents[1]
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder).stdout == "[]\n"
    assert dict(parse_settings(json.dumps(SETTINGS_DOCUMENT)).interceptors) == {}


def test_only_those_that_are_on_run_in_their_order_and_then_see_the_answer(
    monkeypatch: pytest.MonkeyPatch, cognito: FakeService
) -> None:
    switch_on(monkeypatch, **{SECOND: {}, FIRST: {}})
    assert call("SignUp", SIGN_UP)[0] == 200
    assert SEEN == [
        (FIRST, "before", "SignUp", CLIENT_ID, "jane"),
        (SECOND, "before", "SignUp", CLIENT_ID, "jane"),
        (FIRST, "after", 200),
        (SECOND, "after", 200),
    ]


def test_a_refusal_stops_the_call_before_the_secret_and_those_behind(
    monkeypatch: pytest.MonkeyPatch, store: FakeService, cognito: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    switch_on(monkeypatch, **{FIRST: {"refuses": True}, SECOND: {}})
    assert_error(call("SignUp", SIGN_UP), 400, "InvalidParameterException")
    assert [seen[:2] for seen in SEEN] == [(FIRST, "before")]
    assert (store.received, cognito.received) == ([], [])
    (line,) = lines(capsys)
    assert (line["outcome"], line["reason"], line["Refusals"]) == ("refused", "parameter", 1)


@pytest.mark.parametrize("refused", ["GetClientToken", None])
def test_a_call_that_the_rules_refuse_reaches_none(monkeypatch: pytest.MonkeyPatch, refused: str | None) -> None:
    switch_on(monkeypatch, **{FIRST: {}})
    assert call(refused, SIGN_UP)[0] == 400
    assert call(None, method="OPTIONS", headers={"Origin": ["https://app.example.com"]})[0] in (200, 204)
    assert SEEN == []


def test_it_runs_once_where_cognito_refuses_the_secret_and_sees_the_last_answer(
    monkeypatch: pytest.MonkeyPatch, store: FakeService, cognito: FakeService
) -> None:
    switch_on(monkeypatch, **{FIRST: {"takes": ["token"]}})
    call("SignUp", SIGN_UP)
    SEEN.clear()
    store.script(rotated("dummy-new-secret"))
    cognito.script(HASH_REFUSED)
    assert call("SignUp", {**SIGN_UP, "ClientMetadata": {"token": "dummy", "app": "1"}})[0] == 200
    assert [seen[1] for seen in SEEN] == ["before", "took", "after"]
    assert SEEN[-1] == (FIRST, "after", 200)
    assert [received.document["ClientMetadata"] for received in cognito.received[1:]] == [{"app": "1"}, {"app": "1"}]


def test_what_fails_after_the_answer_costs_the_client_nothing(
    monkeypatch: pytest.MonkeyPatch, cognito: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    switch_on(monkeypatch, **{FIRST: {"fails": True}, SECOND: {}})
    assert call("SignUp", SIGN_UP)[0] == 200
    assert SEEN[-1] == (SECOND, "after", 200)
    (line,) = lines(capsys)
    assert line["problem"] == "Recorder: unexpected RuntimeError"


def test_none_sees_an_answer_that_never_came(monkeypatch: pytest.MonkeyPatch, cognito: FakeService) -> None:
    switch_on(monkeypatch, **{FIRST: {}})
    cognito.default = stall
    assert call("SignUp", SIGN_UP, seconds=0.8)[0] == 504
    assert [seen[1] for seen in SEEN] == ["before"]


def test_a_broken_part_is_a_500(monkeypatch: pytest.MonkeyPatch, cognito: FakeService) -> None:
    switch_on(monkeypatch, **{FIRST: {"broken": True}})
    assert_error(call("SignUp", SIGN_UP), 500, "InternalErrorException")
    monkeypatch.setenv("PROXY_SETTINGS", json.dumps(SETTINGS_DOCUMENT | {FIRST: True}))
    assert_error(call("SignUp", SIGN_UP), 500, "InternalErrorException")


def test_closing_the_service_closes_them(monkeypatch: pytest.MonkeyPatch, cognito: FakeService) -> None:
    switch_on(monkeypatch, **{FIRST: {}})
    call("SignUp", SIGN_UP)
    assert regional._cached is not None
    regional._cached[1].close()
    assert SEEN[-1] == (FIRST, "close")


TOKEN = {"AccessToken": "dummy-token-of-an-unreadable-form"}
REFRESH = {"ClientId": CLIENT_ID, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": "dummy"}}
CHANGED = pytest.mark.parametrize(
    ("operation", "body"), [("SignUp", SIGN_UP), ("GetUserAttributeVerificationCode", TOKEN), ("InitiateAuth", REFRESH)]
)


@CHANGED
@pytest.mark.parametrize(
    "change",
    [
        ({"token": "t", "app": "1"}, "t", {"app": "1", "by": "guard"}),
        ({"token": "t"}, "t", {"by": "guard"}),
        ({"token": 7, "app": "1"}, None, {"app": "1", "by": "guard"}),
        ({"by": "the client"}, None, {"by": "guard"}),
        (None, None, {"by": "guard"}),
        ("no object", None, {"by": "guard"}),
    ],
)
def test_client_metadata_is_taken_out_and_set(
    monkeypatch: pytest.MonkeyPatch, cognito: FakeService, operation: str, body: dict[str, Any], change: tuple[Any, ...]
) -> None:
    sent, took, goes_on = change
    switch_on(monkeypatch, **{FIRST: {"takes": ["token"], "sets": {"by": "guard"}}})
    assert call(operation, {**body, "ClientMetadata": sent})[0] == 200
    assert (FIRST, "took", took) in SEEN
    assert cognito.received[-1].document["ClientMetadata"] == goes_on


@CHANGED
def test_the_last_entry_leaves_no_client_metadata(
    monkeypatch: pytest.MonkeyPatch, cognito: FakeService, operation: str, body: dict[str, Any]
) -> None:
    switch_on(monkeypatch, **{FIRST: {"takes": ["token"]}})
    call(operation, {**body, "ClientMetadata": {"token": "t"}})
    assert "ClientMetadata" not in cognito.received[-1].document


def test_a_body_that_nobody_changed_goes_on_byte_by_byte(monkeypatch: pytest.MonkeyPatch, cognito: FakeService) -> None:
    switch_on(monkeypatch, **{FIRST: {"takes": ["token"]}})
    body = b'{ "AccessToken" : "dummy",\n "ClientMetadata": {"app":"1"} }'
    call("GetUserAttributeVerificationCode", body)
    assert cognito.received[-1].body == body


def test_hashes_are_the_same_for_every_app_client_and_call(
    monkeypatch: pytest.MonkeyPatch, store: FakeService, cognito: FakeService
) -> None:
    switch_on(monkeypatch, **{FIRST: {"hashes": True}})
    call("GetUser", TOKEN)
    call("SignUp", SIGN_UP)
    call("SignUp", {**SIGN_UP, "ClientId": "2example23456789"})
    key_ids = [seen[2] for seen in SEEN if seen[1] == "hashes"]
    assert len(key_ids) == 3
    assert len(set(key_ids)) == 1
    assert key_ids[0] is not None
    assert len(store.received) == 2


def test_without_the_store_there_are_no_hashes_and_a_call_without_proof_goes_on(
    monkeypatch: pytest.MonkeyPatch, store: FakeService, cognito: FakeService
) -> None:
    switch_on(monkeypatch, **{FIRST: {"hashes": True}})
    store.default = answer({"__type": "InternalServiceError"}, status=500)
    assert call("GetUser", TOKEN)[0] == 200
    assert (FIRST, "hashes", None) in SEEN


def test_what_is_counted_is_a_metric_of_the_proxys(
    monkeypatch: pytest.MonkeyPatch, cognito: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    switch_on(monkeypatch, **{FIRST: {"counts": ["GuardFailures", "GuardFailures", "NobodysName"]}})
    call("SignUp", SIGN_UP)
    switch_on(monkeypatch, **{FIRST: {}})
    call("SignUp", SIGN_UP)
    counted, plain = lines(capsys)
    assert counted["GuardFailures"] == 2
    assert "NobodysName" not in counted
    assert "GuardFailures" not in plain
    named = [[metric["Name"] for metric in each["Metrics"]] for each in counted["_aws"]["CloudWatchMetrics"]]
    assert sum("GuardFailures" in names for names in named) == 1
    assert all("GuardFailures" not in json.dumps(each) for each in plain["_aws"]["CloudWatchMetrics"])


@pytest.mark.parametrize("service", sorted(awsjson._PROTOCOLS))
def test_each_service_is_called_as_botocores_model_says(service: str) -> None:
    model = botocore.session.get_session().get_service_model(service)
    protocol = awsjson._PROTOCOLS[service]
    assert "json" in model.metadata["protocols"]
    assert protocol.content_type == f"application/x-amz-json-{model.metadata['jsonVersion']}"
    variable = model.service_id.upper().replace(" ", "_")
    assert protocol.endpoint_variable == f"AWS_ENDPOINT_URL_{variable}"
    host = botocore.session.get_session().create_client(service, region_name="eu-west-1").meta.endpoint_url
    assert awsjson.endpoint_url(service, "eu-west-1") == host
