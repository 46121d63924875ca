"""The signer against AWS's published vectors, and against botocore."""

from __future__ import annotations

import calendar
import json
import time
from pathlib import Path

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.sigv4 import Credentials, Signable, sign

SUITE = json.loads((Path(__file__).parents[1] / "vectors/sigv4/suite.json").read_text("utf-8"))
NOW = calendar.timegm(time.strptime(SUITE["date"], "%Y-%m-%dT%H:%M:%S.000Z"))
EXAMPLE = Credentials(SUITE["access_key_id"], SUITE["secret_access_key"])


@pytest.mark.proves("signatures-verified", oracle="SigV4 suite")
@pytest.mark.parametrize("case", SUITE["cases"], ids=lambda case: case["name"])
def test_signs_as_the_published_vectors_do(case):
    request = Signable(
        method=case["method"],
        path=case["path"],
        query=tuple(case["query"].items()),
        headers={name: value for name, value in case["headers"].items() if name != "x-amz-date"},
        body=case["body"].encode(),
    )
    added = sign(request, credentials=EXAMPLE, region=SUITE["region"], service=SUITE["service"], now=NOW)
    assert added["x-amz-date"] == case["headers"]["x-amz-date"]
    assert added["authorization"] == case["authorization"]


header_values = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40).map(str.strip)


@pytest.mark.proves("signatures-verified", oracle="botocore signer")
@settings(max_examples=300, deadline=None)
@given(
    body=st.binary(max_size=300),
    now=st.integers(min_value=0, max_value=4_000_000_000),
    token=st.none() | st.text("abcDEF123/+=", min_size=1, max_size=80),
    user_agent=header_values,
    secret=st.text("abcDEF123/+", min_size=20, max_size=40),
)
def test_signs_as_botocore_does(body, now, token, user_agent, secret):
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "host": "cognito-idp.eu-west-1.amazonaws.com",
        "x-amz-target": "AWSCognitoIdentityProviderService.AdminInitiateAuth",
        "x-amz-user-agent": user_agent,
    }
    ours = sign(
        Signable(headers=headers, body=body),
        credentials=Credentials("AKIDEXAMPLE", secret, token),
        region="eu-west-1",
        service="cognito-idp",
        now=now,
    )
    oracle = AWSRequest("POST", "https://cognito-idp.eu-west-1.amazonaws.com/", data=body, headers=headers)
    signer = SigV4Auth(BotocoreCredentials("AKIDEXAMPLE", secret, token), "cognito-idp", "eu-west-1")
    oracle.context["timestamp"] = ours["x-amz-date"]
    if token:
        oracle.headers["X-Amz-Security-Token"] = token
    oracle.headers["X-Amz-Date"] = ours["x-amz-date"]
    signature = signer.signature(signer.string_to_sign(oracle, signer.canonical_request(oracle)), oracle)
    assert ours["authorization"].endswith(f"Signature={signature}")
    assert ours.get("x-amz-security-token") == token


def test_credentials_never_show_themselves():
    shown = repr(Credentials("AKIDEXAMPLE", "sentinel-secret", "sentinel-token"))
    assert "sentinel" not in shown
