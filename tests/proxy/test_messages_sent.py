"""Which calls make Cognito send a message: the table against botocore's model, and case by case."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from botocore.model import ServiceModel

from proxy.connection import Response
from proxy.messages_sent import CHANNELS, EMAIL, SENDERS, SMS, Request, asked_for, is_uncertain, sent
from proxy.operations import KNOWN_CHALLENGES, OPERATIONS, USERNAME_FLOWS
from tests.proxy.cognito_model import model_document, service_model

NUMBER = "+14255550100"
DIGITS = NUMBER[1:]


@pytest.mark.proves("messages-operations", oracle="botocore")
def senders(model: ServiceModel) -> set[str]:
    """Operations of the table that fail where the pool's role for text messages does, or tell of a delivery."""
    found = set()
    for name in OPERATIONS:
        if name in model.operation_names:
            operation = model.operation_model(name)
            fails = {shape.name for shape in operation.error_shapes}
            told = (
                {shape.name for shape in operation.output_shape.members.values()} if operation.output_shape else set()
            )
            if "InvalidSmsRoleAccessPolicyException" in fails or "CodeDeliveryDetailsType" in told:
                found.add(name)
    return found


def test_the_table_has_every_operation_that_the_model_says_can_send() -> None:
    assert senders(service_model()) == SENDERS


def test_the_models_own_words_name_the_same_operations() -> None:
    said = "This action might generate an SMS text message"
    operations = model_document()["operations"]
    assert {name for name in OPERATIONS if said in operations.get(name, {}).get("documentation", "")} == SENDERS


def test_a_new_sender_is_noticed() -> None:
    document = copy.deepcopy(model_document())
    document["operations"]["SetUserMFAPreference"]["errors"].append({"shape": "InvalidSmsRoleAccessPolicyException"})
    assert senders(ServiceModel(document, "cognito-idp")) == SENDERS | {"SetUserMFAPreference"}


def attributes(**values: str) -> dict[str, Any]:
    return {"UserAttributes": [{"Name": name, "Value": value} for name, value in values.items()]}


def initiate(flow: str, **parameters: str) -> dict[str, Any]:
    return {"AuthFlow": flow, "AuthParameters": {"USERNAME": "jane", **parameters}}


def respond(challenge: str, **responses: str) -> dict[str, Any]:
    return {"ChallengeName": challenge, "ChallengeResponses": {"USERNAME": "jane", **responses}}


_SMS, _EMAIL = frozenset({SMS}), frozenset({EMAIL})
AFTERWARDS = Request(asks=False)

CASES: list[tuple[str, dict[str, Any], Request | None]] = [
    ("SignUp", {"Username": "jane"}, Request(_EMAIL)),
    ("SignUp", {"Username": "jane", **attributes(email="jane@example.com")}, Request(_EMAIL)),
    ("SignUp", {"Username": "jane", **attributes(phone_number=NUMBER)}, Request(_SMS, number=DIGITS)),
    ("SignUp", {"Username": NUMBER}, Request(_SMS, number=DIGITS)),
    ("SignUp", {"Username": "jane", **attributes(email="j@example.com", phone_number=NUMBER)}, Request(number=DIGITS)),
    ("ResendConfirmationCode", {"Username": "jane"}, Request()),
    ("ResendConfirmationCode", {"Username": NUMBER}, Request(number=DIGITS)),
    ("ForgotPassword", {"Username": "jane"}, Request()),
    ("ForgotPassword", {"Username": NUMBER}, Request(number=DIGITS)),
    ("GetUserAttributeVerificationCode", {"AttributeName": "phone_number"}, Request(_SMS)),
    ("GetUserAttributeVerificationCode", {"AttributeName": "email"}, Request(_EMAIL)),
    ("GetUserAttributeVerificationCode", {"AttributeName": ["email"]}, Request()),
    ("UpdateUserAttributes", attributes(name="Jane"), None),
    ("UpdateUserAttributes", attributes(phone_number=""), None),
    ("UpdateUserAttributes", attributes(phone_number=NUMBER), Request(_SMS, number=DIGITS)),
    ("UpdateUserAttributes", attributes(email="j@example.com"), Request(_EMAIL)),
    ("UpdateUserAttributes", attributes(email="j@example.com", phone_number=NUMBER), Request(number=DIGITS)),
    ("InitiateAuth", initiate("USER_AUTH", PREFERRED_CHALLENGE="SMS_OTP"), Request(_SMS)),
    ("InitiateAuth", initiate("USER_AUTH", PREFERRED_CHALLENGE="EMAIL_OTP"), Request(_EMAIL)),
    ("InitiateAuth", initiate("USER_AUTH"), Request()),
    ("InitiateAuth", initiate("USER_AUTH", PREFERRED_CHALLENGE="BRAND_NEW"), Request()),
    ("InitiateAuth", initiate("USER_AUTH", PREFERRED_CHALLENGE="PASSWORD"), AFTERWARDS),
    ("InitiateAuth", initiate("USER_AUTH", PREFERRED_CHALLENGE="WEB_AUTHN"), AFTERWARDS),
    ("InitiateAuth", initiate("USER_SRP_AUTH"), AFTERWARDS),
    ("InitiateAuth", initiate("USER_PASSWORD_AUTH", USERNAME=NUMBER), Request(asks=False, number=DIGITS)),
    ("InitiateAuth", initiate("CUSTOM_AUTH"), AFTERWARDS),
    ("InitiateAuth", {"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": "dummy"}}, None),
    ("RespondToAuthChallenge", respond("SELECT_CHALLENGE", ANSWER="SMS_OTP"), Request(_SMS)),
    ("RespondToAuthChallenge", respond("SELECT_CHALLENGE", ANSWER="EMAIL_OTP"), Request(_EMAIL)),
    ("RespondToAuthChallenge", respond("SELECT_CHALLENGE", ANSWER="PASSWORD"), AFTERWARDS),
    ("RespondToAuthChallenge", respond("SELECT_MFA_TYPE", ANSWER="SMS_MFA"), Request(_SMS)),
    ("RespondToAuthChallenge", respond("SELECT_MFA_TYPE", ANSWER="SOFTWARE_TOKEN_MFA"), AFTERWARDS),
    ("RespondToAuthChallenge", respond("PASSWORD_VERIFIER"), AFTERWARDS),
    ("RespondToAuthChallenge", respond("CUSTOM_CHALLENGE", ANSWER="SMS_OTP"), AFTERWARDS),
    ("GetUser", {"AccessToken": "dummy"}, None),
    ("SetUserMFAPreference", {"AccessToken": "dummy", "SMSMfaSettings": {"Enabled": True}}, None),
]


