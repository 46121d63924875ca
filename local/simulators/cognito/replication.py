"""One Region of a replicated user pool: what a secondary does not do, and that sessions are of one Region.

The emulator knows no replicas: behind two of these it plays both Regions with one directory, as if replication took no
time. What a secondary does is the developer guide's list; it is written here once more, and not taken from the proxy,
which is held against it.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-multi-region.html

The guide does not say whether a Region takes a session of another, nor what a secondary answers to the code of an
authenticator app ("TOTP MFA is not supported in secondary replicas"). The stricter is assumed: it takes neither, and
says the first in Cognito's words for a session that it does not know.
"""

from hashlib import sha256

from local.simulators.common.http import HttpRequest, HttpResponse, document_of
from local.simulators.common.journal import operation_of

NOT_ENABLED = ("OperationNotEnabledException", "This operation is not enabled for this user pool in this Region.")
UNKNOWN_SESSION = ("NotAuthorizedException", "Invalid session for the user.")

SECONDARY_OPERATIONS = frozenset(
    {
        "AdminInitiateAuth", "AdminRespondToAuthChallenge", "AdminUpdateAuthEventFeedback", "AdminUserGlobalSignOut",
        "GetDevice", "GetIdentityProviderByIdentifier", "GetTokensFromRefreshToken", "GetUser", "GetUserAuthFactors",
        "GlobalSignOut", "InitiateAuth", "ListDevices", "ListWebAuthnCredentials", "RespondToAuthChallenge",
        "RevokeToken", "UpdateAuthEventFeedback",
    }
)  # fmt: skip
"""'Additional operations for ACTIVE secondary Regions'. What only administrators read or configure is not simulated."""

_MOST_SESSIONS = 10_000


class RegionOfPool:
    """One of the Regions."""

    def __init__(self, *, secondary: bool, active: bool = True) -> None:
        """`secondary`: a replica; `active`: its status, which an operator may change."""
        self.secondary = secondary
        self.active = active
        self._sessions: dict[str, None] = {}

    def refusal(self, request: HttpRequest) -> tuple[str, str] | None:
        """Type and message of the error, if this Region does not do what is asked."""
        operation = operation_of(request)
        document = document_of(request.body)
        body = document if isinstance(document, dict) else {}
        if self.secondary and (not self.active or operation not in SECONDARY_OPERATIONS):
            return NOT_ENABLED
        if self.secondary and body.get("ChallengeName") == "SOFTWARE_TOKEN_MFA":
            return NOT_ENABLED
        for session in _sessions_in(body):
            if _key(session) not in self._sessions:
                return UNKNOWN_SESSION
        return None

    def note(self, response: HttpResponse) -> None:
        """Remember the session that an answer gives."""
        document = document_of(response.body)
        if not isinstance(document, dict):
            return
        parameters = document.get("ChallengeParameters")
        given = [document.get("Session"), parameters.get("SECRET_BLOCK") if isinstance(parameters, dict) else None]
        for session in given:
            if isinstance(session, str) and session:
                self._sessions[_key(session)] = None
        while len(self._sessions) > _MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]


def _sessions_in(body: dict[str, object]) -> list[str]:
    """A challenge's answer is bound to what posed it: the session, or in SRP the secret block."""
    responses = body.get("ChallengeResponses")
    block = responses.get("PASSWORD_CLAIM_SECRET_BLOCK") if isinstance(responses, dict) else None
    return [text for text in (body.get("Session"), block) if isinstance(text, str) and text]


def _key(session: str) -> str:
    """Sessions are not kept, only what tells one from another."""
    return sha256(session.encode("utf-8", "replace")).hexdigest()
