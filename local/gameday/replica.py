"""What a Region's Cognito does not take besides what any Cognito refuses: changes at a replica, and others' challenges.

Before a `StrictCognito` of each Region, as middleware; the pool behind both is one. A replica answers what the
developer guide names for an ACTIVE secondary Region, and says OperationNotEnabledException to the rest. A session, or
the secret block of an SRP challenge, is of the Region that gave it: whether AWS is so strict is not documented, and so
this is.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-multi-region.html
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

ON_A_REPLICA = frozenset(
    {
        "AdminInitiateAuth",
        "AdminRespondToAuthChallenge",
        "GetDevice",
        "GetTokensFromRefreshToken",
        "GetUser",
        "GetUserAuthFactors",
        "GlobalSignOut",
        "InitiateAuth",
        "ListDevices",
        "ListWebAuthnCredentials",
        "RespondToAuthChallenge",
        "RevokeToken",
        "UpdateAuthEventFeedback",
    }
)

_HANDED_OUT = ("SECRET_BLOCK",)
_HANDED_BACK = ("PASSWORD_CLAIM_SECRET_BLOCK",)


class RegionalRules:
    """One Region's. `replica`: it is not the pool's own. `answered` counts calls by operation."""

    def __init__(self, *, replica: bool) -> None:
        self._replica = replica
        self._given: set[str] = set()
        self.answered: dict[str, int] = {}

    @property
    def middleware(self) -> Callable[..., Awaitable[web.StreamResponse]]:
        """For the application's list of them."""

        @web.middleware
        async def ruled(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
            if self._replica and operation not in ON_A_REPLICA:
                return _refusal("OperationNotEnabledException", f"{operation} is not available in the current region")
            if not self._knows(_document(await request.read())):
                return _refusal("NotAuthorizedException", "Invalid session for the user.")
            response = await handler(request)
            self.answered[operation] = self.answered.get(operation, 0) + 1
            if isinstance(response, web.Response) and isinstance(response.body, bytes):
                self._note(_document(response.body))
            return response

        return ruled

    def _knows(self, document: Mapping[str, Any]) -> bool:
        responses = document.get("ChallengeResponses") or {}
        given = [document.get("Session"), *(responses.get(name) for name in _HANDED_BACK)]
        return all(value in self._given for value in given if value)

    def _note(self, document: Mapping[str, Any]) -> None:
        parameters = document.get("ChallengeParameters") or {}
        given = [document.get("Session"), *(parameters.get(name) for name in _HANDED_OUT)]
        self._given.update(value for value in given if isinstance(value, str))


def _document(body: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _refusal(error: str, message: str) -> web.Response:
    headers = {"content-type": "application/x-amz-json-1.1", "x-amzn-errortype": error}
    return web.Response(status=400, body=json.dumps({"__type": error, "message": message}).encode(), headers=headers)
