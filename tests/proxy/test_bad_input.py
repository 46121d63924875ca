"""What no honest SDK sends: refused with a 4xx in Cognito's shape, and nothing of it forwarded."""

from __future__ import annotations

import base64
import gzip
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
UNKNOWN_OPERATION = (400, "UnknownOperationException")
UNKNOWN_CLIENT = (400, "ResourceNotFoundException")
TOO_LARGE = (413, "InvalidParameterException")
NOT_ALLOWED = (405, "MethodNotAllowedException")

_START = b'{"ClientId":"' + CLIENT_ID.encode() + b'","Username":"jane"'

UNREADABLE = {
    "nothing": b"",
    "white space": b" \n",
    "no JSON": b"ClientId=x",
    "half of it": _START,
    "a comma too many": _START + b",}",
    "single quotes": b"{'ClientId':'x'}",
    "a comment": _START + b"/* */}",
    "a control character in a string": _START + b',"Password":"a\nb"}',
    "text after the object": _START + b"}x",
    "a second object": _START + b"}{}",
    "a NUL after the object": _START + b"}\0",
    "a list": b"[" + _START + b"}]",
    "a string": b'"text"',
    "null": b"null",
    "a number": b"1",
    "a client id twice": _START + b',"ClientId":"' + CLIENT_ID.encode() + b'"}',
    "a foreign client id first": b'{"ClientId":"9foreign",' + _START[1:] + b"}",
    "a key twice, once escaped": _START + b',"Client\\u0049d":"9foreign"}',
    "a key twice deep inside": _START + b',"ClientMetadata":{"a":{"b":"1","b":"2"}}}',
    "a key twice within a list": _START + b',"UserAttributes":[{"Name":"a","Name":"b"}]}',
    "a BOM": b"\xef\xbb\xbf" + _START + b"}",
    "UTF-16": (_START + b"}").decode().encode("utf-16"),
    "UTF-16 without a BOM": (_START + b"}").decode().encode("utf-16-le"),
    "UTF-32": (_START + b"}").decode().encode("utf-32"),
    "Latin-1": _START + b',"Password":"\xe9"}',
    "overlong UTF-8": _START + b',"Password":"\xc0\xaf"}',
    "a surrogate in UTF-8": _START + b',"Password":"\xed\xa0\x80"}',
    "half a character": _START + b',"Password":"\xf0\x9f"}',
    "NaN": _START + b',"ClientMetadata":NaN}',
    "Infinity": _START + b',"ClientMetadata":Infinity}',
    "minus Infinity": _START + b',"ClientMetadata":[-Infinity]}',
    "a number of five thousand digits": _START + b',"ClientMetadata":' + b"9" * 5000 + b"}",
    "objects nested a hundred thousand deep": _START
    + b',"ClientMetadata":'
    + b'{"a":' * 100_000
    + b"1"
    + b"}" * 100_001,
    "lists nested a hundred thousand deep": _START + b',"ClientMetadata":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "compressed": gzip.compress(_START + b"}"),
    "base64": base64.b64encode(_START + b"}"),
}

EVERY_KIND = ["SignUp", "InitiateAuth", "RespondToAuthChallenge", "RevokeToken", "GetUser"]
"""One operation for each kind of proof; bodies must be read with the same care whatever the operation."""


def test_every_kind_of_proof_is_tried():
    assert {OPERATIONS[name].proof for name in EVERY_KIND} == set(Proof)


@pytest.mark.parametrize("operation", EVERY_KIND)
@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_refuses_a_body_that_two_readers_could_read_differently(operation, body):
    assert refused(request(operation, body)) == SERIALIZATION


@pytest.mark.parametrize("operation", EVERY_KIND)
def test_refuses_a_body_that_did_not_arrive_whole(operation):
    assert refused(request(operation, None)) == SERIALIZATION


@pytest.mark.parametrize("operation", EVERY_KIND)
def test_says_of_a_body_that_was_cut_off_for_its_length_that_it_is_too_large(operation):
    assert refused(request(operation, None)._replace(truncated=True)) == TOO_LARGE


def test_refuses_a_number_that_grows_beyond_json_when_rewritten():
    assert refused(request("SignUp", _START + b',"ClientMetadata":1e999}')) == SERIALIZATION


@pytest.mark.parametrize("operation", EVERY_KIND)
def test_refuses_more_than_a_megabyte(operation):
    body = _START + b"}" + b" " * MAX_BODY_BYTES
    assert refused(request(operation, body)) == TOO_LARGE
    assert refused(request(operation, b"x" * (MAX_BODY_BYTES + 1))) == TOO_LARGE


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


