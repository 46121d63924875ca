"""Who may pass, from what a token says that was opened. No I/O, no clock."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum, auto

from token_authorizer.settings import Settings

Claims = Mapping[str, object]


class Verdict(Enum):
    """What becomes of a call."""

    PASSES = auto()
    FOREIGN = auto()
    """The token is of another pool, another app client or another kind."""
    LACKS_SCOPE = auto()
    """The token is good, and not for this."""


def judge(claims: Claims, settings: Settings, route: str) -> Verdict:
    """Judge a token whose seal and time are right. `route` is the key of an HTTP API's route, empty elsewhere."""
    issuer = claims.get("iss")
    if (
        not isinstance(issuer, str)
        # The pool's id alone, as in `proxy.access_token`: an issuer's host has several forms.
        or issuer.rpartition("/")[2] != settings.user_pool_id
        or claims.get("token_use") != "access"
        or claims.get("client_id") not in settings.client_ids
    ):
        return Verdict.FOREIGN
    wanted = settings.route_scopes.get(route, settings.scopes)
    scope = claims.get("scope")
    granted = set(scope.split()) if isinstance(scope, str) else set()
    return Verdict.LACKS_SCOPE if wanted and not wanted & granted else Verdict.PASSES


def context_of(claims: Claims) -> dict[str, str | int | float | bool]:
    """The claims as API Gateway hands them on: texts, numbers and booleans only; all else as a JSON text.

    "You can't set a JSON object or array as a valid value of any key in the context map."
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
    """
    return {
        name: value if isinstance(value, str | int | float) else json.dumps(value, separators=(",", ":"))
        for name, value in claims.items()
        if value is not None
    }
