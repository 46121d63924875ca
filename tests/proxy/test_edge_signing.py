"""Administrator calls that the edge function signs for CloudFront to send, verified by botocore."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from datetime import UTC, datetime

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from local.simulators.cloudfront.rules import check
from proxy import edge, service
from tests.proxy.edge_events import ORIGIN_HOST, REQUEST_ID, edge_event
from tests.proxy.sample_requests import CLIENT_ID, SETTINGS_DOCUMENT, secret_document

PROTECTED = SETTINGS_DOCUMENT | {"threat_protection": True}


@pytest.fixture(scope="module")
def function():
    """The handler with its role's credentials and a secret at hand, and no other way to the network."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "dummy-key")
        patch.setattr(service.SecretStore, "read", lambda _self, arn, _deadline: secret_document(_client_of(arn)))
        patch.setattr(edge, "_cached", None)
        yield patch


def _client_of(arn: str) -> str:
    return arn.rpartition(":")[2].removesuffix("-AbCdEf")


def sent_by_cloudfront(answer: dict) -> tuple[str, dict[str, str], bytes]:
    """What reaches Cognito: the URL, the headers (those that CloudFront writes by itself among them) and the body."""
    headers = {name: values[0]["value"] for name, values in answer["headers"].items()}
    origin = answer["origin"]["custom"]
    headers["x-amz-cf-id"] = REQUEST_ID
    query = f"?{answer['querystring']}" if answer["querystring"] else ""
    url = f"https://{origin['domainName']}{origin['path']}{answer['uri']}{query}"
    body = answer["body"]
    return url, headers, body["data"].encode() if body["encoding"] == "text" else b64decode(body["data"])


def assert_signed(answer: dict, *, secret_key: str, token: str | None) -> None:
    url, headers, body = sent_by_cloudfront(answer)
    signed = re.search(r"SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$", headers["authorization"])
    names = signed[1].split(";")
    assert {"content-type", "host", "x-amz-target", "x-amz-cf-id"} <= set(names)
    assert headers["content-type"] == "application/x-amz-json-1.1"
    assert {name for name in headers if name.startswith("x-amz-")} <= set(names), "every x-amz-* header must be signed"
    assert headers.get("x-amz-security-token") == token
    oracle = AWSRequest(answer["method"], url, data=body, headers={name: headers[name] for name in names})
    oracle.context["timestamp"] = headers["x-amz-date"]
    signer = SigV4Auth(Credentials("ASIAEXAMPLE", secret_key, token), "cognito-idp", "eu-west-1")
    assert signer.signature(signer.string_to_sign(oracle, signer.canonical_request(oracle)), oracle) == signed[2]


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
visible = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=30)


@pytest.mark.proves("threat-signature", "signatures-verified", oracle="botocore signer")
@examples(max_examples=2500, deadline=None)
@given(
    username=texts,
    parameters=st.dictionaries(texts, texts, max_size=3),
    metadata=st.none() | st.dictionaries(texts, texts, max_size=2),
    now=st.integers(min_value=1_600_000_000, max_value=4_000_000_000),
    key=st.text("abcDEF123/+", min_size=20, max_size=40),
    token=st.none() | st.text("abcDEF123/+=", min_size=1, max_size=400),
    agent=visible,
    uri=visible.map(lambda text: "/" + text),
    query=st.just("") | visible,
)
def test_what_cloudfront_sends_is_signed_as_botocore_would(  # noqa: PLR0917
    function, username, parameters, metadata, now, key, token, agent, uri, query
):
    function.setenv("AWS_SECRET_ACCESS_KEY", key)
    function.setattr(edge.time, "time", lambda: float(now))
    function.setenv("AWS_SESSION_TOKEN", token) if token else function.delenv("AWS_SESSION_TOKEN", raising=False)
    body = {
        "ClientId": CLIENT_ID,
        "AuthFlow": "USER_SRP_AUTH",
        "AuthParameters": parameters | {"USERNAME": username, "SRP_A": "ab"},
        "ClientMetadata": metadata or {},
    }
    event = edge_event("InitiateAuth", body, headers={"x-amz-user-agent": agent}, settings=PROTECTED)
    event["Records"][0]["cf"]["request"] |= {"uri": uri, "querystring": query}
    answer = edge.handler(event)
    assert answer["method"] == "POST", answer
    assert_signed(answer, secret_key=key, token=token)
    signed_at = datetime.fromtimestamp(now, tz=UTC).strftime("%Y%m%dT%H%M%SZ")
    assert answer["headers"]["x-amz-date"][0]["value"] == signed_at


INITIATE = {
    "ClientId": CLIENT_ID,
    "AuthFlow": "USER_SRP_AUTH",
    "AuthParameters": {"USERNAME": "jane", "SRP_A": "ab12"},
}
VIEWERS_OWN = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=viewer",
    "X-Amz-Date": "20200101T000000Z",
    "X-Amz-Security-Token": "viewers-token",
    "X-Amz-Content-Sha256": "viewers-hash",
    "X-Amz-User-Agent": "aws-amplify/6",
    "X-Amz-Whatever": "1",
    "Cookie": "session=1",
}


@pytest.fixture
def credentials(function):
    function.setenv("AWS_SECRET_ACCESS_KEY", "dummy-key")
    function.setenv("AWS_SESSION_TOKEN", "dummy-token")


@pytest.mark.usefixtures("credentials")
def test_what_a_viewer_sent_to_sign_with_is_gone():
    answer = edge.handler(edge_event("InitiateAuth", INITIATE, headers=VIEWERS_OWN, settings=PROTECTED))
    assert_signed(answer, secret_key="dummy-key", token="dummy-token")
    assert "viewer" not in json.dumps(answer["headers"])
    assert "cookie" not in answer["headers"]


