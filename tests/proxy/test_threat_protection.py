"""Sign-in as administrator calls, and the true address on the public operations."""

from __future__ import annotations

import json

import pytest
from botocore.validate import ParamValidator

from proxy.messages import Forward, Request
from proxy.operations import ADMIN_OPERATIONS, OPERATIONS, REFRESH_FLOWS, TARGET_PREFIX
from tests.proxy.cognito_model import service_model
from tests.proxy.sample_requests import CLIENT_ID, INITIATE_AUTH, SETTINGS, SIGN_UP, decided, forwarded, request
from tests.proxy.test_vectors import CASES, assert_map_proved

PROTECTED = SETTINGS._replace(threat_protection=True)
PROPAGATED = SETTINGS._replace(propagate_client_ip=True)
BOTH = PROTECTED._replace(propagate_client_ip=True)

PASSING = [
    pytest.param(case.operation, case.document, id=case.name)
    for found in CASES.values()
    for case in found
    if case.forwarded and not case.headers
]
SIGN_IN = [
    param
    for param in PASSING
    if param.values[0] in ADMIN_OPERATIONS and param.values[1].get("AuthFlow") not in REFRESH_FLOWS
]
TAKES_CONTEXT = {name for name, operation in OPERATIONS.items() if operation.user_context}


def call(operation, body, **changes) -> Request:
    sent = request(operation, body, headers={"user-agent": ["Test/1.0"], "accept-language": ["de"]})
    return sent._replace(host="auth.example.com", path="/prod/", **changes)


def assert_valid(operation: str, body: dict) -> None:
    report = ParamValidator().validate(body, service_model().operation_model(operation).input_shape)
    assert not report.has_errors(), report.generate_report()


@pytest.mark.proves("sign-in-signed", oracle="botocore")
@pytest.mark.parametrize("settings", [PROTECTED, BOTH], ids=["alone", "with propagate_client_ip"])
@pytest.mark.parametrize(("operation", "body"), SIGN_IN)
def test_every_flow_and_challenge_becomes_an_administrator_call(operation, body, settings):
    forward = forwarded(call(operation, body), settings)
    assert forward.signed
    assert forward.operation == ADMIN_OPERATIONS[operation]
    assert forward.headers["x-amz-target"] == TARGET_PREFIX + ADMIN_OPERATIONS[operation]
    document = json.loads(forward.body)
    if body.get("ChallengeName") != "BRAND_NEW":
        assert_valid(forward.operation, document)
    assert document["UserPoolId"] == SETTINGS.user_pool_id
    assert document["ClientId"] == CLIENT_ID
    assert "UserContextData" not in document
    assert_map_proved(document["AuthParameters" if operation == "InitiateAuth" else "ChallengeResponses"])
    encoded = (body.get("UserContextData") or {}).get("EncodedData")
    assert document["ContextData"] == {
        "IpAddress": "203.0.113.7",
        "ServerName": "auth.example.com",
        "ServerPath": "/prod/",
        "HttpHeaders": [
            {"headerName": "user-agent", "headerValue": "Test/1.0"},
            {"headerName": "accept-language", "headerValue": "de"},
        ],
    } | ({"EncodedData": encoded} if encoded else {})


