"""What no honest SDK sends: refused with a 4xx in Cognito's shape, and nothing of it forwarded.

The plain cases stand in tests/vectors/decide. Here is what a file cannot say: sizes that are worked out, what is asked
of the secret store, and calls that are made up.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from proxy.body import MAX_BODY_BYTES
from proxy.decide import decide
from proxy.messages import Forward, NeedSecret, Request, Respond
from proxy.operations import OPERATIONS, TARGET_PREFIX, Proof
from tests.proxy.sample_requests import (
    CLIENT_ID,
    INITIATE_AUTH,
    OTHER_CLIENT_ID,
    SECRET,
    SECRETS,
    SETTINGS,
    SIGN_UP,
    forwarded,
    refused,
    request,
)
from tests.proxy.test_other_pools import issued_by
from tests.proxy.test_vectors import assert_proved

SERIALIZATION = (400, "SerializationException")
INVALID = (400, "InvalidParameterException")
TOO_LARGE = (413, "InvalidParameterException")

EVERY_KIND = ["SignUp", "InitiateAuth", "RespondToAuthChallenge", "RevokeToken", "GetUser"]
"""One operation for each kind of proof, as in the vectors."""


@pytest.mark.parametrize("operation", EVERY_KIND)
def test_refuses_a_body_that_did_not_arrive_whole(operation):
    assert refused(request(operation, None)) == SERIALIZATION


@pytest.mark.parametrize("operation", EVERY_KIND)
def test_says_of_a_body_that_was_cut_off_for_its_length_that_it_is_too_large(operation):
    assert refused(request(operation, None)._replace(truncated=True)) == TOO_LARGE


def test_takes_exactly_a_megabyte_and_not_a_byte_more():
    body = json.dumps(SIGN_UP).encode()
    exact = body + b" " * (MAX_BODY_BYTES - len(body))
    assert forwarded(request("SignUp", exact)).operation == "SignUp"
    assert refused(request("SignUp", exact + b" ")) == TOO_LARGE


def test_refuses_what_is_more_than_a_megabyte_after_rewriting():
    body = json.dumps({**SIGN_UP, "Password": "🔑" * 100_000}, ensure_ascii=False).encode()
    assert len(body) < MAX_BODY_BYTES / 2
    assert refused(request("SignUp", body)) == TOO_LARGE


def test_takes_exactly_a_megabyte_after_rewriting_and_not_a_byte_more():
    added = len(forwarded(request("SignUp", {**SIGN_UP, "Password": ""})).body)
    exact = {**SIGN_UP, "Password": "x" * (MAX_BODY_BYTES - added)}
    assert len(forwarded(request("SignUp", exact)).body) == MAX_BODY_BYTES
    assert refused(request("SignUp", {**exact, "Password": exact["Password"] + "x"})) == TOO_LARGE


def test_takes_a_null_for_a_member_that_is_absent():
    """SDKs may write out what was never set. Where something is needed, null is as good as nothing: refused."""
    for operation, body, absent in (
        ("SignUp", SIGN_UP, ("UserContextData", "SecretHash", "UserPoolId", "AccessToken")),
        ("InitiateAuth", INITIATE_AUTH, ("UserContextData", "UserPoolId")),
        ("RevokeToken", {"ClientId": CLIENT_ID, "Token": "dummy"}, ("ClientSecret", "UserPoolId")),
    ):
        plain = json.loads(forwarded(request(operation, body)).body)
        sent = json.loads(forwarded(request(operation, dict.fromkeys(absent) | body)).body)
        assert {name: value for name, value in sent.items() if value is not None} == plain
        assert sent.get("UserContextData", "absent") == "absent"
    needed = dict.fromkeys(("ClientId", "UserPoolId", "AccessToken", "UserContextData"))
    passed = request("GetUser", needed)
    assert forwarded(passed).body == passed.body
    parameters = {"USERNAME": "jane", "SRP_A": "ab", "SECRET_HASH": None}
    assert forwarded(request("InitiateAuth", {**INITIATE_AUTH, "AuthParameters": parameters}))
    for member in ("AuthFlow", "AuthParameters"):
        assert refused(request("InitiateAuth", {**INITIATE_AUTH, member: None})) == INVALID
    assert refused(request("SignUp", {**SIGN_UP, "Username": None})) == INVALID


def test_a_refusal_never_costs_a_fetch_of_the_secret():
    """Otherwise anybody could have the store asked at will."""
    no_secrets: dict[str, str] = {}
    for call in (
        request("SignUp", {"ClientId": "9foreign", "Username": "jane"}),
        request("SignUp", {"ClientId": CLIENT_ID}),
        request("SignUp", {**SIGN_UP, "UserContextData": "x"}),
        request("InitiateAuth", {**INITIATE_AUTH, "AuthFlow": "ADMIN_NO_SRP_AUTH"}),
        request("RespondToAuthChallenge", {"ClientId": CLIENT_ID, "ChallengeName": "SMS_MFA"}),
        request("UnheardOf", SIGN_UP),
    ):
        assert isinstance(decide(call, SETTINGS, no_secrets), Respond)


def test_waits_for_the_secret_of_the_client_that_calls():
    call = request("SignUp", {**SIGN_UP, "ClientId": OTHER_CLIENT_ID})
    assert decide(call, SETTINGS, {CLIENT_ID: SECRET}) == NeedSecret(client_id=OTHER_CLIENT_ID)


def test_needs_no_secret_where_none_goes_into_the_body():
    assert isinstance(decide(request("GetUser", {"AccessToken": "dummy"}), SETTINGS, {}), Forward)
    assert isinstance(decide(request(None, None, method="OPTIONS"), SETTINGS, {}), Respond)


def test_forwards_of_the_clients_headers_only_those_on_the_list():
    sent = {
        "host": ["proxy.example.com"],
        "cookie": ["session=dummy"],
        "authorization": ["AWS4-HMAC-SHA256 Credential=forged"],
        "proxy-authorization": ["Basic forged"],
        "x-forwarded-for": ["198.51.100.9"],
        "x-forwarded-host": ["evil.example"],
        "x-forwarded-proto": ["http"],
        "x-real-ip": ["198.51.100.9"],
        "forwarded": ["for=198.51.100.9"],
        "accept-encoding": ["gzip"],
        "content-length": ["1"],
        "transfer-encoding": ["chunked"],
        "connection": ["close"],
        "x-amz-security-token": ["forged"],
        "x-amz-date": ["20261120T000000Z"],
        "x-amz-invented": ["1"],
        "content-type": ["application/x-amz-json-1.1; charset=utf-8"],
        "origin": ["https://app.example.com"],
        "referer": ["https://app.example.com/"],
        "aws-waf-token": ["dummy"],
        "expect": ["100-continue"],
        "user-agent": ["agent/1"],
        "x-amz-user-agent": ["aws-amplify/6"],
        "amz-sdk-invocation-id": ["a-b-c"],
        "amz-sdk-request": ["attempt=1"],
    }
    for operation, body in (("SignUp", SIGN_UP), ("GetUser", {})):
        assert forwarded(request(operation, body, headers=sent)).headers == {
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": TARGET_PREFIX + operation,
            "user-agent": "agent/1",
            "x-amz-user-agent": "aws-amplify/6",
            "amz-sdk-invocation-id": "a-b-c",
            "amz-sdk-request": "attempt=1",
        }


@pytest.mark.parametrize("value", ["a\r\nx-injected: 1", "a\nb", "a\0b", "é", "\u2028", ""])
def test_drops_a_header_value_that_could_break_the_request(value):
    assert "user-agent" not in forwarded(request("SignUp", SIGN_UP, headers={"user-agent": [value]})).headers


# From here on: whatever comes.

words = st.sampled_from(
    ["ClientId", "Username", "AuthFlow", "AuthParameters", "ChallengeName", "ChallengeResponses", "USERNAME", "Token",
     "SECRET_HASH", "SecretHash", "ClientSecret", "REFRESH_TOKEN", "RefreshToken", "DEVICE_KEY", "UserContextData",
     "IpAddress", "EncodedData", "ClientMetadata", "USER_SRP_AUTH", "REFRESH_TOKEN_AUTH", "ADMIN_NO_SRP_AUTH",
     "CUSTOM_AUTH", "SMS_MFA", CLIENT_ID, OTHER_CLIENT_ID, "9foreign", "jane"]
)  # fmt: skip
strings = words | st.text(max_size=8) | st.text(st.characters(categories=["Cs"]), min_size=1, max_size=2)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | strings
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(strings, inner, max_size=4),
    max_leaves=8,
)
likely = st.fixed_dictionaries(
    {},
    optional={
        "ClientId": st.sampled_from([CLIENT_ID, OTHER_CLIENT_ID, "9foreign"]) | values,
        "Username": strings,
        "AuthFlow": st.sampled_from(["USER_SRP_AUTH", "REFRESH_TOKEN", "CUSTOM_AUTH"]) | values,
        "AuthParameters": st.dictionaries(words, strings | values, max_size=4) | values,
        "ChallengeName": st.sampled_from(["SMS_MFA", "ADMIN_NO_SRP_AUTH"]) | values,
        "ChallengeResponses": st.dictionaries(words, strings | values, max_size=4) | values,
        "UserContextData": st.dictionaries(words, values, max_size=3) | values,
        "SecretHash": values,
        "ClientSecret": values,
        "ClientMetadata": values,
        "UserPoolId": st.sampled_from([SETTINGS.user_pool_id, "eu-west-1_Foreign12"]) | values,
        "AccessToken": st.sampled_from([SETTINGS.user_pool_id, "eu-west-1_Foreign12"]).map(issued_by) | values,
    },
)
documents = st.builds(json.dumps, likely | values, ensure_ascii=st.booleans()).map(
    lambda text: text.encode("utf-8", "surrogatepass")
)
spliced = st.builds(
    lambda first, second: first.rstrip(b"}") + b"," + second.lstrip(b"{"), documents, documents
)  # duplicate keys, mostly
bodies = st.none() | st.binary(max_size=80) | documents | spliced
targets = st.lists(
    st.sampled_from(sorted(OPERATIONS)).map(lambda name: TARGET_PREFIX + name) | st.text(max_size=40), max_size=2
) | st.sampled_from(["SignUp", "InitiateAuth", "RespondToAuthChallenge", "RevokeToken", "GetUser"]).map(
    lambda name: [TARGET_PREFIX + name]
)
header_names = st.sampled_from(
    ["content-type", "content-encoding", "origin", "user-agent", "host", "access-control-request-headers", "cookie"]
) | st.text(max_size=10)
headers = st.dictionaries(header_names, st.lists(st.text(max_size=30), max_size=2), max_size=4)
methods = st.just("POST") | st.sampled_from(["OPTIONS", "GET", ""]) | st.text(max_size=5)
requests = st.builds(
    lambda method, sent, target, body: Request(
        method=method, headers={**sent, "x-amz-target": target}, body=body, client_ip="203.0.113.7"
    ),
    methods,
    headers,
    targets,
    bodies,
)


def strict(body: bytes) -> Any:
    """The body as read by a reader that takes nothing for granted."""

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({name for name, _ in members}) == len(members)
        return dict(members)

    def constant(name: str) -> None:
        raise AssertionError(name)

    return json.JSONDecoder(object_pairs_hook=pairs, parse_constant=constant).decode(body.decode("utf-8", "strict"))


@examples(max_examples=700, deadline=None)
@given(call=requests)
@example(call=request("InitiateAuth", {**INITIATE_AUTH, "AuthFlow": []}))
@example(call=request("InitiateAuth", {**INITIATE_AUTH, "AuthFlow": {}}))
@example(call=request("RespondToAuthChallenge", {"ClientId": CLIENT_ID, "ChallengeName": {}}))
@example(call=request("GetUser", {"UserContextData": True}))
@example(call=request("GetUser", {"UserContextData": {"IpAddress": "198.51.100.9"}}))
def test_whatever_comes_is_answered_or_forwarded_with_our_proof(call):
    decision = decide(call, SETTINGS, SECRETS)
    if isinstance(decision, Respond):
        assert 200 <= decision.status < 500
        if decision.body:
            assert re.fullmatch("([A-Z][a-z]+)+", json.loads(decision.body)["__type"])
        return
    assert isinstance(decision, Forward)
    assert call.method == "POST"
    assert decision.operation in OPERATIONS
    document = json.loads(decision.body)
    assert strict(decision.body) == document
    assert document.get("ClientId") in {*SETTINGS.clients, None}
    assert document.get("UserPoolId") in (SETTINGS.user_pool_id, None)
    assert document.get("AccessToken") != issued_by("eu-west-1_Foreign12")
    # Of the operations that pass untouched none takes a context (the drift test watches over that): what a client
    # writes there, of whatever type, is a member unknown to Cognito, and claims nothing.
    if OPERATIONS[decision.operation].user_context:
        assert "IpAddress" not in document.get("UserContextData", {})
    if OPERATIONS[decision.operation].proof is Proof.NONE:
        assert decision.body == call.body
        assert decision.client_id is None
    else:
        assert decision.client_id == document["ClientId"]
        if decision.client_id == CLIENT_ID:
            assert_proved(decision.operation, document)
    for name, value in decision.headers.items():
        assert (name + value).isascii()
        assert value.isprintable()


@examples(max_examples=150, deadline=None)
@given(
    extra=st.dictionaries(st.text(max_size=10), values, max_size=4),
    operation=st.sampled_from(["SignUp", "RevokeToken"]),
)
def test_what_is_rewritten_keeps_everything_but_the_proof(extra, operation):
    body = {**extra, "ClientId": CLIENT_ID, "Username": "jane"}
    body.pop("UserContextData", None)
    try:
        sent = json.dumps(body, allow_nan=False).encode()
    except ValueError:
        return
    document, body = json.loads(forwarded(request(operation, sent)).body), json.loads(sent)
    proof = "SecretHash" if operation == "SignUp" else "ClientSecret"
    assert document.pop(proof)
    body.pop(proof, None)
    assert document == body


@pytest.mark.parametrize(("levels", "accepted"), [(64, True), (65, False)])
def test_the_depth_that_is_accepted_is_a_number_of_our_own(levels, accepted):
    body = b'{"a":' * (levels - 1) + b"{}" + b"}" * (levels - 1)
    decision = decide(request("GetUser", body), SETTINGS, SECRETS)
    assert isinstance(decision, Forward) == accepted


def test_many_objects_beside_each_other_are_not_deep():
    body = json.dumps({"a": [{"b": [1]} for _ in range(1000)]}).encode()
    assert isinstance(decide(request("GetUser", body), SETTINGS, SECRETS), Forward)
