"""Calls of Cognito that tell whether a hash verifies, and change nothing.

Each is for a user that does not exist: nothing is sent, no Lambda trigger runs, no sign-in flow must be allowed, and
nobody's password is touched. There are two because they draw on two quotas, which are the account's and which whoever
has a leaked secret can use up: `UserCreation` (50 calls a second by default) and `UserAccountRecovery` (30).
https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html

A wrong hash is refused with NotAuthorizedException, "Unable to verify secret hash for client …". For a right one and a
user that does not exist, an app client that hides who exists is documented to answer CodeMismatchException, or
ExpiredCodeException where no code was asked for, and one that does not hide it UserNotFoundException:
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html

Not proved here, for want of an account: that Cognito looks at the hash before it looks for the user. Not used, as what
they look at first is not documented: RevokeToken and GetTokensFromRefreshToken. InitiateAuth would need a flow that the
app client may not allow, and runs the pool's pre-authentication trigger.
"""

import base64
import hashlib
import hmac
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_hex

from aws_calls.errors import CallFailed
from aws_calls.service import Service

PROBE_USER_PREFIX = "secret-rotation-"
"""How the names of users begin that are asked for and do not exist."""

_HASH_VERIFIES = frozenset({"CodeMismatchException", "ExpiredCodeException", "UserNotFoundException"})
_HASH_REFUSED = "Unable to verify secret hash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One such call."""

    operation: str
    more: Callable[[], dict[str, str]]
    """What it takes besides the app client, the user's name, the hash and a code."""

    def ask(self, cognito: Service, *, client_id: str, client_secret: str) -> bool:
        """Whether a hash made with this secret verifies.

        Raises:
            CallFailed: it tells neither; throttled, blocked by a firewall, or something unheard of.
        """
        username = f"{PROBE_USER_PREFIX}{uuid.uuid4()}"
        asked = {
            "ClientId": client_id,
            "Username": username,
            "ConfirmationCode": "000000",
            "SecretHash": _secret_hash(client_secret, username + client_id),
        }
        try:
            cognito.call_once(self.operation, asked | self.more(), signed=False)
        except CallFailed as failure:
            if failure.code in _HASH_VERIFIES:
                return True
            # Other things are not authorized, too, such as recovery in a pool where administrators see to it.
            if failure.code == "NotAuthorizedException" and failure.says(_HASH_REFUSED):
                return False
            raise
        return True


def _new_password() -> dict[str, str]:
    # Nobody's, and of a kind that every pool's policy takes: 99 signs are the most that one can ask for.
    return {"Password": f"Aa0!{token_hex(48)}"}


PROBES = (
    Probe(operation="ConfirmSignUp", more=dict),
    Probe(operation="ConfirmForgotPassword", more=_new_password),
)


def _secret_hash(client_secret: str, message: str) -> str:
    return base64.b64encode(hmac.digest(client_secret.encode(), message.encode(), hashlib.sha256)).decode()