def test_password_sign_in_takes_the_administrators_name_for_it():
    body = {"ClientId": CLIENT_ID, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": "jane"}}
    assert json.loads(forwarded(call("InitiateAuth", body), PROTECTED).body)["AuthFlow"] == "ADMIN_USER_PASSWORD_AUTH"


@pytest.mark.parametrize(("operation", "body"), [param for param in PASSING if param not in SIGN_IN])
def test_all_other_operations_stay_as_they_are(operation, body):
    protected, plain = (forwarded(call(operation, body), settings) for settings in (PROTECTED, SETTINGS))
    assert protected == plain
    assert not protected.signed


@pytest.mark.proves("true-address-told", oracle="botocore")
@pytest.mark.parametrize("settings", [PROPAGATED, BOTH], ids=["alone", "with threat_protection"])
@pytest.mark.parametrize(("operation", "body"), PASSING)
def test_the_true_address_is_propagated_where_it_can_be(operation, body, settings):
    forward = forwarded(call(operation, body), settings)
    document = json.loads(forward.body)
    if forward.operation not in TAKES_CONTEXT:
        assert "IpAddress" not in document.get("UserContextData", {})
        return
    encoded = (body.get("UserContextData") or {}).get("EncodedData")
    assert document["UserContextData"] == {"IpAddress": "203.0.113.7"} | ({"EncodedData": encoded} if encoded else {})
    if body.get("ChallengeName") != "BRAND_NEW":
        assert_valid(forward.operation, document)


FORGED = {
    "UserContextData": {"IpAddress": "192.0.2.66", "EncodedData": "fingerprint"},
    "ContextData": {"IpAddress": "192.0.2.66", "ServerName": "forged", "ServerPath": "/", "HttpHeaders": []},
}
FORGED_HEADERS = {
    "x-forwarded-for": ["192.0.2.66"],
    "forwarded": ["for=192.0.2.66"],
    "x-real-ip": ["192.0.2.66"],
    "cloudfront-viewer-address": ["192.0.2.66:1"],
    "true-client-ip": ["192.0.2.66"],
}


@pytest.mark.proves("threat-claimed-address", "fingerprint-kept")
@pytest.mark.parametrize("settings", [PROTECTED, PROPAGATED, BOTH], ids=["protected", "propagated", "both"])
@pytest.mark.parametrize("operation", ["InitiateAuth", "SignUp"])
def test_nobody_claims_an_address(operation, settings):
    body = (INITIATE_AUTH if operation == "InitiateAuth" else SIGN_UP) | FORGED
    forward = forwarded(request(operation, body, headers=FORGED_HEADERS), settings)
    document = json.loads(forward.body)
    told = document["ContextData"] if forward.signed else document.get("UserContextData", {})
    assert told.get("IpAddress", "203.0.113.7") == "203.0.113.7"
    assert told["EncodedData"] == "fingerprint"
    if forward.signed:
        assert "192.0.2.66" not in forward.body.decode()
        assert document["UserPoolId"] == SETTINGS.user_pool_id


@pytest.mark.parametrize("address", ["2001:db8::1", "::ffff:203.0.113.7", "198.51.100.1"])
def test_addresses_of_either_kind_pass_as_they_are(address):
    document = json.loads(forwarded(call("InitiateAuth", INITIATE_AUTH, client_ip=address), BOTH).body)
    assert document["ContextData"]["IpAddress"] == address
    document = json.loads(forwarded(call("SignUp", SIGN_UP, client_ip=address), BOTH).body)
    assert document["UserContextData"]["IpAddress"] == address


def test_a_client_without_a_user_agent_is_let_in():
    document = json.loads(forwarded(request("InitiateAuth", INITIATE_AUTH), PROTECTED).body)
    assert document["ContextData"]["HttpHeaders"] == []


def test_credentials_among_the_headers_are_not_told():
    headers = {
        name: ["sentinel"]
        for name in ("authorization", "cookie", "x-amz-security-token", "x-api-key", "aws-waf-token", "referer")
    }
    assert b"sentinel" not in forwarded(request("InitiateAuth", INITIATE_AUTH, headers=headers), PROTECTED).body


@pytest.mark.parametrize("settings", [SETTINGS, PROTECTED, PROPAGATED], ids=["plain", "protected", "propagated"])
@pytest.mark.parametrize("context", ["text", 1, 0, False, [], "", {"EncodedData": 1}, {"EncodedData": {}}])
def test_a_context_of_the_wrong_shape_is_refused(context, settings):
    decision = decided(request("InitiateAuth", INITIATE_AUTH | {"UserContextData": context}), settings)
    assert not isinstance(decision, Forward)
    assert decision.status == 400
