"""The authorizer of type COGNITO_USER_POOLS, for methods of REST APIs.

By the API Gateway Developer Guide, "Integrate a REST API with an Amazon Cognito user pool"
(https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html), and the API
reference of CreateAuthorizer.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Self

from local.simulators.api_gateway.pool_keys import KeysUnavailable, PoolKeys
from local.simulators.api_gateway.refusals import Refusal
from local.simulators.api_gateway.tokens import Claims, Fault, TokenRefused, Verifier, scopes_of, token_of
from local.simulators.common.errors import SimulatorError
from local.simulators.common.http import HttpRequest

_POOL_ARN = re.compile(r"arn:aws[a-z-]*:cognito-idp:(?P<region>[a-z0-9-]+):\d{12}:userpool/(?P<pool>[\w-]+)")
_SOURCE = re.compile(r"method\.request\.header\.(?P<header>[\w-]+)")

_EXPIRED = "The incoming token has expired"
"""Seen with status 401, not documented: https://github.com/aws-amplify/amplify-js/issues/6060."""


@dataclass(frozen=True, kw_only=True)
class UserPoolAuthorizer:
    """Decides by the token in one header."""

    verifier: Verifier
    header: str
    audience: re.Pattern[str] | None
    """What the `aud` claim has to match, as a whole. None: any app client's will do."""

    @classmethod
    def read(cls, authorizer: Mapping[str, Any], keys: PoolKeys) -> Self:
        """From API Gateway's Authorizer. Raises SimulatorError for what is not simulated."""
        if authorizer["type"] != "COGNITO_USER_POOLS":
            raise SimulatorError(f"authorizer {authorizer['name']}: type {authorizer['type']} is not simulated")
        source = _SOURCE.fullmatch(authorizer.get("identitySource") or "")
        pools = [_POOL_ARN.fullmatch(arn) for arn in authorizer.get("providerARNs") or []]
        if source is None or not pools or not all(pools):
            raise SimulatorError(f"authorizer {authorizer['name']}: simulated are a header as source, and user pools")
        issuers = [f"https://cognito-idp.{pool['region']}.amazonaws.com/{pool['pool']}" for pool in pools if pool]
        expression = authorizer.get("identityValidationExpression")
        return cls(
            verifier=Verifier(issuers=frozenset(issuers), keys=keys),
            header=source["header"].lower(),
            audience=re.compile(expression) if expression else None,
        )

    async def refusal(self, request: HttpRequest, scopes: Collection[str]) -> Refusal | None:
        """None when the request may pass to a method that asks for one of these scopes, or for none."""
        try:
            self._check(await self.verifier.claims(token_of(request.header(self.header))), scopes)
        except TokenRefused as refused:
            message = _EXPIRED if refused.fault is Fault.EXPIRED else "Unauthorized"
            return Refusal(status=401, message=message, why=refused.fault.value)
        except KeysUnavailable as error:
            # "failing to connect to a custom or Amazon Cognito authorizer" (Gateway response types for API Gateway)
            return Refusal(
                status=500,
                message="Internal server error",
                why=str(error),
                response_type="AUTHORIZER_CONFIGURATION_ERROR",
            )
        return None

    def _check(self, claims: Claims, scopes: Collection[str]) -> None:
        """Raises TokenRefused.

        "if the OAuth Scopes option isn't specified, API Gateway treats the supplied token as an identity token [...].
        Otherwise, API Gateway treats the supplied token as an access token and verifies the access scopes". So each
        takes the one kind and no other. A token without the scope is a 401, too (the same page).
        """
        if claims.get("token_use") != ("access" if scopes else "id"):
            raise TokenRefused(Fault.USE)
        if scopes and not scopes_of(claims) & frozenset(scopes):
            raise TokenRefused(Fault.SCOPE)
        # "when using an access token this validation rejects the request due to the access token not containing the
        # aud field" (the same page).
        audience = claims.get("aud")
        if self.audience and not (isinstance(audience, str) and self.audience.fullmatch(audience)):
            raise TokenRefused(Fault.AUDIENCE)
