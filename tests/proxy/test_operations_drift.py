"""The operation table against botocore's model: a newer Cognito must not bring anything that nobody thought about."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from botocore.model import OperationModel, ServiceModel

from proxy.errors import CONTENT_TYPE
from proxy.operations import OPERATIONS, REFRESH_FLOWS, REFUSED_CHALLENGES, USERNAME_FLOWS, Operation, Proof
from tests.proxy.cognito_model import model_document, service_model
from tests.proxy.sample_requests import CLIENT_ID, forwarded, refused, request

OPERATIONS_OF_THE_PINNED_BOTOCORE = 132

ACTING_FOR_THE_CLIENT_ITSELF = {
    "GetClientToken": "would hand a public caller what belongs to the app client",
    "GetDerivedToken": "would hand a public caller what belongs to the app client",
}
"""Operations that may come without IAM authorization and are refused all the same, with the reason."""

NEWER_THAN_THE_PINNED_MODEL = {"ListUserSessions", "RevokeUserSession"}

PROOF_OF_MEMBER = {
    "SecretHash": Proof.SECRET_HASH,
    "AuthParameters": Proof.AUTH_PARAMETERS,
    "ChallengeResponses": Proof.CHALLENGE_RESPONSES,
    "ClientSecret": Proof.CLIENT_SECRET,
}

REFUSED_FLOWS = {
    "ADMIN_NO_SRP_AUTH": "for administrators only",
    "ADMIN_USER_PASSWORD_AUTH": "for administrators only",
}

CHALLENGES = {
    "PASSWORD_VERIFIER", "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER", "SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP",
    "SMS_OTP", "NEW_PASSWORD_REQUIRED", "MFA_SETUP", "SELECT_MFA_TYPE", "SELECT_CHALLENGE", "PASSWORD", "PASSWORD_SRP",
    "WEB_AUTHN", "CUSTOM_CHALLENGE",
}  # fmt: skip


def members(operation: OperationModel) -> set[str]:
    return set(operation.input_shape.members) if operation.input_shape else set()


def expected(operation: OperationModel) -> Operation:
    proofs = [proof for member, proof in PROOF_OF_MEMBER.items() if member in members(operation)]
    assert len(proofs) <= 1, f"{operation.name} takes more than one proof"
    return Operation(proofs[0] if proofs else Proof.NONE, user_context="UserContextData" in members(operation))


def drift(model: ServiceModel) -> list[str]:
    """Every difference between the model and the table, each in words."""
    found = []
    for name in model.operation_names:
        operation = model.operation_model(name)
        public = operation.auth_type == "none" and name not in ACTING_FOR_THE_CLIENT_ITSELF
        if public and name not in OPERATIONS:
            found.append(f"{name} is new and public")
        elif not public and name in OPERATIONS:
            found.append(f"{name} is not public")
        elif public and OPERATIONS[name] != expected(operation):
            found.append(f"{name} needs {expected(operation)}")
    gone = set(OPERATIONS) - set(model.operation_names) - NEWER_THAN_THE_PINNED_MODEL
    found += [f"{name} is unknown to the model" for name in gone]
    flows = set(model.shape_for("AuthFlowType").enum)
    found += [f"AuthFlow {flow}" for flow in flows ^ (USERNAME_FLOWS | REFRESH_FLOWS | set(REFUSED_FLOWS))]
    challenges = set(model.shape_for("ChallengeNameType").enum)
    found += [f"ChallengeName {challenge}" for challenge in challenges ^ (CHALLENGES | REFUSED_CHALLENGES)]
    return found


@pytest.mark.proves("proof-of-sign-up", oracle="botocore")
def test_table_and_model_agree_on_every_operation():
    assert len(service_model().operation_names) == OPERATIONS_OF_THE_PINNED_BOTOCORE
    assert drift(service_model()) == []


def test_the_table_has_no_row_that_the_model_does_not_account_for():
    assert set(OPERATIONS) - NEWER_THAN_THE_PINNED_MODEL <= set(service_model().operation_names)
    assert len(OPERATIONS) == 34


@pytest.mark.parametrize("name", sorted(NEWER_THAN_THE_PINNED_MODEL))
def test_an_operation_newer_than_the_model_takes_no_proof(name):
    """Their shapes cannot be looked up yet; they are authorized by an access token."""
    assert OPERATIONS[name] == Operation(Proof.NONE)


def test_cognito_speaks_the_one_protocol_whose_content_type_is_accepted():
    """A second one (CBOR, say) would need a decision: its bodies cannot be read here."""
    metadata = service_model().metadata
    assert metadata["protocols"] == ["json"]
    assert f"application/x-amz-json-{metadata['jsonVersion']}" == CONTENT_TYPE


def _new_operation(model: dict[str, Any]) -> None:
    model["operations"]["BrandNew"] = model["operations"]["GetUser"] | {"name": "BrandNew"}


def _lost_operation(model: dict[str, Any]) -> None:
    del model["operations"]["SignUp"]


def _closed_operation(model: dict[str, Any]) -> None:
    model["operations"]["SignUp"] = {
        key: value for key, value in model["operations"]["SignUp"].items() if key not in ("authtype", "auth")
    }


def _new_proof(member: str) -> Any:
    def doctor(model: dict[str, Any]) -> None:
        model["shapes"]["ChangePasswordRequest"]["members"][member] = {"shape": "StringType"}

    doctor.__name__ = f"new_member_{member}"
    return doctor


def _lost_user_context(model: dict[str, Any]) -> None:
    del model["shapes"]["ForgotPasswordRequest"]["members"]["UserContextData"]


def _new_flow(model: dict[str, Any]) -> None:
    model["shapes"]["AuthFlowType"]["enum"].append("BRAND_NEW_AUTH")


def _new_challenge(model: dict[str, Any]) -> None:
    model["shapes"]["ChallengeNameType"]["enum"].append("BRAND_NEW_CHALLENGE")


DOCTORS = [
    _new_operation,
    _lost_operation,
    _closed_operation,
    *(_new_proof(member) for member in [*PROOF_OF_MEMBER, "UserContextData"]),
    _lost_user_context,
    _new_flow,
    _new_challenge,
]


@pytest.mark.parametrize("doctor", DOCTORS, ids=lambda doctor: doctor.__name__.strip("_"))
def test_a_changed_model_is_noticed(doctor):
    document = copy.deepcopy(model_document())
    doctor(document)
    assert len(drift(ServiceModel(document, "cognito-idp"))) == 1


REFUSED_OPERATIONS = sorted({*service_model().operation_names, *ACTING_FOR_THE_CLIENT_ITSELF} - set(OPERATIONS))


@pytest.mark.proves("everything-else-refused", "threat-administrator", oracle="botocore")
def test_what_is_not_public_is_refused():
    assert len(REFUSED_OPERATIONS) == 101  # 100 of the model's, and GetDerivedToken, which is too new for it
    for name in REFUSED_OPERATIONS:
        assert refused(request(name, {"ClientId": CLIENT_ID})) == (400, "UnknownOperationException")


@pytest.mark.proves("threat-administrator")
@pytest.mark.parametrize("flow", sorted(REFUSED_FLOWS))
def test_flows_of_administrators_are_refused(flow):
    body = {"ClientId": CLIENT_ID, "AuthFlow": flow, "AuthParameters": {"USERNAME": "jane", "PASSWORD": "dummy"}}
    assert refused(request("InitiateAuth", body)) == (400, "InvalidParameterException")


@pytest.mark.proves("hash-of-own-username")
@pytest.mark.parametrize("challenge", sorted(CHALLENGES))
def test_every_challenge_gets_its_hash(challenge):
    body = {"ClientId": CLIENT_ID, "ChallengeName": challenge, "ChallengeResponses": {"USERNAME": "jane"}}
    assert b"SECRET_HASH" in forwarded(request("RespondToAuthChallenge", body)).body


@pytest.mark.parametrize("challenge", sorted(REFUSED_CHALLENGES))
def test_challenges_of_administrators_are_refused(challenge):
    body = {"ClientId": CLIENT_ID, "ChallengeName": challenge, "ChallengeResponses": {"USERNAME": "jane"}}
    assert refused(request("RespondToAuthChallenge", body)) == (400, "InvalidParameterException")


def test_user_context_has_no_member_in_which_something_else_could_be_claimed():
    assert set(service_model().shape_for("UserContextDataType").members) == {"IpAddress", "EncodedData"}