@pytest.mark.usefixtures("credentials")
def test_the_host_that_is_signed_is_the_one_that_is_sent():
    headers = {"Host": "auth.example.com"}
    answer = edge.handler(edge_event("InitiateAuth", INITIATE, headers=headers, settings=PROTECTED))
    assert_signed(answer, secret_key="dummy-key", token="dummy-token")
    assert [entry["value"] for entry in answer["headers"]["host"]] == [ORIGIN_HOST]


@pytest.mark.proves("threat-signature")
@pytest.mark.usefixtures("credentials")
def test_no_header_that_a_viewer_wrote_is_under_the_signature():
    headers = VIEWERS_OWN | {"User-Agent": "Test/1.0", "Amz-Sdk-Request": "attempt=1"}
    answer = edge.handler(edge_event("InitiateAuth", INITIATE, headers=headers, settings=PROTECTED))
    _, sent, body = sent_by_cloudfront(answer)
    signed = re.search(r"SignedHeaders=([^,]+),", sent["authorization"])
    assert signed[1] == "content-type;host;x-amz-cf-id;x-amz-date;x-amz-security-token;x-amz-target"
    # What the core lets through and is no x-amz-* header goes on beside it; the rest is told in the body.
    assert (sent["user-agent"], sent["amz-sdk-request"]) == ("Test/1.0", "attempt=1")
    assert "x-amz-user-agent" not in sent
    told = {"headerName": "x-amz-user-agent", "headerValue": "aws-amplify/6"}
    assert told in json.loads(body)["ContextData"]["HttpHeaders"]


@pytest.mark.usefixtures("credentials")
def test_the_event_is_not_returned_signed_without_cloudfronts_id(capsys):
    event = edge_event("InitiateAuth", INITIATE, settings=PROTECTED)
    del event["Records"][0]["cf"]["config"]["requestId"]
    assert edge.handler(event)["status"] == "500"
    assert "KeyError" in capsys.readouterr().out


@pytest.mark.usefixtures("credentials")
def test_cloudfront_takes_the_signed_request():
    event = edge_event("InitiateAuth", INITIATE, headers=VIEWERS_OWN, settings=PROTECTED)
    before = json.loads(json.dumps(event["Records"][0]["cf"]["request"]))
    result = check(before, edge.handler(event))
    assert not getattr(result, "violations", ()), result


@pytest.mark.usefixtures("credentials")
def test_credentials_that_rotate_under_a_warm_function_are_picked_up(function):
    edge.handler(edge_event("InitiateAuth", INITIATE, settings=PROTECTED))
    function.setenv("AWS_SECRET_ACCESS_KEY", "another-key")
    function.setenv("AWS_SESSION_TOKEN", "another-token")
    answer = edge.handler(edge_event("InitiateAuth", INITIATE, settings=PROTECTED))
    assert_signed(answer, secret_key="another-key", token="another-token")


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize("operation", ["SignUp", "GetUser", "RevokeToken"])
def test_public_operations_are_not_signed(operation):
    body = {"ClientId": CLIENT_ID, "Username": "jane", "Token": "dummy", "AccessToken": "dummy"}
    answer = edge.handler(edge_event(operation, body, headers=VIEWERS_OWN, settings=PROTECTED))
    assert answer["method"] == "POST"
    assert not {"authorization", "x-amz-date", "x-amz-security-token"} & set(answer["headers"])


def test_without_credentials_the_client_gets_an_error_that_it_understands(function, capsys):
    function.delenv("AWS_SECRET_ACCESS_KEY", raising=False)
    answer = edge.handler(edge_event("InitiateAuth", INITIATE, settings=PROTECTED))
    assert answer["status"] == "500"
    assert json.loads(answer["body"])["__type"] == "InternalErrorException"
    assert "credentials" in capsys.readouterr().out


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize(
    ("settings", "name"),
    [
        (PROTECTED, "d111111abcdef8.cloudfront.net"),
        (PROTECTED | {"server_name": "auth.example.com"}, "auth.example.com"),
    ],
    ids=["CloudFront's", "a name of one's own"],
)
def test_the_server_is_named_as_the_app_knows_it(settings, name):
    answer = edge.handler(edge_event("InitiateAuth", INITIATE, settings=settings))
    assert json.loads(answer["body"]["data"])["ContextData"]["ServerName"] == name


@pytest.mark.usefixtures("credentials")
def test_the_path_that_the_app_called_is_told_though_the_call_goes_to_the_root():
    event = edge_event("InitiateAuth", INITIATE, settings=PROTECTED)
    event["Records"][0]["cf"]["request"] |= {"uri": "/prod/", "querystring": "a=1"}
    answer = edge.handler(event)
    assert json.loads(answer["body"]["data"])["ContextData"]["ServerPath"] == "/prod/"
    assert (answer["uri"], answer["querystring"]) == ("/", "")


@pytest.mark.usefixtures("credentials")
def test_a_call_is_signed_for_the_pools_region():
    settings = PROTECTED | {"region": "ap-southeast-2", "user_pool_id": "ap-southeast-2_AbCdEf123"}
    answer = edge.handler(edge_event("InitiateAuth", INITIATE, settings=settings))
    authorization = answer["headers"]["authorization"][0]["value"]
    assert authorization.split(",")[0].endswith("/ap-southeast-2/cognito-idp/aws4_request")
