"""The table of what a replica can do, against the developer guide's list and botocore's model."""

from __future__ import annotations

from proxy.operations import ADMIN_OPERATIONS, OPERATIONS
from proxy.replica_operations import CHALLENGING, NOT_ENABLED, ON_A_REPLICA, Kind
from tests.proxy.cognito_model import service_model
from tests.proxy.test_operations_drift import NEWER_THAN_THE_PINNED_MODEL

GUIDE = frozenset(
    {
        "AdminInitiateAuth", "AdminRespondToAuthChallenge", "AdminUpdateAuthEventFeedback", "AdminUserGlobalSignOut",
        "GetDevice", "GetIdentityProviderByIdentifier", "GetTokensFromRefreshToken", "GetUser", "GetUserAuthFactors",
        "GlobalSignOut", "InitiateAuth", "ListDevices", "ListWebAuthnCredentials", "RespondToAuthChallenge",
        "RevokeToken", "UpdateAuthEventFeedback",
    }
)  # fmt: skip
"""'Additional operations for ACTIVE secondary Regions', as of 2026-11:
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-multi-region.html"""

OURS = {*OPERATIONS, *ADMIN_OPERATIONS.values()}


def test_the_table_is_the_guides_list_as_far_as_the_proxy_calls_it():
    assert set(ON_A_REPLICA) == GUIDE & OURS


def test_whatever_the_proxy_calls_cognito_may_refuse_in_a_replica():
    """So each row is a decision, and none a matter of course."""
    for name in OURS - NEWER_THAN_THE_PINNED_MODEL:
        errors = {shape.name for shape in service_model().operation_model(name).error_shapes}
        assert NOT_ENABLED in errors, name


def test_an_administrators_form_of_an_operation_is_treated_as_the_public_one():
    for public, administrators in ADMIN_OPERATIONS.items():
        assert ON_A_REPLICA[public] == ON_A_REPLICA[administrators]


def test_the_answer_to_a_challenge_is_the_only_one_that_is_never_asked_twice():
    assert {name for name, row in ON_A_REPLICA.items() if not row.repeatable} == {
        "RespondToAuthChallenge",
        "AdminRespondToAuthChallenge",
    }


def test_no_row_is_a_change():
    assert Kind.CHANGES not in {row.kind for row in ON_A_REPLICA.values()}


def test_every_operation_whose_answer_may_pose_a_challenge_is_marked():
    posing = {
        name
        for name in OURS & set(ON_A_REPLICA)
        if "ChallengeName" in (service_model().operation_model(name).output_shape.members or {})
    }
    assert posing == CHALLENGING
