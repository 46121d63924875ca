"""Administrator calls that the function itself sends: the regional one, and the edge one as a generated response."""

from __future__ import annotations

import json
import re
from base64 import b64encode

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.simulators.cloudfront.rules import check
from proxy import edge, regional
from proxy.operations import TARGET_PREFIX
from proxy.secret_store import SecretStore
from tests.proxy.edge_events import edge_event
from tests.proxy.fake_service import HASH_REFUSED, answer, error
from tests.proxy.request_lines import lines_of
from tests.proxy.sample_requests import CLIENT_ID, INITIATE_AUTH, ORIGIN, SETTINGS_DOCUMENT, secret_document

PROTECTED = SETTINGS_DOCUMENT | {"threat_protection": True, "edge_admin_calls": "generated"}
ROLE = "arn:aws:sts::111122223333:assumed-role/proxy-role/proxy"
DENIED = f"User: {ROLE} is not authorized to perform: cognito-idp:AdminInitiateAuth on resource: …"


def through_api_gateway(body):
    event = {
        "httpMethod": "POST",
        "headers": {"X-Amz-Target": TARGET_PREFIX + "InitiateAuth", "Origin": ORIGIN, "User-Agent": "Test/1.0"},
        "requestContext": {
            "requestId": "r-1",
            "path": "/prod/",
            "domainName": "api.example.com",
            "identity": {"sourceIp": "203.0.113.7"},
        },
        "body": b64encode(json.dumps(body).encode()).decode(),
        "isBase64Encoded": True,
    }
    response = regional.handler(event, None)
    return response["statusCode"], json.loads(response["body"])


def through_cloudfront(body):
    event = edge_event("InitiateAuth", body, headers={"Origin": ORIGIN}, settings=PROTECTED)
    before = json.loads(json.dumps(event["Records"][0]["cf"]["request"]))
    response = edge.handler(event)
    result = check(before, response)
    assert not getattr(result, "violations", ()), result
    return int(response["status"]), json.loads(response["body"])


def server_told(parts, cognito):
    """What the regional function makes of an event's host and path."""
    event = {
        "httpMethod": "POST",
        "headers": {"X-Amz-Target": TARGET_PREFIX + "InitiateAuth", "Host": "host.example.com"},
        "body": json.dumps(INITIATE_AUTH),
    }
    assert regional.handler(event | parts)["statusCode"] == 200
    context = cognito.received[-1].document["ContextData"]
    return context["ServerName"], context["ServerPath"]


@pytest.fixture(params=[through_api_gateway, through_cloudfront], ids=["regional", "edge"])
def call(request):
    return request.param


@pytest.fixture
def store(fake, monkeypatch):
    service = fake(default=answer({"SecretString": secret_document()}))
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", service.url)
    return service


@pytest.fixture
def cognito(fake, store, monkeypatch):
    service = fake(default=answer({"ChallengeName": "PASSWORD_VERIFIER"}, headers={"x-amzn-RequestId": "cognito-0"}))
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", service.url)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "dummy-token")
    monkeypatch.setenv("PROXY_SETTINGS", json.dumps(PROTECTED))
    monkeypatch.setattr(edge, "_cached", None)
    yield service
    for adapter in (regional, edge):
        if adapter._cached is not None:
            adapter._cached[1].close()


def test_the_call_is_signed_with_the_role(call, cognito):
    assert call(INITIATE_AUTH) == (200, {"ChallengeName": "PASSWORD_VERIFIER"})
    (received,) = cognito.received
    assert received.operation == "AdminInitiateAuth"
    signed = re.search(r"SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$", received.header("authorization"))
    names = signed[1].split(";")
    assert {"host", "x-amz-date", "x-amz-security-token", "x-amz-target"} <= set(names)
    headers = {name: received.header(name) for name in names}
    oracle = AWSRequest("POST", cognito.url + "/", data=received.body, headers=headers)
    oracle.context["timestamp"] = received.header("x-amz-date")
    credentials = Credentials("AKIDEXAMPLE", "dummy-secret-access-key", "dummy-token")
    signer = SigV4Auth(credentials, "cognito-idp", "eu-west-1")
    assert signer.signature(signer.string_to_sign(oracle, signer.canonical_request(oracle)), oracle) == signed[2]


