"""The rate groups against botocore's model: what guesses or sends something has a tight rate, and exactly one."""

from __future__ import annotations

from collections import Counter

import pytest

from cognito_proxy.firewall.rates import (
    NO_ATTEMPT_CHALLENGES,
    NO_ATTEMPT_FLOWS,
    RECOVERY_OPERATIONS,
    SIGN_IN_OPERATIONS,
    SIGN_UP_OPERATIONS,
)
from proxy.operations import OPERATIONS
from tests.proxy.cognito_model import service_model
from tests.proxy.test_operations_drift import CHALLENGES, NEWER_THAN_THE_PINNED_MODEL

GROUPED = (*SIGN_UP_OPERATIONS, *RECOVERY_OPERATIONS, *SIGN_IN_OPERATIONS)

DRAWS_ON_A_SHARED_QUOTA = {"GetTokensFromRefreshToken": "UserAuthentication"}
"""Operations that are costly for their quota alone, with its category: a refresh token cannot be guessed."""

TRIES = ("Password", "Code", "AuthParameters", "ChallengeResponses")
"""What the names of members end with that carry a password or a code to be tried."""

SENDS = ("CodeDeliveryFailureException", "InvalidSmsRoleAccessPolicyException", "InvalidEmailRoleAccessPolicyException")
"""Errors of operations that send a message, or make Cognito send one."""


def costly(operation: str) -> bool:
    """By the model: it takes something to be tried, or sends a message."""
    model = service_model().operation_model(operation)
    taken = model.input_shape.members if model.input_shape else {}
    given = model.output_shape.members if model.output_shape else {}
    errors = {shape.name for shape in model.error_shapes}
    return (
        any(name.endswith(TRIES) for name in taken)
        or "CodeMismatchException" in errors
        or any(name.startswith("CodeDelivery") for name in given)
        or bool(errors.intersection(SENDS))
    )


@pytest.mark.proves("operations-grouped")
def test_no_operation_is_in_two_groups() -> None:
    assert [name for name, times in Counter(GROUPED).items() if times > 1] == []


@pytest.mark.proves("threat-codes", "operations-grouped", oracle="botocore")
def test_the_groups_hold_exactly_what_guesses_or_sends_or_draws_on_a_shared_quota() -> None:
    known = OPERATIONS.keys() - NEWER_THAN_THE_PINNED_MODEL
    assert {name for name in known if costly(name)} == set(GROUPED) - DRAWS_ON_A_SHARED_QUOTA.keys()
    assert set(GROUPED) <= known


def test_what_can_be_guessed_with_an_access_token_has_the_rate_of_recovery() -> None:
    assert {"VerifySoftwareToken", "VerifyUserAttribute", "ChangePassword"} <= set(RECOVERY_OPERATIONS)


def test_what_is_no_attempt_is_named_as_cognito_names_it() -> None:
    flows = set(service_model().shape_for("AuthFlowType").enum)
    assert set(NO_ATTEMPT_FLOWS) <= flows
    assert set(NO_ATTEMPT_CHALLENGES) <= CHALLENGES
    # What is left tries a password or a code, or may send a message. A new value is an attempt until somebody decides.
    assert flows - set(NO_ATTEMPT_FLOWS) == {
        "ADMIN_NO_SRP_AUTH",
        "ADMIN_USER_PASSWORD_AUTH",
        "CUSTOM_AUTH",
        "USER_AUTH",
        "USER_PASSWORD_AUTH",
    }
