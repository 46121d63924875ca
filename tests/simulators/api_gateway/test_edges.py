"""What the edges of both kinds of APIs hand on, and what they answer by themselves."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from local import HttpRequest, HttpResponse, Journal
from local.ports import LOOPBACK, listen, port_of
from local.simulators.api_gateway import deployed
from local.simulators.api_gateway.cors import Cors
from local.simulators.api_gateway.gateway import Gateway
from local.simulators.api_gateway.gateway_responses import GatewayResponses
from local.simulators.api_gateway.http_api import MAX_PAYLOAD, HttpApi
from local.simulators.api_gateway.pool_keys import PoolKeys
from local.simulators.api_gateway.refusals import Refusal
from local.simulators.api_gateway.routes import Route
from local.simulators.common.errors import SimulatorError
from local.simulators.common.serving import ServerThread, application
from tests.e2e.raw_http import Answer, send
from tests.refusing import refusing_port

NO_TOKEN = Refusal(status=401, message="Unauthorized", why="there is no token", challenge="Bearer")
SHAPED = GatewayResponses(
    {
        "MISSING_AUTHENTICATION_TOKEN": {
            "statusCode": "404",
            "responseTemplates": {"application/json": '{"error":"none"}'},
        }
    }
)


class AsksForA:
    """Lets pass what has the header `x-pass`."""

    async def refusal(self, request: HttpRequest, scopes: Sequence[str]) -> Refusal | None:
        return None if (request.header("x-pass") or "") in ("yes", *scopes) else NO_TOKEN


@dataclass
class Behind:
    """The emulator's place."""

    came: list[HttpRequest] = field(default_factory=list)
    seconds: float = 0

    async def answer(self, request: HttpRequest) -> HttpResponse:
        self.came.append(request)
        if self.seconds:
            time.sleep(self.seconds)
        return HttpResponse(status=200, headers=(("Content-Type", "text/plain"), ("X-Amz-Request-Id", "x")), body=b"ok")


ROUTES = (
    Route(method="GET", path="/open", authorizer=None),
    Route(method="GET", path="/documents/{name}", authorizer=AsksForA()),
    Route(method="POST", path="/documents/{name}", authorizer=AsksForA(), scopes=("write",)),
)


@contextmanager
def served(api: str, behind: Behind | None, **more: Any) -> Iterator[str]:
    """The API's address, in front of `behind`, or of nobody."""
    servers, others = ServerThread(), ServerThread()
    try:
        with listen() as emulator, listen() as listener, refusing_port() as nobody:
            too_large = HttpResponse(status=413, headers=(), body=b"")
            if behind:
                others.serve(application(behind.answer, max_body=2 * MAX_PAYLOAD, too_large=too_large), emulator)
            url = f"http://{LOOPBACK}:{port_of(emulator) if behind else nobody}"
            front: Gateway | HttpApi
            if api == "rest":
                front = Gateway(emulator_url=url, api_id="abc", stage="v1", journal=Journal(), methods=ROUTES, **more)
            else:
                front = HttpApi(emulator_url=url, api_id="abc", routes=ROUTES, journal=Journal(), **more)
            servers.serve(front.web_application(), listener)
            yield f"http://{LOOPBACK}:{port_of(listener)}{front.path}"
            servers.stop()
            others.stop()
    finally:
        servers.stop()
        others.stop()


def document(answer: Answer) -> Any:
    return json.loads(answer.body)


