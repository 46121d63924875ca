"""What belongs to another user pool does not pass: the proxy is no anonymous relay."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape

from proxy.access_token import is_of_another_pool
from proxy.operations import OPERATIONS
from tests.proxy.cognito_model import service_model
from tests.proxy.sample_requests import CLIENT_ID, INITIATE_AUTH, SETTINGS, SIGN_UP, forwarded, refused, request
from tests.proxy.test_operations_drift import NEWER_THAN_THE_PINNED_MODEL

POOL = SETTINGS.user_pool_id
FOREIGN_POOL = "eu-west-1_Foreign12"
FOREIGN_TOKEN = (400, "NotAuthorizedException")
NO_SUCH_POOL = (400, "ResourceNotFoundException")

WITH_ACCESS_TOKEN = {
    "AssociateSoftwareToken", "ChangePassword", "CompleteWebAuthnRegistration", "ConfirmDevice", "DeleteUser",
    "DeleteUserAttributes", "DeleteWebAuthnCredential", "ForgetDevice", "GetDevice", "GetUser",
    "GetUserAttributeVerificationCode", "GetUserAuthFactors", "GlobalSignOut", "ListDevices",
    "ListWebAuthnCredentials", "SetUserMFAPreference", "SetUserSettings", "StartWebAuthnRegistration",
    "UpdateDeviceStatus", "UpdateUserAttributes", "VerifySoftwareToken", "VerifyUserAttribute",
}  # fmt: skip

UNREADABLE_MEMBERS = {
    "RefreshToken": {"GetTokensFromRefreshToken"},  # encrypted, and bound to the ClientId beside it
    "Token": {"RevokeToken"},  # a refresh token, too
    "FeedbackToken": {"UpdateAuthEventFeedback"},  # out of a mail; the UserPoolId beside it is checked
}


def part(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def jwt(payload: bytes) -> str:
    """Three parts, as Cognito issues them; the signature is nobody's."""
    return ".".join(map(part, (b'{"kid":"k","alg":"RS256"}', payload, b"signature")))


def token(claims: Any) -> str:
    return jwt(json.dumps(claims).encode())


def issued_by(issuer: object) -> str:
    return token({"sub": "1", "iss": issuer, "token_use": "access", "username": "jané?>~"})


OURS = {
    "the original issuer": f"https://cognito-idp.eu-west-1.amazonaws.com/{POOL}",
    "the issuer of pools with replicas": f"https://issuer-cognito-idp.eu-west-1.amazonaws.com/{POOL}",
    "of a replica": f"https://cognito-idp.eu-central-1.amazonaws.com/{POOL}",
    "in China": f"https://cognito-idp.cn-north-1.amazonaws.com.cn/{POOL}",
    "of an emulator": f"http://127.0.0.1:4566/{POOL}",
}

FOREIGN = {
    "another pool": f"https://cognito-idp.eu-west-1.amazonaws.com/{FOREIGN_POOL}",
    "another Region": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_AbCdEf123",
    "a longer id": f"https://cognito-idp.eu-west-1.amazonaws.com/{POOL}4",
    "a shorter id": f"https://cognito-idp.eu-west-1.amazonaws.com/{POOL[:-1]}",
    "an id in another case": f"https://cognito-idp.eu-west-1.amazonaws.com/{POOL.lower()}",
    "our id further up": f"https://cognito-idp.eu-west-1.amazonaws.com/{POOL}/{FOREIGN_POOL}",
    "our id in a query": f"https://cognito-idp.eu-west-1.amazonaws.com/{FOREIGN_POOL}?{POOL}",
    "a slash behind our id": f"https://cognito-idp.eu-west-1.amazonaws.com/{POOL}/",
    "nobody": "",
    "null": None,
    "a number": 1,
    "a list": [f"https://cognito-idp.eu-west-1.amazonaws.com/{POOL}"],
}

UNREADABLE = {
    "no token": "dummy-access-token",
    "empty": "",
    "dots": "..",
    "one dot": "a." + part(json.dumps({"iss": FOREIGN["another pool"]}).encode()),
    "no base64": "a.%.c",
    "a byte of base64": "a.b.c",
    "other characters": "a.é.c",
    "a lone surrogate": "a.\ud800.c",
    "no JSON": jwt(b"{"),
    "no UTF-8": jwt(b"\xff\xfe\xfd"),
    "a list": jwt(b"[]"),
    "a string": jwt(b'"iss"'),
    "null": jwt(b"null"),
    "nested without end": jwt(b"[" * 100_000),
    "a number of five thousand digits": jwt(b"9" * 5000),
    "an encrypted one, as refresh tokens are": ".".join(["a", part(b"\x01\x02\x03"), "c", "d", "e"]),
    "a number instead": 1,
    "a list instead": ["a"],
    "an object instead": {"iss": FOREIGN_POOL},
    "null instead": None,
}


@pytest.mark.proves("threat-other-pool")
@pytest.mark.parametrize("operation", sorted(WITH_ACCESS_TOKEN | NEWER_THAN_THE_PINNED_MODEL))
def test_a_token_of_another_pool_passes_nowhere_and_one_of_ours_everywhere(operation):
    body = {"AccessToken": issued_by(FOREIGN["another pool"])}
    assert refused(request(operation, body)) == FOREIGN_TOKEN
    body = {"AccessToken": issued_by(OURS["the original issuer"])}
    sent = request(operation, body)
    assert forwarded(sent).body == sent.body


