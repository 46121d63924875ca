import json
from dataclasses import replace

import pytest

from local.simulators.common.http import HttpRequest, HttpResponse
from local.simulators.common.journal import Journal
from local.simulators.common.redaction import REDACTED

SENTINEL = "s3nt1nel"

SECRET_MEMBERS = [
    *("Password", "PreviousPassword", "ProposedPassword", "ConfirmationCode", "UserCode", "SecretCode", "SMS_MFA_CODE"),
    *("AccessToken", "RefreshToken", "Token", "IdToken", "Session", "REFRESH_TOKEN"),
    *("SecretHash", "SECRET_HASH", "ClientSecret", "PASSWORD", "NEW_PASSWORD", "EncodedData", "Value"),
    *("SRP_A", "SRP_B", "SALT", "SECRET_BLOCK", "PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK"),
]


def _request(document: object, **headers: str) -> HttpRequest:
    lines = {"X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth", **headers}
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return HttpRequest(method="POST", path="/", headers=tuple(lines.items()), body=body, client_ip="192.0.2.7")


def _answer(document: object, status: int = 200) -> HttpResponse:
    return HttpResponse(status=status, headers=(), body=json.dumps(document).encode())


def test_tells_what_a_call_was_and_how_it_was_answered() -> None:
    journal = Journal()
    journal.record(
        _request({"AuthFlow": "USER_AUTH"}, Accept="*/*"), _answer({"__type": "LimitExceededException"}, 400)
    )
    (call,) = journal.calls("InitiateAuth")
    assert (call.operation, call.method, call.status, call.error_type) == (
        "InitiateAuth",
        "POST",
        400,
        "LimitExceededException",
    )
    assert call.header_names == ("x-amz-target", "accept")
    assert (call.source_ip, call.signed, call.body) == ("192.0.2.7", False, {"AuthFlow": "USER_AUTH"})
    assert journal.calls("SignUp") == ()


def test_tells_the_path_of_oauth_and_of_nothing_else() -> None:
    journal = Journal()
    for path in ("/prod/oauth2/token", "/.well-known/jwks.json", "/v1/documents/mine", "/"):
        journal.record(replace(_request({}), path=path), _answer({"error": "invalid_grant"}, 400))
    calls = journal.calls()
    assert [call.oauth_path for call in calls] == ["/oauth2/token", "/.well-known/jwks.json", "", ""]
    assert {call.error_type for call in calls} == {"invalid_grant"}


@pytest.mark.proves("local-shows-no-secret")
def test_keeps_no_value_of_a_credential_code_or_token() -> None:
    secret = dict.fromkeys(SECRET_MEMBERS, SENTINEL)
    document = {
        **secret,
        "AuthParameters": secret,
        "UserAttributes": [secret],
        "ClientMetadata": {"anything": SENTINEL},
        "Username": ["not text", SENTINEL],
        "a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {"Username": SENTINEL}}}}}}}},
    }
    journal = Journal()
    journal.record(
        _request(document, Authorization=f"AWS4-HMAC-SHA256 {SENTINEL}", Cookie=SENTINEL), _answer({"Nested": document})
    )
    (call,) = journal.calls()
    assert SENTINEL not in repr((call, call.body, call.answer))
    assert call.signed
    assert call.body["AuthParameters"]["SRP_A"] == REDACTED


def test_shows_which_flow_and_whom() -> None:
    document = {"AuthFlow": "USER_SRP_AUTH", "AuthParameters": {"USERNAME": "ada"}, "ClientId": "c"}
    journal = Journal()
    journal.record(_request(document), _answer({}))
    assert journal.calls()[0].body == document


def test_takes_bodies_that_are_no_json() -> None:
    journal = Journal()
    for body in (b"", b"{", b"\xff", b"[" * 100_000):
        journal.record(_request(body), _answer({}))
    assert [call.body for call in journal.calls()] == [None] * 4


def test_forgets_the_oldest_calls() -> None:
    journal = Journal()
    for _ in range(2_001):
        journal.record(_request({}), _answer({}))
    assert len(journal.calls()) == 2_000
    journal.clear()
    assert journal.calls() == ()