TARGETS = {
    "missing": ([], INVALID),
    "doubled": ([TARGET_PREFIX + "SignUp"] * 2, INVALID),
    "doubled and different": ([TARGET_PREFIX + "GetUser", TARGET_PREFIX + "SignUp"], INVALID),
    "two in one": ([f"{TARGET_PREFIX}SignUp, {TARGET_PREFIX}SignUp"], UNKNOWN_OPERATION),
    "empty": ([""], UNKNOWN_OPERATION),
    "without its prefix": (["SignUp"], UNKNOWN_OPERATION),
    "prefix only": ([TARGET_PREFIX], UNKNOWN_OPERATION),
    "prefix twice": ([TARGET_PREFIX * 2 + "SignUp"], UNKNOWN_OPERATION),
    "of another service": (["secretsmanager.GetSecretValue"], UNKNOWN_OPERATION),
    "in lower case": ([(TARGET_PREFIX + "SignUp").lower()], UNKNOWN_OPERATION),
    "with a space": ([TARGET_PREFIX + "SignUp "], UNKNOWN_OPERATION),
    "with a line break": ([TARGET_PREFIX + "SignUp\r\nx: y"], UNKNOWN_OPERATION),
}


@pytest.mark.parametrize(("targets", "expected"), TARGETS.values(), ids=TARGETS)
def test_refuses_a_target_that_is_not_exactly_one_known_operation(targets, expected):
    assert refused(request(None, SIGN_UP, headers={"x-amz-target": targets})) == expected


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "", "post", "PO ST"])
def test_refuses_every_method_but_post_and_options(method):
    assert refused(request("SignUp", SIGN_UP, method=method)) == NOT_ALLOWED


JSON = "application/x-amz-json-1.1"

OTHER_CONTENT_TYPES = {
    "UTF-16": f"{JSON}; charset=utf-16",
    "Latin-1, quoted": f'{JSON}; Charset="ISO-8859-1"',
    "UTF-7": f"{JSON};charset=utf-7",
    "UTF-8 under another name": f"{JSON}; charset=utf8",
    "an empty charset": f"{JSON}; charset=",
    "an empty charset, quoted": f'{JSON}; charset=""',
    "a space before the equals sign": f"{JSON}; charset =utf-16",
    "a space before the equals sign, and UTF-8": f"{JSON}; charset =utf-8",
    "a space behind the equals sign": f"{JSON}; charset= utf-8",
    "a space within the quotes": f'{JSON}; charset=" utf-8"',
    "an extended parameter": f"{JSON}; charset*=utf-16''",
    "an extended parameter that says UTF-8": f"{JSON}; charset*=utf-8''utf-8",
    "a charset in pieces": f"{JSON}; charset*0=utf-16",
    "a charset twice": f"{JSON}; charset=utf-8; charset=utf-8",
    "two charsets": f"{JSON}; charset=utf-8; charset=utf-16",
    "two charsets, the honest one last": f"{JSON}; charset=utf-16; charset=utf-8",
    "another parameter": f"{JSON}; version=1",
    "another parameter behind the charset": f"{JSON}; charset=utf-8; version=1",
    "an escape within the quotes": rf'{JSON}; charset="utf\-8"',
    "half a quote": f'{JSON}; charset="utf-8',
    "single quotes": f"{JSON}; charset='utf-8'",
    "a long s": "application/x-amz-j\u017fon-1.1; char\u017fet=utf-8",
    "a no-break space": f"{JSON};\u00a0charset=utf-8",
    "a line break": f"{JSON}; charset=utf-8\n",
    "no semicolon": f"{JSON} charset=utf-8",
    "a semicolon and nothing": f"{JSON};",
    "two in one": f"{JSON}, {JSON}",
    "nothing": "",
    "CBOR": "application/x-amz-cbor-1.1",
    "Smithy's CBOR": "application/cbor",
    "JSON of another version": "application/x-amz-json-1.0",
    "any JSON": "application/json",
    "any character for the dot": "application/x-amz-json-1x1",
    "text, as a page may send unasked": "text/plain",
    "text in UTF-8": "text/plain; charset=utf-8",
    "a form": "application/x-www-form-urlencoded",
    "a form with files": "multipart/form-data; boundary=x",
    "more behind it": f"{JSON}+cbor",
    "more before it": f"x{JSON}",
}