@pytest.mark.parametrize(("operation", "body", "expected"), CASES)
def test_what_a_call_asks_for(operation: str, body: dict[str, Any], expected: Request | None) -> None:
    assert asked_for(operation, body) == expected


def test_every_flow_and_challenge_is_told_apart_or_counted_afterwards() -> None:
    """A new one is an InitiateAuth or a RespondToAuthChallenge all the same, whose answer is looked at."""
    for flow in [*USERNAME_FLOWS, "BRAND_NEW"]:
        assert asked_for("InitiateAuth", initiate(flow)) is not None
    for challenge in [*KNOWN_CHALLENGES, "BRAND_NEW"]:
        assert asked_for("RespondToAuthChallenge", respond(challenge)) is not None


@pytest.mark.parametrize("wrong", [None, [], "text", 1, {"ANSWER": ["SMS_OTP"]}, {"PREFERRED_CHALLENGE": {}}])
def test_what_cognito_will_refuse_stops_nothing_here(wrong: object) -> None:
    assert asked_for("InitiateAuth", {"AuthFlow": "USER_AUTH", "AuthParameters": wrong}) is not None
    body = {"ChallengeName": "SELECT_CHALLENGE", "ChallengeResponses": wrong}
    assert asked_for("RespondToAuthChallenge", body) is not None


def answered(document: object, status: int = 200) -> Response:
    return Response(status=status, headers={}, body=json.dumps(document).encode())


def delivered(medium: object) -> dict[str, object]:
    return {"AttributeName": "phone_number", "DeliveryMedium": medium, "Destination": "+*******0100"}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"UserConfirmed": False, "CodeDeliveryDetails": delivered("SMS")}, [SMS]),
        ({"UserConfirmed": False, "CodeDeliveryDetails": delivered("EMAIL")}, [EMAIL]),
        ({"UserConfirmed": True}, []),
        ({"CodeDeliveryDetailsList": [delivered("SMS"), delivered("EMAIL")]}, [SMS, EMAIL]),
        ({"CodeDeliveryDetailsList": []}, []),
        ({"ChallengeName": "SMS_MFA"}, [SMS]),
        ({"ChallengeName": "SMS_OTP"}, [SMS]),
        ({"ChallengeName": "EMAIL_OTP"}, [EMAIL]),
        ({"ChallengeName": "PASSWORD_VERIFIER"}, []),
        ({"ChallengeName": "SELECT_MFA_TYPE"}, []),
        ({"AuthenticationResult": {}}, []),
        ({"CodeDeliveryDetails": delivered(None), "ChallengeName": ["SMS_MFA"]}, []),
        ({"CodeDeliveryDetailsList": "SMS"}, []),
        ([], []),
    ],
)
def test_what_an_answer_says_was_sent(document: object, expected: list[str]) -> None:
    assert sent(answered(document)) == expected


def test_an_error_tells_of_no_message_but_may_come_after_one() -> None:
    assert sent(answered({"CodeDeliveryDetails": delivered("SMS")}, 400)) == []
    assert sent(Response(status=200, headers={}, body=b"{")) == []
    assert not is_uncertain(answered({"__type": "UsernameExistsException"}, 400))
    assert is_uncertain(answered({"__type": "CodeDeliveryFailureException"}, 400))
    assert is_uncertain(answered({"__type": "InternalErrorException"}, 500))


def test_the_media_are_those_of_the_model() -> None:
    assert {medium.lower() for medium in service_model().shape_for("DeliveryMediumType").enum} == CHANNELS