def test_credentials_that_rotate_are_picked_up(call, cognito, monkeypatch):
    call(INITIATE_AUTH)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "another-token")
    call(INITIATE_AUTH)
    tokens = [received.header("x-amz-security-token") for received in cognito.received]
    assert tokens == ["dummy-token", "another-token"]


def test_the_function_reaches_cognito_over_one_connection(call, cognito):
    for _ in range(3):
        call(INITIATE_AUTH)
    assert [received.connection for received in cognito.received] == [1, 1, 1]


@pytest.mark.proves("denied-signed-call")
@pytest.mark.parametrize(
    "refusal",
    ["AccessDeniedException", "ExpiredTokenException", "InvalidSignatureException", "UnrecognizedClientException"],
)
def test_what_the_role_lacks_is_told_to_the_operator_alone(call, cognito, capsys, refusal):
    cognito.script(error(refusal, DENIED))
    status, document = call(INITIATE_AUTH)
    assert (status, document["__type"]) == (500, "InternalErrorException")
    assert ROLE not in json.dumps(document)
    assert "cognito-idp" not in json.dumps(document)
    logged = capsys.readouterr().out
    assert refusal in logged
    assert "cognito-idp:AdminInitiateAuth" in logged
    assert ROLE not in logged


def test_cognitos_own_refusals_come_through(call, cognito):
    cognito.script(error("NotAuthorizedException", "Incorrect username or password."))
    status, document = call(INITIATE_AUTH)
    assert (status, document["__type"]) == (400, "NotAuthorizedException")
    assert document["message"] == "Incorrect username or password."


def test_a_hash_that_does_not_verify_is_made_anew_from_a_fresh_secret(call, cognito, store):
    call(INITIATE_AUTH)
    store.script(answer({"SecretString": secret_document(CLIENT_ID, "dummy-rotated-secret-of-the-client")}))
    cognito.script(HASH_REFUSED)
    assert call(INITIATE_AUTH)[0] == 200
    first, refused, again = (r.document["AuthParameters"]["SECRET_HASH"] for r in cognito.received)
    assert first == refused != again


def test_without_credentials_nothing_is_sent(call, cognito, capsys, monkeypatch):
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setattr(SecretStore, "read", lambda *_: secret_document())
    status, document = call(INITIATE_AUTH)
    assert (status, document["__type"]) == (502, "InternalErrorException")
    assert not cognito.received
    (logged,) = lines_of(capsys.readouterr().out)
    assert logged["problem"] == "Cognito: NoCredentials"


def test_the_address_is_the_peers(cognito):
    """What the service that carried the call says, whatever a header claims."""
    through_api_gateway(INITIATE_AUTH)
    through_cloudfront(INITIATE_AUTH)
    assert [r.document["ContextData"]["IpAddress"] for r in cognito.received] == ["203.0.113.7", "203.0.113.7"]


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"requestContext": {"domainName": "api.example.com", "path": "/prod/"}}, ("api.example.com", "/prod/")),
        ({"requestContext": {"path": "/prod/"}, "path": "/"}, ("host.example.com", "/prod/")),
        ({"requestContext": {}, "path": "/signin"}, ("host.example.com", "/signin")),
        ({"requestContext": None, "path": ""}, ("host.example.com", "/")),
        ({}, ("host.example.com", "/")),
    ],
)
def test_where_api_gateway_does_not_name_the_server_the_request_does(cognito, parts, told):
    assert server_told(parts, cognito) == told


def test_the_server_is_named_as_the_app_called_it(cognito):
    through_api_gateway(INITIATE_AUTH)
    through_cloudfront(INITIATE_AUTH)
    told = [received.document["ContextData"] for received in cognito.received]
    assert [(context["ServerName"], context["ServerPath"]) for context in told] == [
        ("api.example.com", "/prod/"),
        ("d111111abcdef8.cloudfront.net", "/"),
    ]