@pytest.mark.parametrize("content_type", OTHER_CONTENT_TYPES.values(), ids=OTHER_CONTENT_TYPES)
def test_refuses_a_content_type_by_which_another_reader_could_read_differently(content_type):
    headers = {"content-type": [content_type]}
    answers = {refused(request(operation, {**SIGN_UP, **INITIATE_AUTH}, headers=headers)) for operation in EVERY_KIND}
    assert answers == {SERIALIZATION}


@pytest.mark.parametrize(
    "content_types",
    [
        [],
        [JSON],
        [JSON.upper()],
        [f"{JSON}; charset=UTF-8"],
        [f"{JSON};charset=utf-8"],
        [f"{JSON} \t;\t CHARSET=Utf-8"],
        [f'{JSON}; charset="utf-8"'],
        [JSON, f"{JSON}; charset=utf-8"],
    ],
)
@pytest.mark.parametrize(("operation", "body"), [("SignUp", SIGN_UP), ("GetUser", {})])
def test_takes_aws_json_in_utf8_and_forwards_our_own_content_type(operation, body, content_types):
    forward = forwarded(request(operation, body, headers={"content-type": content_types}))
    assert forward.headers["content-type"] == JSON


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "gzip, identity"])
def test_refuses_a_compressed_body(encoding):
    assert refused(request("GetUser", {}, headers={"content-encoding": [encoding]})) == SERIALIZATION


@pytest.mark.parametrize("encodings", [[], [""], ["identity"], ["Identity"], ["identity", "IDENTITY"]])
def test_takes_a_body_that_says_it_is_not_compressed(encodings):
    assert forwarded(request("GetUser", {}, headers={"content-encoding": encodings}))


@pytest.mark.parametrize("order", [1, -1])
def test_one_honest_header_does_not_cover_for_another(order):
    """Where the viewer's own headers travel on, which of two Cognito heeds is not known."""
    types = [f"{JSON}; charset=utf-16", f"{JSON}; charset=utf-8"][::order]
    assert refused(request("GetUser", {}, headers={"content-type": types})) == SERIALIZATION
    encodings = ["gzip", "identity"][::order]
    assert refused(request("GetUser", {}, headers={"content-encoding": encodings})) == SERIALIZATION


CLIENT_IDS: dict[str, tuple[Any, tuple[int, str]]] = {
    "foreign": ("9foreign", UNKNOWN_CLIENT),
    "in another case": (CLIENT_ID.upper(), UNKNOWN_CLIENT),
    "with a space": (CLIENT_ID + " ", UNKNOWN_CLIENT),
    "with a NUL": (CLIENT_ID + "\0", UNKNOWN_CLIENT),
    "a lone surrogate": ("\ud800", UNKNOWN_CLIENT),
    "empty": ("", INVALID),
    "a number": (1, INVALID),
    "true": (True, INVALID),
    "a list": ([CLIENT_ID], INVALID),
    "an object": ({CLIENT_ID: CLIENT_ID}, INVALID),
}


@pytest.mark.parametrize("operation", EVERY_KIND)
@pytest.mark.parametrize(("client_id", "expected"), CLIENT_IDS.values(), ids=CLIENT_IDS)
def test_refuses_a_client_that_is_not_configured(operation, client_id, expected):
    assert refused(request(operation, {"ClientId": client_id, "Username": "jane"})) == expected


@pytest.mark.parametrize("operation", [name for name in EVERY_KIND if OPERATIONS[name].proof is not Proof.NONE])
@pytest.mark.parametrize("body", [{}, {"ClientId": None}])
def test_refuses_a_call_that_needs_a_client_and_names_none(operation, body):
    assert refused(request(operation, {**body, "Username": "jane"})) == INVALID


def test_a_client_id_in_another_members_case_is_none():
    assert refused(request("SignUp", {"clientId": CLIENT_ID, "Username": "jane"})) == INVALID


@pytest.mark.parametrize("username", ["\ud800", "a\udfffb", "\udc00\ud800"])
def test_refuses_a_username_that_no_encoding_can_carry(username):
    assert refused(request("SignUp", {**SIGN_UP, "Username": username})) == INVALID
    parameters = {"USERNAME": username, "SRP_A": "a"}
    assert refused(request("InitiateAuth", {**INITIATE_AUTH, "AuthParameters": parameters})) == INVALID


@pytest.mark.parametrize("context", ["198.51.100.9", "", ["IpAddress"], [], 1, 0, True, False])
def test_refuses_a_user_context_that_is_no_object(context):
    assert refused(request("SignUp", {**SIGN_UP, "UserContextData": context})) == INVALID


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
