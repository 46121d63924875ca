import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from local import HttpRequest, HttpResponse, Journal, LocalRun
from local.ports import LOOPBACK, listen, port_of
from local.simulators.api_gateway.gateway import (
    DROPPED_REQUEST_HEADERS,
    MAX_PAYLOAD,
    REMAPPED_RESPONSE_HEADERS,
    Gateway,
)
from local.simulators.api_gateway.gateway_responses import GatewayResponses
from local.simulators.common.http import DEFAULT_BLOCK, Firewall
from local.simulators.common.serving import ServerThread
from tests.local.conftest import Tiny
from tests.local.plain_http import post
from tests.refusing import refusing_port

SHAPED = GatewayResponses(
    {
        "DEFAULT_5XX": {
            "responseParameters": {"gatewayresponse.header.Content-Type": "'application/x-amz-json-1.1'"},
            "responseTemplates": {"application/json": '{"__type":"InternalErrorException"}'},
        },
        "WAF_FILTERED": {"statusCode": "400", "responseTemplates": {"application/json": "{}"}},
    }
)


@pytest.fixture(scope="module")
def run(tiny: Tiny) -> LocalRun:
    return tiny.run


@contextmanager
def _front(
    emulator_url: str,
    api_id: str = "none",
    *,
    responses: GatewayResponses | None = None,
    firewall: Firewall | None = None,
    switched_off: str | None = None,
    timeout: float = 5,
) -> Iterator[str]:
    """A gateway of its own, for what the deployed one does not show."""
    gateway = Gateway(
        emulator_url=emulator_url,
        api_id=api_id,
        stage="prod",
        journal=Journal(),
        responses=responses,
        firewall=firewall,
        switched_off=switched_off,
        timeout=timeout,
    )
    servers = ServerThread()
    try:
        with listen() as listener:
            servers.serve(gateway.web_application(), listener)
            yield f"http://{LOOPBACK}:{port_of(listener)}{gateway.path}"
            servers.stop()
    finally:
        servers.stop()


def _api_id(run: LocalRun) -> str:
    return run.stacks["Tiny"].only("AWS::ApiGateway::RestApi")


def test_hands_the_exact_body_and_the_headers_on(run: LocalRun) -> None:
    body = '{"Ü":\u00a01}'.encode()
    seen = post(run.endpoint, body, {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "a.B"}).document
    assert seen["body"] == body.decode()
    assert seen["headers"]["x-amz-target"] == "a.B"
    assert seen["headers"]["host"] == run.endpoint.split("/")[2]


@pytest.mark.parametrize(("suffix", "path"), [("/prod/", "/"), ("/prod", "/")])
def test_serves_the_stage_with_and_without_its_last_slash(run: LocalRun, suffix: str, path: str) -> None:
    answer = post(run.endpoint.removesuffix("/prod/") + suffix)
    assert (answer.status, answer.document["path"]) == (200, path)


@pytest.mark.parametrize("path", ["/", "/production/", "/other"])
def test_forbids_what_is_not_the_stage(run: LocalRun, path: str) -> None:
    answer = post(run.endpoint.removesuffix("/prod/") + path)
    assert (answer.status, answer.document) == (403, {"message": "Forbidden"})


def test_drops_the_headers_that_api_gateway_drops(run: LocalRun) -> None:
    dropped = DROPPED_REQUEST_HEADERS - {"transfer-encoding", "expect", "upgrade"}
    seen = post(run.endpoint, headers={**dict.fromkeys(dropped, "x"), "X-Kept": "y"}).document["headers"]
    assert not dropped & seen.keys()
    assert seen["x-kept"] == "y"


@pytest.mark.parametrize(
    ("authorization", "arrives"), [("AWS4-HMAC-SHA256 Credential=a/b", False), ("Bearer token", True)]
)
def test_drops_only_a_signature_from_authorization(run: LocalRun, authorization: str, arrives: bool) -> None:
    seen = post(run.endpoint, headers={"Authorization": authorization}).document["headers"]
    assert ("authorization" in seen) == arrives


def test_takes_the_source_address_from_the_connection_alone(run: LocalRun) -> None:
    seen = post(run.endpoint, headers={"X-Forwarded-For": "203.0.113.9, 203.0.113.8"}).document
    assert seen["source_ip"] == "127.0.0.1"
    assert seen["headers"]["x-forwarded-for"] == "127.0.0.1"


