"""The signed AWS JSON call."""

from __future__ import annotations

import time

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from proxy.awsjson import AwsJsonClient, CallRefused, endpoint_url, error_type
from tests.proxy.fake_service import answer, raw

TARGET = "secretsmanager.GetSecretValue"


@pytest.fixture
def client(service, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", service.url)
    made = AwsJsonClient("secretsmanager", "eu-west-1")
    yield made
    made.close()


def soon(seconds=5.0):
    return time.monotonic() + seconds


def call(client, parameters=None):
    return client.call(TARGET, parameters or {"SecretId": "x"}, deadline=soon())


@pytest.mark.parametrize(
    ("service_name", "region", "host"),
    [
        ("cognito-idp", "eu-west-1", "cognito-idp.eu-west-1.amazonaws.com"),
        ("secretsmanager", "us-east-1", "secretsmanager.us-east-1.amazonaws.com"),
        ("cognito-idp", "cn-north-1", "cognito-idp.cn-north-1.amazonaws.com.cn"),
        ("cognito-idp", "us-gov-west-1", "cognito-idp.us-gov-west-1.amazonaws.com"),
    ],
)
def test_the_endpoint_of_a_region(service_name, region, host):
    assert endpoint_url(service_name, region) == f"https://{host}"


def test_the_endpoint_variables(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert endpoint_url("cognito-idp", "eu-west-1") == "http://127.0.0.1:1"
    assert endpoint_url("secretsmanager", "eu-west-1") == "http://127.0.0.1:1"
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:2")
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "http://127.0.0.1:3")
    assert endpoint_url("secretsmanager", "eu-west-1") == "http://127.0.0.1:2"
    assert endpoint_url("cognito-idp", "eu-west-1") == "http://127.0.0.1:3"
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.delenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER")
    assert endpoint_url("cognito-idp", "eu-west-1") == "https://cognito-idp.eu-west-1.amazonaws.com"


def test_the_endpoint_of_one_region_alone(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER_EU_WEST_1", "http://127.0.0.1:2")
    assert endpoint_url("cognito-idp", "eu-west-1") == "http://127.0.0.1:2"
    assert endpoint_url("cognito-idp", "us-east-1") == "http://127.0.0.1:1"


@pytest.mark.parametrize("token", [None, "dummy-session-token"])
def test_what_arrives_is_signed_as_botocore_would_sign_it(client, service, monkeypatch, token):
    if token:
        monkeypatch.setenv("AWS_SESSION_TOKEN", token)
    call(client, {"SecretId": "é"})
    (received,) = service.received
    assert received.document == {"SecretId": "é"}
    assert received.headers.get("x-amz-security-token") == ([token] if token else None)
    authorization = received.header("authorization")
    signed = authorization.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    assert set(signed) >= {"host", "x-amz-date", "x-amz-target", "content-type"}
    assert [name for name in received.headers if name.startswith("x-amz-") and name not in signed] == []
    oracle = AWSRequest("POST", service.url + "/", data=received.body)
    for name in signed:
        oracle.headers[name] = received.header(name)
    oracle.context["timestamp"] = received.header("x-amz-date")
    credentials = Credentials("AKIDEXAMPLE", "dummy-secret-access-key", token)
    signer = SigV4Auth(credentials, "secretsmanager", "eu-west-1")
    signature = signer.signature(signer.string_to_sign(oracle, signer.canonical_request(oracle)), oracle)
    assert authorization.endswith(f"Signature={signature}")
    assert "/eu-west-1/secretsmanager/aws4_request" in authorization


def test_the_clock_of_the_signature_is_the_wall_clock(client, service):
    call(client)
    stamp = time.strptime(service.received[0].header("x-amz-date"), "%Y%m%dT%H%M%SZ")
    assert abs(time.mktime(stamp) - time.mktime(time.gmtime())) < 5


def test_credentials_are_read_anew_for_each_call(client, service, monkeypatch):
    call(client)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDROTATED")
    call(client)
    assert [("AKIDROTATED" in received.header("authorization")) for received in service.received] == [False, True]


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_without_credentials_nothing_is_sent(client, service, monkeypatch, name):
    monkeypatch.delenv(name)
    with pytest.raises(CallRefused, match="NoCredentials"):
        call(client)
    assert not service.received


def test_an_unsigned_call_carries_no_signature(client, service):
    client.send({"x-amz-target": TARGET}, b"{}", deadline=soon())
    assert not {"authorization", "x-amz-date", "x-amz-security-token"} & set(service.received[0].headers)


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        (answer({"__type": "AccessDeniedException", "Message": "sentinel"}, status=400), "AccessDeniedException"),
        (answer({"__type": "com.amazonaws#Gone:http://x", "message": "sentinel"}, status=400), "Gone"),
        (answer({"__type": "sentinel with spaces"}, status=400), "HTTP400"),
        (answer({"__type": None}, status=500), "HTTP500"),
        (answer({}, status=503), "HTTP503"),
        (answer(["sentinel"], status=200), "HTTP200"),
        (raw(b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nsentinel"), "HTTP200"),
        (raw(b"HTTP/1.1 502 Bad\r\ncontent-length: 2\r\n\r\n\xff\xff"), "HTTP502"),
        (raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n" + b"[" * 100_000), "HTTP200"),
    ],
)
def test_an_error_is_told_by_its_type_and_never_by_its_text(client, service, behaviour, message):
    service.script(behaviour)
    with pytest.raises(CallRefused) as raised:
        call(client)
    assert str(raised.value) == message


@given(st.text(max_size=120))
def test_an_errors_type_is_a_name_or_nothing(text):
    assert not error_type(text) or (error_type(text).isalnum() and error_type(text).isascii())