@pytest.fixture(params=["rest", "http"])
def api(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


PASS = (("X-Pass", "yes"),)


def test_nothing_reaches_the_api_that_no_route_is_for(api: str) -> None:
    behind = Behind()
    with served(api, behind) as url:
        answers = [
            send(f"{url}{path}", method="GET", headers=PASS) for path in ("", "other", "documents", "documents/a/b")
        ]
        deleted = send(f"{url}documents/a", method="DELETE", headers=PASS)
    expected = (403, {"message": "Missing Authentication Token"}) if api == "rest" else (404, {"message": "Not Found"})
    assert [(answer.status, document(answer)) for answer in [*answers, deleted]] == [expected] * 5
    assert behind.came == []


def test_nothing_reaches_the_api_that_the_authorizer_refuses(api: str) -> None:
    behind = Behind()
    with served(api, behind) as url:
        refused = send(f"{url}documents/a", method="GET")
        without_scope = send(f"{url}documents/a", method="POST", headers=(("X-Pass", "read"),))
        with_scope = send(f"{url}documents/a", method="POST", headers=(("X-Pass", "write"),))
    assert [answer.status for answer in (refused, without_scope, with_scope)] == [401, 401, 200]
    assert document(refused) == {"message": "Unauthorized"}
    assert [request.method for request in behind.came] == ["POST"]


@pytest.mark.parametrize(
    "path", ["documents/a%2fb", "documents/..%2f..%2fx", "documents/a%00", "documents/a?b=c&b=%2f"]
)
def test_a_path_is_handed_on_as_it_came_or_not_at_all(api: str, path: str) -> None:
    behind = Behind()
    with served(api, behind) as url:
        answer = send(f"{url}{path}", method="GET", headers=PASS)
    stage = "v1" if api == "rest" else "$default"
    came = [f"{request.path}{'?' if request.query else ''}{request.query}" for request in behind.came]
    assert came == ([f"/_aws/execute-api/abc/{stage}/{path}"] if answer.status == 200 else [])
    # What is a slash to the emulator is one here.
    assert (answer.status == 200) == ("%2f" not in path.partition("?")[0])


def test_the_way_that_a_request_came_is_not_for_clients_to_say(api: str) -> None:
    behind = Behind()
    claimed = (("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "gopher"), ("x-amzn-trace-id", "mine"))
    with served(api, behind) as url:
        send(f"{url}open", method="GET", headers=claimed)
    (request,) = behind.came
    assert (request.header("x-forwarded-for"), request.header("x-forwarded-proto")) == (LOOPBACK, "https")
    assert (request.header("x-amzn-trace-id") or "").startswith("Root=1-")


def test_an_api_that_does_not_answer_is_told_of(api: str) -> None:
    status, body = (504, {"message": "Network error"}) if api == "rest" else (503, {"message": "Service Unavailable"})
    with served(api, None) as url:
        gone = send(f"{url}open", method="GET")
    with served(api, Behind(seconds=1), timeout=0.2) as url:
        slow = send(f"{url}open", method="GET")
    assert (gone.status, document(gone), slow.status) == (status, body, status)


def test_more_than_ten_megabytes_are_refused(api: str) -> None:
    behind = Behind()
    with served(api, behind) as url:
        answer = send(f"{url}documents/a", headers=PASS, body=b"x" * (MAX_PAYLOAD + 1))
    assert (answer.status, behind.came) == (413, [])


def test_a_rest_api_shapes_what_it_says_of_a_path_that_there_is_not() -> None:
    with served("rest", Behind(), responses=SHAPED) as url:
        answer = send(f"{url}other", method="GET")
    assert (answer.status, document(answer)) == (404, {"error": "none"})


def test_an_http_api_answers_preflights_of_any_path_and_hands_none_on() -> None:
    behind = Behind()
    page = "https://app.example.com"
    asks = (("Origin", page), ("Access-Control-Request-Method", "POST"))
    with served("http", behind, cors=Cors(origins=(page,), methods=("POST",))) as url:
        preflight = send(f"{url}other", method="OPTIONS", headers=asks)
        opened = send(f"{url}open", method="GET", headers=asks[:1])
    assert (preflight.status, preflight.headers["access-control-allow-methods"]) == (204, "POST")
    assert opened.headers["access-control-allow-origin"] == page
    assert "x-amz-request-id" not in opened.headers
    assert [request.method for request in behind.came] == ["GET"]


def test_without_cors_an_http_api_knows_no_preflights() -> None:
    asks = (("Origin", "https://app.example.com"), ("Access-Control-Request-Method", "POST"))
    with served("http", Behind()) as url:
        assert send(f"{url}open", method="OPTIONS", headers=asks).status == 404


# What is deployed and is not simulated


class Client:
    """boto3's, as far as it is asked."""

    def __init__(self, **answers: Any) -> None:
        self._answers = answers

    def __getattr__(self, operation: str) -> Any:
        return lambda **_: self._answers[operation]


KEYS = PoolKeys("http://127.0.0.1:1")


@pytest.mark.parametrize("method", [{"authorizationType": "AWS_IAM"}, {"authorizationType": "CUSTOM"}])
def test_methods_with_other_authorization_are_not_simulated(method: dict[str, str]) -> None:
    resources = {"items": [{"path": "/", "resourceMethods": {"GET": method}}]}
    with pytest.raises(SimulatorError, match="method GET /"):
        deployed.methods_of(Client(get_authorizers={"items": []}, get_resources=resources), "abc", KEYS)


def test_functions_that_authorize_are_asked_by_the_emulator() -> None:
    method = {"authorizationType": "CUSTOM", "authorizerId": "a"}
    rest = Client(
        get_authorizers={"items": [{"id": "a", "type": "TOKEN"}]},
        get_resources={"items": [{"path": "/", "resourceMethods": {"GET": method}}]},
    )
    http = Client(
        get_authorizers={"Items": [{"AuthorizerId": "a", "AuthorizerType": "REQUEST"}]},
        get_routes={"Items": [{"RouteKey": "GET /", "AuthorizationType": "CUSTOM", "AuthorizerId": "a"}]},
    )
    assert [found.authorizer for found in deployed.methods_of(rest, "abc", KEYS)] == [None]
    assert [found.authorizer for found in deployed.routes_of(http, "abc", KEYS)] == [None]
    method["authorizationType"] = "COGNITO_USER_POOLS"
    with pytest.raises(SimulatorError, match="no authorizer a"):
        deployed.methods_of(rest, "abc", KEYS)


def test_a_method_whose_authorizer_is_not_there_is_not_open() -> None:
    method = {"authorizationType": "COGNITO_USER_POOLS", "authorizerId": "gone"}
    resources = {"items": [{"path": "/", "resourceMethods": {"GET": method}}]}
    with pytest.raises(SimulatorError, match="no authorizer gone"):
        deployed.methods_of(Client(get_authorizers={"items": []}, get_resources=resources), "abc", KEYS)


@pytest.mark.parametrize("route", [{"AuthorizationType": "AWS_IAM"}, {"AuthorizationType": "CUSTOM"}])
def test_routes_with_other_authorization_are_not_simulated(route: dict[str, str]) -> None:
    routes = {"Items": [{"RouteKey": "GET /", **route}]}
    with pytest.raises(SimulatorError, match="route GET /"):
        deployed.routes_of(Client(get_authorizers={"Items": []}, get_routes=routes), "abc", KEYS)


@pytest.mark.parametrize("authorizer", [{}, {"AuthorizerId": "gone"}])
def test_a_route_whose_authorizer_is_not_there_is_not_open(authorizer: dict[str, str]) -> None:
    routes = {"Items": [{"RouteKey": "$default", "AuthorizationType": "JWT", **authorizer}]}
    with pytest.raises(SimulatorError, match="no authorizer"):
        deployed.routes_of(Client(get_authorizers={"Items": []}, get_routes=routes), "abc", KEYS)


def test_a_default_route_is_for_every_method() -> None:
    routes = {"Items": [{"RouteKey": "$default"}]}
    (route,) = deployed.routes_of(Client(get_authorizers={"Items": []}, get_routes=routes), "abc", KEYS)
    assert (route.method, route.path, route.authorizer) == ("ANY", "$default", None)


@pytest.mark.parametrize("stages", [[], ["prod"], ["$default", "prod"]])
def test_stages_with_a_name_are_not_simulated(stages: list[str]) -> None:
    items = {"Items": [{"StageName": stage} for stage in stages]}
    with pytest.raises(SimulatorError, match="stages"):
        deployed.check_stage(Client(get_stages=items), "abc")
    deployed.check_stage(Client(get_stages={"Items": [{"StageName": "$default"}]}), "abc")
