"""The authorizer of type JWT, for routes of HTTP APIs.

By the API Gateway Developer Guide, "Control access to HTTP APIs with JWT authorizers"
(https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html) and "Troubleshooting issues
with HTTP API JWT authorizers" (…/http-api-troubleshooting-jwt.html).
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

_SOURCE = re.compile(r"\$request\.header\.(?P<header>[\w-]+)")


@dataclass(frozen=True, kw_only=True)
class JwtAuthorizer:
    """Decides by the token in one header."""

    verifier: Verifier
    header: str
    audience: frozenset[str]

    @classmethod
    def read(cls, authorizer: Mapping[str, Any], keys: PoolKeys) -> Self:
        """From API Gateway's Authorizer. Raises SimulatorError for what is not simulated."""
        name = authorizer["Name"]
        if authorizer["AuthorizerType"] != "JWT":
            raise SimulatorError(f"authorizer {name}: type {authorizer['AuthorizerType']} is not simulated")
        sources = [_SOURCE.fullmatch(source) for source in authorizer.get("IdentitySource") or []]
        configuration = authorizer["JwtConfiguration"]
        if len(sources) != 1 or sources[0] is None or not configuration.get("Audience"):
            raise SimulatorError(f"authorizer {name}: only one header as identity source, with audiences, is simulated")
        return cls(
            verifier=Verifier(issuers=frozenset({configuration["Issuer"]}), keys=keys),
            header=sources[0]["header"].lower(),
            audience=frozenset(configuration["Audience"]),
        )

    async def refusal(self, request: HttpRequest, scopes: Collection[str]) -> Refusal | None:
        """None when the request may pass to a route that asks for one of these scopes, or for none."""
        try:
            self._check(await self.verifier.claims(token_of(request.header(self.header))), scopes)
        except TokenRefused as refused:
            return _refusal(refused.fault, scopes)
        except KeysUnavailable as error:
            return Refusal(status=500, message="Internal Server Error", why=str(error))
        return None

    def _check(self, claims: Claims, scopes: Collection[str]) -> None:
        """Raises TokenRefused.

        API Gateway does not look at what a token is for; a scope on the route is what tells ID tokens and access tokens
        apart (the guide's note). A refresh token of Cognito's is encrypted, so that no authorizer can read it; the
        emulator's can be read, and is refused for that.
        """
        if claims.get("token_use") == "refresh":
            raise TokenRefused(Fault.UNREADABLE)
        if not _audience(claims) & self.audience:
            raise TokenRefused(Fault.AUDIENCE)
        if scopes and not scopes_of(claims) & frozenset(scopes):
            raise TokenRefused(Fault.SCOPE)


def _audience(claims: Claims) -> frozenset[str]:
    """ "API Gateway validates client_id only if aud is not present." """
    named = claims["aud"] if "aud" in claims else claims.get("client_id")
    return frozenset(item for item in (named if isinstance(named, list) else [named]) if isinstance(item, str))


def _refusal(fault: Fault, scopes: Collection[str]) -> Refusal:
    """The header's form, and the words of a wrong audience, are those of the guide's page on troubleshooting.

    The other faults' words are ours. Without a token there is no error to name, and what lacks a scope is a 403, with
    the scopes (RFC 6750, section 3.1).
    """
    if fault is Fault.MISSING:
        return Refusal(status=401, message="Unauthorized", why=fault.value, challenge="Bearer")
    if fault is Fault.SCOPE:
        challenge = _challenge("insufficient_scope", fault, " ".join(scopes))
        return Refusal(status=403, message="Forbidden", why=fault.value, challenge=challenge)
    return Refusal(status=401, message="Unauthorized", why=fault.value, challenge=_challenge("invalid_token", fault))


def _challenge(error: str, fault: Fault, scope: str = "") -> str:
    return f'Bearer scope="{scope}" error="{error}" error_description="{fault.value}"'