@pytest.mark.parametrize("issuer", OURS.values(), ids=OURS)
def test_takes_our_pool_whatever_the_host(issuer):
    assert forwarded(request("GetUser", {"AccessToken": issued_by(issuer)}))


@pytest.mark.parametrize("issuer", FOREIGN.values(), ids=FOREIGN)
def test_refuses_every_other_issuer(issuer):
    assert refused(request("GetUser", {"AccessToken": issued_by(issuer)})) == FOREIGN_TOKEN


def test_refuses_a_token_that_names_no_issuer():
    assert refused(request("GetUser", {"AccessToken": token({"sub": "1"})})) == FOREIGN_TOKEN


@pytest.mark.parametrize("padding", ["", "=", "=="])
@pytest.mark.parametrize("extra", ["", "x", "xx"])
def test_reads_a_payload_of_every_length(extra, padding):
    header, payload, signature = issued_by(FOREIGN["another pool"] + extra).split(".")
    assert is_of_another_pool(f"{header}.{payload}{padding}.{signature}", POOL)
    header, payload, signature = token({"a": extra, "iss": OURS["of a replica"]}).split(".")
    assert not is_of_another_pool(f"{header}.{payload}{padding}.{signature}", POOL)


def test_reads_both_characters_that_base64_for_urls_has_of_its_own():
    foreign = issued_by(FOREIGN["another pool"] + "?>~" * 3 + "ÿ")
    assert "-" in foreign or "_" in foreign
    assert is_of_another_pool(foreign, POOL)


@pytest.mark.proves("unreadable-tokens-pass")
@pytest.mark.parametrize("unreadable", UNREADABLE.values(), ids=UNREADABLE)
def test_leaves_to_cognito_what_cannot_be_read(unreadable):
    sent = request("GetUser", {"AccessToken": unreadable})
    assert forwarded(sent).body == sent.body


@pytest.mark.parametrize(
    "body",
    [
        SIGN_UP,
        {"ClientId": CLIENT_ID, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": "dummy"}},
        {**INITIATE_AUTH},
    ],
)
def test_a_call_with_a_proof_is_looked_at_with_the_same_care(body):
    operation = "InitiateAuth" if "AuthFlow" in body else "SignUp"
    assert refused(request(operation, body | {"UserPoolId": FOREIGN_POOL})) == NO_SUCH_POOL
    assert refused(request(operation, body | {"AccessToken": issued_by("x")})) == FOREIGN_TOKEN
    assert forwarded(request(operation, body | {"UserPoolId": POOL}))


@pytest.mark.proves("threat-other-pool")
@pytest.mark.parametrize("pool", [FOREIGN_POOL, "", POOL + " ", POOL.lower(), 1, True, [POOL], {POOL: POOL}, "\ud800"])
def test_a_pool_id_that_is_not_ours_passes_nowhere(pool):
    body = {"ClientId": CLIENT_ID, "Username": "jane", "UserPoolId": pool}
    assert {refused(request(operation, body)) for operation in OPERATIONS} == {NO_SUCH_POOL}


def test_our_own_pool_id_and_none_pass():
    for pool in (POOL, None):
        sent = request("UpdateAuthEventFeedback", {"UserPoolId": pool, "FeedbackToken": "dummy"})
        assert forwarded(sent).body == sent.body


def members_with(shape: Shape, wanted: set[str], path: str = "") -> set[str]:
    """The paths of all members of these shapes, wherever they stand in a request."""
    if shape.name in wanted:
        return {path}
    match shape:
        case StructureShape():
            inner = {f"{path}.{name}".lstrip("."): member for name, member in shape.members.items()}
        case ListShape():
            inner = {f"{path}[]": shape.member}
        case MapShape():
            inner = {f"{path}{{}}": shape.value}
        case _:
            inner = {}
    return {found for name, member in inner.items() for found in members_with(member, wanted, name)}


def found_in_the_model(*shapes: str) -> dict[str, set[str]]:
    """Member to the operations of the table that take it, by the model."""
    found: dict[str, set[str]] = {}
    for name in OPERATIONS.keys() - NEWER_THAN_THE_PINNED_MODEL:
        for member in members_with(service_model().operation_model(name).input_shape, set(shapes)):
            found.setdefault(member, set()).add(name)
    return found


@pytest.mark.proves("threat-other-pool", oracle="botocore")
def test_the_model_knows_no_other_member_that_holds_a_token_or_a_pool_id():
    """A newer Cognito must not bring one that passes unseen."""
    assert found_in_the_model("TokenModelType") == {"AccessToken": WITH_ACCESS_TOKEN, **UNREADABLE_MEMBERS}
    assert found_in_the_model("UserPoolIdType", "ArnType") == {"UserPoolId": {"UpdateAuthEventFeedback"}}


def test_the_walk_through_the_model_finds_members_deep_inside():
    shape = service_model().operation_model("SignUp").input_shape
    assert members_with(shape, {"AttributeValueType"}) == {"UserAttributes[].Value", "ValidationData[].Value"}