def test_remaps_response_headers_as_api_gateway_does(run: LocalRun) -> None:
    sent = dict.fromkeys(REMAPPED_RESPONSE_HEADERS - {"connection"}, "x")
    answer = post(run.endpoint, headers={"X-Test-Answer": json.dumps({**sent, "x-kept": "y", "Date": "then"})})
    assert answer.headers["x-kept"] == "y"
    assert answer.headers["x-amzn-remapped-date"] == "then"
    for name in sent.keys() - {"date"}:
        assert answer.headers[f"x-amzn-remapped-{name}"] == "x"
        assert answer.headers.get(name) != "x"


def test_names_the_request_itself(run: LocalRun) -> None:
    answer = post(run.endpoint)
    assert answer.headers["x-amzn-requestid"]
    assert answer.headers["x-amz-apigw-id"]
    assert "x-amzn-remapped-date" not in answer.headers


def test_refuses_more_than_ten_megabytes(run: LocalRun) -> None:
    assert post(run.endpoint, b"x" * MAX_PAYLOAD).status == 200
    answer = post(run.endpoint, b"x" * (MAX_PAYLOAD + 1))
    assert (answer.status, answer.document) == (413, {"message": "Request Too Long"})


def test_gives_up_on_a_function_that_takes_too_long(run: LocalRun) -> None:
    with _front(run.emulator.endpoint, _api_id(run), timeout=0.3) as endpoint:
        started = time.monotonic()
        answer = post(endpoint, headers={"X-Test-Sleep": "2"})
        assert (answer.status, answer.document) == (504, {"message": "Endpoint request timed out"})
        assert time.monotonic() - started < 1.5


def test_answers_its_own_errors_in_the_shape_that_the_api_configures() -> None:
    with refusing_port() as port, _front(f"http://{LOOPBACK}:{port}", responses=SHAPED) as endpoint:
        answer = post(endpoint)
    assert (answer.status, answer.document) == (504, {"__type": "InternalErrorException"})
    assert answer.headers["content-type"] == "application/x-amz-json-1.1"


def test_a_default_name_that_is_switched_off_answers_forbidden_and_asks_nobody(run: LocalRun) -> None:
    name = f"{_api_id(run)}.execute-api.eu-west-1.amazonaws.com"
    with _front(run.emulator.endpoint, _api_id(run), responses=SHAPED, switched_off=name) as endpoint:
        refused = [post(endpoint, headers={"Host": host}) for host in (name, f"{name}:443", name.upper())]
        by_another_name = post(endpoint, b"body", headers={"Host": "auth.example.com"})
    assert {(answer.status, answer.body) for answer in refused} == {(403, b'{"message":"Forbidden"}')}
    assert (by_another_name.status, by_another_name.document["body"]) == (200, "body")


def test_a_firewall_sees_the_request_first_and_may_answer(run: LocalRun) -> None:
    seen: list[HttpRequest] = []

    async def firewall(request: HttpRequest) -> HttpResponse | None:
        seen.append(request)
        if request.header("x-block") == "own":
            return HttpResponse(status=429, headers=(("X-Why", "rate"),), body=b"no")
        return DEFAULT_BLOCK if request.header("x-block") else None

    with _front(run.emulator.endpoint, _api_id(run), responses=SHAPED, firewall=firewall) as endpoint:
        passed = post(endpoint, b"body")
        own = post(endpoint, headers={"X-Block": "own"})
        default = post(endpoint, headers={"X-Block": "default"})
    assert (passed.status, passed.document["body"]) == (200, "body")
    assert (own.status, own.headers["x-why"], own.body) == (429, "rate", b"no")
    assert (default.status, default.document) == (400, {})
    assert (seen[0].path, seen[0].body, seen[0].client_ip) == ("/prod/", b"body", "127.0.0.1")


def test_notes_what_clients_sent(run: LocalRun) -> None:
    run.viewer_journal.clear()
    target = {"X-Amz-Target": "AWSCognitoIdentityProviderService.SignUp"}
    post(run.endpoint, b'{"Username": "ada", "Password": "dummy"}', target)
    (call,) = run.viewer_journal.calls()
    assert (call.operation, call.body) == ("SignUp", {"Username": "ada", "Password": "<redacted>"})
