"""How Cognito says that an app client's secret is not the right one: after a rotation, that ours is too old.

Nothing else may look like it: a call that is refused for its secret was not processed and is sent again, one that came
further must not be. So the type is compared whole, and the message from its beginning, which is always Cognito's own;
further back it may quote what a trigger of the user pool, or a caller, has written.
"""

from __future__ import annotations

import json

from proxy.awsjson import error_type
from proxy.operations import OPERATIONS, Proof

_WRONG_CLIENT = "Invalid client or secret"

_HASH_REFUSALS = (("NotAuthorizedException", "Unable to verify secret hash"),)

_SECRET_REFUSALS = (
    *_HASH_REFUSALS,
    # What is known of a wrong `ClientSecret`: RevokeToken answers so, with a type that GetTokensFromRefreshToken does
    # not have in the service's model; for that one the type of its sibling GetClientToken is expected. Not yet probed
    # in a real account.
    # https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RevokeToken.html#API_RevokeToken_Errors
    # https://velog.io/@serringg/cognito-revokeToken-%EC%97%90%EB%9F%AC
    ("NotAuthorizedException", _WRONG_CLIENT),
    ("UnauthorizedException", _WRONG_CLIENT),
)


def refuses_secret(operation: str, status: int, body: bytes) -> bool:
    """Whether an answer to an operation says that the secret hash, or the secret itself, was wrong."""
    if status != 400:
        return False
    try:
        document = json.loads(body)
        named, message = error_type(document["__type"]), document["message"]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return False
    known = OPERATIONS.get(operation)
    refusals = _SECRET_REFUSALS if known and known.proof is Proof.CLIENT_SECRET else _HASH_REFUSALS
    return isinstance(message, str) and any(named == kind and message.startswith(words) for kind, words in refusals)
